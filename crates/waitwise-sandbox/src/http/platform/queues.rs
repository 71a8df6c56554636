//! Queues with their settings, and what replacing one does.

use serde_json::{Map, Value, json};

use super::{is_named, list as page_of, not_found, text};
use crate::centre::{self, Evaluation, Routing, Scoring, TimeMs};
use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::{State, iso};
use crate::tenant::{Division, Tenant};

/// A queue as it is served.
pub(crate) type QueueDocument = Map<String, Value>;

/// The largest page of queues.
const SIZE_MAX: u32 = 500;

/// Members of a queue that its owner sets, each with what it is where nobody set it; `null`: then it is absent.
fn settings() -> QueueDocument {
    let media = |alerting_secs: u32, level_ms: u32| {
        json!({
            "alertingTimeoutSeconds": alerting_secs,
            "serviceLevel": {"percentage": 0.8, "durationMs": level_ms},
        })
    };
    let settings = json!({
        "description": null,
        "mediaSettings": {
            "call": media(8, 20_000),
            "callback": media(30, 20_000),
            "chat": media(30, 20_000),
            "email": media(300, 86_400_000),
            "message": media(30, 20_000),
        },
        "routingRules": null,
        "conditionalGroupRouting": null,
        "conditionalGroupActivation": null,
        "bullseye": null,
        "scoringMethod": "TimestampAndPriority",
        "lastAgentRoutingMode": "Disabled",
        "acwSettings": {"wrapupPrompt": "MANDATORY_TIMEOUT", "timeoutMs": 300_000},
        "skillEvaluationMethod": "ALL",
        "memberGroups": null,
        "queueFlow": null,
        "emailInQueueFlow": null,
        "messageInQueueFlow": null,
        "whisperPrompt": null,
        "onHoldPrompt": null,
        "defaultMediaLanguage": null,
        "autoAnswerOnly": true,
        "cannedResponseLibraries": null,
        "enableTranscription": false,
        "enableAudioMonitoring": false,
        "enableManualAssignment": false,
        "agentOwnedRouting": null,
        "directRouting": null,
        "callingPartyName": null,
        "callingPartyNumber": null,
        "defaultScripts": null,
        "outboundMessagingAddresses": null,
        "outboundEmailAddress": null,
        "peerId": null,
        "suppressInQueueCallRecording": true,
    });
    object(settings)
}

/// Members with few values, each of which routing depends on.
const CHOICES: [(&str, &[&str]); 3] = [
    ("scoringMethod", &["TimestampAndPriority", "PriorityOnly"]),
    ("skillEvaluationMethod", &["NONE", "BEST", "ALL"]),
    (
        "lastAgentRoutingMode",
        &["Disabled", "QueueMembersOnly", "AnyAgent"],
    ),
];

/// The queues as at the start. Each has something set that a careless replacement loses.
pub(crate) fn documents(tenant: &Tenant, start: TimeMs) -> Vec<QueueDocument> {
    let organisation = &tenant.organisation;
    let document = |(place, queue): (usize, &crate::tenant::Queue)| {
        let members = organisation.users.iter();
        let members = members.filter(|user| user.queues.contains(&place)).count();
        let set = json!({
            "name": queue.name,
            "description": format!("Everybody who calls {}", queue.name),
            "callingPartyName": organisation.name,
        });
        let kept = json!({
            "id": queue.id,
            "division": division(&organisation.divisions[0]),
            "dateCreated": iso(start),
            "memberCount": members,
            "userMemberCount": members,
            "joinedMemberCount": members,
            "selfUri": format!("/api/v2/routing/queues/{}", queue.id),
        });
        replaced(&object(kept), &object(set), start)
    };
    let queues = organisation.queues.iter().enumerate();
    queues.map(document).collect()
}

