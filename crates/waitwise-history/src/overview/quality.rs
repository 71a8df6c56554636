//! How far records can be trusted.

use waitwise_model::{Coded, Ending, Visit};

/// Counts of what is missing, or ended another way than figures tell of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quality {
    /// Visits.
    pub visits: u64,
    /// Answered ones.
    pub answered: u64,
    /// Answered ones in whose code's place nothing stands.
    pub uncoded: u64,
    /// Answered ones in whose code's place a reserved text stands: the agent let the time run out, or skipped it.
    pub reserved: u64,
    /// Answered ones that the agent passed on.
    pub transferred: u64,
    /// Answered ones of which nothing tells who took them.
    pub without_agent: u64,
    /// Answered ones without a handle time.
    pub without_handle: u64,
    /// Visits that left the queue some other way than by an answer or by giving up.
    pub flowed_out: u64,
    /// Visits that were waiting when their record was read.
    pub waiting: u64,
    /// Visits of which nothing tells how they ended.
    pub untold: u64,
    /// Visits that asked for no skill.
    pub without_skill: u64,
    /// Visits that asked for several, and are in several groups where groups are by skill.
    pub with_several_skills: u64,
}

impl Quality {
    pub(super) fn add(&mut self, visit: &Visit<'_>) {
        self.visits += 1;
        self.without_skill += u64::from(visit.skills.is_empty());
        self.with_several_skills += u64::from(visit.skills.len() > 1);
        match visit.ending {
            Ending::Answered => self.add_answered(visit),
            Ending::FlowedOut => self.flowed_out += 1,
            Ending::Waiting => self.waiting += 1,
            Ending::Untold => self.untold += 1,
            Ending::Abandoned | Ending::ShortAbandoned | Ending::ShortOnly => {}
        }
    }

    fn add_answered(&mut self, visit: &Visit<'_>) {
        self.answered += 1;
        self.transferred += u64::from(visit.is_transferred);
        self.without_agent += u64::from(visit.agent.is_none());
        self.without_handle += u64::from(visit.handle_ms.is_none());
        match visit.coding {
            Coded::Code(_) => {}
            Coded::Reserved(_) => self.reserved += 1,
            Coded::Nothing => self.uncoded += 1,
        }
    }

    pub(super) fn merge(&mut self, other: &Quality) {
        self.visits += other.visits;
        self.answered += other.answered;
        self.uncoded += other.uncoded;
        self.reserved += other.reserved;
        self.transferred += other.transferred;
        self.without_agent += other.without_agent;
        self.without_handle += other.without_handle;
        self.flowed_out += other.flowed_out;
        self.waiting += other.waiting;
        self.untold += other.untold;
        self.without_skill += other.without_skill;
        self.with_several_skills += other.with_several_skills;
    }
}
