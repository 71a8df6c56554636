//! The tenant over HTTP: sign-in, both contracts' operations, faults, and the control routes under `/sandbox`.
//!
//! Start at [`Sandbox`]. Below it, `serve` accepts connections, `cut` cuts and `hold` holds them, `answer` is the way of one
//! request through rate limit, faults and sign-in to the operation, `state` what requests see and change, and `world`
//! what can be done to it from outside the contract, by [`Sandbox`]'s methods and the routes of `control` alike. `fault`
//! lists the troubles, `faults` finds those that strike a request, and `struck` does what they say.

mod access;
mod answer;
mod api;
mod checked;
mod connection;
mod control;
mod cut;
mod fault;
mod fault_pages;
mod fault_shape;
mod faults;
mod hold;
mod listing;
mod options;
mod platform;
pub(crate) mod query;
mod rate_limit;
mod reply;
mod request_log;
mod route;
mod rules;
mod second_writer;
mod serve;
mod sign_in;
mod stale;
mod state;
mod struck;
mod summary;
mod summary_query;
mod tenant_clock;
mod waits;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use waitwise_model::Clock;

pub use api::Api;
pub use connection::Connection;
pub use fault::{Fault, FaultError, FurtherPages, RetryAfter, Staleness, When};
pub use faults::FaultRule;
pub use listing::PAGE_SIZE_MAX;
pub use options::{FLOW_TABLE, SandboxError, SandboxOptions};
pub(crate) use options::{POSSIBLE_CALLS_A_DAY, POSSIBLE_SIZES, YEARS};
pub use platform::JobTrouble;
pub use request_log::{RECORDED_MAX, RecordedRequest};
pub use second_writer::{Edit, EditedPart};
pub use sign_in::TOKEN_LIFETIME_SECS;
pub use tenant_clock::SPEED_MAX;
pub use waits::{SkillWaits, WaitSums, Waits};
pub use world::ControlError;

use crate::contract::Violation;
use crate::tenant::Organisation;
use crate::tls::Tls;
use world::World;

/// A fake tenant that is being served on the loopback interface.
///
/// It ends when it is dropped; [`Sandbox::stop`] also waits for that. Methods that move time or ask for waits compute
/// in the calling thread, up to a second or so for a month: in async code call them where blocking is allowed.
///
/// # Panics
/// Every method, if a request panicked before: a wrong answer is worse than none.
pub struct Sandbox {
    world: Arc<World>,
    server: JoinSet<()>,
    tls: Option<Tls>,
}

