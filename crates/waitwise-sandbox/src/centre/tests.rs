use std::collections::BTreeMap;

use super::blueprint::{CodeShares, Ways};
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
            (20..75).contains(&agents.len()),
            "seed {seed}: {} agents",
            agents.len()
        );
        assert!(
            agents
                .iter()
                .all(|agent| (1..=6).contains(&agent.skills.len())),
            "seed {seed}: {agents:?}"
        );
        let n_shared = agents.iter().filter(|one| one.queues.len() == 2).count();
        assert!(n_shared > 2 && n_shared < agents.len() / 2, "seed {seed}");
    }
}

#[test]
fn each_queue_has_a_little_of_everything() {
    for seed in 0..10 {
        let centre = centre(seed, 35);
        for queue in Queue::ALL {
            let visits = || {
                let all = centre.contacts().iter().flat_map(|contact| &contact.visits);
                all.filter(move |visit| visit.queue == queue)
            };
            let share = |of: &dyn Fn(&Visit) -> bool| {
                visits().filter(|visit| of(visit)).count() as f64 / visits().count() as f64
            };
            let check = |what: &str, range: std::ops::Range<f64>, of: &dyn Fn(&Visit) -> bool| {
                let share = share(of);
                assert!(
                    range.contains(&share),
                    "seed {seed}, {queue:?}, {what}: {share}"
                );
            };
            let outcome = |visit: &Visit| visit.wait.map(|wait| wait.outcome);
            let coding = |visit: &Visit| visit.service.map(|service| service.coding);
            check("abandoned", 0.01..0.12, &|one| {
                outcome(one) == Some(Outcome::Abandoned)
            });
            check("abandoned at once", 0.001..0.02, &|one| {
                outcome(one) == Some(Outcome::Abandoned)
                    && one.wait.is_some_and(|wait| wait.ms < 5_000)
            });
            check("flowed out", 0.002..0.03, &|one| {
                outcome(one) == Some(Outcome::FlowedOut)
            });
            check("two skills", 0.005..0.045, &|one| {
                one.skills.second.is_some()
            });
            check("missed", 0.008..0.025, &|one| {
                one.alerts.iter().any(|alert| alert.missed)
            });
            check("passed on", 0.01..0.05, &|one| {
                one.service.is_some_and(|service| service.passed_on)
            });
            check("ran out", 0.015..0.04, &|one| {
                coding(one) == Some(Coding::RanOut)
            });
            check("skipped", 0.003..0.02, &|one| {
                coding(one) == Some(Coding::Skipped)
            });
            check("empty", 0.003..0.02, &|one| {
                coding(one) == Some(Coding::Empty)
            });
            check("never", 0.003..0.02, &|one| {
                coding(one) == Some(Coding::Never)
            });
        }
    }
}

#[test]
fn who_is_passed_on_enters_the_other_queue_as_the_talk_ends() {
    let centre = centre(1, 14);
    let mut n_passed_on = 0;
    for contact in centre.contacts() {
        let passed_on = contact.visits[0].service.is_some_and(|one| one.passed_on);
        assert_eq!(contact.visits.len(), 1 + usize::from(passed_on));
        for pair in contact.visits.windows(2) {
            assert_ne!(pair[0].queue, pair[1].queue);
            assert_eq!(pair[0].talk_end(), Some(pair[1].entered));
            n_passed_on += 1;
        }
    }
    assert!(n_passed_on > 200);
}

#[test]
fn only_members_with_the_skills_answer() {
    for seed in [2, 3] {
        let centre = centre(seed, 14);
        let visits = centre.contacts().iter().flat_map(|contact| &contact.visits);
        let answered = visits.filter_map(|visit| Some((visit, visit.service?.agent)));
        for (visit, agent) in answered {
            assert!(centre.queues_of(agent).contains(&visit.queue));
            let skills = centre.skills_of(agent);
            assert!(visit.skills.iter().all(|skill| skills.contains(&skill)));
        }
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
fn the_neutral_head_start_is_that_of_the_neutral_weight() {
    let of_weight = f64::from(crate::tenant::NEUTRAL_WEIGHT) * crate::tenant::MINUTES_PER_POINT;
    assert!((NEUTRAL_MINUTES - of_weight).abs() < 1e-9);
    let (mut plain, mut weighted) = (centre(6, 0), centre(6, 0));
    weighted.set_head_starts(&[NEUTRAL_MINUTES; 8]);
    for centre in [&mut plain, &mut weighted] {
        centre.advance_to(START + 3 * DAY);
    }
    assert_eq!(plain.contacts(), weighted.contacts());
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
fn no_agent_does_two_things_at_a_time() {
    let centre = centre(2, 7);
    let mut at_work = BTreeMap::<u16, Vec<(TimeMs, TimeMs)>>::new();
    for visit in centre.contacts().iter().flat_map(|contact| &contact.visits) {
        for alert in &visit.alerts {
            at_work
                .entry(alert.agent)
                .or_default()
                .push((alert.from, alert.to));
        }
        if let (Some(service), Some(answer), Some(end)) =
            (visit.service, visit.left_queue(), visit.end())
        {
            let rang = answer - i64::from(service.ring_ms);
            at_work.entry(service.agent).or_default().push((rang, end));
        }
    }
    assert!(at_work.len() > 20);
    for (agent, mut stretches) in at_work {
        stretches.sort_unstable();
        for pair in stretches.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "agent {agent}: {pair:?}");
        }
    }
}

fn centre(seed: u64, history_days: u16) -> Centre {
    let n_skills = 3 + u16::try_from(seed % 6).unwrap();
    let by_skill = (0..n_skills).map(|skill| vec![(skill, 1.0)]).collect();
    let shares = CodeShares {
        by_skill,
        stray: vec![n_skills],
    };
    Centre::simulated(
        Blueprint::draw(seed, shares, Ways::default()),
        START,
        history_days,
    )
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
