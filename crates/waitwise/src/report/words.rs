//! What the report may say about a difference.

use super::EffectLine;
use crate::page::words::Unit;

/// What may be said about a difference of waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Judgement {
    /// Waits became shorter, and the interval leaves out 0.
    Shorter,
    /// Waits became longer, and the interval leaves out 0.
    Longer,
    /// The interval holds 0, or there is none.
    NoEvidence,
    /// There is nothing to compare.
    NobodyCalled,
}

impl Judgement {
    /// Judges one line.
    pub(super) fn of(effect: &EffectLine) -> Self {
        if effect.offered == 0 {
            Judgement::NobodyCalled
        } else if !effect.is_evidence || !effect.half_width_secs.is_finite() {
            Judgement::NoEvidence
        } else if effect.difference_secs < 0.0 {
            Judgement::Shorter
        } else {
            Judgement::Longer
        }
    }

    /// Returns the judgement in a word or two.
    pub(super) fn word(self) -> &'static str {
        match self {
            Judgement::Shorter => "▼ shorter",
            Judgement::Longer => "▲ longer",
            Judgement::NoEvidence => "no evidence",
            Judgement::NobodyCalled => "nobody called",
        }
    }
}

/// Returns a difference with its interval: "▼ 12.3 s shorter (± 4.1 s)".
pub(super) fn difference(effect: &EffectLine, unit: Unit) -> String {
    let size = unit.said(effect.difference_secs.abs());
    let half_width = unit.said(effect.half_width_secs);
    match Judgement::of(effect) {
        Judgement::Shorter => format!("▼ {size} shorter (± {half_width})"),
        Judgement::Longer => format!("▲ {size} longer (± {half_width})"),
        Judgement::NoEvidence if !effect.half_width_secs.is_finite() => {
            "no evidence: too few days to compare".to_owned()
        }
        Judgement::NoEvidence => format!(
            "no evidence of a difference ({} ± {half_width})",
            unit.signed(effect.difference_secs)
        ),
        Judgement::NobodyCalled => "nobody called".to_owned(),
    }
}

/// Returns a difference's 95% interval without its unit: "−16.4 to −8.2".
pub(super) fn interval(effect: &EffectLine, unit: Unit) -> String {
    if !effect.half_width_secs.is_finite() {
        return "unknown".to_owned();
    }
    let end =
        |half_widths: f64| unit.bare(effect.difference_secs + half_widths * effect.half_width_secs);
    format!("{} to {}", end(-1.0), end(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_is_only_said_with_an_interval_that_leaves_out_zero() {
        let effect = EffectLine {
            offered: 10,
            without_wait_secs: 50.0,
            with_wait_secs: 40.0,
            difference_secs: -10.0,
            half_width_secs: 4.0,
            is_evidence: true,
            n_days: 30,
            without_abandon_share: 0.1,
            with_abandon_share: 0.1,
        };
        let check = |effect: EffectLine, judgement, said: &str| {
            assert_eq!(Judgement::of(&effect), judgement);
            assert_eq!(
                difference(&effect, Unit::SECONDS).replace('\u{a0}', " "),
                said
            );
        };
        check(effect, Judgement::Shorter, "▼ 10.0 s shorter (± 4.0 s)");
        check(
            EffectLine {
                difference_secs: 10.0,
                ..effect
            },
            Judgement::Longer,
            "▲ 10.0 s longer (± 4.0 s)",
        );
        check(
            EffectLine {
                is_evidence: false,
                half_width_secs: 12.0,
                ..effect
            },
            Judgement::NoEvidence,
            "no evidence of a difference (−10.0 ± 12.0 s)",
        );
        check(
            EffectLine {
                half_width_secs: f64::INFINITY,
                ..effect
            },
            Judgement::NoEvidence,
            "no evidence: too few days to compare",
        );
        check(
            EffectLine {
                offered: 0,
                ..effect
            },
            Judgement::NobodyCalled,
            "nobody called",
        );
        assert_eq!(interval(&effect, Unit::SECONDS), "−14.0 to −6.0");
        assert_eq!(
            interval(
                &EffectLine {
                    half_width_secs: f64::INFINITY,
                    ..effect
                },
                Unit::SECONDS
            ),
            "unknown"
        );
    }
}
