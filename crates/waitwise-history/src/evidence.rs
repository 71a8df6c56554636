//! Visits → evidence: how many, and how long they waited, per wrap-up code and per skill.
//!
//! The two views never mix. A wrap-up code is what an agent said afterwards, so waits by code are those of the answered
//! alone: they leave out everyone who gave up. Beside them stand the outcomes by skill, which have all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use waitwise_model::{
    AgentId, Coded, Ending, Evidence, MediaType, Pull, QueueId, SkillId, Visit, Window,
    WrapUpCodeId, WrapUpGroup,
};

use crate::facts::{Column, Columns};
use crate::tally::Waits;

/// The evidence about one queue and one kind of contact.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueEvidence {
    /// The kind of contact.
    pub media: MediaType,
    /// Answered visits by wrap-up code, by code; last those without one.
    pub by_code: Evidence,
    /// All visits.
    pub all: Outcomes,
    /// Visits by the skill they asked for. A visit that asked for two skills counts under both, so these must not be
    /// added up. Visits that asked for none are under `None`.
    pub by_skill: BTreeMap<Option<SkillId>, Outcomes>,
    /// How often a code was given to a visit that asked for a skill. A visit that asked for two counts under both.
    pub code_and_skill: BTreeMap<(WrapUpCodeId, SkillId), u64>,
    /// Answered visits without a code, by the reserved text in the code's place; `None`: nothing stood there.
    pub uncoded: BTreeMap<Option<Arc<str>>, u64>,
    /// Who answered, by the agents' keys.
    pub agents: BTreeSet<AgentId>,
}

/// How visits ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcomes {
    /// Entered the queue.
    pub offered: u64,
    /// Were answered.
    pub answered: Waits,
    /// Gave up, the short ones left out.
    pub abandoned: Waits,
    /// Gave up within the time that the tenant calls short.
    pub short_abandoned: Waits,
    /// Left some other way.
    pub flowed_out: Waits,
    /// Were still waiting when their record was read.
    pub waiting: u64,
    /// Ended without the record telling how.
    pub untold: u64,
    /// Answered ones that the agent passed on.
    pub transferred: u64,
    /// Alerts that rang at an agent who did not take them.
    pub missed_alerts: u64,
    /// Answered ones with a wrap-up code.
    pub coded: u64,
    /// Belong to a conversation that was going on when its record was read.
    pub in_progress: u64,
}

impl Outcomes {
    fn add(&mut self, visit: &Visit<'_>) {
        self.offered += u64::from(visit.is_offered);
        self.missed_alerts += u64::from(visit.missed_alerts);
        self.in_progress += u64::from(visit.ended_at_ms.is_none());
        let wait_ms = visit.wait_ms.unwrap_or_default();
        match visit.ending {
            Ending::Answered => {
                self.answered.add(wait_ms);
                self.transferred += u64::from(visit.is_transferred);
                self.coded += u64::from(matches!(visit.coding, Coded::Code(_)));
            }
            Ending::Abandoned => self.abandoned.add(wait_ms),
            Ending::ShortAbandoned | Ending::ShortOnly => self.short_abandoned.add(wait_ms),
            Ending::FlowedOut => self.flowed_out.add(wait_ms),
            Ending::Waiting => self.waiting += 1,
            Ending::Untold => self.untold += 1,
        }
    }

    /// Returns all waits that have ended, however they ended.
    pub fn waits(&self) -> Waits {
        let mut all = self.answered;
        all.add_all(self.abandoned);
        all.add_all(self.short_abandoned);
        all.add_all(self.flowed_out);
        all
    }

    /// Returns the share of answered visits without a wrap-up code, in 0.0..=1.0; `None` if nothing was answered.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn uncoded_share(&self) -> Option<f64> {
        let answered = self.answered.count;
        (answered > 0).then(|| (answered - self.coded) as f64 / answered as f64)
    }
}

/// Adds up one queue's visits. The order in which they come does not show.
#[derive(Debug)]
pub struct Collector {
    queue: QueueId,
    window: Window,
    media: BTreeMap<String, Sums>,
}

