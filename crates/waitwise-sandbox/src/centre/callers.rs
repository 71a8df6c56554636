//! Who calls on a day: drawn from the day's number alone, never from what happens in the centre.

use super::TimeMs;
use super::blueprint::{Blueprint, Demand};
use super::calendar::{DAY, SLOT, kind_of, weekday};
use super::contact::{Coding, Queue, Skills};
use super::draw::{Stream, whole};
use super::troubles;

/// A caller, as fate has it before the centre does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// When the caller enters the queue.
    pub(super) start: TimeMs,
    /// The queue called.
    pub(super) queue: Queue,
    /// The skills asked for.
    pub(super) skills: Skills,
    /// What happens there.
    pub(super) fate: Fate,
    /// Where the agent passes the caller on to, and what happens then.
    pub(super) onward: Option<Onward>,
    /// The next try, if the caller gives up.
    pub(super) again: Option<Again>,
}

/// A caller's next try, to the same queue and for the same skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Again {
    /// Milliseconds from giving up to calling again.
    pub(super) after_ms: u32,
    pub(super) fate: Fate,
}

/// A caller's second visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Onward {
    pub(super) queue: Queue,
    pub(super) skills: Skills,
    pub(super) fate: Fate,
}

/// What one visit to a queue holds in store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// Talk, if answered.
    pub(super) talk_ms: u32,
    /// After-call work, if answered.
    pub(super) after_call_ms: u32,
    /// How long the caller waits before giving up; `None`: for ever.
    pub(super) patience_ms: Option<u32>,
    /// How long the caller waits before taking the offer of voicemail; `None`: never.
    pub(super) voicemail_ms: Option<u32>,
    /// What the agent will note.
    pub(super) coding: Coding,
    /// How many agents in turn will not answer their telephone.
    pub(super) misses: u8,
}

/// The callers of `day`, which begins at the instant `midnight`, in order of start; of several at once, by queue and
/// skill, then by number within the skill.
pub(super) fn callers_of(blueprint: &Blueprint, day: i64, midnight: TimeMs) -> Vec<Caller> {
    let seed = blueprint.seed;
    let everybody = Stream::new(seed, "day", &[key(day)]).lognormal(1.0, blueprint.day_sigma);
    let everybody = everybody * troubles::load(blueprint, day);
    let mut callers = Vec::new();
    for demand in &blueprint.demands {
        let own =
            Stream::new(seed, "day of skill", &demand.key(day)).lognormal(1.0, demand.day_sigma);
        for (number, time_of_day) in (0..).zip(arrivals(blueprint, demand, day, everybody * own)) {
            let [queue, skill, day] = demand.key(day);
            let key = [queue, skill, day, number];
            callers.push(blueprint.caller(demand, midnight + time_of_day, &key));
        }
    }
    callers.sort_by_key(|caller| caller.start);
    callers
}

/// Times of day at which callers for one skill arrive: a Poisson process whose rate changes each half-hour.
fn arrivals(blueprint: &Blueprint, demand: &Demand, day: i64, factor: f64) -> Vec<i64> {
    let mut stream = Stream::new(blueprint.seed, "arrivals", &demand.key(day));
    let last_entry = blueprint.hours(kind_of(weekday(day))).last_entry();
    let mut arrivals = Vec::new();
    for (slot, expected) in (0..).zip(demand.calls_per_slot[weekday(day)]) {
        let rate_per_slot = expected * factor;
        let mut within = stream.exponential(1.0);
        // The process has no memory, so each half-hour may begin afresh.
        while within < rate_per_slot {
            let time_of_day = slot * SLOT + i64::from(whole(within / rate_per_slot * SLOT as f64));
            arrivals.push(time_of_day);
            within += stream.exponential(1.0);
        }
    }
    arrivals.retain(|time_of_day| *time_of_day < last_entry);
    arrivals
}

impl Blueprint {
    /// The caller whose streams have this key.
    fn caller(&self, demand: &Demand, start: TimeMs, key: &[u64; 4]) -> Caller {
        let stream = &mut Stream::new(self.seed, "caller", key);
        let fate = self.fate(demand, stream);
        let skills = self.asked_for(demand, stream);
        let onward = stream
            .chance(PASSED_ON_SHARE[demand.queue.index()])
            .then(|| self.onward(demand, stream))
            .flatten();
        let again = troubles::calls_again_after(self, key);
        Caller {
            start,
            queue: demand.queue,
            skills,
            fate,
            onward,
            again: again.map(|(after_ms, mut stream)| Again {
                after_ms,
                fate: self.fate(demand, &mut stream),
            }),
        }
    }

    /// The demand's skill; now and then both of the queue's pair.
    fn asked_for(&self, demand: &Demand, stream: &mut Stream) -> Skills {
        let (one, other) = self.pairs[demand.queue.index()];
        let both = stream.chance(BOTH_SKILLS_SHARE);
        let second = match demand.skill {
            skill if skill == one && both => Some(other),
            skill if skill == other && both => Some(one),
            _ => None,
        };
        Skills {
            first: demand.skill,
            // A queue with one skill has it twice in its pair.
            second: second.filter(|second| *second != demand.skill),
        }
    }

    /// The visit to the other queue, for the same skill where that queue has it.
    fn onward(&self, demand: &Demand, stream: &mut Stream) -> Option<Onward> {
        let queue = demand.queue.next();
        let mut there = self.demands_of(queue);
        let same = there
            .clone()
            .find(|candidate| candidate.skill == demand.skill);
        let demand = same.or_else(|| there.next())?;
        Some(Onward {
            queue,
            skills: Skills::one(demand.skill),
            fate: self.fate(demand, stream),
        })
    }

