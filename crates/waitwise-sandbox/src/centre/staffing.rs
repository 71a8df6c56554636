//! How many agents a load needs, in which shifts and with which skills.
//!
//! Offered work is known per half-hour, so a target number of agents is too: the load plus a margin that grows with its
//! square root. Shifts are then laid one by one where most of the target is still uncovered, and skills dealt out so
//! that at any hour the skills at work are in proportion to their load.

use super::blueprint::{Agent, Blueprint, Demand, Duty, Hours, UNTIL_DRAINED};
use super::calendar::{SLOT, SLOTS, kind_of};
use super::contact::Queue;
use super::draw::Stream;

/// Agents for one queue's demand; `margin` is what they are to have beyond the offered load, in units of its square root.
pub(super) fn agents_for(blueprint: &Blueprint, queue: Queue, margin: f64) -> Vec<Agent> {
    let hours = |weekday: usize| blueprint.hours(kind_of(weekday));
    let demands: Vec<&Demand> = blueprint.demands_of(queue).collect();
    let plans: [Vec<Shift>; 7] = std::array::from_fn(|weekday| {
        shifts_for(&agents_needed(&demands, weekday, margin), hours(weekday))
    });
    let n_agents = plans.iter().map(Vec::len).max().unwrap_or(0);
    let skill_sets = skill_sets(
        &demands,
        n_agents,
        &mut Stream::new(blueprint.seed, "skill sets", &[queue.index() as u64]),
    );
    let duties = |agent: usize, weekday: usize| {
        plans[weekday]
            .get(agent)
            .map_or(Vec::new(), |shift| shift.duties(hours(weekday).close))
    };
    let agents = skill_sets.into_iter().enumerate();
    let mut agents: Vec<Agent> = agents
        .map(|(agent, skills)| Agent {
            skills,
            queues: vec![queue],
            duties: std::array::from_fn(|weekday| duties(agent, weekday)),
        })
        .collect();
    cover_every_half_hour(&mut agents, blueprint, queue);
    agents
}

/// Has some agents of each queue serve the other one, too.
pub(super) fn share(crews: &[Vec<Agent>; 2]) -> Vec<Agent> {
    let mut agents = Vec::new();
    for (queue, crew) in Queue::ALL.into_iter().zip(crews) {
        for (place, agent) in crew.iter().enumerate() {
            let mut agent = agent.clone();
            if place % SHARED_ONE_IN[queue.index()] == 0 {
                agent.queues.push(queue.next());
            }
            agents.push(agent);
        }
    }
    agents
}

/// Of so many agents of each queue one serves both: the smaller queue's agents more often.
const SHARED_ONE_IN: [usize; 2] = [5, 3];

/// Teaches `skill` to the agent without it who has the fewest skills, and of several works the most days.
pub(super) fn teach(agents: &mut [Agent], skill: u16) {
    let days = |agent: &Agent| {
        agent
            .duties
            .iter()
            .filter(|duties| !duties.is_empty())
            .count()
    };
    let pupils = agents
        .iter_mut()
        .filter(|agent| !agent.skills.contains(&skill));
    if let Some(pupil) = pupils.min_by_key(|agent| (agent.skills.len(), 7 - days(agent))) {
        pupil.skills.push(skill);
    }
}

/// At most this many skills per agent to begin with, as training costs time.
const SKILLS_PER_AGENT: usize = 4;

fn agents_needed(demands: &[&Demand], weekday: usize, margin: f64) -> [f64; SLOTS] {
    let slot_secs = SLOT as f64 / 1_000.0;
    std::array::from_fn(|slot| {
        let work = |demand: &&Demand| {
            demand.calls_per_slot[weekday][slot] * demand.handle_mean_secs() / slot_secs
        };
        let load: f64 = demands.iter().map(work).sum();
        load + margin * load.sqrt()
    })
}

/// A shift in half-hours since midnight, with at most one half-hour's break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shift {
    start: usize,
    end: usize,
    lunch: Option<usize>,
}

impl Shift {
    fn slots(self) -> impl Iterator<Item = usize> {
        (self.start..self.end).filter(move |slot| Some(*slot) != self.lunch)
    }

    /// The stretches of work; a shift that ends at closing time lasts until nobody waits.
    fn duties(self, close: usize) -> Vec<Duty> {
        let at = |slot: usize| slot as i64 * SLOT;
        let end = if self.end == close {
            UNTIL_DRAINED
        } else {
            at(self.end)
        };
        match self.lunch {
            Some(lunch) => {
                vec![
                    Duty {
                        start: at(self.start),
                        end: at(lunch),
                    },
                    Duty {
                        start: at(lunch + 1),
                        end,
                    },
                ]
            }
            None => vec![Duty {
                start: at(self.start),
                end,
            }],
        }
    }
}

/// Shifts that together come close to `needed` agents in each half-hour, by start.
fn shifts_for(needed: &[f64; SLOTS], hours: Hours) -> Vec<Shift> {
    let candidates = possible_shifts(hours);
    let mut uncovered = *needed;
    let mut shifts = openers_and_closers(&candidates, hours);
    shifts
        .iter()
        .flat_map(|shift| shift.slots())
        .for_each(|slot| uncovered[slot] -= 1.0);
    while let Some(best) = most_useful(&candidates, &uncovered) {
        best.slots().for_each(|slot| uncovered[slot] -= 1.0);
        shifts.push(best);
    }
    shifts.sort_unstable();
    shifts
}

