//! How many callers come, by half-hour of the week, and how much one day differs from another.
//!
//! A few weeks give each half-hour of the week only a handful of days, so its own mean is noisy. It is drawn towards
//! what the shape of the day and the size of the weekday say together, the more the less the half-hours of this class
//! are seen to depart from that (an empirical Bayes estimate with a gamma prior).

use crate::seen::{Day, SLOTS};

/// Rates of the week, and the spread of days.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals {
    /// By class: expected callers by weekday from Monday and half-hour.
    pub per_slot: Vec<[[f64; SLOTS]; 7]>,
    /// How much busier or calmer a day is than its weekday for all classes together: standard deviation of that factor, whose
    /// mean is 1.
    pub day_cv: f64,
    /// Each day's own factor, in the order of the days: a simulated day has the staffing of a seen one and its factor too, since
    /// whoever plans staffing knows which days are busy. What chance alone explains is not in it.
    pub day_factors: Vec<f64>,
    /// The same spread for one class alone, beside what all share.
    pub class_day_cv: Vec<f64>,
}

/// Estimates the arrivals of `n_classes` classes from whole days; a class's visits are those that `class_of` gives.
pub(crate) fn arrivals(
    days: &[Day],
    n_classes: usize,
    class_of: &dyn Fn(u16) -> Option<usize>,
) -> Arrivals {
    let counts = Counts::of(days, n_classes, class_of);
    let per_slot: Vec<_> = (0..n_classes).map(|class| counts.rates(class)).collect();
    let expected = |day: &DayCount, class: usize| per_slot[class][day.weekday].iter().sum::<f64>();
    let all_expected =
        |day: &DayCount| -> f64 { (0..n_classes).map(|class| expected(day, class)).sum() };
    let totals = counts.days.iter().map(|day| Total {
        came: f64::from(day.by_class.iter().sum::<u32>()),
        expected: all_expected(day),
        repeats: counts.n_days[day.weekday],
    });
    let day_variance = spread(totals);
    let class_day_cv = (0..n_classes).map(|class| {
        let totals = counts.days.iter().map(|day| Total {
            came: f64::from(day.by_class[class]),
            expected: expected(day, class),
            repeats: counts.n_days[day.weekday],
        });
        (spread(totals) - day_variance)
            .clamp(0.0, CV_MAX * CV_MAX)
            .sqrt()
    });
    let factors = counts.days.iter().map(|day| {
        let expected: f64 = all_expected(day);
        if expected < EXPECTED_MIN || day_variance <= 0.0 {
            return 1.0;
        }
        let came = f64::from(day.by_class.iter().sum::<u32>());
        // As far from 1 as leaves the factors the spread that days have beyond chance.
        let beyond_chance = (day_variance / (day_variance + 1.0 / expected)).sqrt();
        (1.0 + beyond_chance * (came / expected - 1.0)).clamp(0.0, f64::MAX)
    });
    Arrivals {
        class_day_cv: class_day_cv.collect(),
        day_factors: factors.collect(),
        day_cv: day_variance.clamp(0.0, CV_MAX * CV_MAX).sqrt(),
        per_slot,
    }
}

/// Days that differ more than this are no days of one kind; the factor's law could not say so either.
const CV_MAX: f64 = 1.0;

/// What was counted.
struct Counts {
    /// By class, weekday and half-hour, over all days.
    slots: Vec<[[u32; SLOTS]; 7]>,
    /// How many days of each weekday there were.
    n_days: [usize; 7],
    days: Vec<DayCount>,
}

struct DayCount {
    weekday: usize,
    by_class: Vec<u32>,
}

impl Counts {
    fn of(days: &[Day], n_classes: usize, class_of: &dyn Fn(u16) -> Option<usize>) -> Counts {
        let mut counts = Counts {
            slots: vec![[[0; SLOTS]; 7]; n_classes],
            n_days: [0; 7],
            days: Vec::with_capacity(days.len()),
        };
        for day in days {
            let weekday = day.weekday();
            let mut by_class = vec![0; n_classes];
            for visit in &day.visits {
                if let Some(class) = class_of(visit.class) {
                    counts.slots[class][weekday][visit.slot()] += 1;
                    by_class[class] += 1;
                }
            }
            counts.n_days[weekday] += 1;
            counts.days.push(DayCount { weekday, by_class });
        }
        counts
    }

