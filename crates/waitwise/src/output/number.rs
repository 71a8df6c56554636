//! Numbers as people read them.

/// Writes a count: `12,345`; a fraction keeps one decimal.
pub(crate) fn count(value: f64) -> String {
    let text = if value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    };
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let mut grouped = String::new();
    for (idx, digit) in whole.chars().enumerate() {
        if idx > 0 && (whole.len() - idx) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(part) => format!("{grouped}.{part}"),
        None => grouped,
    }
}

/// Writes seconds: `34.2 s`.
pub(crate) fn secs(value: f64) -> String {
    format!("{value:.1} s")
}

/// Writes a difference of seconds with its sign: `−41.3 s`, `+5.0 s`.
pub(crate) fn signed_secs(value: f64) -> String {
    let sign = if value < 0.0 { '−' } else { '+' };
    format!("{sign}{:.1} s", value.abs())
}

/// Writes a share: `31.4%`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        for (value, text) in [
            (0.0, "0"),
            (999.0, "999"),
            (1234.0, "1,234"),
            (1_234_567.5, "1,234,567.5"),
            (-1234.0, "-1,234"),
        ] {
            assert_eq!(count(value), text);
        }
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(
            (signed_secs(-41.26).as_str(), signed_secs(5.0).as_str()),
            ("−41.3 s", "+5.0 s")
        );
    }
}