impl Sandbox {
    /// Makes a tenant and serves it. `clock` is the service clock, by which rate limits and the tenant's speed go;
    /// tenant time is a matter of its own.
    ///
    /// # Errors
    /// Options that cannot be, call records that cannot be read, a port that is taken, or TLS that cannot be set up.
    pub async fn start(
        options: SandboxOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Sandbox, SandboxError> {
        let now = clock.now();
        let port = options.port;
        let tls = if options.tls {
            Some(Tls::new(now)?)
        } else {
            None
        };
        let origin = tokio::task::spawn_blocking(move || options::origin(&options, now)).await;
        let origin = origin.map_err(|source| SandboxError::Broken { source })??;
        let listener = listen(port)
            .await
            .map_err(|source| SandboxError::Listen { port, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| SandboxError::Listen { port, source })?;
        let connection = Connection::new(&origin.tenant, address, tls.as_ref().map(Tls::ca_file));
        let world = Arc::new(World::new(origin, clock, connection));
        let mut server = JoinSet::new();
        server.spawn(serve::serve(
            listener,
            tls.as_ref().map(|tls| tls.acceptor.clone()),
            world.clone(),
        ));
        Ok(Sandbox { world, server, tls })
    }

    /// Closes the port and all connections, and removes the authority's file.
    pub async fn stop(mut self) {
        self.server.shutdown().await;
        drop(self.tls.take());
    }

    /// Returns what a client needs to know.
    pub fn connection(&self) -> &Connection {
        &self.world.connection
    }

    /// Returns tenant time.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Lets tenant time pass, and the contact centre with it; at most until the year 9000.
    pub fn advance(&self, by: Duration) {
        self.world.advance(by);
    }

    /// Moves tenant time on to an instant.
    ///
    /// # Errors
    /// The instant has passed.
    pub fn advance_to(&self, to: Timestamp) -> Result<(), ControlError> {
        self.world.advance_to(to)
    }

    /// Lets tenant time run at so many tenant seconds a second of the service clock; at 0 it stands still.
    ///
    /// # Errors
    /// The speed is not in 0..=[`SPEED_MAX`].
    pub fn set_speed(&self, speed: f64) -> Result<(), ControlError> {
        self.world.set_speed(speed)
    }

    /// Returns the last [`RECORDED_MAX`] requests, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.world.state().log.requests()
    }

    /// Returns how many requests asked for a change, done or not.
    pub fn writes(&self) -> usize {
        self.world.state().log.writes()
    }

    /// Forgets the requests so far, and counts writes from 0.
    pub fn clear_requests(&self) {
        self.world.state().log.clear();
    }

    /// Returns where requests and answers departed from the contract, oldest first, the first 100; none unless
    /// [`SandboxOptions::check_contract`] is on.
    pub fn violations(&self) -> Vec<Violation> {
        self.world.state().contract.found().to_vec()
    }

    /// Switches a fault on, behind those that are.
    ///
    /// # Errors
    /// No such route, or a fault that cannot be.
    pub fn add_fault(&self, rule: FaultRule) -> Result<(), ControlError> {
        self.world.add_fault(rule)
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.world.state().faults.clear();
    }

    /// Returns how many requests each fault has struck, in the order in which they were switched on.
    pub fn struck(&self) -> Vec<u32> {
        self.world.state().faults.struck()
    }

    /// Returns how many requests [`Fault::Hold`] is holding.
    pub fn held(&self) -> usize {
        self.world.holds.count()
    }

    /// Waits until [`Fault::Hold`] holds exactly `n` requests; it has no end of its own.
    pub async fn until_held(&self, n: usize) {
        self.world.holds.until(n).await;
    }

    /// Lets every request that is held go on.
    pub fn release(&self) {
        self.world.holds.release();
    }

    /// Makes everything as it was at the start: time, rules, tokens, faults, requests.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Returns the routing rules as they are stored.
    pub fn rules(&self) -> Vec<String> {
        self.world.state().tenant.rules.clone()
    }

    /// Puts other routing rules in the place of all, kept as written; callers feel the weights of the first one of
    /// the tenant's queue, where there is one.
    ///
    /// # Errors
    /// One of them is not a JSON object.
    pub fn set_rules(&self, rules: Vec<String>) -> Result<(), ControlError> {
        self.world.set_rules(rules)
    }

    /// Puts other skills in the place of all, kept as written. Who calls for what does not change.
    ///
    /// # Errors
    /// One of them is not a JSON object.
    pub fn set_skills(&self, skills: Vec<String>) -> Result<(), ControlError> {
        self.world.set_skills(skills)
    }

    /// Answers summary queries of the tenant's queue by these entities, whatever the window; `None`: from the centre.
    pub fn set_summary(&self, entities: Option<Vec<Box<RawValue>>>) {
        self.world.set_summary(entities);
    }

    /// Gives the client these scopes and no others.
    ///
    /// # Errors
    /// A scope that no operation asks for.
    pub fn set_scopes<'a>(
        &self,
        scopes: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), ControlError> {
        self.world.set_scopes(
            scopes
                .into_iter()
                .map(str::to_owned)
                .collect::<BTreeSet<_>>(),
        )
    }

