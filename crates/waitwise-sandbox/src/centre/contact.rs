//! What is remembered of each caller: one visit to a queue after the other, with who was rung, who answered, and how it ended.

use super::{Outcome, TimeMs};

/// One of the centre's queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// The queue that is tuned: its skills have head starts and priorities.
    Target,
    /// Another queue, some of whose agents also serve the target queue.
    Other,
}

impl Queue {
    /// Both, in the order of their indices.
    pub const ALL: [Queue; 2] = [Queue::Target, Queue::Other];

    /// The queue's place among the tenant's queues.
    pub fn index(self) -> usize {
        match self {
            Queue::Target => 0,
            Queue::Other => 1,
        }
    }

    /// Where calls of this queue are passed on to.
    pub(super) fn next(self) -> Queue {
        match self {
            Queue::Target => Queue::Other,
            Queue::Other => Queue::Target,
        }
    }
}

/// The one or two skills that a caller asks for, as indices into the tenant's skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skills {
    /// What the caller wants.
    pub first: u16,
    /// What else the agent has to know.
    pub second: Option<u16>,
}

impl Skills {
    /// Only one skill.
    pub fn one(skill: u16) -> Skills {
        Skills {
            first: skill,
            second: None,
        }
    }

    /// Each skill asked for.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        [Some(self.first), self.second].into_iter().flatten()
    }
}

/// One caller's way through the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// In order of entering; the second begins where an agent passed the caller on.
    pub visits: Vec<Visit>,
}

/// One stay in one queue, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The queue.
    pub queue: Queue,
    /// What was asked for.
    pub skills: Skills,
    /// When the caller entered the queue.
    pub entered: TimeMs,
    /// Minutes of priority given on entering.
    pub priority: i64,
    /// Alerts that came to nothing, in order.
    pub alerts: Vec<Alert>,
    /// How the wait ended; `None` while it lasts.
    pub wait: Option<Wait>,
    /// Who answered, and what they did; may reach into the future.
    pub service: Option<Service>,
}

/// An agent's telephone rang in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Whose.
    pub agent: u16,
    /// When it began to ring.
    pub from: TimeMs,
    /// When it stopped.
    pub to: TimeMs,
    /// Whether the agent let it ring; otherwise the caller left meanwhile.
    pub missed: bool,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The end.
    pub outcome: Outcome,
    /// Milliseconds since entering.
    pub ms: u32,
}

/// An agent's work on one visit, in order: ringing, talk, after-call work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Who answered.
    pub agent: u16,
    /// Milliseconds that the telephone rang; they are part of the wait.
    pub ring_ms: u32,
    /// Milliseconds of talk.
    pub talk_ms: u32,
    /// Milliseconds of after-call work.
    pub after_call_ms: u32,
    /// What the agent noted at the end.
    pub coding: Coding,
    /// Whether the talk ended by passing the caller on to the other queue.
    pub passed_on: bool,
}

/// What an agent says that a call was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// This wrap-up code.
    Code(u16),
    /// The time for after-call work ran out before a code was chosen.
    RanOut,
    /// The agent went on without choosing.
    Skipped,
    /// There was after-call work, but no code in it.
    Empty,
    /// There was no after-call work.
    Never,
}

impl Coding {
    /// The code, if one was chosen.
    pub fn code(self) -> Option<u16> {
        match self {
            Coding::Code(code) => Some(code),
            Coding::RanOut | Coding::Skipped | Coding::Empty | Coding::Never => None,
        }
    }
}

impl Contact {
    /// When the caller first entered a queue.
    pub fn start(&self) -> TimeMs {
        self.visits.first().map_or(0, |visit| visit.entered)
    }

    /// When all work on the contact has ended or will end; `None` while somebody waits.
    pub fn end(&self) -> Option<TimeMs> {
        self.visits
            .iter()
            .map(Visit::end)
            .try_fold(TimeMs::MIN, |last, end| Some(std::cmp::max(last, end?)))
    }
}

impl Visit {
    /// When the wait ended; `None` while it lasts.
    pub fn left_queue(&self) -> Option<TimeMs> {
        Some(self.entered + i64::from(self.wait?.ms))
    }

    /// When the talk has ended or will end; `None` unless answered.
    pub fn talk_end(&self) -> Option<TimeMs> {
        Some(self.left_queue()? + i64::from(self.service?.talk_ms))
    }

    /// When an agent's telephone rang for the visit, or the agent served it.
    pub(super) fn work_of(&self, agent: u16) -> Vec<(TimeMs, TimeMs)> {
        let alerts = self.alerts.iter().filter(|alert| alert.agent == agent);
        let mut work: Vec<(TimeMs, TimeMs)> = alerts.map(|one| (one.from, one.to)).collect();
        if let (Some(service), Some(answer), Some(end)) =
            (self.service, self.left_queue(), self.end())
            && service.agent == agent
        {
            work.push((answer - i64::from(service.ring_ms), end));
        }
        work
    }

    /// When all work on the visit has ended or will end; `None` while the caller waits.
    pub fn end(&self) -> Option<TimeMs> {
        let work = self.service.map_or(0, |service| {
            i64::from(service.talk_ms) + i64::from(service.after_call_ms)
        });
        Some(self.left_queue()? + work)
    }
}