    fn rates(&self, class: usize) -> [[f64; SLOTS]; 7] {
        let slots = &self.slots[class];
        let model = self.shape_times_size(class);
        let tightness = self.tightness(slots, &model);
        std::array::from_fn(|weekday| {
            std::array::from_fn(|slot| {
                let (count, days) = (f64::from(slots[weekday][slot]), self.n_days[weekday] as f64);
                let modelled = model[weekday][slot];
                if days == 0.0 || modelled <= 0.0 {
                    return 0.0;
                }
                // A gamma prior of mean `modelled`, worth so many days.
                let prior_days = tightness / modelled;
                match prior_days.is_finite() {
                    true => (count + prior_days * modelled) / (days + prior_days),
                    false => modelled,
                }
            })
        })
    }

    /// What each half-hour would have if all weekdays of a kind had one shape and differed in size alone.
    fn shape_times_size(&self, class: usize) -> [[f64; SLOTS]; 7] {
        let slots = &self.slots[class];
        let kinds = kinds(slots);
        let mut model = [[0.0; SLOTS]; 7];
        for kind in 0..7 {
            let members: Vec<usize> = (0..7).filter(|day| kinds[*day] == Some(kind)).collect();
            let by_slot: [f64; SLOTS] = std::array::from_fn(|slot| {
                members.iter().map(|day| f64::from(slots[*day][slot])).sum()
            });
            let all: f64 = by_slot.iter().sum();
            for day in members {
                let size = slots[day]
                    .iter()
                    .map(|count| f64::from(*count))
                    .sum::<f64>()
                    / self.n_days[day] as f64;
                model[day] = std::array::from_fn(|slot| size * by_slot[slot] / all);
            }
        }
        model
    }

    /// Returns by how much half-hours keep to the model: the inverse of the variance of their own factor, infinite if chance
    /// explains all of it.
    fn tightness(&self, slots: &[[u32; SLOTS]; 7], model: &[[f64; SLOTS]; 7]) -> f64 {
        let (mut beyond_chance, mut squares) = (0.0, 0.0);
        for weekday in 0..7 {
            for slot in 0..SLOTS {
                let expected = model[weekday][slot] * self.n_days[weekday] as f64;
                let count = f64::from(slots[weekday][slot]);
                beyond_chance += (count - expected) * (count - expected) - expected;
                squares += expected * expected;
            }
        }
        match beyond_chance > 0.0 {
            true => squares / beyond_chance,
            false => f64::INFINITY,
        }
    }
}

/// Groups weekdays whose callers come in about the same hours: each weekday has the first one like it, `None` without
/// callers.
fn kinds(slots: &[[u32; SLOTS]; 7]) -> [Option<usize>; 7] {
    let hours = |day: usize| -> Option<(usize, usize)> {
        let total: u32 = slots[day].iter().sum();
        let first = slots[day].iter().position(|count| *count > 0)?;
        let last = slots[day].iter().rposition(|count| *count > 0)?;
        (total > 0).then_some((first, last))
    };
    let mut kinds: [Option<usize>; 7] = [None; 7];
    for day in 0..7 {
        let Some((first, last)) = hours(day) else {
            continue;
        };
        let alike = |other: &usize| {
            kinds[*other] == Some(*other)
                && hours(*other).is_some_and(|(from, to)| {
                    first.abs_diff(from) <= EDGE_SLOTS && last.abs_diff(to) <= EDGE_SLOTS
                })
        };
        kinds[day] = (0..day).find(alike).or(Some(day));
    }
    kinds
}

/// The first and the last caller of a quiet class may be some half-hours off the opening hours.
const EDGE_SLOTS: usize = 3;

struct Total {
    came: f64,
    expected: f64,
    /// How many days of its weekday its expectation was taken from, itself among them.
    repeats: usize,
}

/// Returns the variance of the factor by which days differ from what is expected of them, beyond chance. Never below 0.
fn spread(totals: impl Iterator<Item = Total>) -> f64 {
    let (mut beyond_chance, mut squares) = (0.0, 0.0);
    for day in totals {
        // The expectation leans towards the day itself, the more the fewer days it is the mean of.
        let free = 1.0 - 1.0 / day.repeats as f64;
        if day.expected < EXPECTED_MIN || free <= 0.0 {
            continue;
        }
        let off = day.came - day.expected;
        beyond_chance += off * off / free - day.expected;
        squares += day.expected * day.expected;
    }
    match squares > 0.0 && beyond_chance > 0.0 {
        true => beyond_chance / squares,
        false => 0.0,
    }
}

