//! How sure a number is: the days are cut into batches, and each is left out once (the jackknife).
//!
//! It needs nothing but the number itself, so that a worst skill's mean, a p90 and a mix of both are treated alike. Two
//! samples of the same days are left out together, so that what their callers have in common cancels.

use waitwise_sim::{t_quantile, t_upper_tail};

use super::runner::{Days, Tallies, add, cut};
use super::tuning::Tuning;
use crate::measures::Measures;

/// Enough batches for an interval that is hardly wider than that of any number; fewer where there are fewer days.
const BATCHES: u64 = 32;

/// A number with its standard error.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error, at least 0; infinite if there was one batch only.
    pub error: f64,
    /// Degrees of freedom of the error: batches less one.
    pub df: f64,
}

impl Estimate {
    /// Returns half of its two-sided interval of some confidence, such as 0.95.
    pub fn half_width(&self, confidence: f64) -> f64 {
        if self.error <= 0.0 {
            return 0.0;
        }
        t_quantile(0.5 * (1.0 - confidence), self.df) * self.error
    }

    /// Returns the ends of its two-sided interval.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        let half_width = self.half_width(confidence);
        (self.value - half_width, self.value + half_width)
    }

    /// Returns how likely it is, seen from the data, that the truth is above `limit`: 0.0..=1.0.
    pub fn chance_above(&self, limit: f64) -> f64 {
        if self.error <= 0.0 {
            return f64::from(u8::from(self.value > limit));
        }
        t_upper_tail((limit - self.value) / self.error, self.df)
    }
}

/// What was counted on some days, in batches.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// With how many replications each is about.
    batches: Vec<(u64, Tallies)>,
}

/// What everybody met on all days, and on all but each batch.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) all: Measures,
    without: Vec<Measures>,
    /// Per batch: how many replications it is about.
    lengths: Vec<f64>,
}

/// The batches in which days are run: whole cycles where there are enough of them.
pub(crate) fn batches(days: &Days, cycle: u64) -> Vec<Days> {
    let length = days.end - days.start;
    let n_cycles = length / cycle;
    if n_cycles * cycle < length || n_cycles < BATCHES / 2 {
        return cut(days, BATCHES);
    }
    let whole = cut(&(0..n_cycles), BATCHES).into_iter();
    whole
        .map(|part| days.start + part.start * cycle..days.start + part.end * cycle)
        .collect()
}

impl Sample {
    /// Takes what was counted in each of the batches.
    pub(crate) fn new(batches: &[Days], tallies: Vec<Tallies>) -> Sample {
        let lengths = batches.iter().map(|days| days.end - days.start);
        Sample {
            batches: lengths.zip(tallies).collect(),
        }
    }

    /// Adds days after those that it has.
    pub(crate) fn extend(&mut self, more: Sample) {
        self.batches.extend(more.batches);
        // Pairs of neighbours become one, so that batches stay about as many and as long as each other.
        while self.batches.len() as u64 > 2 * BATCHES {
            let mut halved = Vec::with_capacity(self.batches.len() / 2 + 1);
            let mut batches = std::mem::take(&mut self.batches).into_iter();
            while let Some((length, mut tallies)) = batches.next() {
                let next = batches.next();
                if let Some((_, other)) = &next {
                    add(&mut tallies, other);
                }
                halved.push((length + next.map_or(0, |(length, _)| length), tallies));
            }
            self.batches = halved;
        }
    }

    /// How many replications it is about.
    pub(crate) fn days(&self) -> u64 {
        self.batches.iter().map(|(length, _)| length).sum()
    }

