//! How pages say numbers.

/// The unit in which one section speaks of waits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Unit {
    /// Its symbol.
    pub(crate) symbol: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    secs: f64,
    decimals: usize,
}

impl Unit {
    pub(crate) const SECONDS: Unit = Unit {
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
    pub(crate) fn of_waits(waits_secs: impl IntoIterator<Item = f64>) -> Self {
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
    pub(crate) fn of_secs(self, secs: f64) -> f64 {
        secs / self.secs
    }

    /// Returns so many seconds as a number without the unit: "97.9".
    pub(crate) fn bare(self, secs: f64) -> String {
        number(self.of_secs(secs), self.decimals)
    }

    /// Returns so many more or fewer seconds as a number without the unit: "+4.9".
    pub(crate) fn signed(self, secs: f64) -> String {
        signed(self.of_secs(secs), self.decimals)
    }

    /// Returns so many seconds with the unit: "97.9 s".
    pub(crate) fn said(self, secs: f64) -> String {
        format!("{}\u{a0}{}", self.bare(secs), self.symbol)
    }
}

/// Returns a share in 0.0..=1.0 as a percentage: "41.2%".
pub(crate) fn share(share: f64) -> String {
    format!("{}%", number(share * 100.0, 1))
}

/// Returns hours: "128 h", and with a decimal below ten.
pub(crate) fn hours(hours: f64) -> String {
    format!("{}\u{a0}h", number(hours, if hours < 10.0 { 1 } else { 0 }))
}

/// Returns a count: "12,345".
pub(crate) fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// Returns a number with thousands marked and a true minus sign; "unknown" if it is not finite.
pub(crate) fn number(value: f64, decimals: usize) -> String {
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

/// Returns a difference: as [`number`], with a plus sign where it is more.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let bare = number(value, decimals);
    let is_more =
        value.is_finite() && value > 0.0 && bare.contains(|digit| matches!(digit, '1'..='9'));
    format!("{}{bare}", if is_more { "+" } else { "" })
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
