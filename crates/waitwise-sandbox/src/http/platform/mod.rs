//! The published platform's operations: one file per resource.
//!
//! Start at [`State::platform`], which is reached when token and permissions are in order. [`Setup`] is what these
//! operations show beside the tenant itself, and what can be planted in it.

mod agents;
mod analytics;
mod codes;
mod estimated_wait;
mod flow;
mod limits;
mod planted;
mod predictors;
mod queues;
pub(crate) mod tables;
mod token;

use waitwise_model::Skill;
use waitwise_wire::platform as wire;

use super::answer::Call;
use super::api::PUT_QUEUE;
use super::listing::List;
use super::query;
use super::reply::{Refusal, Reply};
use super::route::Route;
use super::state::{Origin, State};
pub use analytics::JobTrouble;
pub(crate) use analytics::Jobs;
pub(crate) use flow::Flow;
pub(crate) use planted::Planted;
use queues::QueueDocument;
use tables::Table;

/// What is set up in the organisation, and what is planted.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The queues' documents, in the order of the organisation's queues.
    pub(crate) queues: Vec<QueueDocument>,
    pub(crate) tables: Vec<Table>,
    /// Data tables made so far, from which their ids follow.
    pub(crate) tables_made: u32,
    pub(crate) flow: Flow,
    pub(crate) planted: Planted,
    /// Details jobs, and what is planted for them.
    pub(crate) jobs: Jobs,
}

impl Setup {
    /// As at the start.
    pub(crate) fn new(origin: &Origin) -> Setup {
        let mut setup = Setup {
            queues: queues::documents(&origin.tenant, origin.start),
            tables: Vec::new(),
            tables_made: 0,
            flow: origin.flow.clone(),
            planted: Planted::default(),
            jobs: Jobs::default(),
        };
        if origin.make_flow_table {
            setup.make_flow_table(origin.seed, &origin.tenant);
        }
        setup
    }
}

impl State {
    /// Does an operation of the platform; token and permissions have been checked.
    ///
    /// # Errors
    /// What the platform would refuse, as it would.
    pub(crate) fn platform(&mut self, call: &Call<'_>, route: &Route) -> Result<Reply, Refusal> {
        let id = |place| route.id(place);
        match *route.operation {
            wire::TOKENS_ME => Ok(token::me(self)),
            wire::SKILLS => skills(self, call),
            wire::WRAP_UP_CODES => codes::list(self, call),
            wire::QUEUE_WRAP_UP_CODES => codes::of_queue(self, call, id(0)),
            wire::QUEUES => queues::list(self, call),
            wire::QUEUE => queues::get(self, id(0)),
            PUT_QUEUE => queues::put(self, call, id(0)),
            wire::QUEUE_MEMBERS => agents::members(self, call, id(0)),
            wire::USER_SKILLS => agents::skills(self, call, id(0)),
            wire::PREDICTORS => Ok(predictors::list(self, call)),
            wire::ESTIMATED_WAIT => estimated_wait::of_queue(self, call, id(0)),
            wire::LIMITS => limits::of_namespace(self, id(0)),
            wire::DATA_TABLES => tables::list(self, call),
            wire::DATA_TABLE => tables::get(self, call, id(0)),
            wire::CREATE_DATA_TABLE => tables::create(self, call),
            wire::ROWS => tables::rows::list(self, call, id(0)),
            wire::ROW => tables::rows::get(self, call, id(0), id(1)),
            wire::CREATE_ROW => tables::rows::create(self, call, id(0)),
            wire::PUT_ROW => tables::rows::put(self, call, id(0), id(1)),
            wire::DELETE_ROW => tables::rows::delete(self, call, id(0), id(1)),
            wire::AGGREGATES => analytics::aggregates(self, call),
            wire::DETAILS => analytics::details(self, call),
            wire::SUBMIT_JOB => analytics::submit_job(self, call),
            wire::JOB => analytics::job(self, call, id(0)),
            wire::JOB_RESULTS => analytics::job_results(self, call, id(0)),
            wire::DELETE_JOB => analytics::delete_job(self, call, id(0)),
            wire::JOB_AVAILABILITY => analytics::job_availability(self, call),
            wire::ACTIVITY => analytics::activity(self, call),
            wire::OBSERVATIONS => analytics::observations(self, call),
            wire::USER_AGGREGATES => analytics::user_aggregates(self, call),
            _ => Err(Refusal::no_such_path(&call.request.path)),
        }
    }
}

/// `GET …/skills`: `name` is how it starts, `id` may stand several times.
fn skills(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let query = &call.request.query;
    let name = query::value(query, "name").map(|name| name.to_lowercase());
    let ids = query::values(query, "id");
    let asked = |entity: &&String| {
        // An odd entity that is planted is shown whatever is asked for: what it is called cannot be told.
        let Ok(Skill { id, name: own, .. }) = waitwise_wire::tutorial::listing::read_skill(entity)
        else {
            return true;
        };
        let starts = |start: &String| own.to_lowercase().starts_with(start);
        (ids.is_empty() || ids.iter().any(|asked| asked == id.as_str()))
            && name.as_ref().is_none_or(starts)
    };
    let entities: Vec<String> = state.skills.iter().filter(asked).cloned().collect();
    list(call, 500, true).page(&entities)
}

/// The list at the request's own path. `size_max` is the largest page that the vendor's own programs ask for, the
/// true limits being untold.
fn list<'a>(call: &'a Call<'_>, size_max: u32, totals: bool) -> List<'a> {
    List {
        path: &call.request.path,
        query: &call.request.query,
        size_max,
        totals,
    }
}

/// Returns whether a name is the one asked for: letter case does not count, and a `*` at either end stands for any text.
fn is_named(name: &str, asked: &str) -> bool {
    let (name, asked) = (name.to_lowercase(), asked.to_lowercase());
    match (asked.strip_prefix('*'), asked.strip_suffix('*')) {
        (Some(_), Some(_)) => name.contains(asked.trim_matches('*')),
        (Some(end), None) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => name == asked,
    }
}

/// 404 for an object that is not there.
fn not_found(kind: &str, id: &str) -> Refusal {
    Refusal::new(404, "not.found", format!("There is no {kind} `{id}`"))
}

/// Writes a value of our own making as JSON.
fn text(value: &serde_json::Value) -> String {
    value.to_string()
}
