//! The troubles that are switched on: which requests they strike.

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use waitwise_wire::operation::Operation;
use waitwise_wire::platform as on_platform;
use waitwise_wire::tutorial::{PUT_RULE, RULES, SKILLS, SUMMARY, TOKEN};

use super::api::{PUT_QUEUE, is_same};
use super::fault::{Fault, FaultError};

/// A trouble, and the requests that it strikes.
///
/// Of several faults that make the answer, the first that strikes a request is the only one that sees it. Those that
/// happen beside the answer see every request of their route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// A short name such as `token`, `skills`, `put_rule` or `rows` (`docs/sandbox.md` has them all); the operation's
    /// method and path, such as `POST /oauth/token`; or `*` for every request outside the control routes.
    pub route: String,
    /// How many requests it strikes in all; `None` for no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// The share of requests it strikes, 0.0..=1.0; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Decides which ones, where there is a rate.
    #[serde(default)]
    pub seed: u64,
    /// How many requests of the route it lets pass first.
    #[serde(default)]
    pub after: u32,
    /// What happens to them.
    pub fault: Fault,
}

impl FaultRule {
    /// A fault that strikes every request of a route.
    pub fn always(route: impl Into<String>, fault: Fault) -> FaultRule {
        FaultRule {
            route: route.into(),
            times: None,
            rate: None,
            seed: 0,
            after: 0,
            fault,
        }
    }

    /// A fault that strikes the next `times` requests of a route.
    pub fn times(route: impl Into<String>, times: u32, fault: Fault) -> FaultRule {
        FaultRule {
            times: Some(times),
            ..FaultRule::always(route, fault)
        }
    }
}

/// The rules in force, each with how many requests it has seen and struck.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Faults(Vec<Active>);

#[derive(Debug, Serialize)]
struct Active {
    #[serde(flatten)]
    rule: FaultRule,
    /// Requests of the route so far.
    seen: u32,
    /// Requests struck so far.
    struck: u32,
    #[serde(skip)]
    draws: Xoshiro256PlusPlus,
}

/// What strikes one request.
#[derive(Debug, Default)]
pub(crate) struct Struck {
    /// The fault that makes the answer.
    pub(crate) answer: Option<Fault>,
    /// What happens beside it, in the order in which it was switched on.
    pub(crate) beside: Vec<Fault>,
}

impl Faults {
    /// Adds a rule after those in force.
    pub(crate) fn add(&mut self, rule: FaultRule) -> Result<(), FaultError> {
        check(&rule)?;
        let draws = Xoshiro256PlusPlus::seed_from_u64(rule.seed);
        self.0.push(Active {
            rule,
            seen: 0,
            struck: 0,
            draws,
        });
        Ok(())
    }

    /// Takes all rules out of force.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns how many requests each rule has struck, in the order in which they were added.
    pub(crate) fn struck(&self) -> Vec<u32> {
        self.0.iter().map(|active| active.struck).collect()
    }

    /// Returns what strikes the request at hand; `operation` is `None` for a request that means none.
    pub(crate) fn strike(&mut self, operation: Option<&Operation>) -> Struck {
        let mut struck = Struck::default();
        for active in &mut self.0 {
            if active.rule.fault.is_beside() {
                struck.beside.extend(active.strike(operation));
            } else if struck.answer.is_none() {
                struck.answer = active.strike(operation);
            }
        }
        struck
    }
}

impl Active {
    fn strike(&mut self, operation: Option<&Operation>) -> Option<Fault> {
        if !on_route(&self.rule.route, operation) {
            return None;
        }
        self.seen += 1;
        let spent = self.rule.times.is_some_and(|times| self.struck >= times);
        if self.seen <= self.rule.after || spent || !self.drawn() {
            return None;
        }
        self.struck += 1;
        Some(self.rule.fault.clone())
    }

    fn drawn(&mut self) -> bool {
        // The upper 53 bits make an even draw from 0.0..1.0.
        let draw = (self.draws.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        self.rule.rate.is_none_or(|rate| draw < rate)
    }
}

/// The operations by the short names that rules use.
const NAMES: [(&str, Operation); 34] = [
    ("token", TOKEN),
    ("summary", SUMMARY),
    ("skills", SKILLS),
    ("rules", RULES),
    ("put_rule", PUT_RULE),
    ("tokens_me", on_platform::TOKENS_ME),
    ("wrapup_codes", on_platform::WRAP_UP_CODES),
    ("queue_wrapup_codes", on_platform::QUEUE_WRAP_UP_CODES),
    ("queues", on_platform::QUEUES),
    ("queue", on_platform::QUEUE),
    ("put_queue", PUT_QUEUE),
    ("members", on_platform::QUEUE_MEMBERS),
    ("user_skills", on_platform::USER_SKILLS),
    ("predictors", on_platform::PREDICTORS),
    ("estimated_wait", on_platform::ESTIMATED_WAIT),
    ("limits", on_platform::LIMITS),
    ("tables", on_platform::DATA_TABLES),
    ("table", on_platform::DATA_TABLE),
    ("create_table", on_platform::CREATE_DATA_TABLE),
    ("rows", on_platform::ROWS),
    ("row", on_platform::ROW),
    ("create_row", on_platform::CREATE_ROW),
    ("put_row", on_platform::PUT_ROW),
    ("delete_row", on_platform::DELETE_ROW),
    ("aggregates", on_platform::AGGREGATES),
    ("details", on_platform::DETAILS),
    ("submit_job", on_platform::SUBMIT_JOB),
    ("job", on_platform::JOB),
    ("job_results", on_platform::JOB_RESULTS),
    ("delete_job", on_platform::DELETE_JOB),
    ("availability", on_platform::JOB_AVAILABILITY),
    ("activity", on_platform::ACTIVITY),
    ("observations", on_platform::OBSERVATIONS),
    ("user_aggregates", on_platform::USER_AGGREGATES),
];

fn on_route(route: &str, operation: Option<&Operation>) -> bool {
    route == "*"
        || operation
            .is_some_and(|operation| named(route).is_some_and(|named| is_same(&named, operation)))
}

fn named(route: &str) -> Option<Operation> {
    let means = |name: &str, operation: &Operation| {
        route == name || route.split_once(' ') == Some((operation.method.as_str(), operation.path))
    };
    NAMES
        .into_iter()
        .find(|(name, operation)| means(name, operation))
        .map(|(_, operation)| operation)
}

fn check(rule: &FaultRule) -> Result<(), FaultError> {
    if rule.route != "*" && named(&rule.route).is_none() {
        return Err(FaultError::Route(rule.route.clone()));
    }
    if rule.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
        return Err(FaultError::Rate);
    }
    rule.fault.check()
}
