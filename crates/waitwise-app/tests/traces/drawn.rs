//! A random day, for the sandbox's centre and as a model of the twin.

use std::collections::BTreeMap;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use waitwise_app::sim::{
    AgentChoice, Arrivals, Calendar, Class, Group, Law, Model, Policy, Shift, Spec, Staffing,
    Standing, Trace,
};
use waitwise_sandbox::centre::{
    Evaluation, Queue, ReplayedAgent, ReplayedCaller, ReplayedDay, Routing, Scoring, Skills,
};

/// A day, in the sandbox's words.
pub(crate) struct Drawn {
    pub(crate) day: ReplayedDay,
    /// Queues with the skills asked for there: the twin's classes.
    classes: Vec<(Queue, Skills)>,
}

/// Milliseconds of a day.
const DAY_MS: u32 = 86_400_000;
/// Most things happen on a grid of half seconds, so that many coincide.
const GRID_MS: u64 = 500;
/// The hours in which callers come.
const OPEN_MS: (u64, u64) = (8 * 3_600_000, 12 * 3_600_000);

impl Drawn {
    pub(crate) fn new(seed: u64) -> Drawn {
        let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(seed));
        let n_skills = dice.pick(1, 6) as u16;
        let n_agents = dice.pick(2, 14) as usize;
        let routing = [dice.routing(), dice.routing()];
        let agents: Vec<ReplayedAgent> = (0..n_agents)
            .map(|agent| dice.agent(n_skills, agent == 0))
            .collect();
        // Between quiet and overrun.
        let talk_ms = dice.pick(20, 400) * 1_000;
        let load = 0.5 + dice.pick(0, 9) as f64 / 10.0;
        let n_callers = load * n_agents as f64 * (OPEN_MS.1 - OPEN_MS.0) as f64 / talk_ms as f64;
        let n_callers = (n_callers as u64).clamp(50, 1_500);
        let mut callers: Vec<ReplayedCaller> = (0..n_callers)
            .map(|_| dice.caller(n_skills, talk_ms))
            .collect();
        // Both centres take those who come together in the order of their classes.
        callers.sort_by_key(|caller| (caller.at_ms, caller.queue, caller.skills));
        let mut classes: Vec<(Queue, Skills)> = callers
            .iter()
            .map(|caller| (caller.queue, caller.skills))
            .collect();
        classes.sort();
        classes.dedup();
        let day = ReplayedDay {
            callers,
            agents,
            routing,
            head_starts_ms: (0..n_skills)
                .map(|_| dice.pick(0, 6) as i64 * 15_000)
                .collect(),
            priorities: (0..n_skills).map(|_| dice.pick(0, 3) as i64 - 1).collect(),
        };
        Drawn { day, classes }
    }

    pub(crate) fn callers_by_class(&self) -> Vec<Vec<usize>> {
        let of = |class: &(Queue, Skills)| {
            let callers = self.day.callers.iter().enumerate();
            let own = callers.filter(|(_, caller)| (caller.queue, caller.skills) == *class);
            own.map(|(number, _)| number).collect()
        };
        self.classes.iter().map(of).collect()
    }

    /// The same day as a model whose seconds are milliseconds, each agent a group of their own.
    pub(crate) fn model(&self) -> (Model, Policy) {
        let spec = Spec {
            classes: self
                .classes
                .iter()
                .map(|class| self.class(*class))
                .collect(),
            groups: self.day.agents.iter().enumerate().map(group).collect(),
            waiting_room: None,
            agent_choice: AgentChoice::LongestIdle,
            calendar: Calendar {
                cycle_secs: f64::from(DAY_MS),
                day_secs: Some(f64::from(DAY_MS)),
            },
            busyness_cv: 0.0,
            targets_secs: Vec::new(),
        };
        let standings = self.classes.iter().map(|class| self.standing(*class));
        (
            Model::new(spec).unwrap(),
            Policy::of(standings.collect()).unwrap(),
        )
    }

    fn class(&self, (queue, skills): (Queue, Skills)) -> Class {
        let own: Vec<&ReplayedCaller> = self
            .day
            .callers
            .iter()
            .filter(|caller| (caller.queue, caller.skills) == (queue, skills))
            .collect();
        let column =
            |of: &dyn Fn(&ReplayedCaller) -> f64| own.iter().map(|caller| of(caller)).collect();
        let asked: Vec<String> = match self.day.routing[queue.index()].evaluation {
            Evaluation::All => skills.iter().map(skill_name).collect(),
            Evaluation::None => Vec::new(),
        };
        Class {
            name: format!("{queue:?} {skills:?}"),
            skills: [asked, vec![queue_name(queue)]].concat(),
            arrivals: Arrivals::Trace(Trace {
                at_secs: column(&|caller| f64::from(caller.at_ms)),
                service_secs: Some(column(&|caller| f64::from(caller.talk_ms))),
                after_call_secs: Some(column(&|caller| f64::from(caller.after_call_ms))),
                patience_secs: Some(column(&|caller| {
                    caller.patience_ms.map_or(f64::INFINITY, f64::from)
                })),
            }),
            busyness_cv: 0.0,
            service: Law::Deterministic { secs: 0.0 },
            after_call: None,
            patience: None,
            group_order: Vec::new(),
        }
    }

    /// A queue by priority alone goes before one by waiting time.
    fn standing(&self, (queue, skills): (Queue, Skills)) -> Standing {
        let most = |values: &[i64]| skills.iter().map(|skill| values[usize::from(skill)]).max();
        let given = match queue {
            Queue::Target => {
                most(&self.day.priorities).unwrap() * 60_000
                    + most(&self.day.head_starts_ms).unwrap()
            }
            Queue::Other => 0,
        };
        let scoring = self.day.routing[queue.index()].scoring;
        let (priority, slope) = match scoring {
            Scoring::PriorityOnly => (1, 0.0),
            Scoring::TimestampAndPriority => (0, 1.0),
        };
        Standing {
            priority,
            slope,
            head_start_secs: given as f64,
        }
    }
}

