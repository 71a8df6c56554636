//! What is to become small: chosen by a person, never taken for granted.
//!
//! Different objectives pull weights in opposite directions, so that weights are only ever better *at* something. What
//! each is good for stands in `docs/strategies.md`.

use std::fmt;
use std::str::FromStr;

use crate::measures::{Experience, Measures};

/// One number that a centre is judged by; smaller is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// The largest mean wait of a skill, in seconds.
    WorstWait,
    /// The mean wait of all callers, in seconds.
    MeanWait,
    /// The hours that all callers wait in a day.
    WaitingHours,
    /// The largest wait that one in ten callers of a skill exceeds, in seconds.
    WorstP90,
    /// How far service levels miss their goals, in points: the mean over callers, a skill above its goal counting 0.
    ServiceShortfall,
    /// How many callers in a hundred give up.
    Abandonment,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 6] = [
        Measure::WorstWait,
        Measure::MeanWait,
        Measure::WaitingHours,
        Measure::WorstP90,
        Measure::ServiceShortfall,
        Measure::Abandonment,
    ];

    /// Returns how settings and results call it.
    pub fn name(self) -> &'static str {
        match self {
            Measure::WorstWait => "worst-wait",
            Measure::MeanWait => "mean-wait",
            Measure::WaitingHours => "waiting-hours",
            Measure::WorstP90 => "worst-p90",
            Measure::ServiceShortfall => "service-shortfall",
            Measure::Abandonment => "abandonment",
        }
    }

    /// Returns the unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::WorstWait | Measure::MeanWait | Measure::WorstP90 => "s",
            Measure::WaitingHours => "h a day",
            Measure::ServiceShortfall | Measure::Abandonment => "points",
        }
    }

    /// Returns its value; 0 if nobody came.
    pub fn value(self, measures: &Measures) -> f64 {
        let overall = |of: fn(&Experience) -> f64| measures.overall.as_ref().map_or(0.0, of);
        let worst = |of: fn(&Experience) -> f64| {
            let values = measures.present().map(of);
            values.fold(0.0, f64::max)
        };
        match self {
            Measure::WorstWait => worst(|one| one.mean_wait_secs),
            Measure::MeanWait => overall(|all| all.mean_wait_secs),
            Measure::WaitingHours => {
                overall(|all| all.offered * all.mean_wait_secs / 3600.0) / measures.days
            }
            Measure::WorstP90 => worst(|one| one.p90_wait_secs),
            Measure::ServiceShortfall => shortfall(measures),
            Measure::Abandonment => overall(|all| all.abandoned_share * 100.0),
        }
    }

    /// What a second of mean wait counts beside it where weights make no other difference.
    fn tie_break(self) -> f64 {
        match self {
            // Already about all waits.
            Measure::MeanWait | Measure::WaitingHours => 0.0,
            Measure::WorstWait | Measure::WorstP90 => 0.01,
            // Ten seconds are worth a hundredth of a point.
            Measure::ServiceShortfall | Measure::Abandonment => 0.001,
        }
    }
}

fn shortfall(measures: &Measures) -> f64 {
    let offered: f64 = measures.present().map(|one| one.offered).sum();
    let points = measures
        .present()
        .map(|one| one.offered * one.shortfall_points());
    if offered > 0.0 {
        points.sum::<f64>() / offered
    } else {
        0.0
    }
}

/// What a search makes small: one measure, or several with what a unit of each is worth.
///
/// ```
/// use waitwise_weights::Objective;
///
/// let objective: Objective = "mix:mean-wait+5*abandonment".parse()?;
/// assert_eq!(objective.to_string(), "mix:mean-wait+5*abandonment");
/// # Ok::<(), waitwise_weights::NoObjective>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Objective {
    /// At least one; factors are finite and above 0.
    terms: Vec<(f64, Measure)>,
}

impl Default for Objective {
    /// The worst skill's mean wait.
    fn default() -> Self {
        Objective::of(Measure::WorstWait)
    }
}

impl Objective {
    /// One measure.
    pub fn of(measure: Measure) -> Objective {
        Objective {
            terms: vec![(1.0, measure)],
        }
    }

    /// Returns its measures, each with what one unit of it counts.
    pub fn terms(&self) -> &[(f64, Measure)] {
        &self.terms
    }

    /// Returns the unit of its values; of a mix that of its first measure, which the others are changed into.
    pub fn unit(&self) -> &'static str {
        self.terms[0].1.unit()
    }

    /// Returns its value: smaller is better.
    pub fn value(&self, measures: &Measures) -> f64 {
        let terms = self.terms.iter();
        terms
            .map(|(factor, measure)| factor * measure.value(measures))
            .sum()
    }

    /// Returns its value with a little of the mean wait of all callers added, which decides between weights that are
    /// equal otherwise: a hundredth beside the worst skill, a thousandth of a point for each second beside shares.
    pub fn score(&self, measures: &Measures) -> f64 {
        self.value(measures) + self.tie_break() * Measure::MeanWait.value(measures)
    }

    /// What a second of mean wait counts beside it.
    pub(crate) fn tie_break(&self) -> f64 {
        let terms = self.terms.iter();
        terms
            .map(|(factor, measure)| factor * measure.tie_break())
            .sum()
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(1.0, measure)] = self.terms[..] {
            return f.write_str(measure.name());
        }
        for (place, (factor, measure)) in self.terms.iter().enumerate() {
            f.write_str(if place == 0 { "mix:" } else { "+" })?;
            if (factor - 1.0).abs() > 0.0 {
                write!(f, "{factor}*")?;
            }
            f.write_str(measure.name())?;
        }
        Ok(())
    }
}

