//! Who waits in a queue now, in which order they will be answered, and why.
//!
//! An agent who becomes free is given, of those whom they may take, the one with the highest score: minutes waited plus
//! priority. The order is therefore told per set of skills: the first for an agent who has them all need not be the
//! first for everybody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use waitwise_client::ReadClient;
use waitwise_model::{AgentChoice, Clock, ConversationId, Queue, QueueId, QueueOrder, SkillId};
use waitwise_plan::Plan;
use waitwise_wire::platform::observations::{QueueNow, WaitingInteraction};

use crate::error::AppError;

/// Minutes of head start by skill that a plan would write.
pub type Proposed = BTreeMap<SkillId, i64>;

/// Returns the minutes that a plan would write.
pub fn proposed(plan: &Plan) -> Proposed {
    let head_starts = plan.head_starts().into_iter();
    head_starts
        .map(|(skill, head_start)| (skill, i64::from(head_start.written_minutes())))
        .collect()
}

/// Asks who waits in `queue` at this moment, by the host's clock. Nothing here can write.
///
/// # Errors
/// The host could not be asked.
pub async fn explain(
    client: &ReadClient,
    queue: &QueueId,
    proposed: &Proposed,
    clock: &dyn Clock,
) -> Result<Explained, AppError> {
    let settings = client.queue(queue).await?;
    let now = client.observations(queue).await?;
    // Waits are the host's, and so is the clock that they are told by.
    let ahead = client.host_ahead().unwrap_or(SignedDuration::ZERO);
    let at = clock.now().checked_add(ahead).unwrap_or(clock.now());
    Ok(Explained::new(settings, now, at, proposed))
}

/// A queue's line, explained.
#[derive(Clone, PartialEq, Debug)]
pub struct Explained {
    /// The queue.
    pub queue: Queue,
    /// The moment for which it is told.
    pub at: Timestamp,
    /// Everybody who waits, in the order in which an agent who may take all of them would.
    pub line: Vec<Place>,
    /// Whether the host left some out, from the middle of the line.
    pub is_truncated: bool,
    /// What the host told and cannot be read.
    pub rejected: Vec<String>,
}

/// One who waits.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// Whose conversation it is.
    pub conversation: ConversationId,
    /// The skills that it asks for.
    pub skills: Vec<SkillId>,
    /// Since when it waits.
    pub since: Timestamp,
    /// How long it has waited, in minutes.
    pub waited_minutes: f64,
    /// The head start that it has, in minutes.
    pub priority_minutes: i64,
    /// The head start that it would have had if it had entered under the plan; as it is where the plan says nothing.
    pub proposed_minutes: i64,
    /// Its place under the plan, from 1.
    pub proposed_place: usize,
}

impl Place {
    /// Returns minutes waited plus head start: the score by which the line is ordered.
    pub fn score(&self) -> f64 {
        self.waited_minutes + minutes(self.priority_minutes)
    }

    /// Returns the score that it would have under the plan.
    pub fn proposed_score(&self) -> f64 {
        self.waited_minutes + minutes(self.proposed_minutes)
    }
}

impl Explained {
    /// Orders those who wait.
    ///
    /// One whose moment of entering is missing is rejected: without it there is no score.
    pub fn new(queue: Queue, now: QueueNow, at: Timestamp, proposed: &Proposed) -> Explained {
        let mut rejected = now.rejected;
        let mut line = Vec::with_capacity(now.entries.len());
        for entry in now.entries {
            match place(&entry, at, proposed) {
                Some(place) => line.push(place),
                None => rejected.push(format!(
                    "conversation `{}` does not say since when it waits",
                    entry.conversation
                )),
            }
        }
        let order = &queue.order;
        line.sort_by_key(|place| sort_key(order, place.since, place.proposed_minutes));
        for (idx, place) in line.iter_mut().enumerate() {
            place.proposed_place = idx + 1;
        }
        line.sort_by_key(|place| sort_key(order, place.since, place.priority_minutes));
        Explained {
            queue,
            at,
            line,
            is_truncated: now.is_truncated,
            rejected,
        }
    }

