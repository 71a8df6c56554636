//! What no change may do to anybody, however good it is on the whole.

use std::fmt;
use std::str::FromStr;

use crate::measures::{Experience, Measures};

/// A limit on what a skill's callers may lose against the present weights, or on the weights themselves.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Guardrail {
    /// The wait that one in ten callers of a skill exceeds rises by at most this share of itself: 0.1 is 10%.
    P90Rise(f64),
    /// A skill's abandonment rises by at most so many points: 0.5 is from 3% to 3.5%.
    AbandonmentRise(f64),
    /// A skill's service level falls by at most so many points.
    ServiceLevelFall(f64),
    /// No skill has more than so many minutes of head start on another.
    HeadStartGap(f64),
}

/// A guardrail that would be broken: which, for whom, by how much.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Breach {
    /// Which.
    pub guardrail: Guardrail,
    /// Whose callers, by place: of the skills, then of the other classes; `None` for the head starts of all.
    pub skill: Option<usize>,
    /// What it was held against: the present value, in the guardrail's unit; 0 for head starts.
    pub present: f64,
    /// What it would become.
    pub proposed: f64,
    /// How far that lies beyond the limit, above 0, in the guardrail's unit: seconds, points or minutes.
    pub excess: f64,
}

/// The guardrails of a search.
#[derive(Clone, PartialEq, Debug)]
pub struct Guardrails(Vec<Guardrail>);

impl Default for Guardrails {
    /// p90 at most 10% up, abandonment at most half a point up, service level at most one point down, per skill; head
    /// starts at most ten minutes apart.
    fn default() -> Self {
        Guardrails(vec![
            Guardrail::P90Rise(0.1),
            Guardrail::AbandonmentRise(0.5),
            Guardrail::ServiceLevelFall(1.0),
            Guardrail::HeadStartGap(10.0),
        ])
    }
}

/// A limit that is no number of at least 0.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[error("{limit} cannot be the limit of the guardrail {name}: a number of at least 0 was expected")]
pub struct NoLimit {
    /// The guardrail.
    pub name: &'static str,
    /// As given.
    pub limit: f64,
}

impl Guardrails {
    /// None at all.
    pub const NONE: Guardrails = Guardrails(Vec::new());

    /// Sets a limit in the place of the one that is there.
    ///
    /// # Errors
    /// It is negative or no number. An infinite one never stops anything.
    pub fn set(&mut self, guardrail: Guardrail) -> Result<(), NoLimit> {
        let limit = guardrail.limit();
        if limit.is_nan() || limit < 0.0 {
            return Err(NoLimit {
                name: guardrail.name(),
                limit,
            });
        }
        self.0.retain(|other| other.name() != guardrail.name());
        self.0.push(guardrail);
        Ok(())
    }

    /// Returns them with limits of a share of their own, head starts apart.
    pub(crate) fn tightened(&self, share: f64) -> Guardrails {
        let tightened = self.iter().map(|guardrail| match guardrail {
            Guardrail::P90Rise(limit) => Guardrail::P90Rise(limit * share),
            Guardrail::AbandonmentRise(limit) => Guardrail::AbandonmentRise(limit * share),
            Guardrail::ServiceLevelFall(limit) => Guardrail::ServiceLevelFall(limit * share),
            Guardrail::HeadStartGap(limit) => Guardrail::HeadStartGap(limit),
        });
        Guardrails(tightened.collect())
    }

    /// How many minutes apart head starts may lie.
    pub(crate) fn head_start_gap(&self) -> f64 {
        let gaps = self.iter().filter_map(|guardrail| match guardrail {
            Guardrail::HeadStartGap(limit) => Some(limit),
            Guardrail::P90Rise(_)
            | Guardrail::AbandonmentRise(_)
            | Guardrail::ServiceLevelFall(_) => None,
        });
        gaps.fold(f64::INFINITY, f64::min)
    }

    /// Returns them.
    pub fn iter(&self) -> impl Iterator<Item = Guardrail> {
        self.0.iter().copied()
    }

    /// Returns every guardrail that proposed weights would break, in the order of guardrails, then of skills.
    ///
    /// # Panics
    /// If the two are not about the same skills.
    pub fn breaches(
        &self,
        present: &Measures,
        proposed: &Measures,
        head_starts_minutes: &[f64],
    ) -> Vec<Breach> {
        let n = |measures: &Measures| (measures.skills.len(), measures.others.len());
        assert_eq!(n(present), n(proposed), "the same skills");
        let both = || present.everybody().zip(proposed.everybody()).enumerate();
        let per_guardrail = self.iter().map(|guardrail| {
            let gap = guardrail.gap_breach(head_starts_minutes);
            let skills = both().filter_map(move |(skill, (before, after))| {
                guardrail.skill_breach(skill, before?, after?)
            });
            gap.into_iter().chain(skills).collect::<Vec<_>>()
        });
        per_guardrail.flatten().collect()
    }
}

/// A text that names no guardrail.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "expected such as p90-rise=10%, abandonment-rise=0.5, service-level-fall=1, head-start-gap=10, or `none` for the number"
)]
pub struct NoGuardrail;

