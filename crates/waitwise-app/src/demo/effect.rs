//! What a change did to waits: the same callers with and without it.
//!
//! Two contact centres of one seed see the very same callers, arriving, talking and giving up alike; only one of
//! them got the new weights. The difference between the two is the change's doing, day by day.

use waitwise_model::{SkillId, Weight};
use waitwise_sandbox::{SkillWaits, WaitSums};

/// What the change did to one skill's callers, or to all callers.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// The skill; `None` for all callers together.
    pub skill: Option<SkillId>,
    /// Its name.
    pub name: String,
    /// The weight that stood in the rule before, as the host wrote it.
    pub weight_before: Option<String>,
    /// The weight that was written.
    pub weight_after: Option<Weight>,
    /// Waits without the change.
    pub without: WaitFigures,
    /// Waits with the change.
    pub with: WaitFigures,
    /// How many seconds longer (or, negative, shorter) the mean wait became.
    pub difference_secs: Estimate,
}

/// Waits of everybody who called, those who gave up included.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WaitFigures {
    /// How many called.
    pub offered: u64,
    /// How many of them gave up.
    pub abandoned: u64,
    /// Mean wait of all of them in seconds: until answered or given up. 0 if nobody called.
    pub mean_wait_secs: f64,
}

impl WaitFigures {
    fn of(sums: WaitSums) -> Self {
        WaitFigures {
            offered: sums.offered,
            abandoned: sums.abandoned,
            mean_wait_secs: mean_secs(sums),
        }
    }

    /// Returns the share of callers who gave up, in 0.0..=1.0; 0 if nobody called.
    pub fn abandon_share(&self) -> f64 {
        ratio(self.abandoned, self.offered)
    }
}

/// A mean with its two-sided 95% interval.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the interval's width; infinite with fewer than two days.
    pub half_width: f64,
    /// How many days stand behind it.
    pub n_days: usize,
}

impl Estimate {
    /// Returns whether the interval leaves out 0: only then is anything said about better or worse.
    pub fn is_evidence(&self) -> bool {
        self.mean.abs() > self.half_width
    }
}

/// What the change did to each skill's callers, and to all of them together.
#[derive(Clone, PartialEq, Debug)]
pub struct Effects {
    /// Skill by skill.
    pub skills: Vec<Effect>,
    /// All callers.
    pub all: Effect,
}

/// Compares two centres' waits over the same stretch.
///
/// The difference of mean waits is a ratio over days of very different size, so its interval comes from the
/// jackknife: one day left out at a time (Efron 1982, chapter 3), with Student's t.
pub(super) fn effects(without: &[SkillWaits], with: &[SkillWaits]) -> Effects {
    let skill = |(a, b): (&SkillWaits, &SkillWaits)| {
        effect(Some(SkillId::new(&a.id)), &a.name, &a.days, &b.days)
    };
    Effects {
        skills: without.iter().zip(with).map(skill).collect(),
        all: effect(None, "all callers", &all_days(without), &all_days(with)),
    }
}

fn effect(skill: Option<SkillId>, name: &str, without: &[WaitSums], with: &[WaitSums]) -> Effect {
    Effect {
        skill,
        name: name.to_owned(),
        weight_before: None,
        weight_after: None,
        without: WaitFigures::of(total(without)),
        with: WaitFigures::of(total(with)),
        difference_secs: jackknife(without, with),
    }
}

fn jackknife(without: &[WaitSums], with: &[WaitSums]) -> Estimate {
    let (all_without, all_with) = (total(without), total(with));
    let mean = mean_secs(all_with) - mean_secs(all_without);
    // A day without callers says nothing, with or without the change.
    let days: Vec<_> = without
        .iter()
        .zip(with)
        .filter(|(a, b)| a.offered + b.offered > 0)
        .collect();
    let left_out = |(a, b): &(&WaitSums, &WaitSums)| {
        mean_secs(minus(all_with, **b)) - mean_secs(minus(all_without, **a))
    };
    let partial: Vec<f64> = days.iter().map(left_out).collect();
    Estimate {
        mean,
        half_width: jackknife_half_width(&partial),
        n_days: days.len(),
    }
}

fn jackknife_half_width(partial: &[f64]) -> f64 {
    let Some(freedom) = u32::try_from(partial.len())
        .ok()
        .and_then(|n| n.checked_sub(1))
        .filter(|n| *n > 0)
    else {
        return f64::INFINITY;
    };
    let n = f64::from(freedom + 1);
    let centre = partial.iter().sum::<f64>() / n;
    let spread: f64 = partial.iter().map(|value| (value - centre).powi(2)).sum();
    t_quantile_975(freedom) * ((n - 1.0) / n * spread).sqrt()
}

