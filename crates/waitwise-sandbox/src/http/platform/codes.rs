//! Wrap-up codes, of the organisation and of a queue.

use serde_json::json;

use super::{is_named, list as page_of, not_found, text};
use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::tenant::WrapUpCode;

/// The largest page of codes.
const SIZE_MAX: u32 = 100;

/// `GET …/wrapupcodes`, sorted by name or id.
pub(super) fn list(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let query = &call.request.query;
    let ids = query::values(query, "id");
    let divisions = query::values(query, "divisionId");
    let home = &state.tenant.organisation.divisions[0].id;
    let in_division = divisions.is_empty() || divisions.contains(home);
    let asked = |code: &&WrapUpCode| in_division && (ids.is_empty() || ids.contains(&code.id));
    let mut codes = named(state.tenant.codes.iter().filter(asked), query);
    match query::value(query, "sortBy").as_deref() {
        None | Some("name") => codes.sort_by(|a, b| a.name.cmp(&b.name)),
        Some("id") => codes.sort_by(|a, b| a.id.cmp(&b.id)),
        Some(other) => {
            let message = format!("sortBy is name or id, got `{other}`");
            return Err(Refusal::invalid("sortBy", message));
        }
    }
    let order = query::value(query, "sortOrder").unwrap_or_default();
    if order.to_lowercase().starts_with("desc") {
        codes.reverse();
    }
    page_of(call, SIZE_MAX, true).page(&entities(state, &codes))
}

/// `GET …/queues/{queueId}/wrapupcodes`.
pub(super) fn of_queue(state: &State, call: &Call<'_>, queue: &str) -> Result<Reply, Refusal> {
    let organisation = &state.tenant.organisation;
    let place = organisation.queue(queue);
    let place = place.ok_or_else(|| not_found("queue", queue))?;
    let codes = organisation.queues[place].codes.iter();
    let mut codes = named(
        codes.map(|code| &state.tenant.codes[*code]),
        &call.request.query,
    );
    codes.sort_by(|a, b| a.name.cmp(&b.name));
    page_of(call, SIZE_MAX, true).page(&entities(state, &codes))
}

fn named<'a>(codes: impl Iterator<Item = &'a WrapUpCode>, query: &str) -> Vec<&'a WrapUpCode> {
    let name = query::value(query, "name");
    let asked = |code: &&WrapUpCode| name.as_ref().is_none_or(|name| is_named(&code.name, name));
    codes.filter(asked).collect()
}

fn entities(state: &State, codes: &[&WrapUpCode]) -> Vec<String> {
    let home = &state.tenant.organisation.divisions[0];
    let entity = |code: &&WrapUpCode| {
        text(&json!({
            "id": code.id,
            "name": code.name,
            "division": {"id": home.id, "name": home.name},
            "selfUri": format!("/api/v2/routing/wrapupcodes/{}", code.id),
        }))
    };
    codes.iter().map(entity).collect()
}
