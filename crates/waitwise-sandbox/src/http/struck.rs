//! What faults do to a request: in the place of its answer, and beside it.

use std::time::Duration;

use hyper::body::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Call, Request};
use super::fault::{Fault, FurtherPages, RetryAfter, When};
use super::fault_pages;
use super::faults::Struck;
use super::platform::tables::Table;
use super::reply::{Refusal, Reply};
use super::state::State;
use super::tenant_clock::http_date;

impl State {
    /// Answers as the faults that strike the request will have it, or plainly.
    pub(crate) fn struck(&mut self, mut call: Call<'_>, struck: &Struck) -> Answer {
        let beside = |state: &mut State, call: &Call<'_>, when| {
            let edits = struck.beside.iter().filter_map(edit);
            for edit in edits.filter(|edit| edit.when == when) {
                edit.run(state, call.now);
            }
        };
        self.move_clocks_and_tokens(&mut call, &struck.beside);
        beside(self, &call, When::Before);
        let before = Before::of(self, &struck.beside);
        let answer = self.answer_struck(&call, struck.answer.as_ref());
        self.tokens.true_lifetime_secs = None;
        for fault in &struck.beside {
            let since = call.service.monotonic;
            if let Fault::StaleRules(staleness) = fault {
                self.stale.begin(before.rules.clone(), *staleness, since);
            }
            if let Fault::StaleRows(staleness) = fault {
                let tables = before.tables.clone();
                self.stale_tables.begin(tables, *staleness, since);
            }
        }
        beside(self, &call, When::After);
        Answer {
            latency: struck.beside.iter().map(latency).sum(),
            hold: struck.holds(When::After),
            ..answer
        }
    }

    fn move_clocks_and_tokens(&mut self, call: &mut Call<'_>, beside: &[Fault]) {
        for fault in beside {
            if let Fault::ClockJump(secs) = fault {
                self.clock.jump(*secs, call.service.monotonic);
                call.now = self.clock.now(call.service.monotonic);
            }
            if let Fault::TokenLife(secs) = fault {
                self.tokens.true_lifetime_secs = Some(*secs);
            }
            if let Fault::JobsBehind(secs) = fault {
                self.setup.planted.jobs_behind_secs = *secs;
            }
        }
        if beside.contains(&Fault::ExpireTokens) {
            self.tokens.expire_all();
        }
    }

    fn answer_struck(&mut self, call: &Call<'_>, fault: Option<&Fault>) -> Answer {
        let Some(fault) = fault else {
            return self.handle(call).into();
        };
        match fault {
            Fault::Status {
                status,
                headers,
                body,
            } => {
                let reply = refusal(*status, &call.id);
                let reply = with_body(reply, body.as_deref());
                let headers = headers.iter();
                let add =
                    |reply: Reply, (name, value): (&String, &String)| reply.header(name, value);
                headers.fold(reply, add).into()
            }
            Fault::TooMany(retry_after) => too_many(retry_after, call).into(),
            Fault::StatusAfter(status) => {
                self.handle(call);
                refusal(*status, &call.id).into()
            }
            Fault::Body(text) => with_body(self.handle(call), Some(text)).into(),
            Fault::ResetBefore => Answer::cut(),
            Fault::ResetAfter => {
                self.handle(call);
                Answer::cut()
            }
            Fault::ResetInBody(bytes) => Answer {
                truncate: Some(*bytes),
                reset: true,
                ..self.handle(call).into()
            },
            Fault::Truncate(bytes) => Answer {
                truncate: Some(*bytes),
                ..self.handle(call).into()
            },
            Fault::RepeatPageToken => {
                fault_pages::leading_back(call.request, self.handle(call)).into()
            }
            Fault::EndlessPages(further) => self.endless_page(call, *further).into(),
            Fault::DuplicateEntity => {
                let first = self.first_page(call);
                fault_pages::repeating(self.handle(call), &first).into()
            }
            Fault::ShortPage(size) => {
                let request = fault_pages::shorter(call.request, *size);
                self.handle_other(call, &request).into()
            }
            Fault::MissingEntities(n) => fault_pages::without_last(self.handle(call), *n).into(),
            Fault::TotalOff(by) => fault_pages::claiming(self.handle(call), *by).into(),
            Fault::Latency(_)
            | Fault::Hold(_)
            | Fault::ExpireTokens
            | Fault::TokenLife(_)
            | Fault::StaleRules(_)
            | Fault::StaleRows(_)
            | Fault::JobsBehind(_)
            | Fault::Edit(_)
            | Fault::ClockJump(_) => unreachable!("it happens beside the answer"),
        }
    }

    fn endless_page(&mut self, call: &Call<'_>, further: FurtherPages) -> Reply {
        let page = self.first_page(call);
        let page = match further {
            FurtherPages::Empty if fault_pages::is_further(call.request) => {
                fault_pages::emptied(page)
            }
            FurtherPages::Empty | FurtherPages::Same => page,
        };
        fault_pages::leading_on(call.request, page, call.n)
    }

    fn first_page(&mut self, call: &Call<'_>) -> Reply {
        let request = fault_pages::first_page(call.request);
        self.handle_other(call, &request)
    }

    /// Handles another request in the place of the one that came.
    fn handle_other(&mut self, call: &Call<'_>, request: &Request) -> Reply {
        self.handle(&Call {
            request,
            id: call.id.clone(),
            ..*call
        })
    }
}