    fn fate(&self, demand: &Demand, stream: &mut Stream) -> Fate {
        let talk_secs = stream.lognormal(demand.talk_mean_secs, demand.talk_sigma);
        let after_call_secs = stream.exponential(demand.after_call_mean_secs);
        let coding = self.coding(demand, stream);
        let after_call_secs = match coding {
            Coding::Code(_) | Coding::Skipped | Coding::Empty => {
                after_call_secs.clamp(1.0, AFTER_CALL_SECS_MAX)
            }
            Coding::RanOut => AFTER_CALL_SECS_MAX,
            Coding::Never => 0.0,
        };
        Fate {
            talk_ms: whole(1_000.0 * talk_secs.clamp(5.0, LONGEST_TALK_SECS)),
            after_call_ms: whole(1_000.0 * after_call_secs),
            patience_ms: patience_secs(demand, stream).map(|secs| whole(1_000.0 * secs)),
            voicemail_ms: stream
                .chance(VOICEMAIL_SHARE)
                .then(|| whole(1_000.0 * stream.between(VOICEMAIL_SECS.0, VOICEMAIL_SECS.1))),
            coding,
            misses: misses(stream),
        }
    }

    fn coding(&self, demand: &Demand, stream: &mut Stream) -> Coding {
        let slip = stream.unit();
        let code = if stream.chance(self.stray_share) {
            self.stray_codes[stream.pick(0, self.stray_codes.len() - 1)]
        } else {
            demand.pick_code(stream.unit())
        };
        let mut below = 0.0;
        for (share, coding) in SLIPS {
            below += share;
            if slip < below {
                return coding;
            }
        }
        Coding::Code(code)
    }
}

/// How long a caller waits before giving up.
fn patience_secs(demand: &Demand, stream: &mut Stream) -> Option<f64> {
    let patience = stream.weibull(demand.patience_scale_secs, demand.patience_shape);
    let endless = stream.chance(demand.endlessly_patient_share);
    let at_once = stream.chance(AT_ONCE_SHARE);
    let moment = stream.between(0.8, 5.0);
    match (at_once, endless) {
        (true, _) => Some(moment),
        (false, true) => None,
        (false, false) => Some(patience.clamp(1.0, DAY as f64 / 1_000.0)),
    }
}

fn misses(stream: &mut Stream) -> u8 {
    let mut misses = 0;
    while misses < 3 && stream.chance(MISSED_SHARE) {
        misses += 1;
    }
    misses
}

/// Share of answered calls passed on to the other queue, by queue.
const PASSED_ON_SHARE: [f64; 2] = [0.04, 0.02];
/// Share of callers for one of a queue's pair of skills who need both.
const BOTH_SKILLS_SHARE: f64 = 0.04;
/// Share of callers who accept voicemail when it is offered.
const VOICEMAIL_SHARE: f64 = 0.06;
/// When it is offered.
const VOICEMAIL_SECS: (f64, f64) = (90.0, 240.0);
/// Share of callers who notice at once that they are wrong here.
const AT_ONCE_SHARE: f64 = 0.01;
/// Share of alerts that nobody answers.
const MISSED_SHARE: f64 = 0.015;
/// Shares of answered calls that end without a wrap-up code.
const SLIPS: [(f64, Coding); 4] = [
    (0.030, Coding::RanOut),
    (0.010, Coding::Skipped),
    (0.010, Coding::Empty),
    (0.010, Coding::Never),
];
/// The time for after-call work, as the tenant's queues are set; then it ends by itself.
const AFTER_CALL_SECS_MAX: f64 = 300.0;
/// The lognormal's tail must not keep an agent into the night.
const LONGEST_TALK_SECS: f64 = 2_400.0;

impl Demand {
    /// What distinguishes this line's streams on a day.
    fn key(&self, day: i64) -> [u64; 3] {
        [
            self.queue.index() as u64,
            u64::from(self.skill),
            self::key(day),
        ]
    }
}

/// A day as part of a stream's key; days before 1970 wrap around, which keeps them distinct.
fn key(day: i64) -> u64 {
    day.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::centre::blueprint::{CodeShares, Ways};

    #[test]
    fn no_two_callers_are_alike() {
        let by_skill = vec![vec![(0, 1.0)], vec![(1, 1.0)], vec![(2, 1.0)]];
        let blueprint = Blueprint::draw(
            9,
            CodeShares {
                by_skill,
                stray: vec![3],
            },
            Ways::default(),
        );
        // Monday to Wednesday.
        let callers: Vec<Caller> = (4..7)
            .flat_map(|day| callers_of(&blueprint, day, day * DAY))
            .collect();
        assert!(callers.len() > 2_000);
        assert!(callers.is_sorted_by_key(|caller| caller.start));
        let fates: BTreeSet<_> = callers
            .iter()
            .map(|caller| (caller.fate.talk_ms, caller.fate.patience_ms))
            .collect();
        assert!(
            fates.len() > callers.len() * 99 / 100,
            "{} fates of {} callers",
            fates.len(),
            callers.len()
        );
        let codes: BTreeSet<_> = callers
            .iter()
            .filter_map(|caller| caller.fate.coding.code())
            .collect();
        assert_eq!(codes, BTreeSet::from([0, 1, 2, 3]));
        let both = |queue| {
            callers.iter().any(|caller| {
                caller.queue == queue
                    && caller.skills.second.is_some()
                    && caller.skills.second != Some(caller.skills.first)
            })
        };
        assert!(Queue::ALL.into_iter().all(both));
    }
}
