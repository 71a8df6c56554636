//! What the report may say about a difference.

use super::EffectLine;
use crate::page::change::{Change, Judgement};
use crate::page::words::Unit;

const NOBODY: &str = "nobody called";

/// Judges one line; `None`: nobody called, there is nothing to compare.
pub(super) fn judged(effect: &EffectLine) -> Option<Judgement> {
    (effect.offered > 0).then(|| change(effect).judgement())
}

/// Returns the judgement in a word or two.
pub(super) fn judgement(effect: &EffectLine) -> &'static str {
    judged(effect).map_or(NOBODY, Judgement::word)
}

/// Returns a difference with its interval: "▼ 12.3 s shorter (± 4.1 s)".
pub(super) fn difference(effect: &EffectLine, unit: Unit) -> String {
    match judged(effect) {
        None => NOBODY.to_owned(),
        Some(_) => change(effect).said(unit, "too few days to compare"),
    }
}

/// Returns a difference's 95% interval without its unit: "−16.4 to −8.2".
pub(super) fn interval(effect: &EffectLine, unit: Unit) -> String {
    change(effect).interval(unit)
}

fn change(effect: &EffectLine) -> Change {
    Change {
        difference_secs: effect.difference_secs,
        half_width_secs: effect.half_width_secs,
        is_evidence: effect.is_evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_called_nothing_is_judged() {
        let effect = EffectLine {
            offered: 0,
            without_wait_secs: 50.0,
            with_wait_secs: 40.0,
            difference_secs: -10.0,
            half_width_secs: 4.0,
            is_evidence: true,
            n_days: 30,
            without_abandon_share: 0.1,
            with_abandon_share: 0.1,
        };
        assert_eq!(judged(&effect), None);
        assert_eq!(judgement(&effect), "nobody called");
        assert_eq!(difference(&effect, Unit::SECONDS), "nobody called");
        let effect = EffectLine {
            offered: 10,
            ..effect
        };
        assert_eq!(judged(&effect), Some(Judgement::Shorter));
        assert_eq!(judgement(&effect), "▼ shorter");
    }
}
