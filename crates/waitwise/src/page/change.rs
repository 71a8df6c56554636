//! What pages say of a change of waits.

use super::words::Unit;

/// By how much a mean wait changes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Change {
    /// How many seconds longer (or, negative, shorter) it becomes.
    pub(crate) difference_secs: f64,
    /// Half the width of the difference's 95% interval in seconds; not finite if there is too little to tell from.
    pub(crate) half_width_secs: f64,
    /// Whether the interval leaves out 0.
    pub(crate) is_evidence: bool,
}

/// What may be said about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Judgement {
    /// Waits become shorter, and the interval leaves out 0.
    Shorter,
    /// Waits become longer, and the interval leaves out 0.
    Longer,
    /// The interval holds 0, or there is none.
    NoEvidence,
}

impl Judgement {
    /// Returns the judgement in a word or two.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Judgement::Shorter => "▼ shorter",
            Judgement::Longer => "▲ longer",
            Judgement::NoEvidence => "no evidence",
        }
    }
}

impl Change {
    /// Judges it.
    pub(crate) fn judgement(&self) -> Judgement {
        match self.is_evidence && self.half_width_secs.is_finite() {
            false => Judgement::NoEvidence,
            true if self.difference_secs < 0.0 => Judgement::Shorter,
            true => Judgement::Longer,
        }
    }

    /// Returns it with its interval: "▼ 12.3 s shorter (± 4.1 s)"; `too_little` says what was too little to tell from.
    pub(crate) fn said(&self, unit: Unit, too_little: &str) -> String {
        let size = unit.said(self.difference_secs.abs());
        let half_width = unit.said(self.half_width_secs);
        match self.judgement() {
            Judgement::Shorter => format!("▼ {size} shorter (± {half_width})"),
            Judgement::Longer => format!("▲ {size} longer (± {half_width})"),
            Judgement::NoEvidence if !self.half_width_secs.is_finite() => {
                format!("no evidence: {too_little}")
            }
            Judgement::NoEvidence => format!(
                "no evidence of a difference ({} ± {half_width})",
                unit.signed(self.difference_secs)
            ),
        }
    }

    /// Returns its 95% interval without the unit: "−16.4 to −8.2".
    pub(crate) fn interval(&self, unit: Unit) -> String {
        if !self.half_width_secs.is_finite() {
            return "unknown".to_owned();
        }
        let end =
            |half_widths: f64| unit.bare(self.difference_secs + half_widths * self.half_width_secs);
        format!("{} to {}", end(-1.0), end(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_is_only_said_with_an_interval_that_leaves_out_zero() {
        let check = |change: (f64, f64, bool), judgement, said: &str, interval: &str| {
            let (difference_secs, half_width_secs, is_evidence) = change;
            let change = Change {
                difference_secs,
                half_width_secs,
                is_evidence,
            };
            assert_eq!(change.judgement(), judgement);
            let told = change.said(Unit::SECONDS, "too few days");
            assert_eq!(told.replace('\u{a0}', " "), said);
            assert_eq!(change.interval(Unit::SECONDS), interval);
        };
        check(
            (-10.0, 4.0, true),
            Judgement::Shorter,
            "▼ 10.0 s shorter (± 4.0 s)",
            "−14.0 to −6.0",
        );
        check(
            (10.0, 4.0, true),
            Judgement::Longer,
            "▲ 10.0 s longer (± 4.0 s)",
            "6.0 to 14.0",
        );
        check(
            (-10.0, 12.0, false),
            Judgement::NoEvidence,
            "no evidence of a difference (−10.0 ± 12.0 s)",
            "−22.0 to 2.0",
        );
        check(
            (-10.0, f64::INFINITY, true),
            Judgement::NoEvidence,
            "no evidence: too few days",
            "unknown",
        );
    }
}