#[derive(Debug, Default)]
struct Sums {
    codes: BTreeMap<String, OfCode>,
    uncoded_waits: Waits,
    all: Outcomes,
    without_skill: Outcomes,
    by_skill: BTreeMap<String, Outcomes>,
    uncoded: u64,
    reserved: BTreeMap<String, u64>,
    agents: BTreeMap<String, ()>,
}

#[derive(Debug, Default)]
struct OfCode {
    waits: Waits,
    /// How often with each skill.
    skills: BTreeMap<String, u64>,
}

/// Returns what stands under a name; the name is copied only when it is new.
fn under<'a, T: Default>(map: &'a mut BTreeMap<String, T>, name: &str) -> &'a mut T {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), T::default());
    }
    match map.get_mut(name) {
        Some(value) => value,
        None => unreachable!("it was put there"),
    }
}

impl Collector {
    /// Returns a collector for the visits to `queue` that began in `window`.
    pub fn new(queue: QueueId, window: Window) -> Collector {
        Collector {
            queue,
            window,
            media: BTreeMap::new(),
        }
    }

    /// The columns of facts that it looks at.
    pub const COLUMNS: Columns = Columns::NONE
        .with(Column::QueueId)
        .with(Column::MediaType)
        .with(Column::Skills)
        .with(Column::OfferedAt)
        .with(Column::ConversationEnd)
        .with(Column::Outcome)
        .with(Column::WaitMs)
        .with(Column::WrapUpCode)
        .with(Column::ReservedCode)
        .with(Column::AgentKey)
        .with(Column::IsOffered)
        .with(Column::IsTransferred)
        .with(Column::MissedAlerts);

    /// Adds a visit; one to another queue, or that entered outside of the window, is left out.
    pub fn add(&mut self, visit: &Visit<'_>) {
        let (from, to) = (self.window.from, self.window.to);
        let inside = from.as_millisecond()..to.as_millisecond();
        if visit.queue == self.queue.as_str() && inside.contains(&visit.entered_at_ms) {
            under(&mut self.media, visit.media).add(visit);
        }
    }

    /// Returns the evidence per kind of contact, by its name. `files` is how many files the facts came from.
    pub fn finish(self, files: u32) -> Vec<QueueEvidence> {
        let (queue, window) = (self.queue, self.window);
        let media = self.media.into_iter();
        media
            .map(|(media, sums)| sums.evidence(MediaType::new(media), &queue, window, files))
            .collect()
    }
}

impl Sums {
    fn add(&mut self, visit: &Visit<'_>) {
        self.all.add(visit);
        if visit.skills.is_empty() {
            self.without_skill.add(visit);
        }
        for skill in visit.skills {
            under(&mut self.by_skill, skill).add(visit);
        }
        if visit.ending != Ending::Answered {
            return;
        }
        if let Some(agent) = visit.agent {
            under(&mut self.agents, agent);
        }
        let wait_ms = visit.wait_ms.unwrap_or_default();
        match visit.coding {
            Coded::Code(code) => {
                let of_code = under(&mut self.codes, code);
                of_code.waits.add(wait_ms);
                for skill in visit.skills {
                    *under(&mut of_code.skills, skill) += 1;
                }
            }
            Coded::Reserved(text) => {
                self.uncoded_waits.add(wait_ms);
                *under(&mut self.reserved, text) += 1;
            }
            Coded::Nothing => {
                self.uncoded_waits.add(wait_ms);
                self.uncoded += 1;
            }
        }
    }

