//! Who waits in a queue, who of them comes first, and who may serve them.

use std::cmp::Reverse;

use super::TimeMs;
use super::blueprint::Agent;
use super::calendar::MINUTE;
use super::callers::Fate;
use super::contact::{Queue, Skills};

/// Which agents may serve a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Evaluation {
    /// Those who hold every skill asked for; of several, whoever has been idle longest.
    #[default]
    All,
    /// Everybody who serves the queue, whatever is asked for.
    None,
}

/// What makes a caller come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scoring {
    /// Minutes waited plus priority.
    #[default]
    TimestampAndPriority,
    /// Priority alone; waiting time only breaks ties. An agent of several queues serves such a queue first.
    PriorityOnly,
}

/// How a queue is routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Routing {
    /// Who may serve.
    pub evaluation: Evaluation,
    /// Who comes first.
    pub scoring: Scoring,
}

/// Somebody in a queue at the present instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The contact's number: its place in [`super::Centre::contacts`].
    pub contact: usize,
    /// Which of the contact's visits, from 0.
    pub leg: usize,
    /// The queue.
    pub queue: Queue,
    /// What is asked for.
    pub skills: Skills,
    /// When the caller entered this queue.
    pub entered: TimeMs,
    /// Minutes of priority given on entering.
    pub priority: i64,
    /// The present head start of the skills asked for, the largest of several, in milliseconds beyond the neutral one;
    /// 0 unless the tutorial's rule gives weights, and in the other queue.
    pub head_start_ms: i64,
    /// Whether an agent's telephone is ringing for the caller: the choice has been made, the wait goes on.
    pub alerting: bool,
    scoring: Scoring,
}

impl Waiting {
    /// The score at an instant, in milliseconds: whoever has the most is answered first by an agent who may serve them;
    /// of several, whoever entered first.
    pub fn score_ms(&self, at: TimeMs) -> i64 {
        let given = self.priority * MINUTE + self.head_start_ms;
        match self.scoring {
            Scoring::TimestampAndPriority => at - self.entered + given,
            Scoring::PriorityOnly => given,
        }
    }
}

/// A caller in the course of one visit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visitor {
    /// The contact's number.
    pub(super) contact: usize,
    /// Which of the contact's visits.
    pub(super) leg: usize,
    pub(super) queue: Queue,
    pub(super) skills: Skills,
    pub(super) entered: TimeMs,
    pub(super) priority: i64,
    pub(super) fate: Fate,
    /// How many agents have missed the caller so far.
    pub(super) missed: u8,
}

impl Visitor {
    /// Whether this is a first visit to the target queue.
    pub(super) fn is_caller_of_target(&self) -> bool {
        self.queue == Queue::Target && self.leg == 0
    }

    pub(super) fn waited_ms(&self, now: TimeMs) -> u32 {
        u32::try_from(now - self.entered).expect("a wait is neither negative nor longer than a day")
    }
}

/// The queues' rules, and who waits by them.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    pub(super) routing: [Routing; 2],
    /// Per skill, for callers of the target queue, in milliseconds beyond the neutral head start.
    pub(super) head_starts: Vec<i64>,
    /// Per skill, in minutes, for those who enter the target queue.
    pub(super) priorities: Vec<i64>,
    waiting: Vec<Visitor>,
}

impl Lines {
    pub(super) fn new(n_skills: usize) -> Lines {
        Lines {
            routing: [Routing::default(); 2],
            head_starts: vec![0; n_skills],
            priorities: vec![0; n_skills],
            waiting: Vec::new(),
        }
    }

    /// The priority of a caller who enters the target queue from outside: the largest of the skills asked for.
    ///
    /// Whoever is passed on, or calls the other queue, meets no flow that would look it up.
    pub(super) fn priority_on_entry(&self, queue: Queue, skills: Skills) -> i64 {
        let of = |skill: u16| self.priorities.get(usize::from(skill)).copied();
        match queue {
            Queue::Target => skills.iter().filter_map(of).max().unwrap_or(0),
            Queue::Other => 0,
        }
    }

    pub(super) fn waiting(&self) -> &[Visitor] {
        &self.waiting
    }

    pub(super) fn join(&mut self, visitor: Visitor) {
        self.waiting.push(visitor);
    }

    /// Takes somebody out who is leaving, if they still wait.
    pub(super) fn leave(&mut self, contact: usize, leg: usize) -> Option<Visitor> {
        let is_it = |visitor: &Visitor| (visitor.contact, visitor.leg) == (contact, leg);
        let place = self.waiting.iter().position(is_it)?;
        Some(self.waiting.swap_remove(place))
    }

    /// Takes out whom a free agent serves next: the highest score of all whom the agent may serve.
    pub(super) fn take_next(&mut self, agent: &Agent, now: TimeMs) -> Option<Visitor> {
        let may = |(_, visitor): &(usize, &Visitor)| self.may_serve(agent, visitor);
        let best = self
            .waiting
            .iter()
            .enumerate()
            .filter(may)
            .max_by_key(|(_, visitor)| self.precedence(visitor, now));
        let place = best?.0;
        Some(self.waiting.swap_remove(place))
    }

    /// Whether the agent belongs to the visitor's queue and, where that counts, has the skills.
    pub(super) fn may_serve(&self, agent: &Agent, visitor: &Visitor) -> bool {
        let able = match self.routing[visitor.queue.index()].evaluation {
            Evaluation::All => visitor
                .skills
                .iter()
                .all(|skill| agent.skills.contains(&skill)),
            Evaluation::None => true,
        };
        able && agent.queues.contains(&visitor.queue)
    }

    /// What orders those who wait: a queue by priority alone goes first, then the score, then the time waited, then who
    /// called first.
    fn precedence(
        &self,
        visitor: &Visitor,
        now: TimeMs,
    ) -> (bool, i64, i64, Reverse<(usize, usize)>) {
        let scoring = self.routing[visitor.queue.index()].scoring;
        (
            scoring == Scoring::PriorityOnly,
            self.seen(visitor, false).score_ms(now),
            now - visitor.entered,
            Reverse((visitor.contact, visitor.leg)),
        )
    }

    /// The visitor as seen from outside.
    pub(super) fn seen(&self, visitor: &Visitor, alerting: bool) -> Waiting {
        let of = |skill: u16| self.head_starts.get(usize::from(skill)).copied();
        let head_start_ms = match visitor.queue {
            Queue::Target => visitor.skills.iter().filter_map(of).max().unwrap_or(0),
            Queue::Other => 0,
        };
        Waiting {
            contact: visitor.contact,
            leg: visitor.leg,
            queue: visitor.queue,
            skills: visitor.skills,
            entered: visitor.entered,
            priority: visitor.priority,
            head_start_ms,
            alerting,
            scoring: self.routing[visitor.queue.index()].scoring,
        }
    }
}
