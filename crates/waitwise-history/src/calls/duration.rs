//! Durations as they are written.

use super::fault::What;

/// Longer than any contact waits or is handled; a longer one is a clock gone wrong.
pub(super) const MS_MAX: u64 = 31 * 24 * 60 * 60 * 1000;

/// Returns seconds with or without a fraction, `m:ss` or `h:mm:ss` in milliseconds.
pub(super) fn milliseconds(text: &str) -> Result<u64, What> {
    let mut parts = text.trim().rsplit(':');
    let secs = parts.next().and_then(seconds);
    let mut ms = secs.ok_or(What::NoDuration)?;
    for unit_ms in [60_000, 3_600_000] {
        let Some(part) = parts.next() else { break };
        let count: u64 = part.parse().map_err(|_| What::NoDuration)?;
        let part_ms = count.checked_mul(unit_ms).ok_or(What::NoDuration)?;
        ms = ms.checked_add(part_ms).ok_or(What::NoDuration)?;
    }
    match parts.next() {
        None if ms <= MS_MAX => Ok(ms),
        _ => Err(What::NoDuration),
    }
}

/// The fraction is cut to milliseconds digit by digit, so that nothing is rounded in between.
fn seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digit = |place: usize| {
        fraction
            .as_bytes()
            .get(place)
            .map_or(0, |digit| u64::from(digit - b'0'))
    };
    let thousandths = digit(0) * 100 + digit(1) * 10 + digit(2);
    let is_rounded_up = digit(3) >= 5;
    let ms = whole.parse::<u64>().ok()?.checked_mul(1000)?;
    ms.checked_add(thousandths + u64::from(is_rounded_up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_fractions_and_clock_like_durations() {
        for (text, expected) in [
            ("0", 0),
            ("153", 153_000),
            (" 1.5 ", 1_500),
            ("0.0005", 1),
            ("1.9999", 2_000),
            ("2.", 2_000),
            ("2:15", 135_000),
            ("1:02:15.250", 3_735_250),
            ("2678400", MS_MAX),
        ] {
            assert_eq!(milliseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "-1",
            "soon",
            "1e3",
            "1:2:3:4",
            "1.-5",
            ":",
            "2678400.001",
            "99999999999999999999",
            "18446744073709551615",
            "5124095576030431:00:00",
            "NaN",
            ".5",
        ] {
            assert_eq!(milliseconds(text), Err(What::NoDuration), "{text}");
        }
    }
}