    fn evidence(
        self,
        media: MediaType,
        queue: &QueueId,
        window: Window,
        files: u32,
    ) -> QueueEvidence {
        let (mut groups, mut code_and_skill) = (Vec::new(), BTreeMap::new());
        for (code, of_code) in self.codes {
            let code = WrapUpCodeId::new(code);
            for (skill, count) in of_code.skills {
                code_and_skill.insert((code.clone(), SkillId::new(skill)), count);
            }
            groups.push(group(Some(code), of_code.waits));
        }
        if self.uncoded_waits.count > 0 {
            groups.push(group(None, self.uncoded_waits));
        }
        let named = self.by_skill.into_iter();
        let named = named.map(|(skill, outcomes)| (Some(SkillId::new(skill)), outcomes));
        let without = (self.without_skill != Outcomes::default()).then_some(self.without_skill);
        let by_skill = without.map(|outcomes| (None, outcomes)).into_iter();
        let by_skill = by_skill.chain(named).collect();
        let reserved = self.reserved.into_iter();
        let reserved = reserved.map(|(text, count)| (Some(Arc::from(text)), count));
        let absent = (self.uncoded > 0).then_some((None, self.uncoded));
        let uncoded = absent.into_iter().chain(reserved).collect();
        let legs = usize::try_from(self.all.answered.count).unwrap_or(usize::MAX);
        QueueEvidence {
            media,
            by_code: Evidence {
                queue: queue.clone(),
                window,
                groups,
                rejected: Vec::new(),
                pull: Pull {
                    pages: files,
                    entities: legs,
                    unique: legs,
                    claimed: None,
                },
            },
            all: self.all,
            by_skill,
            code_and_skill,
            uncoded,
            agents: self.agents.into_keys().map(AgentId::new).collect(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn group(code: Option<WrapUpCodeId>, waits: Waits) -> WrapUpGroup {
    WrapUpGroup {
        code,
        conversations: waits.count as f64,
        mean_wait_secs: waits.mean_secs().unwrap_or_default(),
        missing: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use waitwise_model::Abandonment;

    use super::*;
    use crate::row::visit_of;
    use crate::samples::{abandoned, answered, conversation, leg, second};

    fn collect(legs: Vec<waitwise_model::Leg>) -> QueueEvidence {
        let window = Window {
            from: second(0),
            to: second(86_400),
        };
        let mut collector = Collector::new(QueueId::new("q1"), window);
        let mut conversation = conversation("k", 1, true);
        conversation.legs = legs;
        for leg in &conversation.legs {
            collector.add(&visit_of(&conversation, leg, &mut Vec::new()).0);
        }
        let mut media = collector.finish(1);
        assert_eq!(media.len(), 1);
        media.remove(0)
    }

    #[test]
    fn waits_by_code_leave_out_who_gave_up_and_skills_have_them() {
        let evidence = collect(vec![
            leg(1, 0, answered(10, Some("c1"))),
            leg(2, 0, answered(30, Some("c1"))),
            leg(3, 0, answered(5, None)),
            leg(4, 0, abandoned(200, Abandonment::Patient)),
            leg(5, 0, abandoned(2, Abandonment::Short)),
        ]);
        let groups: Vec<_> = evidence
            .by_code
            .groups
            .iter()
            .map(|group| (group.code.is_some(), group.waiting_hours() * 3600.0))
            .collect();
        assert_eq!(groups, [(true, 40.0), (false, 5.0)]);
        let skill = evidence.by_skill[&Some(SkillId::new("s1"))];
        assert_eq!(skill, evidence.all);
        assert_eq!((skill.offered, skill.answered.count), (5, 3));
        assert_eq!((skill.abandoned.count, skill.short_abandoned.count), (1, 1));
        assert_eq!(skill.waits().sum_ms, 247_000);
        assert_eq!(skill.uncoded_share(), Some(1.0 / 3.0));
        assert_eq!(evidence.code_and_skill.values().sum::<u64>(), 2);
    }

    #[test]
    fn two_skills_count_twice_and_none_counts_apart() {
        let mut both = leg(1, 0, answered(10, Some("c1")));
        both.skills = vec![SkillId::new("s1"), SkillId::new("s2")];
        let mut none = leg(2, 0, answered(10, Some("c1")));
        none.skills.clear();
        let evidence = collect(vec![both, none]);
        let offered: Vec<_> = evidence
            .by_skill
            .values()
            .map(|skill| skill.offered)
            .collect();
        assert_eq!(offered, [1, 1, 1]);
        assert_eq!(evidence.all.offered, 2);
    }

    #[test]
    fn the_window_cuts_by_entry() {
        let evidence = collect(vec![
            leg(1, 86_399, answered(86_500, None)),
            leg(2, 86_400, answered(86_500, None)),
        ]);
        assert_eq!(evidence.all.offered, 1);
    }
}