    pub(crate) fn judged(&self, tuning: &Tuning<'_>, days_each: f64) -> Judged {
        let n = self.batches.len();
        let measures =
            |tallies: &Tallies, length: u64| tuning.measures(tallies, length as f64 * days_each);
        // Everything before each batch, and everything after it.
        let mut before = vec![Tallies::new()];
        for (_, tallies) in &self.batches {
            let mut sum = before[before.len() - 1].clone();
            add(&mut sum, tallies);
            before.push(sum);
        }
        let mut without = Vec::with_capacity(n);
        let mut after = vec![waitwise_sim::ClassTally::default(); tuning.model().n_classes()];
        for (place, (length, tallies)) in self.batches.iter().enumerate().rev() {
            let mut rest = after.clone();
            add(&mut rest, &before[place]);
            without.push(measures(&rest, self.days() - length));
            add(&mut after, tallies);
        }
        without.reverse();
        Judged {
            all: measures(&before[n], self.days()),
            without,
            lengths: self
                .batches
                .iter()
                .map(|(length, _)| *length as f64)
                .collect(),
        }
    }
}

/// Estimates a number of samples of the same days, such as the difference between two of them.
///
/// Batches of unlike lengths count by their length (Busing, Meijer and van der Leeden 1999).
pub(crate) fn estimate(samples: &[&Judged], of: impl Fn(&[&Measures]) -> f64) -> Estimate {
    let lengths = &samples[0].lengths;
    let all: f64 = lengths.iter().sum();
    let n = lengths.len() as f64;
    let value = of(&samples.iter().map(|judged| &judged.all).collect::<Vec<_>>());
    if lengths.len() < 2 {
        return Estimate {
            value,
            error: f64::INFINITY,
            df: 1.0,
        };
    }
    let without = |place: usize| {
        of(&samples
            .iter()
            .map(|judged| &judged.without[place])
            .collect::<Vec<_>>())
    };
    let pseudo: Vec<(f64, f64)> = (0..lengths.len())
        .map(|place| {
            let times = all / lengths[place];
            (times, times * value - (times - 1.0) * without(place))
        })
        .collect();
    let mean: f64 = pseudo.iter().map(|(times, pseudo)| pseudo / times).sum();
    let square: f64 = pseudo
        .iter()
        .map(|(times, pseudo)| (pseudo - mean).powi(2) / (times - 1.0))
        .sum();
    Estimate {
        value,
        error: (square / n).sqrt(),
        df: n - 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Experience;
    use crate::objective::Measure;
    use crate::search::Comparison;
    use crate::search::fixtures::{model, tuning};

    fn measures(mean_wait_secs: f64) -> Measures {
        Measures {
            skills: Vec::new(),
            others: Vec::new(),
            overall: Some(Experience {
                offered: 1.0,
                mean_wait_secs,
                p90_wait_secs: 0.0,
                waited_share: 1.0,
                abandoned_share: 0.0,
                service_level: 0.0,
                service_goal: 0.0,
            }),
            days: 1.0,
        }
    }

    /// Batches of so many days with so long a mean wait each, all days alike in callers.
    fn judged(batches: &[(f64, f64)]) -> Judged {
        let mean = |but: Option<usize>| {
            let kept = batches
                .iter()
                .enumerate()
                .filter(|(place, _)| Some(*place) != but);
            let (days, secs) = kept.fold((0.0, 0.0), |(days, secs), (_, (n, wait))| {
                (days + n, secs + n * wait)
            });
            measures(secs / days)
        };
        Judged {
            all: mean(None),
            without: (0..batches.len()).map(|place| mean(Some(place))).collect(),
            lengths: batches.iter().map(|(days, _)| *days).collect(),
        }
    }

    #[test]
    fn of_a_mean_it_is_the_textbooks_standard_error() {
        let waits = [10.0, 14.0, 9.0, 30.0, 22.0];
        let even = judged(&waits.map(|wait| (1.0, wait)));
        let found = estimate(&[&even], |measures| Measure::MeanWait.value(measures[0]));
        let variance = waits
            .iter()
            .map(|wait| (wait - 17.0_f64).powi(2))
            .sum::<f64>()
            / 4.0;
        assert!((found.value - 17.0).abs() < 1e-12);
        assert!(
            (found.error - (variance / 5.0).sqrt()).abs() < 1e-9,
            "{found:?}"
        );
        assert!((found.half_width(0.95) / found.error - 2.776_445).abs() < 1e-5);
        assert!((found.chance_above(17.0) - 0.5).abs() < 1e-9);
        // Two days as one batch, with their mean, tell as much of the mean.
        let uneven = judged(&[(2.0, 12.0), (1.0, 9.0), (1.0, 30.0), (1.0, 22.0)]);
        let found = estimate(&[&uneven], |measures| Measure::MeanWait.value(measures[0]));
        assert!((found.value - 17.0).abs() < 1e-12 && found.error.is_finite());
    }

    #[test]
    fn what_two_samples_have_in_common_cancels() {
        let one = judged(&[(1.0, 10.0), (1.0, 90.0), (1.0, 40.0)]);
        let other = judged(&[(1.0, 8.0), (1.0, 88.0), (1.0, 38.0)]);
        let difference = |measures: &[&Measures]| {
            Measure::MeanWait.value(measures[1]) - Measure::MeanWait.value(measures[0])
        };
        let found = estimate(&[&one, &other], difference);
        assert!(
            (found.value + 2.0).abs() < 1e-12 && found.error < 1e-9,
            "{found:?}"
        );
        assert!(found.chance_above(0.0) < 1e-9);
        let lone = estimate(&[&judged(&[(3.0, 4.0)])], |measures| {
            Measure::MeanWait.value(measures[0])
        });
        assert!(lone.half_width(0.95).is_infinite());
    }

    #[test]
    fn batches_are_whole_cycles_where_there_are_enough() {
        assert_eq!(batches(&(0..5), 1), [0..1, 1..2, 2..3, 3..4, 4..5]);
        let weeks = batches(&(7..7 + 7 * 20), 7);
        assert_eq!(
            (weeks.len(), weeks[0].clone(), weeks[19].clone()),
            (20, 7..14, 140..147)
        );
        assert_eq!(batches(&(0..7 * 64), 7).len(), 32);
        assert_eq!(batches(&(0..70), 7).len(), 32, "ten weeks are too few");
    }

    #[test]
    fn growing_samples_keep_their_days() {
        let mut sample = Sample::new(&[], Vec::new());
        for length in 0..150 {
            let day = length..length + 1;
            sample.extend(Sample::new(
                &[day],
                vec![vec![waitwise_sim::ClassTally {
                    offered: length,
                    ..Default::default()
                }]],
            ));
        }
        assert_eq!(sample.days(), 150);
        assert!(
            (32..=64).contains(&sample.batches.len()),
            "{}",
            sample.batches.len()
        );
        let offered: u64 = sample
            .batches
            .iter()
            .map(|(_, tallies)| tallies[0].offered)
            .sum();
        assert_eq!(offered, 149 * 150 / 2);
    }

    /// M/M/12 at 8.4 erlangs of 120 s, whose mean wait is 6.12962104 s.
    const STATION: &str = r#"
[[classes]]
name = "sales"
arrivals = { per_hour = 252 }
service = { law = "exponential", mean_secs = 120 }

[[groups]]
name = "all"
skills = ["sales"]
agents = 12
"#;

    #[test]
    fn ninety_five_intervals_in_a_hundred_hold_the_truth() {
        let model = model(STATION);
        let tuning = tuning(&model, &[("sales", 50)]);
        let (mut held, mut z_sum) = (0, 0.0);
        for seed in 0..60 {
            let comparison = Comparison::new(&tuning, &[vec![5.0]], 16, seed, 1);
            let found = comparison.estimate(|measures| Measure::MeanWait.value(measures[0]));
            let (low, high) = found.interval(0.95);
            held += u32::from((low..=high).contains(&6.129_621_04));
            z_sum += (found.value - 6.129_621_04) / found.error;
        }
        // Of 60 at 95%, fewer than 51 happen once in a thousand times.
        assert!(held >= 51, "{held}");
        assert!(z_sum.abs() < 4.0 * 60.0_f64.sqrt(), "{z_sum}");
    }
}
