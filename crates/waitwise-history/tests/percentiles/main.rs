//! Percentiles of waits that are counted in buckets, against those of the waits themselves: over groups of many sizes and
//! distributions, put together from parts as several threads do, none is off by more than 0.1% of its value.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions marked as tests for tests"
)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "drawn numbers below 2^53, none of them negative"
)]

use std::fmt::Write as _;

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use waitwise_history::sketch::{Precision, Sketch};

/// What is promised, of the value.
const BOUND: f64 = 0.001;

/// Which percentiles are looked at, in thousandths: the ends, those that are shown, and the tail.
const PER_MILLE: [u32; 12] = [0, 1, 10, 100, 250, 500, 750, 900, 950, 990, 999, 1000];

/// Groups of all laws together.
fn n_groups() -> usize {
    match std::env::var("WAITWISE_PERCENTILE_GROUPS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => 100,
    }
}

/// How waits are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Law {
    Exponential,
    Lognormal,
    /// Pareto's, whose variance is not finite.
    HeavyTailed,
    Constant,
    /// Half of them wait nothing.
    WithZeros,
    /// Some waits are short, and others a thousand times as long.
    TwoHumps,
    /// Whole seconds.
    Seconds,
    /// At most five waits.
    Tiny,
}

impl Law {
    const ALL: [Law; 8] = [
        Law::Exponential,
        Law::Lognormal,
        Law::HeavyTailed,
        Law::Constant,
        Law::WithZeros,
        Law::TwoHumps,
        Law::Seconds,
        Law::Tiny,
    ];

    fn name(self) -> &'static str {
        match self {
            Law::Exponential => "exponential",
            Law::Lognormal => "lognormal, sigma 1.5",
            Law::HeavyTailed => "Pareto, alpha 1.1",
            Law::Constant => "all the same",
            Law::WithZeros => "half of them 0, the others exponential",
            Law::TwoHumps => "short ones, and some a thousand times as long",
            Law::Seconds => "exponential, in whole seconds",
            Law::Tiny => "exponential, at most five",
        }
    }

    /// Draws a group's waits in milliseconds, around a scale of its own: from a second to three hours.
    fn group(self, draws: &mut Draws) -> Vec<u64> {
        let scale_ms = 1000.0 * 10_800.0_f64.powf(draws.share());
        // From one wait to a quarter of a million, most of them more than are kept as they are.
        let n = match self == Law::Tiny {
            true => 1 + draws.below(5),
            false => 10.0_f64.powf(5.4 * draws.share().sqrt()) as u64,
        };
        (0..n).map(|_| self.wait(scale_ms, draws)).collect()
    }

    fn wait(self, scale_ms: f64, draws: &mut Draws) -> u64 {
        let exponential = |draws: &mut Draws| -scale_ms * (1.0 - draws.share()).ln();
        let wait_ms = match self {
            Law::Exponential | Law::Tiny => exponential(draws),
            Law::Lognormal => scale_ms * (1.5 * draws.normal()).exp(),
            Law::HeavyTailed => scale_ms * (1.0 - draws.share()).powf(-1.0 / 1.1),
            Law::Constant => scale_ms,
            Law::WithZeros if draws.below(2) == 0 => 0.0,
            Law::WithZeros => exponential(draws),
            Law::TwoHumps if draws.below(20) == 0 => 1000.0 * exponential(draws),
            Law::TwoHumps => exponential(draws),
            Law::Seconds => 1000.0 * (exponential(draws) / 1000.0).round(),
        };
        wait_ms as u64
    }
}

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    /// In 0.0..1.0.
    fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// What came out for the groups of one law.
#[derive(Default)]
struct Tally {
    groups: u64,
    /// Groups that had more waits than are kept as they are.
    counted: u64,
    waits: u64,
    /// How far the worst percentile was off, as a share of its value.
    worst: f64,
}

#[test]
fn no_percentile_is_off_by_more_than_a_thousandth_of_itself() {
    let mut draws = Draws(Xoshiro256PlusPlus::seed_from_u64(1));
    let mut tallies: [Tally; Law::ALL.len()] = Default::default();
    for nth in 0..n_groups() {
        let law = nth % Law::ALL.len();
        let waits = Law::ALL[law].group(&mut draws);
        let worst = worst_error(&waits, &mut draws);
        assert!(
            worst <= BOUND,
            "group {nth}, {:?}: off by {worst}",
            Law::ALL[law]
        );
        let tally = &mut tallies[law];
        tally.groups += 1;
        tally.counted += u64::from(waits.len() > 4096);
        tally.waits += waits.len() as u64;
        tally.worst = tally.worst.max(worst);
    }
    let counted: u64 = tallies.iter().map(|tally| tally.counted).sum();
    assert!(counted > 10, "nearly every group was kept as it is");
    println!("{}", table(&tallies));
}

/// Returns how far the worst percentile of a sketch of these waits is off, as a share of its value.
fn worst_error(waits: &[u64], draws: &mut Draws) -> f64 {
    let sketch = sketch(waits, draws).ordered();
    let mut sorted = waits.to_vec();
    sorted.sort_unstable();
    let errors = PER_MILLE.map(|per_mille| {
        let exact = interpolated(&sorted, per_mille);
        let told = sketch.percentile_ms(per_mille).unwrap();
        match exact == 0.0 {
            true => told,
            false => (told - exact).abs() / exact,
        }
    });
    errors.into_iter().fold(0.0, f64::max)
}

/// Adds the waits in up to five parts.
fn sketch(waits: &[u64], draws: &mut Draws) -> Sketch {
    let part = waits.len().div_ceil(1 + draws.below(5) as usize);
    let mut all = Sketch::new();
    for waits in waits.chunks(part) {
        let mut sketch = Sketch::new();
        waits
            .iter()
            .for_each(|wait_ms| sketch.add(*wait_ms, Precision::Bounded));
        all.merge(sketch, Precision::Bounded);
    }
    all
}

/// The percentile between the two waits next to it, in the way that other tools call linear.
fn interpolated(sorted: &[u64], per_mille: u32) -> f64 {
    let place = (sorted.len() - 1) as f64 * f64::from(per_mille) / 1000.0;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    low as f64 + (high - low) as f64 * place.fract()
}

fn table(tallies: &[Tally]) -> String {
    let mut text = "<!-- percentiles -->\n\n\
        | waits | groups | of more than 4096 waits | waits | worst error, % of the value |\n\
        |---|---:|---:|---:|---:|\n"
        .to_owned();
    let mut all = Tally::default();
    let mut line = |name: &str, tally: &Tally| {
        let Tally {
            groups,
            counted,
            waits,
            worst,
        } = tally;
        let percent = worst * 100.0;
        let _ = writeln!(
            text,
            "| {name} | {groups} | {counted} | {waits} | {percent:.4} |"
        );
    };
    for (law, tally) in Law::ALL.iter().zip(tallies) {
        line(law.name(), tally);
        all.groups += tally.groups;
        all.counted += tally.counted;
        all.waits += tally.waits;
        all.worst = all.worst.max(tally.worst);
    }
    line("all", &all);
    text += "\n<!-- /percentiles -->";
    text
}