/// What lists that lag behind go on showing; nothing where none does.
#[derive(Default)]
struct Before {
    rules: Vec<String>,
    tables: Vec<Table>,
}

impl Before {
    fn of(state: &State, beside: &[Fault]) -> Before {
        let mut before = Before::default();
        for fault in beside {
            if matches!(fault, Fault::StaleRules(_)) {
                before.rules = state.tenant.rules.clone();
            }
            if matches!(fault, Fault::StaleRows(_)) {
                before.tables = state.setup.tables.clone();
            }
        }
        before
    }
}

impl Struck {
    /// Returns whether the request is held on that side of its work.
    pub(crate) fn holds(&self, when: When) -> bool {
        self.beside.contains(&Fault::Hold(when))
    }
}

fn edit(fault: &Fault) -> Option<&super::second_writer::Edit> {
    if let Fault::Edit(edit) = fault {
        return Some(edit);
    }
    None
}

fn latency(fault: &Fault) -> Duration {
    if let Fault::Latency(ms) = fault {
        return Duration::from_millis(*ms);
    }
    Duration::ZERO
}

fn with_body(reply: Reply, body: Option<&str>) -> Reply {
    let body = body.map(|body| Bytes::from(body.to_owned()));
    Reply {
        body: body.unwrap_or(reply.body),
        ..reply
    }
}

fn too_many(retry_after: &RetryAfter, call: &Call<'_>) -> Reply {
    let reply = refusal(429, &call.id);
    match retry_after {
        RetryAfter::Absent => reply,
        RetryAfter::Text(value) => reply.header("retry-after", value),
        RetryAfter::DateIn(secs) => {
            let at = call
                .service
                .now
                .checked_add(SignedDuration::from_secs(*secs));
            reply.header("retry-after", http_date(at.unwrap_or(Timestamp::MAX)))
        }
    }
}

fn refusal(status: u16, id: &str) -> Reply {
    let code = match status {
        400 => "bad.request",
        401 => "bad.credentials",
        403 => "not.authorized",
        404 => "not.found",
        409 => "general.conflict",
        429 => "too.many.requests",
        503 => "service.unavailable",
        504 => "request.timeout",
        _ => "internal.server.error",
    };
    Refusal::new(
        status,
        code,
        format!("HTTP {status} was switched on as a fault"),
    )
    .reply(id)
}
