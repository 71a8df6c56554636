//! Waits in buckets: quantiles of any number of waits, to within 0.4% of the wait.

/// Buckets per doubling of the wait.
const PER_DOUBLING: usize = 128;
/// The shortest wait that has a bucket of its own is 2⁻²⁰ s, a microsecond; the longest 2²⁸ s, eight years.
const FIRST_EXPONENT: i64 = -20;
const DOUBLINGS: usize = 48;
const BUCKETS: usize = PER_DOUBLING * DOUBLINGS;
/// Bits of an f64 below the seven that a bucket keeps of its fraction.
const BITS_BELOW: u32 = 52 - 7;
/// The upper bits of the first bucket's lower edge.
const FIRST_EDGE: i64 = (1023 + FIRST_EXPONENT) * PER_DOUBLING as i64;

/// Counts of waits above 0 by bucket, for adding to.
#[derive(Clone, Debug)]
pub(crate) struct Buckets {
    counts: Box<[u32]>,
    /// A bit per doubling: whether it has any.
    touched: u64,
}

impl Buckets {
    pub(crate) fn new() -> Buckets {
        Buckets {
            counts: vec![0; BUCKETS].into_boxed_slice(),
            touched: 0,
        }
    }

    /// Counts a wait above 0.
    #[inline]
    pub(crate) fn add(&mut self, wait_secs: f64) {
        let bucket = bucket_of(wait_secs);
        self.counts[bucket] += 1;
        self.touched |= 1 << (bucket / PER_DOUBLING);
    }

    /// Returns what was counted and forgets it.
    pub(crate) fn take(&mut self) -> Sketch {
        let mut counts = Vec::new();
        for doubling in 0..DOUBLINGS {
            if self.touched >> doubling & 1 == 0 {
                continue;
            }
            let from = doubling * PER_DOUBLING;
            for (bucket, count) in (from..).zip(&mut self.counts[from..from + PER_DOUBLING]) {
                if *count > 0 {
                    counts.push((u16::try_from(bucket).unwrap_or(u16::MAX), u64::from(*count)));
                    *count = 0;
                }
            }
        }
        self.touched = 0;
        Sketch { counts }
    }
}

#[inline]
fn bucket_of(wait_secs: f64) -> usize {
    let bucket = (wait_secs.to_bits() >> BITS_BELOW).cast_signed() - FIRST_EDGE;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the buckets that there are"
    )]
    let bucket = bucket.clamp(0, BUCKETS as i64 - 1) as usize;
    bucket
}

/// The lower edge of a bucket.
fn edge(bucket: usize) -> f64 {
    #[expect(
        clippy::cast_possible_wrap,
        reason = "there are a few thousand buckets"
    )]
    let upper = FIRST_EDGE + bucket as i64;
    f64::from_bits(upper.cast_unsigned() << BITS_BELOW)
}

/// Waits above 0, counted in buckets whose edges are 1/128 of a doubling apart.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sketch {
    /// Buckets that have any, in order.
    counts: Vec<(u16, u64)>,
}

impl Sketch {
    /// Returns how many waits were counted.
    pub fn n(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// Adds what another one has counted.
    pub fn merge(&mut self, other: &Sketch) {
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
            return;
        }
        let mut merged = Vec::with_capacity(self.counts.len() + other.counts.len());
        let mut mine = self.counts.iter().copied().peekable();
        for (bucket, count) in &other.counts {
            while let Some(before) = mine.next_if(|(own, _)| own < bucket) {
                merged.push(before);
            }
            let own = mine
                .next_if(|(own, _)| own == bucket)
                .map_or(0, |(_, own)| own);
            merged.push((*bucket, own + count));
        }
        merged.extend(mine);
        self.counts = merged;
    }

    /// Returns the wait below which `rank` of the waits lie, `0.0..=n`, between the edges of its bucket in proportion;
    /// `None` if there are fewer.
    pub(crate) fn at_rank(&self, rank: f64) -> Option<f64> {
        let mut below = 0.0;
        for (bucket, count) in &self.counts {
            let bucket = usize::from(*bucket);
            let count = *count as f64;
            if below + count >= rank {
                let within = ((rank - below) / count).clamp(0.0, 1.0);
                return Some(edge(bucket) + within * (edge(bucket + 1) - edge(bucket)));
            }
            below += count;
        }
        None
    }

    /// Returns how many of the waits are at most `secs`; of those in its bucket in proportion.
    pub(crate) fn n_at_most(&self, secs: f64) -> f64 {
        let last = bucket_of(secs);
        let mut n = 0.0;
        for (bucket, count) in &self.counts {
            let bucket = usize::from(*bucket);
            if bucket < last {
                n += *count as f64;
            } else if bucket == last {
                let within = (secs - edge(last)) / (edge(last + 1) - edge(last));
                n += *count as f64 * within.clamp(0.0, 1.0);
            }
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(waits: impl IntoIterator<Item = f64>) -> Sketch {
        let mut buckets = Buckets::new();
        for wait in waits {
            buckets.add(wait);
        }
        let sketch = buckets.take();
        assert_eq!(buckets.take(), Sketch::default());
        sketch
    }

    #[test]
    fn a_quantile_is_within_a_bucket_of_the_order_statistic() {
        let waits: Vec<f64> = (1..=10_000).map(|n| f64::from(n) * 0.01).collect();
        let sketch = sketch(waits.iter().copied());
        for rank in [1, 10, 500, 5_000, 9_000, 9_999, 10_000] {
            let found = sketch.at_rank(f64::from(rank)).unwrap();
            let exact = f64::from(rank) * 0.01;
            assert!((found / exact - 1.0).abs() < 0.008, "{rank}: {found}");
            let below = sketch.n_at_most(exact);
            assert!((below - f64::from(rank)).abs() < 0.009 * f64::from(rank) + 1.0);
        }
        assert_eq!(sketch.at_rank(10_001.0), None);
    }

    #[test]
    fn extremes_are_counted_at_the_ends() {
        let sketch = sketch([f64::MIN_POSITIVE, 1e-9, 1e12]);
        assert_eq!(sketch.n(), 3);
        assert!(sketch.at_rank(1.0).unwrap() < 2e-6);
    }

    #[test]
    fn merging_is_counting_together() {
        let (one, other) = ([0.5, 3.0, 3.001, 700.0], [0.1, 3.0, 9_000.0]);
        let mut merged = sketch(one);
        merged.merge(&sketch(other));
        assert_eq!(merged, sketch(one.into_iter().chain(other)));
        let mut empty = Sketch::default();
        empty.merge(&merged);
        assert_eq!(empty, merged);
    }
}