/// Returns the 97.5% quantile of Student's t for `freedom` ≥ 1 degrees of freedom, to within 0.5%.
///
/// The tabled values up to 4, then the Cornish–Fisher expansion about the normal quantile (Abramowitz and Stegun
/// 26.7.5).
fn t_quantile_975(freedom: u32) -> f64 {
    const SMALL: [f64; 4] = [12.706, 4.303, 3.182, 2.776];
    const Z: f64 = 1.959_964;
    let idx = usize::try_from(freedom)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    SMALL.get(idx).copied().unwrap_or_else(|| {
        let n = f64::from(freedom);
        let first = (Z.powi(3) + Z) / 4.0;
        let second = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
        let third = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
        Z + first / n + second / n.powi(2) + third / n.powi(3)
    })
}

fn all_days(skills: &[SkillWaits]) -> Vec<WaitSums> {
    let n_days = skills
        .iter()
        .map(|skill| skill.days.len())
        .max()
        .unwrap_or(0);
    let day = |idx: usize| {
        total(
            &skills
                .iter()
                .filter_map(|skill| skill.days.get(idx).copied())
                .collect::<Vec<_>>(),
        )
    };
    (0..n_days).map(day).collect()
}

fn total(days: &[WaitSums]) -> WaitSums {
    days.iter().fold(WaitSums::default(), |sum, day| WaitSums {
        offered: sum.offered + day.offered,
        answered: sum.answered + day.answered,
        abandoned: sum.abandoned + day.abandoned,
        answered_wait_ms: sum.answered_wait_ms + day.answered_wait_ms,
        wait_ms: sum.wait_ms + day.wait_ms,
    })
}

fn minus(all: WaitSums, day: WaitSums) -> WaitSums {
    WaitSums {
        offered: all.offered - day.offered,
        wait_ms: all.wait_ms - day.wait_ms,
        ..all
    }
}

fn mean_secs(sums: WaitSums) -> f64 {
    ratio(sums.wait_ms, sums.offered) / 1000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and milliseconds of a few months stay far below 2^53"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(offered: u64, wait_ms: u64) -> WaitSums {
        WaitSums {
            offered,
            answered: offered,
            wait_ms,
            answered_wait_ms: wait_ms,
            ..WaitSums::default()
        }
    }

    fn waits(days: Vec<WaitSums>) -> Vec<SkillWaits> {
        vec![SkillWaits {
            id: "s".to_owned(),
            name: "S".to_owned(),
            total: total(&days),
            days,
        }]
    }

    #[test]
    fn a_steady_gain_is_evidence_and_equal_days_are_not() {
        let before: Vec<_> = (1..=20).map(|i| day(100, 100_000 * (40 + i % 3))).collect();
        let after: Vec<_> = (1..=20).map(|i| day(100, 100_000 * (30 + i % 3))).collect();
        let effects = effects(&waits(before.clone()), &waits(after));
        assert!((effects.skills[0].difference_secs.mean + 10.0).abs() < 1e-9);
        assert!(effects.skills[0].difference_secs.is_evidence());
        assert!(effects.all.difference_secs.is_evidence());
        let same = super::effects(&waits(before.clone()), &waits(before));
        assert!(!same.skills[0].difference_secs.is_evidence());
    }

    #[test]
    fn noise_alone_is_no_evidence() {
        let before: Vec<_> = (0..20).map(|_| day(100, 4_000_000)).collect();
        let after: Vec<_> = (0..20)
            .map(|i| day(100, if i % 2 == 0 { 2_000_000 } else { 6_100_000 }))
            .collect();
        let found = effects(&waits(before), &waits(after));
        assert!(!found.skills[0].difference_secs.is_evidence());
        assert!(found.skills[0].difference_secs.half_width > 1.0);
    }

    #[test]
    fn with_equal_days_the_jackknife_is_the_plain_t_interval() {
        let gains = [1.0, 4.0, 2.0, 7.0, 5.0];
        let before: Vec<_> = gains.iter().map(|_| day(10, 100_000)).collect();
        let after: Vec<_> = [110_000, 140_000, 120_000, 170_000, 150_000]
            .iter()
            .map(|ms| day(10, *ms))
            .collect();
        let found = effects(&waits(before), &waits(after)).skills[0].difference_secs;
        let mean = gains.iter().sum::<f64>() / 5.0;
        let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / 4.0;
        assert!((found.mean - mean).abs() < 1e-9);
        assert!((found.half_width - 2.776 * (variance / 5.0).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn one_day_is_never_evidence() {
        let found = effects(
            &waits(vec![day(10, 100_000)]),
            &waits(vec![day(10, 900_000)]),
        );
        assert!(!found.skills[0].difference_secs.is_evidence());
    }

    #[test]
    fn student_quantiles_are_the_tabled_ones() {
        for (freedom, tabled) in [
            (1, 12.706),
            (5, 2.571),
            (10, 2.228),
            (29, 2.045),
            (120, 1.980),
        ] {
            assert!(
                (t_quantile_975(freedom) / tabled - 1.0).abs() < 0.005,
                "{freedom}"
            );
        }
    }
}
