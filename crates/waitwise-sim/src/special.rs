//! Student's t, from `libm` alone: printed intervals must be the same on every machine.

/// Returns the value that a t variable with `df` degrees of freedom exceeds with a probability in 0..0.5.
pub fn t_quantile(upper: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while t_upper_tail(high, df) > upper && high < 1e12 {
        high *= 2.0;
    }
    // 60 halvings leave less than the last bit.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if t_upper_tail(middle, df) > upper {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Returns the value that a t variable with `df` degrees of freedom exceeds with probability 0.025.
pub(crate) fn t_quantile_975(df: f64) -> f64 {
    t_quantile(0.025, df)
}

/// Returns how likely a t variable with `df` degrees of freedom is to exceed `t`.
pub fn t_upper_tail(t: f64, df: f64) -> f64 {
    let tail = 0.5 * incomplete_beta(0.5 * df, 0.5, df / (df + t * t));
    if t < 0.0 { 1.0 - tail } else { tail }
}

/// The regularised incomplete beta function I_x(a, b).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log1p(-x),
    );
    // The fraction converges fast on this side of the mean only.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// Its continued fraction, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let held = |value: f64| {
        if value.abs() < 1e-300 { 1e-300 } else { value }
    };
    let mut c = 1.0;
    let mut d = 1.0 / held(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..=300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for step in [even, odd] {
            d = 1.0 / held(1.0 + step * d);
            c = held(1.0 + step / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::{t_quantile, t_quantile_975, t_upper_tail};

    #[test]
    fn quantiles_are_those_of_students_t() {
        for df in [1.0, 2.0, 3.0, 9.0, 29.0, 99.0, 1_000.0] {
            let expected = StudentsT::new(0.0, 1.0, df).unwrap().inverse_cdf(0.975);
            let found = t_quantile_975(df);
            assert!(
                (found / expected - 1.0).abs() < 1e-7,
                "{df}: {found}, {expected}"
            );
        }
        // The first terms of the expansion about the normal quantile.
        let z = 1.959_963_984_540_054_f64;
        let expected = z + (z.powi(3) + z) / 400_000.0;
        assert!((t_quantile_975(100_000.0) - expected).abs() < 1e-9);
        assert!((t_quantile_975(4.0) - 2.776_445_105_198).abs() < 1e-11);
    }

    #[test]
    fn any_level_and_both_tails_are_students() {
        for df in [1.0, 7.0, 31.0, 1_000.0] {
            let law = StudentsT::new(0.0, 1.0, df).unwrap();
            for upper in [0.4, 0.05, 0.000_5] {
                let expected = law.inverse_cdf(1.0 - upper);
                let found = t_quantile(upper, df);
                assert!(
                    (found / expected - 1.0).abs() < 1e-6,
                    "{df} {upper}: {found}, {expected}"
                );
            }
            for t in [-9.0, -0.3, 0.0, 2.0, 12.0] {
                let expected = law.cdf(-t);
                assert!((t_upper_tail(t, df) - expected).abs() < 1e-9, "{df} {t}");
            }
        }
    }
}
