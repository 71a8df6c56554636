//! What happens in real centres, and here only if asked for: callers who call again, agents who take breaks or are ill,
//! agents of different speed, days that nobody expected. No model of a centre that we make knows of it.
//!
//! Like callers, all of it is drawn from the seed and the day, never from what happens in the centre.

use super::blueprint::{Agent, Blueprint, Duty, UNTIL_DRAINED};
use super::calendar::{DAY, HOUR, MINUTE, SLOT, kind_of, weekday};
use super::draw::{Stream, whole};

/// One kind of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Two in five of those who give up call again, a few minutes later and once.
    Redials,
    /// Agents go away for five to fifteen minutes about every two hours; a call that outlasts the break has taken it.
    Breaks,
    /// Some agents take half as long again for the same call as others do.
    Speeds,
    /// On some days far more or far fewer people call than usual; on some, one agent in five is ill.
    UnusualDays,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Trouble; 4] = [
        Trouble::Redials,
        Trouble::Breaks,
        Trouble::Speeds,
        Trouble::UnusualDays,
    ];
}

/// Which of them a centre has; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    /// A bit for each, by its place among all.
    bits: u8,
}

impl Troubles {
    /// A centre as its model has it.
    pub const NONE: Troubles = Troubles { bits: 0 };

    /// Whether the centre has this one.
    pub fn has(self, trouble: Trouble) -> bool {
        self.bits & (1 << trouble as u8) != 0
    }
}

impl FromIterator<Trouble> for Troubles {
    fn from_iter<I: IntoIterator<Item = Trouble>>(troubles: I) -> Troubles {
        let bits = troubles.into_iter();
        Troubles {
            bits: bits.fold(0, |bits, trouble| bits | 1 << trouble as u8),
        }
    }
}

/// What kind of day it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Day {
    Usual,
    /// So many times as many callers as usual.
    Load(f64),
    /// Agents are ill.
    Ill,
}

impl Day {
    fn of(blueprint: &Blueprint, day: i64) -> Day {
        if !blueprint.troubles.has(Trouble::UnusualDays) {
            return Day::Usual;
        }
        let mut stream = Stream::new(blueprint.seed, "unusual day", &[day.cast_unsigned()]);
        let busy = stream.between(1.25, 1.6);
        let quiet = stream.between(0.6, 0.8);
        match stream.unit() {
            kind if kind < 0.05 => Day::Load(busy),
            kind if kind < 0.10 => Day::Load(quiet),
            kind if kind < 0.15 => Day::Ill,
            _ => Day::Usual,
        }
    }
}

/// How many times as many people call on a day as they would on a usual one.
pub(super) fn load(blueprint: &Blueprint, day: i64) -> f64 {
    match Day::of(blueprint, day) {
        Day::Load(factor) => factor,
        Day::Usual | Day::Ill => 1.0,
    }
}

/// When somebody who gives up calls again, in milliseconds from then; `None`: not at all. `key` is the caller's own.
pub(super) fn calls_again_after(blueprint: &Blueprint, key: &[u64; 4]) -> Option<(u32, Stream)> {
    if !blueprint.troubles.has(Trouble::Redials) {
        return None;
    }
    let mut stream = Stream::new(blueprint.seed, "calls again", key);
    let does = stream.chance(CALLS_AGAIN_SHARE);
    let after_secs = 30.0 + stream.exponential(CALLS_AGAIN_SECS);
    does.then(|| (whole(1_000.0 * after_secs), stream))
}

/// How long an agent takes for a call, in units of what an agent of middling speed does.
pub(super) fn pace(blueprint: &Blueprint, agent: usize) -> f64 {
    if !blueprint.troubles.has(Trouble::Speeds) {
        return 1.0;
    }
    let mut stream = Stream::new(blueprint.seed, "pace", &[agent as u64]);
    stream.lognormal(1.0, PACE_SIGMA).clamp(0.6, 1.6)
}

