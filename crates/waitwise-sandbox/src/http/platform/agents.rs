//! Who serves a queue, and what they can do.

use serde_json::{Value, json};

use super::{list, not_found, text};
use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::tenant::{SkillState, Tenant, User};

/// The largest page of members, as documented.
const MEMBERS_MAX: u32 = 100;

/// The largest page of an agent's skills.
const SKILLS_MAX: u32 = 50;

/// `GET …/queues/{queueId}/members`; its pages have no totals. Everybody has joined, and by name, not by a group.
pub(super) fn members(state: &State, call: &Call<'_>, queue: &str) -> Result<Reply, Refusal> {
    let tenant = &state.tenant;
    let place = tenant.organisation.queue(queue);
    let place = place.ok_or_else(|| not_found("queue", queue))?;
    let query = &call.request.query;
    let asked = |user: &&User| user.queues.contains(&place) && is_asked(tenant, user, query);
    let members = tenant.organisation.users.iter().filter(asked);
    let entities: Vec<String> = members.map(|user| text(&member(user, queue))).collect();
    list(call, MEMBERS_MAX, false).page(&entities)
}

fn is_asked(tenant: &Tenant, user: &User, query: &str) -> bool {
    let asked = |key: &str| query::value(query, key).map(|value| value.to_lowercase());
    let skills = query::values(query, "skills");
    let has = |id: &String| {
        let mut own = user.skills.iter().map(|(skill, _)| &tenant.skills[*skill]);
        own.any(|skill| skill.id == *id)
    };
    asked("joined").is_none_or(|joined| joined == "true")
        && asked("memberby").is_none_or(|by| by == "user")
        && asked("name").is_none_or(|name| user.name.to_lowercase().contains(&name))
        && skills.iter().all(has)
}

fn member(user: &User, queue: &str) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "user": {
            "id": user.id,
            "name": user.name,
            "selfUri": format!("/api/v2/users/{}", user.id),
        },
        "ringNumber": 1,
        "joined": true,
        "memberBy": "user",
        "selfUri": format!("/api/v2/routing/queues/{queue}/members/{}", user.id),
    })
}

/// `GET …/users/{userId}/routingskills`.
pub(super) fn skills(state: &State, call: &Call<'_>, user: &str) -> Result<Reply, Refusal> {
    let tenant = &state.tenant;
    let found = tenant.organisation.users.iter().find(|own| own.id == user);
    let user = found.ok_or_else(|| not_found("user", user))?;
    let entity = |(skill, proficiency): &(usize, f64)| {
        let skill = &tenant.skills[*skill];
        text(&json!({
            "id": skill.id,
            "name": skill.name,
            "proficiency": proficiency,
            "state": match skill.state {
                SkillState::Active => "active",
                SkillState::Inactive => "inactive",
                SkillState::Deleted => "deleted",
            },
            "skillUri": format!("/api/v2/routing/skills/{}", skill.id),
            "selfUri": format!("/api/v2/users/{}/routingskills/{}", user.id, skill.id),
        }))
    };
    let mut entities: Vec<String> = user.skills.iter().map(entity).collect();
    let order = query::value(&call.request.query, "sortOrder").unwrap_or_default();
    if order.to_lowercase().starts_with("desc") {
        entities.reverse();
    }
    list(call, SKILLS_MAX, true).page(&entities)
}
