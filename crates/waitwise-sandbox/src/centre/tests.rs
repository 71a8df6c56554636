use std::collections::BTreeMap;

use super::blueprint::CodeShares;
use super::calendar::{Calendar, DAY, DayKind, HOUR, MINUTE, kind_of, weekday};
use super::*;

const START: TimeMs = 1_772_420_000_000;

/// Mean waits in seconds that a skill may have over a month, and shares of callers that may give up.
const MEAN_WAIT_SECS: std::ops::Range<f64> = 15.0..150.0;
const ABANDONED_SHARE: std::ops::Range<f64> = 0.02..0.10;

#[test]
fn each_seed_gives_a_centre_that_is_busy_but_not_overrun() {
    for seed in 0..40 {
        let centre = centre(seed, 35);
        let all = centre.conversations();
        assert!(
            (17_000..40_000).contains(&all.len()),
            "seed {seed}: {} conversations",
            all.len()
        );
        let n_abandoned = all
            .iter()
            .filter(|one| one.outcome == Outcome::Abandoned)
            .count();
        let abandoned_share = n_abandoned as f64 / all.len() as f64;
        assert!(
            ABANDONED_SHARE.contains(&abandoned_share),
            "seed {seed}: {abandoned_share} abandoned"
        );
        for (skill, mean) in mean_waits(all) {
            assert!(
                MEAN_WAIT_SECS.contains(&mean),
                "seed {seed}, skill {skill}: {mean} s"
            );
        }
        let agents = &blueprint(&centre).agents;
        assert!(
            (14..45).contains(&agents.len()),
            "seed {seed}: {} agents",
            agents.len()
        );
        assert!(
            agents
                .iter()
                .all(|agent| (1..=5).contains(&agent.skills.len())),
            "seed {seed}: {agents:?}"
        );
    }
}

#[test]
fn a_head_start_helps_its_skill_and_harms_another() {
    let mut ratios = Vec::new();
    for seed in 0..20 {
        let plain = centre_after_a_month(seed, &[0.0; 8]);
        let favoured = usize::try_from(seed / 2).unwrap() % plain.len();
        let mut head_starts = [0.0; 8];
        head_starts[favoured] = 10.0;
        let weighted = centre_after_a_month(seed, &head_starts);
        let favoured = u16::try_from(favoured).unwrap();
        let ratio = weighted[&favoured] / plain[&favoured];
        assert!(
            ratio < 0.95,
            "seed {seed}: skill {favoured} waits {ratio} times as long with ten minutes' head start"
        );
        // Both see the same callers, so that a small difference is one.
        let worse = plain
            .iter()
            .any(|(skill, wait)| weighted[skill] > 1.01 * wait);
        assert!(worse, "seed {seed}: {plain:?} became {weighted:?}");
        ratios.push(ratio);
    }
    let mean_ratio = ratios.iter().sum::<f64>() / ratios.len() as f64;
    assert!(mean_ratio < 0.75, "{mean_ratio}");
}

#[test]
fn two_centres_of_a_seed_see_the_same_callers_whatever_their_head_starts() {
    let (mut plain, mut weighted) = (centre(3, 7), centre(3, 7));
    weighted.set_head_starts(&[10.0; 8]);
    weighted.set_head_starts(&[0.0, 10.0, 3.0, 0.0, 0.0, 8.0, 0.0, 0.0]);
    for centre in [&mut plain, &mut weighted] {
        centre.advance_to(START + 7 * DAY);
    }
    let callers = |centre: &Centre| {
        centre
            .conversations()
            .iter()
            .map(|one| (one.start, one.skill))
            .collect::<Vec<_>>()
    };
    assert_eq!(callers(&plain), callers(&weighted));
    assert_ne!(plain.conversations(), weighted.conversations());
    let pairs = plain.conversations().iter().zip(weighted.conversations());
    let answered_in_both =
        pairs.filter(|(one, other)| one.outcome == other.outcome && one.code.is_some());
    for (one, other) in answered_in_both {
        assert_eq!((one.code, one.handle_ms), (other.code, other.handle_ms));
    }
}