    /// Gives the client's roles these permissions and no others.
    ///
    /// # Errors
    /// A permission that opens no operation.
    pub fn set_permissions<'a>(
        &self,
        permissions: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), ControlError> {
        let permissions = permissions.into_iter().map(str::to_owned);
        self.world.set_permissions(permissions.collect())
    }

    /// Allows each token another number of requests a minute, in the minutes that are running too.
    ///
    /// # Errors
    /// None at all are allowed.
    pub fn set_requests_per_minute(&self, allowed: u32) -> Result<(), ControlError> {
        self.world.set_requests_per_minute(allowed)
    }

    /// Sets members of a queue beside those it has, by a JSON object; `null` takes one away.
    ///
    /// # Errors
    /// No such queue, no JSON object, or a value that a queue cannot have.
    pub fn set_queue(&self, queue: &str, members: &str) -> Result<(), ControlError> {
        let members = serde_json::from_str(members)
            .map_err(|error| ControlError::Request(format!("no JSON object: {error}")))?;
        self.world.set_queue(queue, members)
    }

    /// Lets these things happen to the details jobs that are submitted next, in turn; those after them are fine.
    pub fn trouble_jobs(&self, troubles: impl IntoIterator<Item = JobTrouble>) {
        self.world.trouble_jobs(troubles);
    }

    /// Puts these queues, and no others, on predictive routing.
    ///
    /// # Errors
    /// No such queue.
    pub fn set_predictive<'a>(
        &self,
        queues: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), ControlError> {
        let queues = queues.into_iter().map(str::to_owned);
        self.world.set_predictive(queues.collect())
    }

    /// Hides the conversation records of these divisions, and of no others; aggregates count them all the same.
    ///
    /// # Errors
    /// No such division.
    pub fn hide_divisions<'a>(
        &self,
        divisions: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), ControlError> {
        let divisions = divisions.into_iter().map(str::to_owned);
        self.world.hide_divisions(divisions.collect())
    }

    /// Sets how many seconds the details jobs' data lies behind tenant time.
    pub fn set_jobs_behind(&self, secs: u32) {
        self.world.set_jobs_behind(secs);
    }

    /// Puts other data tables in the place of all, by a JSON array of `{"name", "schema", "rows"}`; a table that had
    /// the name lends its id. Neither schemas nor rows are checked against anything.
    ///
    /// # Errors
    /// No such array, or a row without a text `key`.
    pub fn set_tables(&self, tables: &str) -> Result<(), ControlError> {
        let tables = serde_json::from_str(tables)
            .map_err(|error| ControlError::Request(format!("no tables: {error}")))?;
        self.world.set_tables(tables)
    }

    /// Lets the simulated flow read the table of this name from here on, and makes it, empty, where there is none;
    /// `None`: the flow reads no table.
    pub fn set_flow_table(&self, table: Option<&str>) {
        self.world.set_flow_table(table.map(str::to_owned), true);
    }

    /// Returns a data table's rows by key, each as it is stored; `None`: no table has that id or name.
    pub fn rows(&self, table: &str) -> Option<BTreeMap<String, String>> {
        self.world.rows(table)
    }

    /// Returns the organisation around the tenant's queue: divisions, queues, users.
    pub fn organisation(&self) -> Organisation {
        self.world.state().tenant.organisation.clone()
    }

    /// Sets how many seconds of tenant time the tokens to come live.
    pub fn set_token_lifetime(&self, secs: u32) {
        self.world.state().tokens.lifetime_secs = secs;
    }

    /// Ends every token handed out so far.
    pub fn expire_tokens(&self) {
        self.world.state().tokens.expire_all();
    }

    /// Returns the waits in a half-open stretch of tenant time, by skill and 24 hours.
    ///
    /// # Errors
    /// The instants are in the wrong order, or over 4,000 days apart.
    pub fn waits(&self, from: Timestamp, to: Timestamp) -> Result<Waits, ControlError> {
        self.world.waits(from, to)
    }
}

/// The sandbox has no secrets worth the name and no sign-in on its control routes, so nobody else may reach it.
async fn listen(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}
