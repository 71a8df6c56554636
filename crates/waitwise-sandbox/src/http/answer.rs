//! How one request of the contract is answered: counted, struck by a fault or handled, and recorded.

use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;
use uuid::Uuid;
use waitwise_model::Skill;
use waitwise_wire::operation::{Operation, Repeat};
use waitwise_wire::tutorial::{PUT_RULE, RULES, SKILLS, SUMMARY, TOKEN, listing as wire};

use super::faults::Struck;
use super::listing;
use super::rate_limit::Quota;
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
#[derive(Clone, Debug)]
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

/// An instant of the service clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceTime {
    /// The time of day.
    pub(crate) now: Timestamp,
    /// Time since some beginning; by this pauses and speeds are counted.
    pub(crate) monotonic: Duration,
}

/// What goes back, and what happens to the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None`: the connection is reset without an answer.
    pub(crate) reply: Option<Reply>,
    /// The body is cut after so many bytes.
    pub(crate) truncate: Option<usize>,
    /// Whether a cut is a reset instead of an orderly end.
    pub(crate) reset: bool,
    /// Whether the answer waits to be released.
    pub(crate) hold: bool,
    /// How long the answer is held back.
    pub(crate) latency: Duration,
}

impl Answer {
    /// No answer: the connection is reset.
    pub(crate) fn cut() -> Answer {
        Answer {
            reply: None,
            truncate: None,
            reset: true,
            hold: false,
            latency: Duration::ZERO,
        }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        Answer {
            reply: Some(reply),
            reset: false,
            ..Answer::cut()
        }
    }
}

/// A request that has come and been counted, before it is handled.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Its number, from 1.
    n: u64,
    operation: Option<&'static Operation>,
    quota: Quota,
    /// What strikes it; nothing if it is beyond the rate.
    pub(crate) struck: Struck,
}

/// A request with what is known about it.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// Its number, from 1.
    pub(crate) n: u64,
    /// Tenant time.
    pub(crate) now: TimeMs,
    pub(crate) service: ServiceTime,
    /// The id under which it is logged.
    pub(crate) id: String,
}

impl State {
    /// Takes in a request outside the control routes: records it, and finds out what strikes it.
    pub(crate) fn arrive(&mut self, request: &Request, service: ServiceTime) -> Arrival {
        self.requests += 1;
        let route = Route::find(self.api, &request.method, &request.path);
        let operation = route.ok().map(|route| route.operation);
        let token = self.tokens.known(&request.authorization);
        let quota = self.rate_limit.count(token, service.monotonic);
        let struck = match quota.check() {
            Ok(()) => self.faults.strike(operation),
            Err(_) => Struck::default(),
        };
        let arrival = Arrival {
            n: self.requests,
            operation,
            quota,
            struck,
        };
        self.record(request, &arrival, service);
        arrival
    }

    /// Answers a request that has come.
    pub(crate) fn answer(
        &mut self,
        request: &Request,
        arrival: &Arrival,
        service: ServiceTime,
    ) -> Answer {
        let name = format!("{}/request/{}", self.seed, arrival.n);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
        let call = Call {
            request,
            n: arrival.n,
            now: self.clock.now(service.monotonic),
            service,
            id: id.clone(),
        };
        let mut answer = match arrival.quota.check() {
            Ok(()) => self.struck(call, &arrival.struck),
            Err(refusal) => refusal.reply(&id).into(),
        };
        let date = self.clock.date(service.now);
        answer.reply = answer.reply.map(|reply| {
            arrival
                .quota
                .mark(reply)
                .default_header("inin-correlation-id", &id)
                .default_header("date", date)
        });
        if let Some(reply) = &answer.reply {
            self.log.answered(arrival.n, reply);
        }
        answer
    }

    /// Does what the request asks for, as if no fault had struck it.
    pub(crate) fn handle(&mut self, call: &Call<'_>) -> Reply {
        match self.contract.is_strict() {
            true => self.handle_checked(call),
            false => self.handle_unchecked(call),
        }
    }

    /// As [`State::handle`], whatever the contract says.
    pub(crate) fn handle_unchecked(&mut self, call: &Call<'_>) -> Reply {
        self.try_handle(call)
            .unwrap_or_else(|refusal| refusal.reply(&call.id))
    }

    fn try_handle(&mut self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let request = call.request;
        let route = Route::find(self.api, &request.method, &request.path)?;
        if !route.operation.signs_in() {
            self.tokens.check(&request.authorization, call.now)?;
            self.access.check(self.api, route.operation)?;
        }
        if request.body_bytes > BODY_BYTES_MAX {
            return Err(Refusal::too_large(BODY_BYTES_MAX));
        }
        match *route.operation {
            TOKEN => Ok(self.sign_in(request, call.now)),
            SUMMARY => self.summarise(&request.body, call.now),
            SKILLS => listing::page(&self.skills, SKILLS.path, &request.query),
            RULES => {
                let rules = self.stale.read(&self.tenant.rules, call.service.monotonic);
                listing::page(rules, RULES.path, &request.query)
            }
            PUT_RULE => self.put_rule(route.id(0), &request.body, call.now),
            _ => self.platform(call, &route),
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

    fn record(&mut self, request: &Request, arrival: &Arrival, service: ServiceTime) {
        let Request {
            method,
            path,
            query,
            body_bytes,
            ..
        } = request;
        // Submitting a job and taking it back start and end work, but change nothing of the tenant.
        let asks = arrival
            .operation
            .is_some_and(|operation| operation.repeat != Repeat::ReadFirst);
        self.log.push(RecordedRequest {
            n: arrival.n,
            at: timestamp(self.clock.now(service.monotonic)),
            service_at: service.now,
            method: method.clone(),
            path: path.clone(),
            query: without_secrets(query),
            status: None,
            retry_after: None,
            body_bytes: *body_bytes,
            write: !asks && !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS"),
        });
    }
}