/// A text that is no objective.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoObjective {
    /// No measure has the name.
    #[error(
        "no measure is called `{name}`: {} were expected, or a mix such as mix:mean-wait+5*abandonment",
        names()
    )]
    Unknown {
        /// As given.
        name: String,
    },
    /// What a unit of a measure is worth is no number that can be used.
    #[error("`{factor}` cannot be the factor of {measure}: a number above 0 was expected")]
    Factor {
        /// As given.
        factor: String,
        /// The measure.
        measure: &'static str,
    },
    /// A measure stands in a mix twice.
    #[error("{measure} stands in the mix twice: give it one factor")]
    Twice {
        /// The measure.
        measure: &'static str,
    },
}

fn names() -> String {
    let names = Measure::ALL.map(Measure::name);
    format!("{} or {}", names[..5].join(", "), names[5])
}

impl FromStr for Measure {
    type Err = NoObjective;

    fn from_str(text: &str) -> Result<Measure, NoObjective> {
        let named = Measure::ALL
            .into_iter()
            .find(|measure| measure.name() == text);
        named.ok_or_else(|| NoObjective::Unknown {
            name: text.to_owned(),
        })
    }
}

impl FromStr for Objective {
    type Err = NoObjective;

    /// Reads a measure's name, or `mix:FACTOR*NAME+FACTOR*NAME…`; a factor that is 1 may be left out.
    fn from_str(text: &str) -> Result<Objective, NoObjective> {
        let Some(mix) = text.strip_prefix("mix:") else {
            return text.parse().map(Objective::of);
        };
        let mut terms: Vec<(f64, Measure)> = Vec::new();
        for part in mix.split('+') {
            let (factor, measure) = term(part.trim())?;
            if terms.iter().any(|(_, other)| *other == measure) {
                return Err(NoObjective::Twice {
                    measure: measure.name(),
                });
            }
            terms.push((factor, measure));
        }
        Ok(Objective { terms })
    }
}

fn term(part: &str) -> Result<(f64, Measure), NoObjective> {
    let Some((factor, name)) = part.split_once('*') else {
        return Ok((1.0, part.parse()?));
    };
    let measure: Measure = name.trim().parse()?;
    let factor = factor.trim();
    let value = factor
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite() && *value > 0.0);
    let value = value.ok_or_else(|| NoObjective::Factor {
        factor: factor.to_owned(),
        measure: measure.name(),
    })?;
    Ok((value, measure))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn experience(offered: f64, mean_wait_secs: f64, abandoned_share: f64) -> Experience {
        Experience {
            offered,
            mean_wait_secs,
            p90_wait_secs: 3.0 * mean_wait_secs,
            waited_share: 0.5,
            abandoned_share,
            service_level: 0.7,
            service_goal: 0.8,
        }
    }

    fn measures() -> Measures {
        let quiet = experience(100.0, 60.0, 0.10);
        let busy = Experience {
            service_level: 0.9,
            ..experience(300.0, 20.0, 0.02)
        };
        Measures {
            skills: vec![Some(quiet), None, Some(busy)],
            others: vec![Some(experience(9.0, 900.0, 0.9))],
            overall: Some(experience(400.0, 30.0, 0.04)),
            days: 2.0,
        }
    }

    #[test]
    fn each_measure_is_what_its_name_says() {
        let values = Measure::ALL.map(|measure| measure.value(&measures()));
        let expected = [60.0, 30.0, 400.0 * 30.0 / 3600.0 / 2.0, 180.0, 2.5, 4.0];
        for ((value, expected), measure) in values.iter().zip(expected).zip(Measure::ALL) {
            assert!(
                (value - expected).abs() < 1e-9,
                "{}: {value}",
                measure.name()
            );
        }
        let nobody = Measures {
            skills: vec![None],
            others: Vec::new(),
            overall: None,
            days: 1.0,
        };
        assert!(
            Measure::ALL
                .iter()
                .all(|measure| measure.value(&nobody) == 0.0)
        );
    }

    #[test]
    fn the_mean_wait_decides_between_equals_only() {
        let objective = Objective::default();
        assert!((objective.value(&measures()) - 60.0).abs() < 1e-9);
        assert!((objective.score(&measures()) - 60.3).abs() < 1e-9);
        let mean_wait = Objective::of(Measure::MeanWait);
        assert!((mean_wait.score(&measures()) - 30.0).abs() < 1e-9);
    }

    #[test]
    fn a_mix_adds_what_units_are_worth() {
        let mix: Objective = "mix: 0.5*mean-wait + 5*abandonment+worst-p90"
            .parse()
            .unwrap();
        assert!((mix.value(&measures()) - (15.0 + 20.0 + 180.0)).abs() < 1e-9);
        assert_eq!(mix.to_string(), "mix:0.5*mean-wait+5*abandonment+worst-p90");
        assert_eq!(mix.to_string().parse(), Ok(mix));
    }

    #[test]
    fn names_are_read_back_and_others_refused() {
        for measure in Measure::ALL {
            assert_eq!(measure.name().parse(), Ok(Objective::of(measure)));
            assert_eq!(Objective::of(measure).to_string(), measure.name());
        }
        for (text, said) in [
            ("fast", "no measure is called `fast`: worst-wait, mean-wait"),
            ("mix:", "no measure is called ``"),
            ("mix:0*mean-wait", "`0` cannot be the factor of mean-wait"),
            ("mix:-1*mean-wait", "`-1` cannot be"),
            ("mix:NaN*mean-wait", "`NaN` cannot be"),
            ("mix:1e999*mean-wait", "`1e999` cannot be"),
            (
                "mix:mean-wait+2*mean-wait",
                "mean-wait stands in the mix twice",
            ),
        ] {
            let error = Objective::from_str(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text}: {error}");
        }
    }
}