/// When an agent is missing on a day though the roster says otherwise, since local midnight and in order.
///
/// Somebody has to close the centre: whoever does is never ill, and has had all breaks by then.
pub(super) fn absences(blueprint: &Blueprint, agent: usize, day: i64) -> Vec<Duty> {
    let Some(of) = blueprint.agents.get(agent) else {
        return Vec::new();
    };
    let key = [agent as u64, day.cast_unsigned()];
    let closes = closes(of, day);
    if !closes
        && Day::of(blueprint, day) == Day::Ill
        && Stream::new(blueprint.seed, "ill", &key).chance(ILL_SHARE)
    {
        return vec![Duty { start: 0, end: DAY }];
    }
    if !blueprint.troubles.has(Trouble::Breaks) {
        return Vec::new();
    }
    let mut stream = Stream::new(blueprint.seed, "breaks", &key);
    let close = blueprint.hours(kind_of(weekday(day))).close as i64 * SLOT;
    let mut breaks = Vec::new();
    for duty in &of.duties[weekday(day)] {
        let end = if closes {
            std::cmp::min(duty.end, close - HOUR)
        } else {
            duty.end
        };
        let mut at = duty.start;
        loop {
            at += MINUTE * i64::from(whole(stream.exponential(BETWEEN_BREAKS_MINUTES)));
            let back = at + MINUTE * i64::from(whole(stream.between(5.0, 16.0)));
            if back >= end {
                break;
            }
            breaks.push(Duty {
                start: at,
                end: back,
            });
            at = back;
        }
    }
    breaks
}

/// What is left of a stretch of work without the absences, which are in order.
pub(super) fn present(duty: Duty, absences: &[Duty]) -> impl Iterator<Item = Duty> {
    let within = absences
        .iter()
        .filter(move |absence| absence.start < duty.end && absence.end > duty.start);
    let ends = within.clone().map(|absence| absence.start);
    let starts = within.map(|absence| absence.end);
    let stretches = std::iter::once(duty.start)
        .chain(starts)
        .zip(ends.chain([duty.end]));
    stretches
        .map(|(start, end)| Duty { start, end })
        .filter(|duty| duty.start < duty.end)
}

fn closes(agent: &Agent, day: i64) -> bool {
    let mut duties = agent.duties[weekday(day)].iter();
    duties.any(|duty| duty.end == UNTIL_DRAINED)
}

/// Share of those who give up that call again.
const CALLS_AGAIN_SHARE: f64 = 0.4;
/// Mean time until they do, half a minute apart.
const CALLS_AGAIN_SECS: f64 = 480.0;
/// Spread of the agents' speeds: sigma of the factor's logarithm. The slowest sixth takes half as long again as the fastest.
const PACE_SIGMA: f64 = 0.2;
/// Share of agents who are ill on a day of that kind.
const ILL_SHARE: f64 = 0.2;
/// Mean time from one break to the next.
const BETWEEN_BREAKS_MINUTES: f64 = 110.0;

#[cfg(test)]
mod tests {
    use super::super::blueprint::{CodeShares, Ways};
    use super::super::{Centre, Contact, Outcome};
    use super::*;

