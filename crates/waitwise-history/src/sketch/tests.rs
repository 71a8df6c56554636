use proptest::prelude::*;

use super::*;

/// Numbers without a pattern (splitmix64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A wait as groups have them: many short, few very long, some of no time at all.
    fn wait_ms(&mut self, longest_digits: u64) -> u64 {
        let digits = self.below(longest_digits + 1);
        match digits {
            0 => 0,
            digits => self.next() >> (64 - digits),
        }
    }
}

fn sketch_of(waits: &[u64], precision: Precision) -> Sketch {
    let mut sketch = Sketch::new();
    for wait in waits {
        sketch.add(*wait, precision);
    }
    sketch
}

/// The interpolated percentile, as it is defined.
fn exactly(sorted: &[u64], per_mille: u32) -> f64 {
    let thousandths = (sorted.len() - 1) * per_mille as usize;
    let (below, above) = (thousandths / 1000, thousandths.div_ceil(1000));
    let (low, high) = (sorted[below] as f64, sorted[above] as f64);
    low + (high - low) * (thousandths % 1000) as f64 / 1000.0
}

/// The largest error of some percentiles, as a share of their values.
fn worst_error(ordered: &Ordered, sorted: &[u64]) -> f64 {
    let errors = [0, 1, 10, 100, 250, 500, 750, 900, 990, 999, 1000].map(|per_mille| {
        let (is, should) = (
            ordered.percentile_ms(per_mille).unwrap(),
            exactly(sorted, per_mille),
        );
        (is - should).abs() / f64::max(should, 1.0)
    });
    errors.into_iter().fold(0.0, f64::max)
}

#[test]
fn percentiles_of_a_thousand_groups_are_within_a_thousandth() {
    let mut noise = Noise(5);
    let mut worst = 0.0;
    let mut n_buckets = 0;
    for group in 0..1000 {
        let n = 1 + noise.below(if group % 2 == 0 { 300 } else { 20_000 });
        let digits = 8 + noise.below(30);
        let mut waits: Vec<_> = (0..n).map(|_| noise.wait_ms(digits)).collect();
        let bounded = sketch_of(&waits, Precision::Bounded);
        n_buckets += usize::from(matches!(bounded.waits, Waits::Buckets(_)));
        let exact = sketch_of(&waits, Precision::Exact).ordered();
        waits.sort_unstable();
        assert!(worst_error(&exact, &waits) < 1e-12, "group {group}");
        worst = f64::max(worst, worst_error(&bounded.ordered(), &waits));
    }
    println!(
        "worst error of 1,000 groups, {n_buckets} of them in buckets: {:.4}%",
        worst * 100.0
    );
    assert!(n_buckets > 300);
    assert!(worst > 0.0 && worst <= 0.001, "{worst}");
}

#[test]
fn a_bucket_is_within_a_thousandth_of_all_its_waits() {
    let mut noise = Noise(9);
    let edges = (0..64).flat_map(|digits| {
        let edge = 1_u64 << digits;
        [
            edge - 1,
            edge,
            edge + 1,
            edge + (edge >> 10),
            edge + (edge >> 9),
        ]
    });
    let more: Vec<_> = (0..100_000)
        .map(|_| noise.next() >> noise.below(64))
        .collect();
    for wait in edges.chain(more).chain([u64::MAX]) {
        let middle = middle(bucket(wait));
        let error = wait.abs_diff(middle) as f64 / wait as f64;
        assert!(wait == middle || error <= 0.001, "{wait} {middle}");
    }
    assert!(bucket(u64::MAX) < 30_000);
    assert!((0..1024).all(|wait| middle(bucket(wait)) == wait));
}

#[test]
fn nothing_has_no_percentile() {
    let nothing = Sketch::new();
    assert_eq!((nothing.count(), nothing.max_ms()), (0, None));
    assert_eq!(nothing.ordered().percentile_ms(500), None);
}

#[test]
fn one_wait_is_every_percentile() {
    for wait in [0, 7, 123_456_789, u64::from(u32::MAX) + 1] {
        for n in [1, LIST_MAX, LIST_MAX + 1] {
            let waits = vec![wait; usize::try_from(n).unwrap()];
            let ordered = sketch_of(&waits, Precision::Bounded).ordered();
            assert_eq!(ordered.percentile_ms(0), Some(wait as f64));
            assert_eq!(ordered.percentile_ms(999), Some(wait as f64));
        }
    }
}

proptest! {
    #[test]
    fn neither_order_nor_parts_show(
        seed in any::<u64>(),
        sizes in prop::collection::vec(prop_oneof![0..50_u64, 0..6000_u64], 1..5),
        exact in any::<bool>(),
    ) {
        let precision = if exact { Precision::Exact } else { Precision::Bounded };
        let mut noise = Noise(seed);
        let parts: Vec<Vec<u64>> = sizes
            .iter()
            .map(|n| (0..*n).map(|_| noise.wait_ms(36)).collect())
            .collect();
        let merged = |parts: &mut dyn Iterator<Item = &Vec<u64>>| {
            let mut all = Sketch::new();
            for part in parts {
                all.merge(sketch_of(part, precision), precision);
            }
            (all.count(), all.max_ms(), all.ordered())
        };
        let forwards = merged(&mut parts.iter());
        prop_assert_eq!(&merged(&mut parts.iter().rev()), &forwards);
        let together = sketch_of(&parts.concat(), precision);
        prop_assert_eq!((together.count(), together.max_ms(), together.ordered()), forwards);
    }
}