/// Two of the longest shifts at either end of the day, lunching at different times: somebody is always there.
fn openers_and_closers(candidates: &[Shift], hours: Hours) -> Vec<Shift> {
    let longest = candidates
        .iter()
        .map(|shift| shift.end - shift.start)
        .max()
        .unwrap_or(0);
    let ends = |shift: &&Shift| shift.start == hours.open || shift.end == hours.close;
    let long: Vec<Shift> = candidates
        .iter()
        .filter(|shift| shift.end - shift.start == longest)
        .filter(ends)
        .copied()
        .collect();
    let early_lunch = long.iter().filter(|shift| {
        shift
            .lunch
            .is_none_or(|lunch| lunch == shift.start + EARLIEST_LUNCH)
    });
    let late_lunch = long.iter().filter(|shift| {
        shift
            .lunch
            .is_none_or(|lunch| lunch == shift.start + LATEST_LUNCH)
    });
    early_lunch.chain(late_lunch).copied().collect()
}

/// Half-hours of work before the earliest lunch break.
const EARLIEST_LUNCH: usize = 7;
/// Half-hours of work before the latest lunch break.
const LATEST_LUNCH: usize = 9;

/// Full shifts of eight hours with lunch after three and a half to five, and part-time ones of four without.
fn possible_shifts(hours: Hours) -> Vec<Shift> {
    let mut shifts = Vec::new();
    for start in hours.open..hours.close {
        let part_time = Shift {
            start,
            end: start + 8,
            lunch: None,
        };
        let full = (EARLIEST_LUNCH..=LATEST_LUNCH).map(|lunch| Shift {
            start,
            end: start + 16,
            lunch: Some(start + lunch),
        });
        shifts.extend(
            full.chain([part_time])
                .filter(|shift| shift.end <= hours.close),
        );
    }
    shifts
}

/// The shift that brings the squares of what is uncovered, per half-hour of work, down most; `None` when none does.
///
/// Squares, because one agent missing at two times is better than two at one time.
fn most_useful(candidates: &[Shift], uncovered: &[f64; SLOTS]) -> Option<Shift> {
    let relief = |shift: &Shift| {
        let of_squares: f64 = shift.slots().map(|slot| 2.0 * uncovered[slot] - 1.0).sum();
        of_squares / shift.slots().count() as f64
    };
    let best = candidates
        .iter()
        .map(|shift| (relief(shift), shift))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.0).then_some(*best.1)
}

/// Each agent's skills: first one dealt so that any run of neighbours has the skills in proportion to their work, then
/// up to three more.
fn skill_sets(demands: &[&Demand], n_agents: usize, stream: &mut Stream) -> Vec<Vec<u16>> {
    let work: Vec<f64> = demands.iter().copied().map(weekly_work).collect();
    let total: f64 = work.iter().sum();
    let mut owed = vec![0.0; demands.len()];
    (0..n_agents)
        .map(|_| {
            owed.iter_mut()
                .zip(&work)
                .for_each(|(owed, work)| *owed += work / total);
            let first = largest(&owed);
            owed[first] -= 1.0;
            let more = stream.pick(0, SKILLS_PER_AGENT - 1);
            let chosen = with_more_skills(first, more, &work, stream);
            chosen.into_iter().map(|line| demands[line].skill).collect()
        })
        .collect()
}

fn weekly_work(demand: &Demand) -> f64 {
    demand.calls_per_slot.iter().flatten().sum::<f64>() * demand.handle_mean_secs()
}

fn largest(values: &[f64]) -> usize {
    (0..values.len())
        .max_by(|a, b| values[*a].total_cmp(&values[*b]))
        .unwrap_or(0)
}

/// `first` and `more` other lines, drawn with preference for those with much work.
fn with_more_skills(first: usize, more: usize, work: &[f64], stream: &mut Stream) -> Vec<usize> {
    let mut chosen = vec![first];
    while chosen.len() < std::cmp::min(1 + more, work.len()) {
        let appeal = |skill: usize| {
            if chosen.contains(&skill) {
                -1.0
            } else {
                work[skill].sqrt()
            }
        };
        let appeals: Vec<f64> = (0..work.len())
            .map(|skill| appeal(skill) * stream.unit())
            .collect();
        chosen.push(largest(&appeals));
    }
    chosen.sort_unstable();
    chosen
}

/// Teaches skills until each open half-hour has somebody for each skill of the queue, and for its pair of skills.
fn cover_every_half_hour(agents: &mut [Agent], blueprint: &Blueprint, queue: Queue) {
    let (one, other) = blueprint.pairs[queue.index()];
    let single = blueprint.demands_of(queue).map(|demand| vec![demand.skill]);
    let wanted: Vec<Vec<u16>> = single.chain([vec![one, other]]).collect();
    for weekday in 0..7 {
        let hours = blueprint.hours(kind_of(weekday));
        for slot in hours.open..hours.close {
            let time_of_day = slot as i64 * SLOT;
            let mut present: Vec<&mut Agent> = agents
                .iter_mut()
                .filter(|agent| agent.on_duty(weekday, time_of_day))
                .collect();
            for skills in &wanted {
                cover(&mut present, skills);
            }
        }
    }
}

/// Teaches these skills to whoever lacks the fewest of them, unless one of those present has them all.
fn cover(present: &mut [&mut Agent], skills: &[u16]) {
    let lacks = |agent: &Agent| {
        skills
            .iter()
            .filter(|skill| !agent.skills.contains(skill))
            .count()
    };
    let pupil = present
        .iter_mut()
        .min_by_key(|agent| (lacks(agent), agent.skills.len()))
        .expect("somebody works in each open half-hour");
    for skill in skills {
        if !pupil.skills.contains(skill) {
            pupil.skills.push(*skill);
        }
    }
}