fn group((number, agent): (usize, &ReplayedAgent)) -> Group {
    let skills = agent.skills.iter().copied().map(skill_name);
    let queues = agent.queues.iter().copied().map(queue_name);
    let stretch = |(from, to): &(u32, u32)| (f64::from(*from), f64::from(*to));
    Group {
        name: format!("agent {number}"),
        skills: skills.chain(queues).collect(),
        staffing: Staffing::Shifts(vec![Shift {
            agents: 1,
            stretches_secs: agent.duties_ms.iter().map(stretch).collect(),
        }]),
        levels: BTreeMap::new(),
        proficiency: BTreeMap::new(),
        speed: BTreeMap::new(),
        service: BTreeMap::new(),
        after_call: BTreeMap::new(),
    }
}

fn skill_name(skill: u16) -> String {
    format!("skill {skill}")
}

fn queue_name(queue: Queue) -> String {
    format!("queue {queue:?}")
}

struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// A number in `low..=high`.
    fn pick(&mut self, low: u64, high: u64) -> u64 {
        low + self.0.next_u64() % (high - low + 1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.pick(1, 100) <= percent
    }

    /// Milliseconds on the grid.
    fn ms(&mut self, low: u64, high: u64) -> u32 {
        (self.pick(low / GRID_MS, high / GRID_MS) * GRID_MS) as u32
    }

    fn routing(&mut self) -> Routing {
        Routing {
            evaluation: if self.chance(75) {
                Evaluation::All
            } else {
                Evaluation::None
            },
            scoring: if self.chance(75) {
                Scoring::TimestampAndPriority
            } else {
                Scoring::PriorityOnly
            },
        }
    }

    fn agent(&mut self, n_skills: u16, knows_all: bool) -> ReplayedAgent {
        let skills = (0..n_skills)
            .filter(|_| knows_all || self.chance(45))
            .collect();
        let queues = match self.pick(0, 3) {
            _ if knows_all => Queue::ALL.to_vec(),
            0 => vec![Queue::Other],
            1 => Queue::ALL.to_vec(),
            _ => vec![Queue::Target],
        };
        // One who comes back at the very instant at which a call that outlasted the break ends is taken by one centre to
        // be back, by the other to be there still: beginnings are off the grid.
        let off_grid = 137;
        let start = self.ms(OPEN_MS.0 - 1_800_000, OPEN_MS.0 + 3_600_000) + off_grid;
        let (lunch, back) = (
            self.ms(OPEN_MS.0 + 5_400_000, OPEN_MS.1),
            self.ms(600_000, 3_600_000),
        );
        let end = if self.chance(40) {
            DAY_MS
        } else {
            self.ms(OPEN_MS.1 + 3_600_000, OPEN_MS.1 + 7_200_000)
        };
        let duties_ms = if self.chance(60) {
            vec![(start, lunch), (lunch + back + off_grid, end)]
        } else {
            vec![(start, end)]
        };
        ReplayedAgent {
            skills,
            queues,
            duties_ms,
        }
    }

    fn caller(&mut self, n_skills: u16, talk_ms: u64) -> ReplayedCaller {
        let first = self.pick(0, u64::from(n_skills) - 1) as u16;
        let second = self.pick(0, u64::from(n_skills) - 1) as u16;
        let is_for_both = second != first && self.chance(15);
        ReplayedCaller {
            at_ms: self.ms(OPEN_MS.0, OPEN_MS.1),
            queue: if self.chance(70) {
                Queue::Target
            } else {
                Queue::Other
            },
            skills: Skills {
                first,
                second: is_for_both.then_some(second),
            },
            talk_ms: self.ms(GRID_MS, 2 * talk_ms),
            after_call_ms: if self.chance(50) {
                self.ms(0, 60_000)
            } else {
                0
            },
            patience_ms: self.chance(70).then(|| self.ms(GRID_MS, 600_000)),
        }
    }
}
