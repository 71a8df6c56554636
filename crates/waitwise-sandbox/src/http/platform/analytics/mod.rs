//! The analytics operations: conversation records, aggregates of them, and who waits now.
//!
//! All answer from [`crate::records`]. `body` reads what is asked, `filter` whom it is asked about; then one file per
//! kind of question.

mod aggregates;
mod body;
mod buckets;
mod details;
mod filter;
mod jobs;
mod live;
mod users;

use crate::centre::TimeMs;
use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::records::Ids;

pub use jobs::JobTrouble;
pub(crate) use jobs::Jobs;

type Done = Result<Reply, Refusal>;

/// `POST …/conversations/aggregates/query`.
pub(super) fn aggregates(state: &mut State, call: &Call<'_>) -> Done {
    state.tenant.centre.advance_to(call.now);
    aggregates::query(state, call)
}

/// `POST …/conversations/details/query`.
pub(super) fn details(state: &mut State, call: &Call<'_>) -> Done {
    state.tenant.centre.advance_to(call.now);
    details::query(state, call)
}

/// `POST …/conversations/details/jobs`.
pub(super) fn submit_job(state: &mut State, call: &Call<'_>) -> Done {
    state.tenant.centre.advance_to(call.now);
    jobs::submit(state, call)
}

/// `GET …/conversations/details/jobs/{jobId}`.
pub(super) fn job(state: &mut State, call: &Call<'_>, job: &str) -> Done {
    state.setup.jobs.status(job, call.now)
}

/// `GET …/conversations/details/jobs/{jobId}/results`.
pub(super) fn job_results(state: &mut State, call: &Call<'_>, job: &str) -> Done {
    jobs::results(state, call, job)
}

/// `DELETE …/conversations/details/jobs/{jobId}`.
pub(super) fn delete_job(state: &mut State, _call: &Call<'_>, job: &str) -> Done {
    state.setup.jobs.cancel(job)
}

/// `GET …/conversations/details/jobs/availability`.
pub(super) fn job_availability(state: &mut State, call: &Call<'_>) -> Done {
    Ok(jobs::availability(state, call))
}

/// `POST …/conversations/activity/query`.
pub(super) fn activity(state: &mut State, call: &Call<'_>) -> Done {
    state.tenant.centre.advance_to(call.now);
    live::activity(state, call)
}

/// `POST …/queues/observations/query`.
pub(super) fn observations(state: &mut State, call: &Call<'_>) -> Done {
    state.tenant.centre.advance_to(call.now);
    live::observations(state, call)
}

/// `POST …/users/aggregates/query`.
pub(super) fn user_aggregates(state: &mut State, call: &Call<'_>) -> Done {
    state.tenant.centre.advance_to(call.now);
    users::query(state, call)
}

impl State {
    /// The ids under which the tenant's centre is known.
    fn ids(&self) -> Ids {
        Ids::of(&self.tenant)
    }

    /// Up to when the job store has data at an instant: some hours behind, on a full minute.
    fn available(&self, now: TimeMs) -> TimeMs {
        let behind = i64::from(self.setup.planted.jobs_behind_secs) * 1_000;
        (now - behind).div_euclid(60_000) * 60_000
    }
}
