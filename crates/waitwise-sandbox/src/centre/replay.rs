//! One day whose callers and agents somebody else has drawn: the door through which the twin is compared with this centre.

use super::blueprint::{Agent, Blueprint, Duty, Hours, UNTIL_DRAINED};
use super::calendar::{DAY, HOUR};
use super::callers::{Caller, Fate};
use super::contact::{Coding, Contact, Queue, Skills};
use super::floor::Floor;
use super::line::Routing;
use super::past::Past;
use super::troubles::Troubles;

/// A day from empty until nobody is left; all times are milliseconds since its midnight.
#[derive(Clone, Debug)]
pub struct ReplayedDay {
    /// In order of arrival.
    pub callers: Vec<ReplayedCaller>,
    /// Who answers, at once: no telephone rings.
    pub agents: Vec<ReplayedAgent>,
    /// How each queue is routed.
    pub routing: [Routing; 2],
    /// Per skill, for the target queue's callers: milliseconds that are added to their wait.
    pub head_starts_ms: Vec<i64>,
    /// Per skill, for the target queue's callers: minutes of priority.
    pub priorities: Vec<i64>,
}

/// One caller.
#[derive(Clone, Copy, Debug)]
pub struct ReplayedCaller {
    /// When they enter the queue.
    pub at_ms: u32,
    /// Which.
    pub queue: Queue,
    /// What they ask for.
    pub skills: Skills,
    /// Talk, if answered.
    pub talk_ms: u32,
    /// After-call work, if answered.
    pub after_call_ms: u32,
    /// How long they wait before giving up, at least 1; `None`: for ever.
    pub patience_ms: Option<u32>,
}

/// One agent.
#[derive(Clone, Debug)]
pub struct ReplayedAgent {
    /// The skills held.
    pub skills: Vec<u16>,
    /// The queues served.
    pub queues: Vec<Queue>,
    /// Stretches of work, from and to, in order; one that ends with the day goes on until nobody is left.
    pub duties_ms: Vec<(u32, u32)>,
}

impl ReplayedDay {
    /// Lets the day pass; returns what became of each caller, in their order.
    pub fn run(&self) -> Vec<Contact> {
        let at_two = MONDAY * DAY + 2 * HOUR;
        let mut floor = Floor::new(self.blueprint(), at_two, 0);
        floor.lines.routing = self.routing;
        floor.lines.head_starts.clone_from(&self.head_starts_ms);
        floor.lines.priorities.clone_from(&self.priorities);
        let mut past = Past::default();
        floor.replay(MONDAY, self.callers.iter().map(caller).collect(), &mut past);
        past.contacts
    }

    fn blueprint(&self) -> Blueprint {
        let closed = Hours { open: 0, close: 0 };
        Blueprint {
            seed: 0,
            working: closed,
            short: closed,
            demands: Vec::new(),
            pairs: [(0, 0); 2],
            ring_ms: 0,
            agents: self.agents.iter().map(agent).collect(),
            day_sigma: 0.0,
            stray_codes: Vec::new(),
            stray_share: 0.0,
            troubles: Troubles::NONE,
        }
    }
}

/// 1970-01-05, counted from 1970-01-01.
const MONDAY: i64 = 4;

fn caller(of: &ReplayedCaller) -> Caller {
    Caller {
        start: MONDAY * DAY + i64::from(of.at_ms),
        queue: of.queue,
        skills: of.skills,
        fate: Fate {
            talk_ms: of.talk_ms,
            after_call_ms: of.after_call_ms,
            patience_ms: of.patience_ms,
            voicemail_ms: None,
            coding: Coding::Never,
            misses: 0,
        },
        onward: None,
        again: None,
    }
}

fn agent(of: &ReplayedAgent) -> Agent {
    let duty = |(start, end): &(u32, u32)| Duty {
        start: i64::from(*start),
        end: match i64::from(*end) {
            DAY => UNTIL_DRAINED,
            end => end,
        },
    };
    let mut duties: [Vec<Duty>; 7] = Default::default();
    duties[0] = of.duties_ms.iter().map(duty).collect();
    Agent {
        skills: of.skills.clone(),
        queues: of.queues.clone(),
        duties,
    }
}
