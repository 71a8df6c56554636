//! Handling a request under the eyes of the contract's table.

use waitwise_wire::operation::Repeat;

use super::answer::Call;
use super::reply::{Refusal, Reply};
use super::route::Route;
use super::state::State;
use crate::contract::{Violation, check_request};

impl State {
    /// Does what the request asks for, as [`State::handle`]; a request that departs from the contract is refused by 400,
    /// an answer that does becomes a 500, each naming where. Both are kept.
    pub(crate) fn handle_checked(&mut self, call: &Call<'_>) -> Reply {
        let request = call.request;
        let (path, query) = (&request.path, &request.query);
        let in_request = check_request(&request.method, path, query, &request.body);
        self.contract.keep(&in_request);
        let route = Route::find(self.api, &request.method, path).ok();
        let writes = route
            .as_ref()
            .is_some_and(|route| route.operation.repeat != Repeat::Safe);
        // Before it can do any harm. A read is done first: where it is refused anyway, that refusal says more. So it does of
        // a write without a body, or with one that is no JSON.
        let harmful = in_request.iter().find(|found| !found.place.is_empty());
        if let Some(violation) = harmful.filter(|_| writes) {
            return refusal(400, violation).reply(&call.id);
        }
        let reply = self.handle_unchecked(call);
        if let Some(violation) = in_request.first().filter(|_| reply.status < 400) {
            return refusal(400, violation).reply(&call.id);
        }
        let Some(route) = route else {
            return reply;
        };
        let in_answer = self
            .contract
            .answer(route.operation, reply.status, &reply.body);
        self.contract.keep(&in_answer);
        match in_answer.first() {
            Some(violation) => refusal(500, violation).reply(&call.id),
            None => reply,
        }
    }
}

fn refusal(status: u16, violation: &Violation) -> Refusal {
    Refusal::new(status, "contract.violation", violation.to_string())
}
