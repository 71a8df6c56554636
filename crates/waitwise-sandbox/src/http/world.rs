//! The tenant behind its lock, and what can be done to it from outside the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::RawValue;
use waitwise_model::Clock;
use waitwise_wire::json::{JsonError, Members};
use waitwise_wire::tutorial::{RULES, SKILLS, SUMMARY};

use super::access::{all_permissions, all_scopes};
use super::answer::ServiceTime;
use super::connection::Connection;
use super::fault::FaultError;
use super::faults::FaultRule;
use super::hold::Holds;
use super::platform::tables::PlantedTable;
use super::platform::{Flow, JobTrouble};
use super::state::{Origin, State, ceil_ms, timestamp};
use super::tenant_clock::SPEED_MAX;
use super::waits::{self, Waits};

/// The tenant and the clock it is served by.
pub(crate) struct World {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connection: Connection,
    pub(crate) holds: Holds,
    origin: Origin,
    state: Mutex<State>,
}

/// Why the tenant cannot be changed so. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// Tenant time only moves forward.
    #[error("the tenant's time is {now}: it cannot go back to {to}")]
    Backwards {
        /// Tenant time.
        now: Timestamp,
        /// What was asked for.
        to: Timestamp,
    },
    /// No speed at which tenant time can run.
    #[error("a speed lies between 0 and {SPEED_MAX} tenant seconds a second, got {0}")]
    Speed(f64),
    /// An entity is not a JSON object.
    #[error("entity {index} is not a JSON object")]
    Entity {
        /// Its place, from 0.
        index: usize,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A scope that no operation asks for.
    #[error("no operation asks for the scope `{0}`")]
    Scope(String),
    /// A permission that opens no operation.
    #[error("no operation is opened by the permission `{0}`")]
    Permission(String),
    /// No queue has the id.
    #[error("there is no queue `{0}`")]
    Queue(String),
    /// No division has the id.
    #[error("there is no division `{0}`")]
    Division(String),
    /// Nothing could be asked any more.
    #[error("a rate limit is at least 1 request a minute")]
    Rate,
    /// Fault rules cannot be.
    #[error("the fault cannot be set")]
    Fault(#[from] FaultError),
    /// Waits of such a stretch cannot be given.
    #[error("`from` must lie before `to`, by no more than {days_max} days", days_max = waits::DAYS_MAX)]
    Stretch,
    /// A control request cannot be understood; only the routes answer so.
    #[error("{0}")]
    Request(String),
}

impl World {
    /// The tenant as at its start.
    pub(crate) fn new(origin: Origin, clock: Arc<dyn Clock>, connection: Connection) -> World {
        let state = Mutex::new(State::new(&origin, clock.monotonic()));
        World {
            clock,
            connection,
            holds: Holds::new(),
            origin,
            state,
        }
    }

    /// Takes the tenant for one request.
    ///
    /// # Panics
    /// If an earlier request panicked half-way: a wrong answer is worse than none.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no request panicked with the tenant in hand")
    }

    /// Returns the service clock's time.
    pub(crate) fn service(&self) -> ServiceTime {
        ServiceTime {
            now: self.clock.now(),
            monotonic: self.clock.monotonic(),
        }
    }

    /// Returns tenant time.
    pub(crate) fn now(&self) -> Timestamp {
        timestamp(self.state().clock.now(self.clock.monotonic()))
    }

    /// Lets tenant time pass.
    pub(crate) fn advance(&self, by: Duration) {
        let service = self.clock.monotonic();
        let mut state = self.state();
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let to = state.clock.now(service).saturating_add(by);
        state.clock.set(to, service);
        let to = state.clock.now(service);
        state.tenant.centre.advance_to(to);
    }

    /// Moves tenant time on to an instant.
    pub(crate) fn advance_to(&self, to: Timestamp) -> Result<(), ControlError> {
        let now = self.now();
        let by = ceil_ms(to) - ceil_ms(now);
        let by = u64::try_from(by).map_err(|_| ControlError::Backwards { now, to })?;
        self.advance(Duration::from_millis(by));
        Ok(())
    }

    /// Lets tenant time run at another speed.
    pub(crate) fn set_speed(&self, speed: f64) -> Result<(), ControlError> {
        check_speed(speed)?;
        self.state().clock.set_speed(speed, self.clock.monotonic());
        Ok(())
    }

    /// Makes the tenant as it was at the start, and releases what is held.
    pub(crate) fn reset(&self) {
        self.holds.release();
        let mut state = self.state();
        *state = State::new(&self.origin, self.clock.monotonic());
    }

    /// Adds a fault.
    pub(crate) fn add_fault(&self, rule: FaultRule) -> Result<(), ControlError> {
        Ok(self.state().faults.add(rule)?)
    }

    /// Puts other rules in the place of all.
    pub(crate) fn set_rules(&self, rules: Vec<String>) -> Result<(), ControlError> {
        check_objects(&rules)?;
        let mut state = self.state();
        let now = state.clock.now(self.clock.monotonic());
        state.contract.plant(&RULES);
        state.replace_rules(rules, now);
        Ok(())
    }

    /// Puts other skills in the place of all. Who calls for what does not change.
    pub(crate) fn set_skills(&self, skills: Vec<String>) -> Result<(), ControlError> {
        check_objects(&skills)?;
        let mut state = self.state();
        state.contract.plant(&SKILLS);
        state.skills = skills;
        Ok(())
    }

    /// Answers summary queries of the tenant's queue by these entities, or from the centre again.
    pub(crate) fn set_summary(&self, entities: Option<Vec<Box<RawValue>>>) {
        let mut state = self.state();
        state.contract.plant(&SUMMARY);
        state.summary = entities;
    }

    /// Gives the client these scopes and no others.
    pub(crate) fn set_scopes(&self, scopes: BTreeSet<String>) -> Result<(), ControlError> {
        match scopes.difference(&all_scopes()).next() {
            Some(unknown) => Err(ControlError::Scope(unknown.clone())),
            None => {
                self.state().access.scopes = scopes;
                Ok(())
            }
        }
    }

    /// Gives the client's roles these permissions and no others.
    pub(crate) fn set_permissions(
        &self,
        permissions: BTreeSet<String>,
    ) -> Result<(), ControlError> {
        match permissions.difference(&all_permissions()).next() {
            Some(unknown) => Err(ControlError::Permission(unknown.clone())),
            None => {
                self.state().access.permissions = permissions;
                Ok(())
            }
        }
    }

    /// Allows each token another number of requests a minute.
    pub(crate) fn set_requests_per_minute(&self, allowed: u32) -> Result<(), ControlError> {
        if allowed == 0 {
            return Err(ControlError::Rate);
        }
        self.state().rate_limit.set_allowed(allowed);
        Ok(())
    }

    /// Sets members of a queue.
    pub(crate) fn set_queue(
        &self,
        queue: &str,
        members: serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), ControlError> {
        let mut state = self.state();
        let now = state.clock.now(self.clock.monotonic());
        match state.change_queue(queue, members, now) {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(ControlError::Queue(queue.to_owned())),
            Err(refusal) => Err(ControlError::Request(refusal.message().to_owned())),
        }
    }

    /// Puts these queues, and no others, on predictive routing.
    pub(crate) fn set_predictive(&self, queues: BTreeSet<String>) -> Result<(), ControlError> {
        let mut state = self.state();
        let unknown = |queue: &&String| state.tenant.organisation.queue(queue).is_none();
        if let Some(queue) = queues.iter().find(unknown) {
            return Err(ControlError::Queue(queue.clone()));
        }
        state.setup.planted.predictive_queues = queues;
        Ok(())
    }

    /// Hides the conversation records of these divisions, and of no others.
    pub(crate) fn hide_divisions(&self, divisions: BTreeSet<String>) -> Result<(), ControlError> {
        let mut state = self.state();
        let own = &state.tenant.organisation.divisions;
        let unknown = |id: &&String| own.iter().all(|division| division.id != **id);
        if let Some(division) = divisions.iter().find(unknown) {
            return Err(ControlError::Division(division.clone()));
        }
        state.setup.planted.hidden_divisions = divisions;
        Ok(())
    }

    /// Sets how far the job store's data lies behind tenant time.
    pub(crate) fn set_jobs_behind(&self, secs: u32) {
        self.state().setup.planted.jobs_behind_secs = secs;
    }

    /// Lets these things happen to the jobs that are submitted next, in turn, and nothing to those after them.
    pub(crate) fn trouble_jobs(&self, troubles: impl IntoIterator<Item = JobTrouble>) {
        self.state().setup.jobs.plant(troubles);
    }

    /// Puts other data tables in the place of all.
    pub(crate) fn set_tables(&self, tables: Vec<PlantedTable>) -> Result<(), ControlError> {
        let mut state = self.state();
        let now = state.clock.now(self.clock.monotonic());
        let planted = state.plant_tables(tables, now);
        planted.map_err(|row| ControlError::Request(format!("a row has no text `key`: {row}")))
    }

    /// Lets the flow read another table, or none; with `make` the table is made where it is not there.
    pub(crate) fn set_flow_table(&self, table: Option<String>, make: bool) {
        let mut state = self.state();
        let now = state.clock.now(self.clock.monotonic());
        state.set_flow(Flow { table }, make, now);
    }

    /// Returns a data table's rows by key, as they are stored; `None`: there is no such table.
    pub(crate) fn rows(&self, table: &str) -> Option<BTreeMap<String, String>> {
        let mut state = self.state();
        Some(state.table(table)?.rows.clone())
    }

    /// Returns the waits of a stretch.
    pub(crate) fn waits(&self, from: Timestamp, to: Timestamp) -> Result<Waits, ControlError> {
        let mut state = self.state();
        let now = state.clock.now(self.clock.monotonic());
        state.tenant.centre.advance_to(now);
        waits::waits(&state.tenant, from, to).ok_or(ControlError::Stretch)
    }
}

/// Checks that tenant time can run at a speed.
pub(crate) fn check_speed(speed: f64) -> Result<(), ControlError> {
    match (0.0..=SPEED_MAX).contains(&speed) {
        true => Ok(()),
        false => Err(ControlError::Speed(speed)),
    }
}

/// Entities may be odd, but a list is made of objects.
fn check_objects(entities: &[String]) -> Result<(), ControlError> {
    let check = |(index, entity): (usize, &String)| {
        Members::of(entity)
            .map(drop)
            .map_err(|source| ControlError::Entity { index, source })
    };
    entities.iter().enumerate().try_for_each(check)
}