    /// At two in the morning of a Monday.
    const START: i64 = 1_773_626_400_000;
    const DAYS: u16 = 42;

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        let some: Troubles = [Trouble::Speeds, Trouble::Redials, Trouble::Speeds]
            .into_iter()
            .collect();
        let held = Trouble::ALL.map(|one| some.has(one));
        assert_eq!(held, [true, false, true, false]);
        assert_eq!(Troubles::NONE, [].into_iter().collect());
    }

    #[test]
    fn what_is_left_of_a_duty() {
        let duty = |start, end| Duty { start, end };
        let left = |absences: &[Duty]| present(duty(10, 20), absences).collect::<Vec<_>>();
        assert_eq!(left(&[]), [duty(10, 20)]);
        assert_eq!(left(&[duty(0, 10), duty(20, 30)]), [duty(10, 20)]);
        assert_eq!(
            left(&[duty(12, 13), duty(15, 18)]),
            [duty(10, 12), duty(13, 15), duty(18, 20)]
        );
        assert_eq!(left(&[duty(0, 100)]), []);
    }

    #[test]
    fn some_of_those_who_give_up_call_again() {
        let n_calls = |troubles: &[Trouble]| {
            let centre = centre(4, troubles);
            let gave_up = |contact: &&Contact| {
                let wait = contact.visits[0].wait;
                wait.is_some_and(|wait| wait.outcome == Outcome::Abandoned)
            };
            let n_gave_up = centre.contacts().iter().filter(gave_up).count();
            (centre.contacts().len() as f64, n_gave_up as f64)
        };
        let (plain, _) = n_calls(&[]);
        let (troubled, n_gave_up) = n_calls(&[Trouble::Redials]);
        // Who has called again already does not do so once more, and some would come too late.
        let share = (troubled - plain) / n_gave_up;
        assert!((0.25..0.4).contains(&share), "{share} of {n_gave_up}");
    }

    #[test]
    fn breaks_are_off_queue_and_nobody_is_rung_in_them() {
        let centre = centre(5, &[Trouble::Breaks]);
        let from = START - 7 * DAY;
        let mut n_stretches = 0;
        for agent in 0..centre.n_agents() {
            let on_queue = centre.on_queue(agent, from, START);
            n_stretches += on_queue.len();
            let visits = centre.contacts().iter().flat_map(|one| &one.visits);
            let rung = visits
                .filter_map(|visit| {
                    let service = visit.service.filter(|service| service.agent == agent)?;
                    Some(visit.left_queue()? - i64::from(service.ring_ms))
                })
                .filter(|rung| (from..START).contains(rung));
            for rung in rung {
                assert!(
                    on_queue
                        .iter()
                        .any(|(start, end)| (*start..*end).contains(&rung)),
                    "agent {agent} at {rung}: {on_queue:?}"
                );
            }
        }
        // With lunch alone there are at most two a day.
        let days = f64::from(centre.n_agents()) * 6.0;
        assert!(n_stretches as f64 > 2.5 * days, "{n_stretches} in {days}");
    }

    #[test]
    fn agents_differ_in_speed() {
        let spread = |troubles: &[Trouble]| {
            let centre = centre(6, troubles);
            let visits = || centre.contacts().iter().flat_map(|one| &one.visits);
            let mean_of = |agent: u16| {
                let services = visits().filter_map(|visit| visit.service);
                let talks = services.filter(|service| service.agent == agent);
                let (n, sum) = talks.fold((0.0, 0.0), |(n, sum), service| {
                    (n + 1.0, sum + f64::from(service.talk_ms))
                });
                (n > 300.0).then_some(sum / n)
            };
            let means: Vec<f64> = (0..centre.n_agents()).filter_map(mean_of).collect();
            let n = means.len() as f64;
            let mean = means.iter().sum::<f64>() / n;
            let off = means.iter().map(|one| (one / mean - 1.0).powi(2));
            (off.sum::<f64>() / n).sqrt()
        };
        let (plain, troubled) = (spread(&[]), spread(&[Trouble::Speeds]));
        assert!(
            troubled > 1.3 * plain && troubled > 0.12,
            "{plain} {troubled}"
        );
    }

    #[test]
    fn some_days_are_unusual() {
        let centre = centre(7, &[Trouble::UnusualDays]);
        let blueprint = centre.floor.as_ref().unwrap().blueprint();
        let days: Vec<Day> = (0..2_000).map(|day| Day::of(blueprint, day)).collect();
        let share = |is: &dyn Fn(&Day) -> bool| {
            days.iter().filter(|day| is(day)).count() as f64 / days.len() as f64
        };
        for share in [
            share(&|day| matches!(day, Day::Load(factor) if *factor > 1.0)),
            share(&|day| matches!(day, Day::Load(factor) if *factor < 1.0)),
            share(&|day| *day == Day::Ill),
        ] {
            assert!((0.03..0.07).contains(&share), "{share}");
        }
        // Of those rostered on a day of illness who do not close, about one in five is away.
        let ill_days = (0..2_000).filter(|day| Day::of(blueprint, *day) == Day::Ill);
        let agents = 0..blueprint.agents.len();
        let mut rostered = 0.0;
        let mut away = 0.0;
        for (day, agent) in ill_days.flat_map(|day| agents.clone().map(move |one| (day, one))) {
            let of = &blueprint.agents[agent];
            if !of.duties[weekday(day)].is_empty() && !closes(of, day) {
                rostered += 1.0;
                away += f64::from(u8::from(!absences(blueprint, agent, day).is_empty()));
            }
        }
        let share = away / rostered;
        assert!((0.15..0.25).contains(&share), "{share} of {rostered}");
    }

    #[test]
    fn with_all_of_them_a_day_needs_no_other_and_nobody_stays_the_night() {
        for seed in 8..14 {
            let mut later = centre(seed, &Trouble::ALL);
            let n_past = later.contacts().len();
            let first_two: Vec<Contact> =
                (0..2).flat_map(|day| later.contacts_of_day(day)).collect();
            assert!(first_two.len() > 1_000);
            later.advance_to(START + 2 * DAY);
            assert_eq!(later.contacts()[n_past..], first_two, "seed {seed}");
            // That nobody is in the centre at midnight is asserted as it goes on.
            later.advance_to(START + 30 * DAY);
        }
    }

    fn centre(seed: u64, troubles: &[Trouble]) -> Centre {
        let by_skill = (0..4).map(|skill| vec![(skill, 1.0)]).collect();
        let shares = CodeShares {
            by_skill,
            stray: vec![4],
        };
        let ways = Ways {
            troubles: troubles.iter().copied().collect(),
            ..Ways::default()
        };
        Centre::simulated(Blueprint::draw(seed, shares, ways), START, DAYS)
    }
}
