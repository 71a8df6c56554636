//! How the report says numbers.

use super::EffectLine;

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

/// The unit in which one section speaks of waits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Unit {
    /// Its symbol.
    pub(super) symbol: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    secs: f64,
    decimals: usize,
}

impl Unit {
    const SECONDS: Unit = Unit {
        symbol: "s",
        name: "seconds",
        secs: 1.0,
        decimals: 1,
    };
    const MINUTES: Unit = Unit {
        symbol: "min",
        name: "minutes",
        secs: 60.0,
        decimals: 2,
    };
    const HOURS: Unit = Unit {
        symbol: "h",
        name: "hours",
        secs: 3600.0,
        decimals: 2,
    };

    /// Returns the unit in which the longest of these waits is easily read; ten minutes is where people stop counting seconds.
    pub(super) fn of_waits(waits_secs: impl IntoIterator<Item = f64>) -> Self {
        let longest_secs = waits_secs
            .into_iter()
            .filter(|secs| secs.is_finite())
            .fold(0.0, f64::max);
        match longest_secs {
            ..600.0 => Unit::SECONDS,
            ..14_400.0 => Unit::MINUTES,
            _ => Unit::HOURS,
        }
    }

    /// Returns so many seconds in this unit.
    pub(super) fn of_secs(self, secs: f64) -> f64 {
        secs / self.secs
    }

    /// Returns so many seconds as a number without the unit: "97.9".
    pub(super) fn bare(self, secs: f64) -> String {
        number(self.of_secs(secs), self.decimals)
    }

    /// Returns so many more or fewer seconds as a number without the unit: "+4.9".
    pub(super) fn signed(self, secs: f64) -> String {
        let bare = self.bare(secs);
        let plus = if secs.is_finite()
            && bare.contains(|digit| matches!(digit, '1'..='9'))
            && secs > 0.0
        {
            "+"
        } else {
            ""
        };
        format!("{plus}{bare}")
    }

    /// Returns so many seconds with the unit: "97.9 s".
    pub(super) fn said(self, secs: f64) -> String {
        format!("{}\u{a0}{}", self.bare(secs), self.symbol)
    }
}

/// Returns a share in 0.0..=1.0 as a percentage: "41.2%".
pub(super) fn share(share: f64) -> String {
    format!("{}%", number(share * 100.0, 1))
}

/// Returns hours: "128 h", and with a decimal below ten.
pub(super) fn hours(hours: f64) -> String {
    format!("{}\u{a0}h", number(hours, if hours < 10.0 { 1 } else { 0 }))
}

/// Returns a count: "12,345".
pub(super) fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// Returns a number with thousands marked and a true minus sign; "unknown" if it is not finite.
pub(super) fn number(value: f64, decimals: usize) -> String {
    /// Beyond this a double has no digits left to show.
    const WRITTEN_OUT_BELOW: f64 = 1e15;
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let size = value.abs();
    let digits = if size < WRITTEN_OUT_BELOW {
        grouped(&format!("{size:.decimals$}"))
    } else {
        format!("{size:.2e}")
    };
    let is_zero = digits.chars().all(|digit| matches!(digit, '0' | '.'));
    if value < 0.0 && !is_zero {
        format!("−{digits}")
    } else {
        digits
    }
}

fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::new();
    for (idx, digit) in whole.chars().enumerate() {
        if idx > 0 && (whole.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_signed_and_never_infinite() {
        for (value, decimals, expected) in [
            (0.0, 1, "0.0"),
            (-0.04, 1, "0.0"),
            (-1234.56, 1, "−1,234.6"),
            (999.0, 0, "999"),
            (1_000_000.0, 0, "1,000,000"),
            (1e300, 1, "1.00e300"),
            (f64::NAN, 1, "unknown"),
            (f64::INFINITY, 1, "unknown"),
        ] {
            assert_eq!(number(value, decimals), expected);
        }
    }

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

    #[test]
    fn the_unit_follows_the_longest_wait() {
        assert_eq!(Unit::of_waits([]), Unit::SECONDS);
        assert_eq!(Unit::of_waits([3.0, 599.0, f64::NAN]), Unit::SECONDS);
        assert_eq!(Unit::of_waits([3.0, 600.0]).bare(90.0), "1.50");
        assert_eq!(Unit::of_waits([14_400.0]), Unit::HOURS);
    }

    #[test]
    fn more_is_marked_like_less() {
        for (secs, expected) in [
            (4.9, "+4.9"),
            (-4.9, "−4.9"),
            (0.04, "0.0"),
            (-0.04, "0.0"),
            (f64::INFINITY, "unknown"),
        ] {
            assert_eq!(Unit::SECONDS.signed(secs), expected);
        }
    }
}