    /// Returns who is answered next by an agent with these skills.
    pub fn next_for(&self, skills: &BTreeSet<SkillId>) -> Option<&Place> {
        let may_take = |place: &&Place| match self.queue.agent_choice {
            AgentChoice::AnyAgent => true,
            AgentChoice::MostProficient
            | AgentChoice::LongestIdle
            | AgentChoice::Other(_)
            | AgentChoice::Unsaid => place.skills.iter().all(|skill| skills.contains(skill)),
        };
        self.line.iter().find(may_take)
    }

    /// Returns why the first of the line is before the second, as a sentence; `None` with fewer than two.
    pub fn reason(&self) -> Option<String> {
        let [first, second, ..] = self.line.as_slice() else {
            return None;
        };
        let ahead = first.priority_minutes - second.priority_minutes;
        let later = first.waited_minutes - second.waited_minutes;
        Some(match (&self.queue.order, ahead, later >= 0.0) {
            (QueueOrder::PriorityOnly, 1.., _) => {
                format!("its priority is higher by {ahead}, and this queue goes by priority alone")
            }
            (QueueOrder::PriorityOnly, _, _) => {
                "its priority is the same, and it came first".to_owned()
            }
            (_, 0, _) => {
                format!("it has waited {later:.1} minutes longer, with the same head start")
            }
            (_, 1.., true) => format!(
                "it has waited {later:.1} minutes longer, and its head start is greater by {ahead} minutes"
            ),
            (_, 1.., false) => format!(
                "its head start is greater by {ahead} minutes, more than the {:.1} minutes that the next one has waited longer",
                -later
            ),
            (_, _, _) => format!(
                "it has waited {later:.1} minutes longer, more than the {} minutes that the next one has as a greater head start",
                -ahead
            ),
        })
    }
}

/// What comes first has the smaller key: as the platform sorts, by the moment of entering less the priority.
fn sort_key(order: &QueueOrder, since: Timestamp, priority_minutes: i64) -> (i64, i64) {
    let entered = since.as_millisecond();
    match order {
        QueueOrder::PriorityOnly => (priority_minutes.saturating_neg(), entered),
        QueueOrder::MinutesAndPriority | QueueOrder::Other(_) => (
            entered.saturating_sub(priority_minutes.saturating_mul(60_000)),
            entered,
        ),
    }
}

