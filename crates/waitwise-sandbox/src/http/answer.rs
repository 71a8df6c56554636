//! How one request of the contract is answered: counted, struck by a fault or handled, and recorded.

use std::time::Duration;

use hyper::body::Bytes;
use uuid::Uuid;
use waitwise_model::Skill;
use waitwise_wire::json::Members;
use waitwise_wire::tutorial::{
    Operation, PUT_RULE, RULES, SKILLS, SUMMARY, TOKEN, listing as wire,
};

use super::faults::Fault;
use super::listing;
use super::reply::{Refusal, Reply};
use super::request_log::{RecordedRequest, without_secrets};
use super::route::Route;
use super::rules;
use super::sign_in::Client;
use super::state::{State, iso, timestamp};
use super::summary;
use crate::centre::TimeMs;

/// The largest body that the contract takes, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 512_000;

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// The header of that name; empty if absent or unreadable.
    pub(crate) authorization: String,
    /// The body; what lies beyond the limit is not kept.
    pub(crate) body: Bytes,
    /// The body's whole length.
    pub(crate) body_bytes: usize,
}

/// What goes back, and what happens to the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None`: the connection is reset without an answer.
    pub(crate) reply: Option<Reply>,
    /// The body is cut after so many bytes.
    pub(crate) truncate: Option<usize>,
    /// How long the answer is held back.
    pub(crate) latency: Duration,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        Answer {
            reply: Some(reply),
            truncate: None,
            latency: Duration::ZERO,
        }
    }
}

/// A request with what is known about it.
struct Call<'a> {
    request: &'a Request,
    operation: Option<Operation>,
    now: TimeMs,
    /// The id under which it is logged.
    id: String,
}

impl State {
    /// Answers a request outside the control routes, at an instant of the service clock.
    pub(crate) fn answer(&mut self, request: &Request, service: Duration) -> Answer {
        self.requests += 1;
        let id = format!("{}/request/{}", self.seed, self.requests);
        let call = Call {
            request,
            operation: Route::find(&request.method, &request.path)
                .ok()
                .map(|route| route.operation),
            now: self.clock.now(service),
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes()).to_string(),
        };
        let quota = self
            .rate_limit
            .count(self.tokens.known(&request.authorization), service);
        let mut answer = match quota.check() {
            Ok(()) => self.struck(&call),
            Err(refusal) => refusal.reply(&call.id).into(),
        };
        answer.reply = answer.reply.map(|reply| {
            quota
                .mark(reply)
                .default_header("inin-correlation-id", &call.id)
        });
        self.record(&call, answer.reply.as_ref().map(|reply| reply.status));
        answer
    }

    /// Answers as the fault that strikes the request will have it, or plainly.
    fn struck(&mut self, call: &Call<'_>) -> Answer {
        match self.faults.strike(call.operation.as_ref()) {
            None => self.handle(call).into(),
            Some(Fault::Status {
                status,
                headers,
                body,
            }) => {
                let reply = fault_reply(status, &call.id);
                let reply = body.into_iter().fold(reply, |reply, body| Reply {
                    body: body.into(),
                    ..reply
                });
                headers
                    .into_iter()
                    .fold(reply, |reply, (name, value)| reply.header(&name, value))
                    .into()
            }
            Some(Fault::Latency(ms)) => Answer {
                latency: Duration::from_millis(ms),
                ..self.handle(call).into()
            },
            Some(Fault::ResetBefore) => Answer {
                reply: None,
                truncate: None,
                latency: Duration::ZERO,
            },
            Some(Fault::ResetAfter) => Answer {
                reply: None,
                ..self.handle(call).into()
            },
            Some(Fault::Truncate(bytes)) => Answer {
                truncate: Some(bytes),
                ..self.handle(call).into()
            },
            Some(Fault::RepeatPageToken) => {
                repeat_page_token(self.handle(call), &call.request.body).into()
            }
            Some(Fault::ExpireTokens) => {
                self.tokens.expire_all();
                self.handle(call).into()
            }
            Some(Fault::StatusAfter(status)) => {
                self.handle(call);
                fault_reply(status, &call.id).into()
            }
        }
    }

    fn handle(&mut self, call: &Call<'_>) -> Reply {
        self.try_handle(call)
            .unwrap_or_else(|refusal| refusal.reply(&call.id))
    }

    fn try_handle(&mut self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let request = call.request;
        let route = Route::find(&request.method, &request.path)?;
        if let Some(scope) = route.operation.scope {
            self.tokens.check(&request.authorization, call.now)?;
            if !self.scopes.contains(scope) {
                return Err(Refusal::missing_scope(scope));
            }
        }
        if request.body_bytes > BODY_BYTES_MAX {
            return Err(Refusal::too_large(BODY_BYTES_MAX));
        }
        match route.operation {
            TOKEN => Ok(self.sign_in(request, call.now)),
            SUMMARY => self.summarise(&request.body, call.now),
            SKILLS => listing::page(&self.skills, SKILLS.path, &request.query),
            RULES => listing::page(&self.tenant.rules, RULES.path, &request.query),
            PUT_RULE => self.put_rule(&route.id.unwrap_or_default(), &request.body, call.now),
            _ => Err(Refusal::no_such_path(&request.path)),
        }
    }

    fn sign_in(&mut self, request: &Request, now: TimeMs) -> Reply {
        let client = Client {
            id: &self.tenant.client_id,
            secret: &self.tenant.client_secret,
        };
        self.tokens
            .sign_in(client, &request.authorization, &request.body, now)
    }

    fn summarise(&mut self, body: &[u8], now: TimeMs) -> Result<Reply, Refusal> {
        let query = summary::Query::read(body)?;
        if !query.is_about(&self.tenant) {
            return query.page(&[]);
        }
        if let Some(groups) = &self.summary {
            return query.page(groups);
        }
        self.tenant.centre.advance_to(now);
        query.page(&summary::groups(&query, &self.tenant))
    }

    fn put_rule(&mut self, id: &str, body: &[u8], now: TimeMs) -> Result<Reply, Refusal> {
        let skills: Vec<Skill> = self
            .skills
            .iter()
            .filter_map(|skill| wire::read_skill(skill).ok())
            .collect();
        let replacement = rules::replace(&self.tenant.rules, id, body, &skills, &iso(now))?;
        self.store_rule(replacement.index, replacement.text.clone(), now);
        Ok(Reply::raw(200, replacement.text))
    }

    fn record(&mut self, call: &Call<'_>, status: Option<u16>) {
        let Request {
            method,
            path,
            query,
            body_bytes,
            ..
        } = call.request;
        let asks = matches!(call.operation, Some(TOKEN | SUMMARY | SKILLS | RULES));
        self.log.push(RecordedRequest {
            n: self.requests,
            at: timestamp(call.now),
            method: method.clone(),
            path: path.clone(),
            query: without_secrets(query),
            status,
            body_bytes: *body_bytes,
            write: !asks && !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS"),
        });
    }
}

fn fault_reply(status: u16, id: &str) -> Reply {
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

/// Answers the token that the page was asked with, if any, as that of the next page.
fn repeat_page_token(reply: Reply, request: &[u8]) -> Reply {
    let asked = std::str::from_utf8(request)
        .ok()
        .and_then(|body| Members::of(body).ok()?.text("nextPageToken"));
    let answered =
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&reply.body);
    let (Some(token), Ok(mut answered)) = (asked, answered) else {
        return reply;
    };
    answered.insert("nextPageToken".to_owned(), token.into());
    Reply {
        headers: reply.headers,
        ..Reply::with_status(reply.status, &answered)
    }
}