#[test]
fn the_steps_in_which_time_moves_make_no_difference() {
    let (mut at_once, mut in_steps) = (centre(1, 2), centre(1, 2));
    at_once.advance_to(START + 2 * DAY);
    let mut seen_in_service = 0;
    for step in 0..=(2 * DAY / (7 * MINUTE)) {
        in_steps.advance_to(START + step * 7 * MINUTE);
        assert_eq!(
            in_steps.offered(),
            in_steps.conversations().len() + in_steps.busy() + in_steps.waiting()
        );
        assert!(
            in_steps
                .conversations()
                .iter()
                .all(|one| end_of(one) <= in_steps.now())
        );
        seen_in_service += in_steps.busy() + in_steps.waiting();
    }
    in_steps.advance_to(START + 2 * DAY);
    in_steps.advance_to(START);
    assert!(seen_in_service > 0);
    assert_eq!(in_steps.now(), START + 2 * DAY);
    assert_eq!(at_once.conversations(), in_steps.conversations());
    assert!(at_once.conversations().is_sorted_by_key(|one| one.start));
}

#[test]
fn nobody_calls_or_talks_while_the_centre_is_closed() {
    for seed in 0..10 {
        let centre = centre(seed, 14);
        let calendar = Calendar::with_start_at_two(START);
        let blueprint = blueprint(&centre);
        for one in centre.conversations() {
            let day = calendar.day_of(one.start);
            let since_midnight = one.start - calendar.midnight(day);
            let hours = blueprint.hours(kind_of(weekday(day)));
            assert_ne!(kind_of(weekday(day)), DayKind::Closed);
            assert!((7 * HOUR..hours.last_entry()).contains(&since_midnight));
            assert!(
                end_of(one) < calendar.midnight(day + 1) - HOUR,
                "seed {seed}: {one:?}"
            );
        }
        assert_eq!(
            centre.offered(),
            centre.conversations().len(),
            "at two in the morning all is over"
        );
    }
}

#[test]
fn nobody_is_served_twice_at_a_time() {
    let centre = centre(2, 7);
    let answered = centre
        .conversations()
        .iter()
        .filter(|one| one.outcome == Outcome::Answered);
    let mut changes: Vec<(TimeMs, i32)> = answered
        .flat_map(|one| [(one.start + i64::from(one.wait_ms), 1), (end_of(one), -1)])
        .collect();
    // At one instant, ends come before beginnings.
    changes.sort_unstable();
    let n_agents = i32::try_from(blueprint(&centre).agents.len()).unwrap();
    let mut in_service = 0;
    for (_, change) in changes {
        in_service += change;
        assert!((0..=n_agents).contains(&in_service));
    }
}

fn centre(seed: u64, history_days: u16) -> Centre {
    let n_skills = 3 + u16::try_from(seed % 6).unwrap();
    let by_skill = (0..n_skills).map(|skill| vec![(skill, 1.0)]).collect();
    let shares = CodeShares {
        by_skill,
        stray: vec![n_skills],
    };
    Centre::simulated(Blueprint::draw(seed, shares), START, history_days)
}

/// Mean waits by skill over four weeks with these head starts.
fn centre_after_a_month(seed: u64, head_starts: &[f64]) -> BTreeMap<u16, f64> {
    let mut centre = centre(seed, 0);
    centre.set_head_starts(head_starts);
    centre.advance_to(START + 28 * DAY);
    mean_waits(centre.conversations())
}

fn mean_waits(conversations: &[Conversation]) -> BTreeMap<u16, f64> {
    let mut sums = BTreeMap::<u16, (f64, f64)>::new();
    for one in conversations {
        let (n, total) = sums.entry(one.skill).or_default();
        *n += 1.0;
        *total += f64::from(one.wait_ms) / 1_000.0;
    }
    sums.into_iter()
        .map(|(skill, (n, total))| (skill, total / n))
        .collect()
}

fn end_of(one: &Conversation) -> TimeMs {
    one.start + i64::from(one.wait_ms) + i64::from(one.handle_ms)
}

fn blueprint(centre: &Centre) -> &Blueprint {
    centre
        .floor
        .as_ref()
        .expect("a simulated centre has a floor")
        .blueprint()
}
