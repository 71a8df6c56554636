//! A contact centre that moves forward one event at a time.
//!
//! Callers with patience enter one of two queues and ask for a skill, rarely two; agents with several skills, shifts and
//! lunch breaks answer them, some for both queues; waiting time, priorities and head starts decide who is answered first.
//! Agents let telephones ring, forget codes and pass callers on. Written to be read, not to be fast: a month takes a moment.
//!
//! Start at [`Centre`]. What it remembers of a caller is a [`Contact`]. Below it, `floor` is what happens, `line` who comes
//! first, `past` what has happened, `callers` who calls and when, `blueprint` the centre's unchanging facts, `staffing` and
//! `rehearsal` how many agents they need, `troubles` what else may happen if asked for, `calendar` its days, and `draw` its
//! random numbers. `replay` runs a day that somebody else has drawn.

pub(crate) mod blueprint;
pub(crate) mod calendar;
mod callers;
mod contact;
pub(crate) mod draw;
mod floor;
mod line;
mod past;
mod rehearsal;
mod replay;
mod staffing;
mod troubles;

pub use contact::{Alert, Coding, Contact, Queue, Service, Skills, Visit, Wait};
pub use floor::Activity;
pub use line::{Evaluation, Routing, Scoring, Waiting};
pub use replay::{ReplayedAgent, ReplayedCaller, ReplayedDay};
pub use troubles::{Trouble, Troubles};

use blueprint::{Agent, Blueprint};
use floor::Floor;
use past::Past;

/// The head start of a skill that no rule sets apart, in minutes. Scores are told relative to it.
pub const NEUTRAL_MINUTES: f64 = 5.0;

/// An instant in milliseconds since 1970-01-01T00:00:00 UTC.
pub type TimeMs = i64;

/// How a conversation's wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An agent took the call.
    Answered,
    /// The caller gave up.
    Abandoned,
    /// The caller left for voicemail.
    FlowedOut,
}

/// One caller's first visit, to the target queue, from entering it to the end of handling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// When the caller entered the queue.
    pub start: TimeMs,
    /// The skill asked for, as an index into the tenant's skills.
    pub skill: u16,
    /// The wrap-up code, as an index into the tenant's codes; `None` unless answered, and if the agent chose none.
    pub code: Option<u16>,
    /// How the wait ended.
    pub outcome: Outcome,
    /// Milliseconds from entering the queue to answer, abandonment or voicemail.
    pub wait_ms: u32,
    /// Milliseconds of talk and after-call work; 0 unless answered.
    pub handle_ms: u32,
}

/// The centre's state and everything that has happened in it so far.
#[derive(Clone, Debug)]
pub struct Centre {
    now: TimeMs,
    past: Past,
    /// `None` where the past is recorded and nobody calls any more.
    floor: Option<Floor>,
}

impl Centre {
    /// A centre that opens on its first day `history_days` whole local days before that of `now`, at two in the morning
    /// of which it has arrived, all skills having had the same head start.
    pub(crate) fn simulated(blueprint: Blueprint, now: TimeMs, history_days: u16) -> Centre {
        let mut centre = Centre {
            now,
            past: Past::default(),
            floor: Some(Floor::new(blueprint, now, history_days)),
        };
        centre.run_to(now);
        centre
    }

    /// A centre whose past is `conversations`, in order of their start, and which has no further callers.
    pub(crate) fn recorded(conversations: Vec<Conversation>, now: TimeMs) -> Centre {
        assert!(
            conversations.is_sorted_by_key(|conversation| conversation.start),
            "recorded conversations are in order"
        );
        let past = Past::recorded(conversations);
        Centre {
            now,
            past,
            floor: None,
        }
    }

    /// Moves time forward to `now` inclusive; an instant already reached changes nothing.
    ///
    /// The steps in which time moves make no difference.
    pub fn advance_to(&mut self, now: TimeMs) {
        if now > self.now {
            self.run_to(now);
            self.now = now;
        }
    }

    /// Gives each skill a head start in minutes, for waiting and future callers of the target queue from the present
    /// instant. Until then, and always for callers of the other queue, it is [`NEUTRAL_MINUTES`].
    ///
    /// `minutes` is indexed by skill. What lies beyond the skills with callers is ignored; a negative or non-finite
    /// number is no head start.
    ///
    /// # Panics
    /// If a skill with callers has no entry.
    pub fn set_head_starts(&mut self, minutes: &[f64]) {
        if let Some(floor) = &mut self.floor {
            floor.set_head_starts(minutes);
        }
    }

    /// Gives those who enter the target queue from the present instant on a priority in minutes by the skill they ask for,
    /// the largest of several; who waits already keeps theirs, and who is passed on to it has none.
    ///
    /// `minutes` is indexed by skill; a skill beyond it has no priority.
    pub fn set_priorities(&mut self, minutes: &[i64]) {
        if let Some(floor) = &mut self.floor {
            floor.lines.priorities = minutes.to_vec();
        }
    }

