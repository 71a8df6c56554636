//! The published platform's operations: one file per resource.

mod analytics;

use waitwise_wire::platform as wire;

use super::answer::Call;
use super::listing;
use super::reply::{Refusal, Reply};
use super::route::Route;
use super::state::State;

impl State {
    /// Does an operation of the platform; token and permissions have been checked.
    ///
    /// # Errors
    /// What the platform would refuse, as it would.
    pub(crate) fn platform(&mut self, call: &Call<'_>, route: &Route) -> Result<Reply, Refusal> {
        match *route.operation {
            wire::SKILLS => listing::page(&self.skills, wire::SKILLS.path, &call.request.query),
            wire::AGGREGATES => analytics::aggregates(self, call),
            wire::DETAILS => analytics::details(self, call),
            wire::SUBMIT_JOB => analytics::submit_job(self, call),
            wire::JOB => analytics::job(self, call, route.id(0)),
            wire::JOB_RESULTS => analytics::job_results(self, call, route.id(0)),
            wire::DELETE_JOB => analytics::delete_job(self, call, route.id(0)),
            wire::JOB_AVAILABILITY => analytics::job_availability(self, call),
            wire::ACTIVITY => analytics::activity(self, call),
            wire::OBSERVATIONS => analytics::observations(self, call),
            wire::USER_AGGREGATES => analytics::user_aggregates(self, call),
            _ => Err(Refusal::no_such_path(&call.request.path)),
        }
    }
}