/// `GET …/queues`, by name.
pub(super) fn list(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let query = &call.request.query;
    let name = query::value(query, "name");
    let ids = query::values(query, "id");
    let divisions = query::values(query, "divisionId");
    let member = |queue: &QueueDocument, at: &str| {
        let value = Value::from(queue.clone());
        let text = value.pointer(at).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let asked = |queue: &&QueueDocument| {
        let is = |asked: &[String], at| asked.is_empty() || asked.contains(&member(queue, at));
        is(&ids, "/id")
            && is(&divisions, "/division/id")
            && name
                .as_ref()
                .is_none_or(|name| is_named(&member(queue, "/name"), name))
    };
    let mut queues: Vec<&QueueDocument> = state.setup.queues.iter().filter(asked).collect();
    queues.sort_by_key(|queue| member(queue, "/name").to_lowercase());
    let order = query::value(query, "sortOrder").unwrap_or_default();
    if order.to_lowercase().starts_with("desc") {
        queues.reverse();
    }
    let entities = queues
        .into_iter()
        .map(|queue| text(&Value::from(queue.clone())));
    page_of(call, SIZE_MAX, true).page(&entities.collect::<Vec<_>>())
}

/// `GET …/queues/{queueId}`.
pub(super) fn get(state: &State, id: &str) -> Result<Reply, Refusal> {
    let place = place(state, id)?;
    Ok(Reply::json(&state.setup.queues[place]))
}

/// `PUT …/queues/{queueId}`: what the body leaves out is as if nobody had ever set it. The last writer wins.
pub(super) fn put(state: &mut State, call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    let place = place(state, id)?;
    let sent: QueueDocument = serde_json::from_slice(&call.request.body).map_err(|error| {
        let message = format!("The request body is not a queue: {error}");
        Refusal::new(400, "bad.request", message)
    })?;
    let queue = state.setup.queues[place].clone();
    state.set_queue(place, replaced(&queue, &checked(sent)?, call.now), call.now);
    get(state, id)
}

impl State {
    /// Sets members of a queue beside those it has; `null` takes one away. `None`: there is no such queue.
    ///
    /// # Errors
    /// A value that a queue cannot have.
    pub(crate) fn change_queue(
        &mut self,
        id: &str,
        members: QueueDocument,
        now: TimeMs,
    ) -> Result<Option<()>, Refusal> {
        let Ok(place) = place(self, id) else {
            return Ok(None);
        };
        let queue = self.setup.queues[place].clone();
        let mut wanted = queue.clone();
        wanted.extend(members);
        let replaced = replaced(&queue, &checked(wanted)?, now);
        self.set_queue(place, replaced, now);
        Ok(Some(()))
    }

    fn set_queue(&mut self, place: usize, queue: QueueDocument, now: TimeMs) {
        let centre = &mut self.tenant.centre;
        centre.advance_to(now);
        if let Some(which) = centre::Queue::ALL.get(place) {
            centre.set_routing(*which, routing(&queue));
        }
        self.setup.queues[place] = queue;
    }
}

fn place(state: &State, id: &str) -> Result<usize, Refusal> {
    let place = state.tenant.organisation.queue(id);
    place.ok_or_else(|| not_found("queue", id))
}

/// How the centre routes a queue of these settings. `BEST` asks for every skill as `ALL` does; which of those agents is
/// best is not modelled.
fn routing(queue: &QueueDocument) -> Routing {
    let is = |member: &str, value: &str| queue.get(member).is_some_and(|own| own == value);
    Routing {
        evaluation: match is("skillEvaluationMethod", "NONE") {
            true => Evaluation::None,
            false => Evaluation::All,
        },
        scoring: match is("scoringMethod", "PriorityOnly") {
            true => Scoring::PriorityOnly,
            false => Scoring::TimestampAndPriority,
        },
    }
}

/// Checks what is sent as a queue.
fn checked(sent: QueueDocument) -> Result<QueueDocument, Refusal> {
    let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Refusal::invalid("/name", "a queue has a name"));
    }
    for (member, values) in CHOICES {
        let known = |value: &Value| value.as_str().is_some_and(|text| values.contains(&text));
        if let Some(value) = sent.get(member).filter(|value| !value.is_null())
            && !known(value)
        {
            let message = format!("{member} is one of {}, got {value}", values.join(", "));
            return Err(Refusal::invalid(format!("/{member}"), message));
        }
    }
    Ok(sent)
}

/// The queue that a replacement makes of another: who it is stays, everything else is what was sent or the default.
fn replaced(queue: &QueueDocument, sent: &QueueDocument, now: TimeMs) -> QueueDocument {
    let mut new = queue.clone();
    let sent = |key: &str| sent.get(key).filter(|value| !value.is_null());
    for (key, default) in settings() {
        let value = sent(&key).cloned().unwrap_or(default);
        if value.is_null() {
            new.remove(&key);
        } else {
            new.insert(key, value);
        }
    }
    if let Some(name) = sent("name") {
        new.insert("name".to_owned(), name.clone());
    }
    new.insert("dateModified".to_owned(), iso(now).into());
    new
}

fn division(division: &Division) -> Value {
    json!({
        "id": division.id,
        "name": division.name,
        "selfUri": format!("/api/v2/authorization/divisions/{}", division.id),
    })
}

fn object(value: Value) -> QueueDocument {
    if let Value::Object(object) = value {
        return object;
    }
    Map::new()
}