fn place(entry: &WaitingInteraction, at: Timestamp, proposed: &Proposed) -> Option<Place> {
    let since = entry.since?;
    let priority_minutes = entry.priority.unwrap_or(0);
    // An interaction that asks for several skills takes the largest head start.
    let of_plan = entry.skills.iter().filter_map(|skill| proposed.get(skill));
    Some(Place {
        conversation: entry.conversation.clone(),
        skills: entry.skills.clone(),
        since,
        waited_minutes: at.duration_since(since).as_secs_f64() / 60.0,
        priority_minutes,
        proposed_minutes: of_plan.max().copied().unwrap_or(priority_minutes),
        proposed_place: 0,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "priorities are at most 25 million"
)]
fn minutes(priority: i64) -> f64 {
    priority as f64
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use waitwise_model::QueueId;

    use super::*;

    const AT: &str = "2026-03-09T10:00:00Z";

    fn queue(order: QueueOrder, agent_choice: AgentChoice) -> Queue {
        Queue {
            id: QueueId::new("q"),
            name: "Support".to_owned(),
            division: None,
            agent_choice,
            order,
            targets: Vec::new(),
            rings: 0,
            members: None,
        }
    }

    /// Those who wait: name, skill, minutes waited, priority.
    fn explained(order: QueueOrder, waiting: &[(&str, &str, i64, i64)]) -> Explained {
        let at: Timestamp = AT.parse().unwrap();
        let entry = |(name, skill, waited, priority): &(&str, &str, i64, i64)| WaitingInteraction {
            conversation: ConversationId::new(name),
            media: None,
            since: Some(at.checked_sub(waited.minutes()).unwrap()),
            skills: vec![SkillId::new(skill)],
            priority: Some(*priority),
        };
        let now = QueueNow {
            entries: waiting.iter().map(entry).collect(),
            ..QueueNow::default()
        };
        let proposed = [(SkillId::new("b"), 9)].into();
        Explained::new(queue(order, AgentChoice::LongestIdle), now, at, &proposed)
    }

    fn names(explained: &Explained) -> Vec<&str> {
        let line = explained.line.iter();
        line.map(|place| place.conversation.as_str()).collect()
    }

    #[test]
    fn minutes_waited_and_priority_are_added_up() {
        let line = [
            ("x", "a", 5, 0),
            ("y", "b", 1, 3),
            ("z", "a", 2, 4),
            ("w", "a", 6, 0),
        ];
        let explained = explained(QueueOrder::MinutesAndPriority, &line);
        // z and w both have a score of 6; w came first.
        assert_eq!(names(&explained), ["w", "z", "x", "y"]);
        let scores: Vec<_> = explained.line.iter().map(Place::score).collect();
        assert_eq!(scores, [6.0, 6.0, 5.0, 4.0]);
        assert_eq!(explained.line[3].proposed_place, 1);
        assert!((explained.line[3].proposed_score() - 10.0).abs() < 1e-9);
    }

    #[test]
    fn with_priority_alone_time_only_breaks_ties() {
        let line = [("x", "a", 50, 0), ("y", "b", 1, 1), ("z", "a", 2, 1)];
        let explained = explained(QueueOrder::PriorityOnly, &line);
        assert_eq!(names(&explained), ["z", "y", "x"]);
    }

    #[test]
    fn an_agent_takes_the_first_whom_their_skills_allow() {
        let line = [("x", "a", 5, 0), ("y", "b", 1, 0)];
        let mut explained = explained(QueueOrder::MinutesAndPriority, &line);
        let next = |explained: &Explained, skills: &[&str]| {
            let skills = skills.iter().map(SkillId::new).collect();
            let next = explained.next_for(&skills);
            next.map(|place| place.conversation.to_string())
        };
        assert_eq!(next(&explained, &["a", "b"]).as_deref(), Some("x"));
        assert_eq!(next(&explained, &["b"]).as_deref(), Some("y"));
        assert_eq!(next(&explained, &["c"]), None);
        explained.queue.agent_choice = AgentChoice::AnyAgent;
        assert_eq!(next(&explained, &["c"]).as_deref(), Some("x"));
    }

    #[test]
    fn the_reason_names_what_decides() {
        let reason = |first: (i64, i64), second: (i64, i64)| {
            let line = [("x", "a", first.0, first.1), ("y", "a", second.0, second.1)];
            explained(QueueOrder::MinutesAndPriority, &line)
                .reason()
                .unwrap()
        };
        for (first, second, expected) in [
            (
                (5, 0),
                (3, 0),
                "it has waited 2.0 minutes longer, with the same head start",
            ),
            (
                (5, 2),
                (3, 0),
                "it has waited 2.0 minutes longer, and its head start is greater by 2 minutes",
            ),
            (
                (3, 9),
                (5, 0),
                "its head start is greater by 9 minutes, more than the 2.0 minutes that the next one has waited longer",
            ),
            (
                (9, 0),
                (3, 2),
                "it has waited 6.0 minutes longer, more than the 2 minutes that the next one has as a greater head start",
            ),
        ] {
            assert_eq!(reason(first, second), expected);
        }
        assert_eq!(explained(QueueOrder::PriorityOnly, &[]).reason(), None);
    }

    #[test]
    fn whoever_does_not_say_since_when_is_named() {
        let now = QueueNow {
            entries: vec![WaitingInteraction {
                conversation: ConversationId::new("c1"),
                media: None,
                since: None,
                skills: Vec::new(),
                priority: None,
            }],
            ..QueueNow::default()
        };
        let queue = queue(QueueOrder::MinutesAndPriority, AgentChoice::LongestIdle);
        let explained = Explained::new(queue, now, AT.parse().unwrap(), &Proposed::new());
        assert_eq!(
            explained.rejected,
            ["conversation `c1` does not say since when it waits"]
        );
    }
}
