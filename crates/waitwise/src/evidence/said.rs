//! How the page says shares and durations.

/// Returns a part of a whole, in 0.0..=1.0; 0 of none.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub(super) fn share_of(part: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        part as f64 / of as f64
    }
}

/// Returns a duration as people say it: "45 s", "7 min 40 s", "2 h 5 min".
pub(super) fn lasting(ms: u64) -> String {
    const NARROW: char = '\u{a0}';
    let secs = (ms + 500) / 1000;
    let two = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large}{NARROW}{large_unit}"),
        small => format!("{large}{NARROW}{large_unit} {small}{NARROW}{small_unit}"),
    };
    match secs {
        0 if ms > 0 => format!("{ms}{NARROW}ms"),
        0..60 => format!("{secs}{NARROW}s"),
        60..3600 => two(secs / 60, "min", secs % 60, "s"),
        3600.. => two(secs / 3600, "h", secs % 3600 / 60, "min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_two_units_at_most() {
        for (ms, expected) in [
            (0, "0 s"),
            (400, "400 ms"),
            (45_000, "45 s"),
            (60_000, "1 min"),
            (460_400, "7 min 40 s"),
            (7_500_000, "2 h 5 min"),
        ] {
            assert_eq!(lasting(ms).replace('\u{a0}', " "), expected);
        }
    }
}