impl FromStr for Guardrail {
    type Err = NoGuardrail;

    /// Reads `NAME=LIMIT`, in the units of [`Guardrail`]; a share may be in percent, and `none` never stops anything.
    fn from_str(text: &str) -> Result<Guardrail, NoGuardrail> {
        let (name, limit) = text.split_once('=').ok_or(NoGuardrail)?;
        let number = |text: &str| {
            let number: Option<f64> = text.trim().parse().ok();
            number.filter(|number| number.is_finite() && *number >= 0.0)
        };
        let plain = match limit.trim() {
            "none" => Some(f64::INFINITY),
            limit => number(limit),
        };
        let share = limit.trim().strip_suffix('%').and_then(number);
        let share = share.map(|percent| percent / 100.0).or(plain);
        match name.trim() {
            "p90-rise" => share.map(Guardrail::P90Rise),
            "abandonment-rise" => plain.map(Guardrail::AbandonmentRise),
            "service-level-fall" => plain.map(Guardrail::ServiceLevelFall),
            "head-start-gap" => plain.map(Guardrail::HeadStartGap),
            _ => None,
        }
        .ok_or(NoGuardrail)
    }
}

impl Guardrail {
    /// Returns how settings and results call it.
    pub fn name(self) -> &'static str {
        match self {
            Guardrail::P90Rise(_) => "p90-rise",
            Guardrail::AbandonmentRise(_) => "abandonment-rise",
            Guardrail::ServiceLevelFall(_) => "service-level-fall",
            Guardrail::HeadStartGap(_) => "head-start-gap",
        }
    }

    /// Returns its limit, in the unit of its setting.
    pub fn limit(self) -> f64 {
        match self {
            Guardrail::P90Rise(limit)
            | Guardrail::AbandonmentRise(limit)
            | Guardrail::ServiceLevelFall(limit)
            | Guardrail::HeadStartGap(limit) => limit,
        }
    }

    /// Returns how far a skill's callers would be beyond the limit: seconds of p90, points of abandonment or service
    /// level; 0 or less if it holds, and `None` if it isn't about skills' callers.
    pub fn excess(self, before: &Experience, after: &Experience) -> Option<f64> {
        let points = |share: fn(&Experience) -> f64| (share(after) - share(before)) * 100.0;
        match self {
            Guardrail::P90Rise(limit) => {
                Some(after.p90_wait_secs - before.p90_wait_secs * (1.0 + limit))
            }
            Guardrail::AbandonmentRise(limit) => Some(points(|one| one.abandoned_share) - limit),
            Guardrail::ServiceLevelFall(limit) => Some(-points(|one| one.service_level) - limit),
            Guardrail::HeadStartGap(_) => None,
        }
    }

    /// What the guardrail allows a skill to lose, in the unit of [`Guardrail::excess`]; at least a tenth of a unit, so
    /// that it can be divided by.
    pub(crate) fn allowance(self, before: &Experience) -> f64 {
        let allowed = match self {
            Guardrail::P90Rise(limit) => before.p90_wait_secs * limit,
            Guardrail::AbandonmentRise(limit)
            | Guardrail::ServiceLevelFall(limit)
            | Guardrail::HeadStartGap(limit) => limit,
        };
        f64::max(allowed, 0.1)
    }

    fn skill_breach(self, skill: usize, before: &Experience, after: &Experience) -> Option<Breach> {
        let value = |one: &Experience| match self {
            Guardrail::P90Rise(_) => one.p90_wait_secs,
            Guardrail::AbandonmentRise(_) => one.abandoned_share * 100.0,
            Guardrail::ServiceLevelFall(_) => one.service_level * 100.0,
            Guardrail::HeadStartGap(_) => 0.0,
        };
        let excess = self.excess(before, after)?;
        (excess > ROUNDING).then(|| Breach {
            guardrail: self,
            skill: Some(skill),
            present: value(before),
            proposed: value(after),
            excess,
        })
    }

    fn gap_breach(self, head_starts_minutes: &[f64]) -> Option<Breach> {
        let Guardrail::HeadStartGap(limit) = self else {
            return None;
        };
        let highest = head_starts_minutes.iter().copied().reduce(f64::max)?;
        let lowest = head_starts_minutes.iter().copied().reduce(f64::min)?;
        let excess = highest - lowest - limit;
        (excess > ROUNDING).then_some(Breach {
            guardrail: self,
            skill: None,
            present: 0.0,
            proposed: highest - lowest,
            excess,
        })
    }
}

/// What may be lost in adding up tenths of minutes.
const ROUNDING: f64 = 1e-9;

impl Breach {
    /// Returns it with the names of the skills, for people.
    pub fn named<'a>(&'a self, skills: &'a [String]) -> impl fmt::Display + 'a {
        Named {
            breach: self,
            skills,
        }
    }
}