    /// Routes a queue so, from the present instant.
    pub fn set_routing(&mut self, queue: Queue, routing: Routing) {
        if let Some(floor) = &mut self.floor {
            floor.set_routing(queue, routing, self.now);
        }
    }

    /// How a queue is routed.
    pub fn routing(&self, queue: Queue) -> Routing {
        self.floor.as_ref().map_or(Routing::default(), |floor| {
            floor.lines.routing[queue.index()]
        })
    }

    /// All conversations whose first visit was to the target queue and has ended by now, its handling included, in order
    /// of start, then of arrival number.
    pub fn conversations(&self) -> &[Conversation] {
        &self.past.conversations
    }

    /// Everybody who has entered any queue, in that order; a contact's place is its number.
    ///
    /// Who is being served or waits is among them; what an agent will have done is filled in from the answer on.
    pub fn contacts(&self) -> &[Contact] {
        &self.past.contacts
    }

    /// All who enter on the `nth` local day from that of the present instant, counted from 0, and what became of them, as
    /// if no head start, priority or routing was ever changed; nobody if the past is recorded. Nothing of it is kept.
    ///
    /// A centre that has arrived at a later day after such a history remembers the same.
    pub(crate) fn contacts_of_day(&self, nth: u32) -> Vec<Contact> {
        self.floor.as_ref().map_or(Vec::new(), |floor| {
            floor.contacts_of(floor.day_of(self.now) + i64::from(nth))
        })
    }

    /// Everybody who waits now, of both queues, in order of their contacts' numbers.
    pub fn waiting_now(&self) -> Vec<Waiting> {
        self.floor.as_ref().map_or(Vec::new(), Floor::waiting_now)
    }

    /// How many agents there are; they are numbered from 0.
    pub fn n_agents(&self) -> u16 {
        let n_agents = match &self.floor {
            Some(floor) => floor.agents().len(),
            None => self.past.n_agents(),
        };
        u16::try_from(n_agents).unwrap_or(u16::MAX)
    }

    /// The skills an agent holds, as indices into the tenant's skills.
    pub fn skills_of(&self, agent: u16) -> Vec<u16> {
        match self.agent(agent) {
            Some(agent) => agent.skills.clone(),
            None => self.past.skills_of(agent),
        }
    }

    /// The queues an agent serves.
    pub fn queues_of(&self, agent: u16) -> Vec<Queue> {
        self.agent(agent)
            .map_or(vec![Queue::Target], |agent| agent.queues.clone())
    }

    /// What an agent is at.
    pub fn activity(&self, agent: u16) -> Activity {
        self.floor.as_ref().map_or(Activity::OffQueue, |floor| {
            floor.activity(usize::from(agent), self.now)
        })
    }

    /// When an agent was on queue between two instants, in order; a closer's day ends with the last caller's.
    pub fn on_queue(&self, agent: u16, from: TimeMs, to: TimeMs) -> Vec<(TimeMs, TimeMs)> {
        let stretches = self.floor.as_ref().map_or(Vec::new(), |floor| {
            floor.duties(usize::from(agent), from, to)
        });
        let clipped = stretches
            .into_iter()
            .map(|(start, end)| (std::cmp::max(start, from), std::cmp::min(end, to)));
        clipped.filter(|(start, end)| start < end).collect()
    }

    /// When an agent's telephone rang, or the agent had a caller or after-call work, in a stretch, as far as it is known;
    /// in order of the callers' contacts. Stretches may reach beyond both ends.
    pub fn work(&self, agent: u16, from: TimeMs, to: TimeMs) -> Vec<(TimeMs, TimeMs)> {
        // All work on a contact ends within a day of its start.
        let first = from - calendar::DAY;
        let contacts = &self.past.contacts;
        let begun = contacts.partition_point(|contact| contact.start() < first);
        let until = contacts.partition_point(|contact| contact.start() < to);
        let visits = contacts[begun..until].iter().flat_map(|one| &one.visits);
        visits
            .flat_map(|visit| visit.work_of(agent))
            .filter(|(start, end)| *start < to && *end > from)
            .collect()
    }

    /// The instant reached.
    pub fn now(&self) -> TimeMs {
        self.now
    }

    /// The target queue's callers who are in the queue.
    pub fn waiting(&self) -> usize {
        self.floor.as_ref().map_or(0, Floor::waiting)
    }

    /// Agents with a caller of the target queue, after-call work included.
    pub fn busy(&self) -> usize {
        self.floor.as_ref().map_or(0, Floor::busy)
    }

    /// Callers who have entered the target queue so far: `conversations().len() + busy() + waiting()`. Who was passed on
    /// to it is not among them.
    pub fn offered(&self) -> usize {
        self.floor
            .as_ref()
            .map_or(self.past.conversations.len(), Floor::offered)
    }

    fn agent(&self, agent: u16) -> Option<&Agent> {
        self.floor.as_ref()?.agents().get(usize::from(agent))
    }

    fn run_to(&mut self, now: TimeMs) {
        if let Some(floor) = &mut self.floor {
            floor.run_to(now, &mut self.past);
        }
    }
}

#[cfg(test)]
mod tests;
