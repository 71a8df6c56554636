//! Who waits, and who is next, as text and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::explain::{Explained, Place};
use waitwise_app::model::{AgentId, ConversationId, QueueOrder, SkillId};

use super::table::{Align, Column, more, table};

/// What is to be told.
pub(crate) struct Told {
    pub(crate) explained: Explained,
    /// Skills by name.
    pub(crate) names: BTreeMap<SkillId, String>,
    pub(crate) has_plan: bool,
    /// Only this conversation.
    pub(crate) only: Option<ConversationId>,
    /// An agent with their skills.
    pub(crate) agent: Option<(AgentId, BTreeSet<SkillId>)>,
}

impl Told {
    /// Returns the place of the only conversation that is asked for, from 0.
    pub(crate) fn place(&self) -> Option<usize> {
        let only = self.only.as_ref()?;
        let line = &self.explained.line;
        line.iter().position(|place| place.conversation == *only)
    }

    fn skills(&self, place: &Place) -> String {
        let name = |skill: &SkillId| {
            let name = self.names.get(skill);
            name.cloned().unwrap_or_else(|| skill.to_string())
        };
        match place.skills.as_slice() {
            [] => "any".to_owned(),
            skills => skills.iter().map(name).collect::<Vec<_>>().join(" + "),
        }
    }

    fn shown(&self) -> Vec<(usize, &Place)> {
        let line = self.explained.line.iter().enumerate();
        let is_asked = |place: &Place| {
            self.only
                .as_ref()
                .is_none_or(|only| place.conversation == *only)
        };
        line.filter(|(_, place)| is_asked(place)).collect()
    }
}

/// Writes the line for people.
pub(crate) fn text(told: &Told, top: usize) -> String {
    let explained = &told.explained;
    let mut text = format!(
        "Queue {} ({}) at {:.0}: {} waiting, ordered by {}.\n\n",
        explained.queue.name,
        explained.queue.id,
        explained.at,
        explained.line.len(),
        explained.queue.order,
    );
    let shown = told.shown();
    if shown.is_empty() {
        text += "Nobody waits.\n";
    } else {
        let rows = shown
            .iter()
            .take(top)
            .map(|(idx, place)| row(told, *idx, place));
        text += &table(columns(told), rows.collect());
        text += &more(top, shown.len());
    }
    if let Some(reason) = explained.reason().filter(|_| told.only.is_none()) {
        let _ = writeln!(text, "\nThe first is first because {reason}.");
    }
    text += &of_agent(told);
    text += &warnings(explained);
    text
}

fn columns(told: &Told) -> &'static [Column<'static>] {
    const COLUMNS: [Column; 9] = [
        Column("Conversation", Align::Left),
        Column("Place", Align::Right),
        Column("Asks for", Align::Left),
        Column("Waited, min", Align::Right),
        Column("Head start", Align::Right),
        Column("Score", Align::Right),
        Column("Planned start", Align::Right),
        Column("Planned score", Align::Right),
        Column("Planned place", Align::Right),
    ];
    if told.has_plan {
        &COLUMNS
    } else {
        &COLUMNS[..6]
    }
}

fn row(told: &Told, idx: usize, place: &Place) -> Vec<String> {
    let mut row = vec![
        place.conversation.to_string(),
        (idx + 1).to_string(),
        told.skills(place),
        format!("{:.1}", place.waited_minutes),
        place.priority_minutes.to_string(),
        format!("{:.1}", place.score()),
    ];
    if told.has_plan {
        row.push(place.proposed_minutes.to_string());
        row.push(format!("{:.1}", place.proposed_score()));
        row.push(place.proposed_place.to_string());
    }
    row
}

fn of_agent(told: &Told) -> String {
    let Some((agent, skills)) = &told.agent else {
        return String::new();
    };
    match told.explained.next_for(skills) {
        Some(place) => format!(
            "Agent {agent} would be given {}, who asks for {}.\n",
            place.conversation,
            told.skills(place)
        ),
        None => format!("Agent {agent} may take nobody who waits.\n"),
    }
}

fn warnings(explained: &Explained) -> String {
    let mut text = String::new();
    if explained.is_truncated {
        text += "warning: the host leaves out some of those in the middle of the line\n";
    }
    if explained.queue.order == QueueOrder::PriorityOnly {
        text += "warning: this queue goes by priority alone, so a head start puts a skill before all others for ever\n";
    }
    for rejected in &explained.rejected {
        let _ = writeln!(text, "warning: left out: {rejected}");
    }
    text
}

/// `waitwise-explain/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-explain/1")]
pub(crate) struct ExplainShape {
    #[schemars(extend("const" = "waitwise-explain/1"))]
    format: &'static str,
    queue: String,
    at: String,
    order: String,
    /// In the order in which an agent who may take all of them would.
    waiting: Vec<PlaceShape>,
    reason: Option<String>,
    next_for_agent: Option<String>,
    is_truncated: bool,
    rejected: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct PlaceShape {
    place: usize,
    conversation: String,
    skills: Vec<String>,
    since: String,
    waited_minutes: f64,
    head_start_minutes: i64,
    score: f64,
    planned_head_start_minutes: i64,
    planned_score: f64,
    planned_place: usize,
}

impl ExplainShape {
    pub(crate) fn of(told: &Told) -> ExplainShape {
        let explained = &told.explained;
        let next = told
            .agent
            .as_ref()
            .and_then(|(_, skills)| explained.next_for(skills));
        ExplainShape {
            format: "waitwise-explain/1",
            queue: explained.queue.id.to_string(),
            at: explained.at.to_string(),
            order: explained.queue.order.to_string(),
            waiting: told
                .shown()
                .iter()
                .map(|(idx, place)| PlaceShape::of(*idx, place))
                .collect(),
            reason: explained.reason(),
            next_for_agent: next.map(|place| place.conversation.to_string()),
            is_truncated: explained.is_truncated,
            rejected: explained.rejected.clone(),
        }
    }
}

impl PlaceShape {
    fn of(idx: usize, place: &Place) -> PlaceShape {
        PlaceShape {
            place: idx + 1,
            conversation: place.conversation.to_string(),
            skills: place.skills.iter().map(SkillId::to_string).collect(),
            since: place.since.to_string(),
            waited_minutes: place.waited_minutes,
            head_start_minutes: place.priority_minutes,
            score: place.score(),
            planned_head_start_minutes: place.proposed_minutes,
            planned_score: place.proposed_score(),
            planned_place: place.proposed_place,
        }
    }
}
