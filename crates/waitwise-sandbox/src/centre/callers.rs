//! Who calls on a day: drawn from the day's number alone, never from what happens in the centre.

use super::TimeMs;
use super::blueprint::{Blueprint, Demand};
use super::calendar::{DAY, SLOT, kind_of, weekday};
use super::draw::{Stream, whole};

/// A caller, as fate has it before the centre does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// When the caller enters the queue.
    pub(super) start: TimeMs,
    /// The skill asked for.
    pub(super) skill: u16,
    /// How long handling takes, after-call work included.
    pub(super) handle_ms: u32,
    /// How long the caller waits before giving up; `None`: for ever.
    pub(super) patience_ms: Option<u32>,
    /// The wrap-up code the agent will set.
    pub(super) code: u16,
}

/// The callers of `day`, which begins at the instant `midnight`, in order of start; of several at once, by skill, then
/// by number within the skill.
pub(super) fn callers_of(blueprint: &Blueprint, day: i64, midnight: TimeMs) -> Vec<Caller> {
    let seed = blueprint.seed;
    let everybody = Stream::new(seed, "day", &[key(day)]).lognormal(1.0, blueprint.day_sigma);
    let mut callers = Vec::new();
    for (skill, demand) in (0..).zip(&blueprint.demands) {
        let own = Stream::new(seed, "day of skill", &[u64::from(skill), key(day)])
            .lognormal(1.0, demand.day_sigma);
        for (number, time_of_day) in
            (0..).zip(arrivals(blueprint, skill, demand, day, everybody * own))
        {
            let mut stream = Stream::new(seed, "caller", &[u64::from(skill), key(day), number]);
            callers.push(caller(
                blueprint,
                demand,
                skill,
                midnight + time_of_day,
                &mut stream,
            ));
        }
    }
    callers.sort_by_key(|caller| caller.start);
    callers
}

/// Times of day at which callers for one skill arrive: a Poisson process whose rate changes each half-hour.
fn arrivals(blueprint: &Blueprint, skill: u16, demand: &Demand, day: i64, factor: f64) -> Vec<i64> {
    let mut stream = Stream::new(blueprint.seed, "arrivals", &[u64::from(skill), key(day)]);
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

fn caller(
    blueprint: &Blueprint,
    demand: &Demand,
    skill: u16,
    start: TimeMs,
    stream: &mut Stream,
) -> Caller {
    let talk_secs = stream.lognormal(demand.talk_mean_secs, demand.talk_sigma);
    let after_call_secs = stream.exponential(demand.after_call_mean_secs);
    let patience_secs = stream.weibull(demand.patience_scale_secs, demand.patience_shape);
    let endlessly_patient = stream.chance(demand.endlessly_patient_share);
    let code = if stream.chance(blueprint.stray_share) {
        blueprint.stray_codes[stream.pick(0, blueprint.stray_codes.len() - 1)]
    } else {
        demand.pick_code(stream.unit())
    };
    Caller {
        start,
        skill,
        handle_ms: whole(1_000.0 * (talk_secs + after_call_secs).clamp(5.0, LONGEST_CALL_SECS)),
        patience_ms: (!endlessly_patient)
            .then(|| whole(1_000.0 * patience_secs.clamp(1.0, DAY as f64 / 1_000.0))),
        code,
    }
}

/// Three quarters of an hour: the lognormal's tail must not keep an agent into the night.
const LONGEST_CALL_SECS: f64 = 2_700.0;

/// A day as part of a stream's key; days before 1970 wrap around, which keeps them distinct.
fn key(day: i64) -> u64 {
    day.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::centre::blueprint::CodeShares;

    #[test]
    fn no_two_callers_are_alike() {
        let by_skill = vec![vec![(0, 1.0)], vec![(1, 1.0)], vec![(2, 1.0)]];
        let blueprint = Blueprint::draw(
            9,
            CodeShares {
                by_skill,
                stray: vec![3],
            },
        );
        // Monday to Wednesday.
        let callers: Vec<Caller> = (4..7)
            .flat_map(|day| callers_of(&blueprint, day, day * DAY))
            .collect();
        assert!(callers.len() > 1_500);
        assert!(callers.is_sorted_by_key(|caller| caller.start));
        let fates: BTreeSet<_> = callers
            .iter()
            .map(|caller| (caller.handle_ms, caller.patience_ms))
            .collect();
        assert!(
            fates.len() > callers.len() * 99 / 100,
            "{} fates of {} callers",
            fates.len(),
            callers.len()
        );
        let codes: BTreeSet<_> = callers.iter().map(|caller| caller.code).collect();
        assert_eq!(codes, BTreeSet::from([0, 1, 2, 3]));
    }
}