struct Named<'a> {
    breach: &'a Breach,
    skills: &'a [String],
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach {
            guardrail,
            present,
            proposed,
            ..
        } = self.breach;
        let skill = self.breach.skill.and_then(|skill| self.skills.get(skill));
        let skill = skill.map_or("a skill", String::as_str);
        let name = guardrail.name();
        match guardrail {
            Guardrail::P90Rise(limit) => write!(
                f,
                "{name}: one in ten callers of {skill} would wait over {proposed:.0} s, now {present:.0} s; at most {:.0}% more is allowed",
                limit * 100.0
            ),
            Guardrail::AbandonmentRise(limit) => write!(
                f,
                "{name}: {proposed:.1}% of the callers of {skill} would give up, now {present:.1}%; at most {limit} points more are allowed"
            ),
            Guardrail::ServiceLevelFall(limit) => write!(
                f,
                "{name}: the service level of {skill} would be {proposed:.1}%, now {present:.1}%; at most {limit} points less are allowed"
            ),
            Guardrail::HeadStartGap(limit) => write!(
                f,
                "{name}: head starts would lie {proposed:.1} minutes apart; at most {limit} are allowed"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guardrail_is_read_in_its_own_unit() {
        for (text, expected) in [
            ("p90-rise=10%", Guardrail::P90Rise(0.1)),
            ("p90-rise=0.25", Guardrail::P90Rise(0.25)),
            ("abandonment-rise=2", Guardrail::AbandonmentRise(2.0)),
            (
                "service-level-fall=none",
                Guardrail::ServiceLevelFall(f64::INFINITY),
            ),
            ("head-start-gap= 5", Guardrail::HeadStartGap(5.0)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in [
            "p90-rise",
            "p90=1",
            "abandonment-rise=-1",
            "abandonment-rise=5%",
            "head-start-gap=NaN",
            "p90-rise=inf",
            "=3",
        ] {
            assert_eq!(text.parse::<Guardrail>(), Err(NoGuardrail), "{text}");
        }
    }

    fn measures(p90_wait_secs: f64, abandoned_share: f64, service_level: f64) -> Measures {
        let one = Experience {
            offered: 100.0,
            mean_wait_secs: 20.0,
            p90_wait_secs,
            waited_share: 0.5,
            abandoned_share,
            service_level,
            service_goal: 0.8,
        };
        Measures {
            skills: vec![None],
            others: vec![Some(one)],
            overall: Some(one),
            days: 1.0,
        }
    }

    fn said(proposed: &Measures, head_starts_minutes: &[f64]) -> Vec<String> {
        let names = ["sales".to_owned(), "claims".to_owned()];
        let present = measures(60.0, 0.03, 0.80);
        let breaches = Guardrails::default().breaches(&present, proposed, head_starts_minutes);
        breaches
            .iter()
            .map(|breach| breach.named(&names).to_string())
            .collect()
    }

    #[test]
    fn what_stays_within_the_limits_passes() {
        let edge = measures(60.0 * 1.1, 0.035, 0.79);
        assert_eq!(said(&edge, &[0.1, 10.1]), [] as [&str; 0]);
        let better = measures(10.0, 0.0, 1.0);
        assert_eq!(said(&better, &[]), [] as [&str; 0]);
    }

    #[test]
    fn each_breach_says_which_for_whom_and_how_far() {
        let breaches = said(&measures(90.0, 0.041, 0.772), &[0.1, 10.2, 4.0]);
        assert_eq!(
            breaches,
            [
                "p90-rise: one in ten callers of claims would wait over 90 s, now 60 s; at most 10% more is allowed",
                "abandonment-rise: 4.1% of the callers of claims would give up, now 3.0%; at most 0.5 points more are allowed",
                "service-level-fall: the service level of claims would be 77.2%, now 80.0%; at most 1 points less are allowed",
                "head-start-gap: head starts would lie 10.1 minutes apart; at most 10 are allowed",
            ]
        );
        let present = measures(60.0, 0.03, 0.80);
        let proposed = measures(90.0, 0.041, 0.772);
        let found = Guardrails::default().breaches(&present, &proposed, &[]);
        let excess: Vec<f64> = found.iter().map(|breach| breach.excess).collect();
        assert!((excess[0] - 24.0).abs() < 1e-9, "{excess:?}");
        assert!(
            (excess[1] - 0.6).abs() < 1e-9 && (excess[2] - 1.8).abs() < 1e-9,
            "{excess:?}"
        );
    }

    #[test]
    fn limits_are_settable_and_checked() {
        let mut guardrails = Guardrails::default();
        guardrails.set(Guardrail::P90Rise(0.6)).unwrap();
        guardrails
            .set(Guardrail::AbandonmentRise(f64::INFINITY))
            .unwrap();
        guardrails.set(Guardrail::ServiceLevelFall(3.0)).unwrap();
        let present = measures(60.0, 0.03, 0.80);
        let proposed = measures(90.0, 0.041, 0.772);
        assert_eq!(guardrails.breaches(&present, &proposed, &[]), []);
        for limit in [-0.1, f64::NAN] {
            assert!(
                guardrails.set(Guardrail::HeadStartGap(limit)).is_err(),
                "{limit}"
            );
        }
        let everything_worse = measures(1e9, 1.0, 0.0);
        let none = Guardrails::NONE.breaches(&present, &everything_worse, &[0.0, 99.0]);
        assert_eq!(none, []);
    }
}
