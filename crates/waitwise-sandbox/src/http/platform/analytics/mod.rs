//! The analytics operations. Each takes the whole request, whose body is `call.request.body`.

use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;

type Done = Result<Reply, Refusal>;

/// `POST …/conversations/aggregates/query`.
pub(super) fn aggregates(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

/// `POST …/conversations/details/query`.
pub(super) fn details(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

/// `POST …/conversations/details/jobs`.
pub(super) fn submit_job(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

/// `GET …/conversations/details/jobs/{jobId}`.
pub(super) fn job(_state: &mut State, call: &Call<'_>, _job: &str) -> Done {
    not_served(call)
}

/// `GET …/conversations/details/jobs/{jobId}/results`.
pub(super) fn job_results(_state: &mut State, call: &Call<'_>, _job: &str) -> Done {
    not_served(call)
}

/// `DELETE …/conversations/details/jobs/{jobId}`.
pub(super) fn delete_job(_state: &mut State, call: &Call<'_>, _job: &str) -> Done {
    not_served(call)
}

/// `GET …/conversations/details/jobs/availability`.
pub(super) fn job_availability(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

/// `POST …/conversations/activity/query`.
pub(super) fn activity(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

/// `POST …/queues/observations/query`.
pub(super) fn observations(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

/// `POST …/users/aggregates/query`.
pub(super) fn user_aggregates(_state: &mut State, call: &Call<'_>) -> Done {
    not_served(call)
}

fn not_served(call: &Call<'_>) -> Done {
    let message = format!("`{}` is not served yet", call.request.path);
    Err(Refusal::new(404, "not.found", message))
}
