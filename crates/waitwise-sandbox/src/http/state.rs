//! Everything about the tenant that requests can see or change.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_wire::json::Members;
use waitwise_wire::tutorial::SKILLS;

use super::access::Access;
use super::api::Api;
use super::faults::Faults;
use super::platform::tables::Table;
use super::platform::{Flow, Setup};
use super::rate_limit::RateLimit;
use super::request_log::RequestLog;
use super::rules;
use super::sign_in::Tokens;
use super::stale::Stale;
use super::tenant_clock::TenantClock;
use crate::centre::TimeMs;
use crate::contract::Watch;
use crate::tenant::{SkillState, Tenant};

/// How the tenant is at the start, and again after a reset.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) api: Api,
    pub(crate) seed: u64,
    pub(crate) start: TimeMs,
    pub(crate) speed: f64,
    pub(crate) requests_per_minute: u32,
    pub(crate) rate_window: Duration,
    pub(crate) flow: Flow,
    pub(crate) make_flow_table: bool,
    pub(crate) check_contract: bool,
    pub(crate) tenant: Tenant,
}

/// The tenant and its surroundings.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) api: Api,
    pub(crate) seed: u64,
    pub(crate) tenant: Tenant,
    /// What the platform's operations show and change beside the skills.
    pub(crate) setup: Setup,
    /// Skill entities as they are served; each is a JSON object.
    pub(crate) skills: Vec<String>,
    /// Groups that the summary query answers instead of the centre's.
    pub(crate) summary: Option<Vec<Box<RawValue>>>,
    pub(crate) clock: TenantClock,
    pub(crate) tokens: Tokens,
    pub(crate) access: Access,
    pub(crate) faults: Faults,
    /// The list of rules, if it lags behind.
    pub(crate) stale: Stale<Vec<String>>,
    /// The data tables' rows, if they lag behind.
    pub(crate) stale_tables: Stale<Vec<Table>>,
    pub(crate) log: RequestLog,
    pub(crate) rate_limit: RateLimit,
    pub(crate) contract: Watch,
    /// Requests so far.
    pub(crate) requests: u64,
}

impl State {
    /// The tenant as at the start, at an instant of the service clock.
    pub(crate) fn new(origin: &Origin, service: Duration) -> State {
        State {
            api: origin.api,
            seed: origin.seed,
            tenant: origin.tenant.clone(),
            setup: Setup::new(origin),
            skills: skill_entities(&origin.tenant, origin.start),
            summary: None,
            clock: TenantClock::new(origin.start, service, origin.speed),
            tokens: Tokens::new(origin.seed),
            access: Access::all(),
            faults: Faults::default(),
            stale: Stale::default(),
            stale_tables: Stale::default(),
            log: RequestLog::default(),
            rate_limit: RateLimit::new(origin.requests_per_minute, origin.rate_window),
            contract: Watch::new(origin.check_contract),
            requests: 0,
        }
    }

    /// Stores a rule in the place of another; if it is one of the tenant's queue, callers feel its weights from `now`.
    pub(crate) fn store_rule(&mut self, index: usize, rule: String, now: TimeMs) {
        if self.is_target(&rule) {
            self.apply_weights(&rule, now);
        }
        self.tenant.rules[index] = rule;
    }

    /// Puts other rules in the place of all; callers feel the weights of the first one of the tenant's queue.
    pub(crate) fn replace_rules(&mut self, rules: Vec<String>, now: TimeMs) {
        if let Some(target) = rules.iter().find(|rule| self.is_target(rule)) {
            self.apply_weights(target, now);
        }
        self.tenant.rules = rules;
    }

    /// Changes the first rule of the tenant's queue, where there is one and `edit` can.
    pub(crate) fn edit_rule(&mut self, edit: impl Fn(&str) -> Option<String>, now: TimeMs) {
        let index = self
            .tenant
            .rules
            .iter()
            .position(|rule| self.is_target(rule));
        let edited = index.and_then(|index| Some((index, edit(&self.tenant.rules[index])?)));
        if let Some((index, rule)) = edited {
            self.store_rule(index, rule, now);
        }
    }

    fn apply_weights(&mut self, rule: &str, now: TimeMs) {
        self.tenant.centre.advance_to(now);
        let head_starts = self.tenant.head_starts(&rules::weights(rule));
        self.tenant.centre.set_head_starts(&head_starts);
    }

    fn is_target(&self, rule: &str) -> bool {
        let queue = Members::of(rule)
            .ok()
            .and_then(|members| members.text("queueId"));
        queue.as_deref() == Some(self.tenant.queue_id.as_str())
    }
}

/// Returns a tenant instant as a timestamp.
pub(crate) fn timestamp(at: TimeMs) -> Timestamp {
    Timestamp::from_millisecond(at).expect("tenant time ends before the calendar does")
}

/// Returns the first whole millisecond at or after an instant: as starts are whole milliseconds, it cuts as exactly.
pub(crate) fn ceil_ms(at: Timestamp) -> TimeMs {
    let ms = at.as_nanosecond().div_euclid(1_000_000)
        + i128::from(at.as_nanosecond().rem_euclid(1_000_000) > 0);
    ms.try_into().unwrap_or(TimeMs::MAX)
}

/// Returns a tenant instant as the API writes dates.
pub(crate) fn iso(at: TimeMs) -> String {
    timestamp(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SkillEntity<'a> {
    id: &'a str,
    name: &'a str,
    state: &'a str,
    version: &'a str,
    date_modified: &'a str,
    self_uri: String,
}

fn skill_entities(tenant: &Tenant, modified: TimeMs) -> Vec<String> {
    let date_modified = iso(modified);
    let entity = |skill: &crate::tenant::Skill| {
        let entity = SkillEntity {
            id: &skill.id,
            name: &skill.name,
            state: match skill.state {
                SkillState::Active => "active",
                SkillState::Inactive => "inactive",
                SkillState::Deleted => "deleted",
            },
            version: "1",
            date_modified: &date_modified,
            self_uri: format!("{}/{}", SKILLS.path, skill.id),
        };
        serde_json::to_string(&entity).expect("own shapes have text keys and can be written")
    };
    tenant.skills.iter().map(entity).collect()
}