/// A day with fewer callers than this tells of chance alone.
const EXPECTED_MIN: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::{Dice, poisson};
    use crate::seen::SeenVisit;
    use waitwise_model::Ending;

    const BASE: f64 = 6.0;

    fn level(weekday: usize, slot: usize) -> f64 {
        match (weekday, slot) {
            (0..=4, 16..36) => BASE * (1.0 + 0.1 * weekday as f64) * (1.0 + 0.05 * slot as f64),
            _ => 0.0,
        }
    }

    fn days(n_weeks: usize, day_cv: f64, dice: &mut Dice) -> Vec<Day> {
        let monday: jiff::civil::Date = "2026-03-02".parse().unwrap();
        (0..n_weeks * 7)
            .map(|day| {
                let factor = 1.0 + day_cv * 3.0_f64.sqrt() * (2.0 * dice.unit() - 1.0);
                let visits = (0..SLOTS).flat_map(|slot| {
                    (0..poisson(level(day % 7, slot) * factor, dice)).map(move |_| slot)
                });
                let visits: Vec<_> = visits
                    .map(|slot| SeenVisit {
                        entered_ms: u32::try_from(slot).unwrap() * crate::seen::SLOT_MS,
                        class: 0,
                        ending: Ending::Answered,
                        wait_ms: 0,
                        handle_ms: None,
                        agent: None,
                    })
                    .collect();
                Day {
                    date: monday
                        .saturating_add(jiff::Span::new().days(i64::try_from(day).unwrap())),
                    visits,
                }
            })
            .collect()
    }

    #[test]
    fn rates_are_nearer_the_truth_than_plain_means() {
        let mut dice = Dice::new(5);
        let (mut ours, mut plain) = (0.0, 0.0);
        for _ in 0..40 {
            let days = days(4, 0.0, &mut dice);
            let estimate = arrivals(&days, 1, &|_| Some(0));
            for weekday in 0..5 {
                for slot in 16..36 {
                    let truth = level(weekday, slot);
                    let count = days
                        .iter()
                        .filter(|day| day.weekday() == weekday)
                        .flat_map(|day| &day.visits)
                        .filter(|visit| visit.slot() == slot)
                        .count();
                    ours += (estimate.per_slot[0][weekday][slot] - truth).powi(2);
                    plain += (count as f64 / 4.0 - truth).powi(2);
                }
            }
            assert!(estimate.per_slot[0][5].iter().all(|rate| *rate <= 0.0));
        }
        assert!(ours < plain / 3.0, "{ours} against {plain}");
    }

    #[test]
    fn the_spread_of_days_is_found_and_chance_is_not_taken_for_it() {
        for truth in [0.0, 0.10, 0.25] {
            let mut dice = Dice::new(11);
            let found: Vec<f64> = (0..60)
                .map(|_| {
                    arrivals(&days(6, truth, &mut dice), 1, &|_| Some(0))
                        .day_cv
                        .powi(2)
                })
                .collect();
            let mean = found.iter().sum::<f64>() / 60.0;
            let deviation = found.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / 59.0;
            let error = (deviation / 60.0).sqrt();
            // Clipping at 0 lifts the mean of nothing a little.
            let off = (mean - truth * truth).abs();
            assert!(off < 4.0 * error + 0.0005, "{truth}: {mean} ±{error}");
            // Days' own factors spread alike.
            let days = days(60, truth, &mut dice);
            let factors = arrivals(&days, 1, &|_| Some(0)).day_factors;
            let open: Vec<f64> = factors
                .iter()
                .zip(&days)
                .filter(|(_, day)| day.weekday() < 5)
                .map(|(factor, _)| *factor)
                .collect();
            let spread = open
                .iter()
                .map(|factor| (factor - 1.0).powi(2))
                .sum::<f64>()
                / open.len() as f64;
            assert!((spread.sqrt() - truth).abs() < 0.03, "{truth}: {spread}");
        }
    }
}
