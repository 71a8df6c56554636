//! Exponential and normal numbers by the ziggurat method of Marsaglia and Tsang (2000), with tables of our own.
//!
//! Under the curve lie 256 strips of one area, so that nearly every draw costs a table look-up, a multiplication and a
//! comparison. The tables are worked out once from `libm`, so they are the same on every machine.

use std::sync::LazyLock;

use crate::random::{Stream, unit};

const STRIPS: usize = 256;

/// Edges of the strips, outermost first, and the curve's heights there.
pub(crate) struct Tables {
    edge: [f64; STRIPS + 1],
    height: [f64; STRIPS + 1],
}

/// For exp(−x).
static EXPONENTIAL: LazyLock<Tables> = LazyLock::new(|| {
    // Where the tail begins, and the area of each strip, as that start of the tail gives it.
    let tail = 7.697_117_470_131_05;
    let area = (tail + 1.0) * libm::exp(-tail);
    Tables::new(tail, area, |x| libm::exp(-x), |y| -libm::log(y))
});

/// For exp(−x²/2).
static NORMAL: LazyLock<Tables> = LazyLock::new(|| {
    let tail = 3.654_152_885_361_009;
    let tail_area = (std::f64::consts::PI / 2.0).sqrt() * libm::erfc(tail / 2.0_f64.sqrt());
    let area = tail * libm::exp(-0.5 * tail * tail) + tail_area;
    Tables::new(
        tail,
        area,
        |x| libm::exp(-0.5 * x * x),
        |y| (-2.0 * libm::log(y)).sqrt(),
    )
});

impl Tables {
    fn new(tail: f64, area: f64, curve: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Tables {
        let mut edge = [0.0; STRIPS + 1];
        edge[0] = area / curve(tail);
        edge[1] = tail;
        for strip in 2..STRIPS {
            edge[strip] = inverse(area / edge[strip - 1] + curve(edge[strip - 1]));
        }
        Tables {
            height: edge.map(curve),
            edge,
        }
    }

    pub(crate) fn exponential() -> &'static Tables {
        &EXPONENTIAL
    }

    pub(crate) fn normal() -> &'static Tables {
        &NORMAL
    }
}

/// An exponential number with mean 1.
#[inline(always)]
pub(crate) fn exponential(tables: &Tables, stream: &mut Stream) -> f64 {
    loop {
        let word = stream.word();
        let strip = (word & 0xff) as usize;
        let x = unit(word) * tables.edge[strip];
        if x < tables.edge[strip + 1] {
            return x;
        }
        if let Some(x) = at_the_edge(tables, strip, x, stream) {
            return x;
        }
    }
}

/// Decides on an exponential number beyond its strip's sure part, once in ninety draws; `None`: draw again.
#[cold]
fn at_the_edge(tables: &Tables, strip: usize, x: f64, stream: &mut Stream) -> Option<f64> {
    if strip == 0 {
        // What lies beyond the start of the tail is exponential again.
        return Some(tables.edge[1] - libm::log(stream.positive_unit()));
    }
    is_under(tables, strip, libm::exp(-x), stream).then_some(x)
}

/// A normal number with mean 0 and standard deviation 1.
#[inline]
pub(crate) fn normal(tables: &Tables, stream: &mut Stream) -> f64 {
    loop {
        let word = stream.word();
        let strip = (word & 0xff) as usize;
        // Bit 8 is in neither the strip nor the 53 bits of the place.
        let sign = if word & 0x100 == 0 { 1.0 } else { -1.0 };
        let x = unit(word) * tables.edge[strip];
        if x < tables.edge[strip + 1] {
            return sign * x;
        }
        if strip == 0 {
            return sign * normal_tail(tables.edge[1], stream);
        }
        if is_under(tables, strip, libm::exp(-0.5 * x * x), stream) {
            return sign * x;
        }
    }
}

/// Whether a random height within the strip is below the curve's.
fn is_under(tables: &Tables, strip: usize, curve: f64, stream: &mut Stream) -> bool {
    let (low, high) = (tables.height[strip], tables.height[strip + 1]);
    low + (high - low) * stream.unit() < curve
}

fn normal_tail(start: f64, stream: &mut Stream) -> f64 {
    loop {
        let x = -libm::log(stream.positive_unit()) / start;
        let y = -libm::log(stream.positive_unit());
        if 2.0 * y >= x * x {
            return start + x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn all_strips_have_one_area() {
        for (tables, name) in [(Tables::exponential(), "exp"), (Tables::normal(), "normal")] {
            let area = tables.edge[0] * tables.height[1];
            for strip in 1..STRIPS {
                let strips = tables.edge[strip] * (tables.height[strip + 1] - tables.height[strip]);
                assert!(
                    (strips / area - 1.0).abs() < 1e-9,
                    "{name}, strip {strip}: {strips} is not {area}"
                );
            }
        }
    }

    /// Kolmogorov and Smirnov's distance of 400,000 draws from the law: beyond 1.95/√n once in a thousand seeds.
    #[test]
    fn draws_follow_their_law() {
        let check = |draw: &dyn Fn(&mut Stream) -> f64, law: &dyn Fn(f64) -> f64, key: u64| {
            let n = 400_000;
            let mut stream = Stream::new(7, Purpose::Service, &[key]);
            let mut drawn: Vec<f64> = (0..n).map(|_| draw(&mut stream)).collect();
            drawn.sort_by(f64::total_cmp);
            let gaps = drawn
                .iter()
                .enumerate()
                .map(|(rank, x)| (law(*x) - (rank as f64 + 0.5) / n as f64).abs());
            let distance = gaps.fold(0.0, f64::max);
            assert!(distance < 2.5 / (n as f64).sqrt(), "{key}: {distance}");
        };
        check(
            &|stream| exponential(Tables::exponential(), stream),
            &|x| 1.0 - libm::exp(-x),
            0,
        );
        check(
            &|stream| normal(Tables::normal(), stream),
            &|x| 0.5 * libm::erfc(-x / 2.0_f64.sqrt()),
            1,
        );
    }

    #[test]
    fn tails_are_drawn_as_often_as_they_should() {
        let mut stream = Stream::new(11, Purpose::Service, &[]);
        let n = 4_000_000;
        let beyond = (0..n)
            .filter(|_| exponential(Tables::exponential(), &mut stream) > 8.0)
            .count();
        // 4,000,000 × exp(−8) = 1342, give or take 37.
        assert!((1160..1525).contains(&beyond), "{beyond}");
    }
}
