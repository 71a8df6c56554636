//! Waits of a group, small enough to keep for thousands of groups, and what their percentiles are.
//!
//! Up to some thousands of waits are kept as they are. More are counted in buckets, whose width grows with the wait so that
//! each wait is known to 0.1% of itself. Both states follow from the waits alone: in whatever order they are added and
//! merged, the result is the same.

/// Waits in milliseconds: how many, and how they are distributed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sketch {
    waits: Waits,
    count: u64,
    min_ms: u64,
    max_ms: u64,
}

/// How precisely waits are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// Each to 0.1% of itself, in bounded memory.
    Bounded,
    /// All as they are, in four bytes each.
    Exact,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Waits {
    /// As they are, in no order.
    List { short: Vec<u32>, long: Vec<u64> },
    /// Counted.
    Buckets(Buckets),
}

/// More waits than this are counted in buckets: a list of so many takes 16 KB, which is what the buckets of a group with so many
/// waits take too.
const LIST_MAX: u64 = 4096;

impl Sketch {
    /// Returns an empty sketch.
    pub fn new() -> Sketch {
        Sketch {
            waits: Waits::List {
                short: Vec::new(),
                long: Vec::new(),
            },
            count: 0,
            min_ms: u64::MAX,
            max_ms: 0,
        }
    }

    /// Adds a wait.
    pub fn add(&mut self, wait_ms: u64, precision: Precision) {
        self.count += 1;
        self.min_ms = std::cmp::min(self.min_ms, wait_ms);
        self.max_ms = std::cmp::max(self.max_ms, wait_ms);
        match &mut self.waits {
            Waits::Buckets(buckets) => buckets.add(wait_ms, 1),
            Waits::List { short, long } => {
                match u32::try_from(wait_ms) {
                    Ok(wait_ms) => short.push(wait_ms),
                    Err(_) => long.push(wait_ms),
                }
                self.settle(precision);
            }
        }
    }

    /// Adds the waits of another sketch that was made with the same precision.
    pub fn merge(&mut self, other: Sketch, precision: Precision) {
        self.count += other.count;
        self.min_ms = std::cmp::min(self.min_ms, other.min_ms);
        self.max_ms = std::cmp::max(self.max_ms, other.max_ms);
        match (&mut self.waits, other.waits) {
            (Waits::Buckets(buckets), Waits::Buckets(others)) => buckets.merge(&others),
            (Waits::Buckets(buckets), Waits::List { short, long }) => {
                buckets.add_list(&short, &long);
            }
            (Waits::List { short, long }, Waits::Buckets(mut others)) => {
                others.add_list(short, long);
                self.waits = Waits::Buckets(others);
            }
            (Waits::List { short, long }, Waits::List { short: s, long: l }) => {
                short.extend(s);
                long.extend(l);
                self.settle(precision);
            }
        }
    }

    /// Turns a list that has become too long into buckets.
    fn settle(&mut self, precision: Precision) {
        if precision == Precision::Exact || self.count <= LIST_MAX {
            return;
        }
        if let Waits::List { short, long } = &self.waits {
            let mut buckets = Buckets::default();
            buckets.add_list(short, long);
            self.waits = Waits::Buckets(buckets);
        }
    }

    /// Returns how many waits there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the longest wait; `None` if there is none.
    pub fn max_ms(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max_ms)
    }

    /// Returns the waits in an order in which percentiles can be read off.
    pub fn ordered(self) -> Ordered {
        match self.waits {
            Waits::List {
                mut short,
                mut long,
            } => {
                short.sort_unstable();
                long.sort_unstable();
                Ordered::List { short, long }
            }
            Waits::Buckets(buckets) => Ordered::Counted {
                counted: buckets.counted(self.min_ms, self.max_ms),
                count: self.count,
            },
        }
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Sketch::new()
    }
}

/// Waits by length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ordered {
    /// As they are.
    List {
        /// Those below 2^32 milliseconds.
        short: Vec<u32>,
        /// The others.
        long: Vec<u64>,
    },
    /// Counted: waits with how many are at most so long.
    Counted {
        /// By length.
        counted: Vec<(u64, u64)>,
        /// How many there are.
        count: u64,
    },
}

impl Ordered {
    /// Returns a percentile in milliseconds, interpolated linearly between the two waits next to it; `None` if there are no
    /// waits. `per_mille` is 500 for the median, 0..=1000.
    ///
    /// With `n` waits in order, numbered from 0, the percentile stands at place (n - 1) · per_mille / 1000. Each of the two
    /// waits is exact, or within 0.1% if it was counted in a bucket.
    #[expect(
        clippy::cast_precision_loss,
        reason = "waits far below 2^53 milliseconds, and a share of one"
    )]
    pub fn percentile_ms(&self, per_mille: u32) -> Option<f64> {
        let last = self.count().checked_sub(1)?;
        let place = u128::from(last) * u128::from(std::cmp::min(per_mille, 1000));
        let below = u64::try_from(place / 1000).ok()?;
        let share = (place % 1000) as f64 / 1000.0;
        let low = self.at(below)? as f64;
        let high = self.at(std::cmp::min(below + 1, last))? as f64;
        Some(low + (high - low) * share)
    }

    /// Returns how many waits there are.
    pub fn count(&self) -> u64 {
        match self {
            Ordered::List { short, long } => (short.len() + long.len()) as u64,
            Ordered::Counted { count, .. } => *count,
        }
    }

    /// Returns the wait at a place, counted from 0.
    /// Hands out the waits in milliseconds, in order, each with how often it is there.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        let (short, long, counted): (&[u32], &[u64], &[(u64, u64)]) = match self {
            Ordered::List { short, long } => (short, long, &[]),
            Ordered::Counted { counted, .. } => (&[], &[], counted),
        };
        let n = |run: usize| run as u64;
        let short = short.chunk_by(|a, b| a == b);
        let short = short.map(move |run| (run.first().copied().map_or(0, u64::from), n(run.len())));
        let long = long.chunk_by(|a, b| a == b);
        let long = long.map(move |run| (run.first().copied().unwrap_or(0), n(run.len())));
        let before = std::iter::once(0).chain(counted.iter().map(|(_, up_to)| *up_to));
        let counted = counted.iter().zip(before);
        let counted = counted.map(|((wait_ms, up_to), before)| (*wait_ms, up_to - before));
        short.chain(long).chain(counted)
    }

    fn at(&self, place: u64) -> Option<u64> {
        match self {
            Ordered::List { short, long } => {
                let place = usize::try_from(place).ok()?;
                let short_wait = short.get(place).map(|wait| u64::from(*wait));
                short_wait.or_else(|| long.get(place.checked_sub(short.len())?).copied())
            }
            Ordered::Counted { counted, .. } => {
                let idx = counted.partition_point(|(_, up_to)| *up_to <= place);
                counted.get(idx).map(|(wait, _)| *wait)
            }
        }
    }
}

/// Counts by bucket. A wait of at most 10 binary digits has a bucket of its own, a longer one shares its bucket with those
/// that have the same first 10 digits: half a bucket is at most 1/1024 of the wait.
///
/// Buckets come in pages, which are there only where something was counted.
#[derive(Clone, Default)]
struct Buckets {
    /// For each page, from the shortest waits on, its place among `counts` plus one; 0: it is not there.
    places: Vec<u16>,
    counts: Vec<[u32; PAGE]>,
}

/// Binary digits by which waits are told apart.
const DIGITS: u32 = 10;
/// Buckets per doubling of the wait.
const HALF: u64 = 1 << (DIGITS - 1);
/// Buckets in a page: small, since waits of one group spread over few powers of two.
const PAGE: usize = 32;

impl Buckets {
    fn add(&mut self, wait_ms: u64, n: u32) {
        let (page, place) = (bucket(wait_ms) / PAGE, bucket(wait_ms) % PAGE);
        if let Some(count) = self.page(page).get_mut(place) {
            // Four thousand million waits of one length: more is still the most common length.
            *count = count.saturating_add(n);
        }
    }

    fn page(&mut self, page: usize) -> &mut [u32; PAGE] {
        if self.places.len() <= page {
            self.places.resize(page + 1, 0);
        }
        let place = &mut self.places[page];
        if *place == 0 {
            self.counts.push([0; PAGE]);
            *place = u16::try_from(self.counts.len()).unwrap_or(u16::MAX);
        }
        &mut self.counts[usize::from(*place) - 1]
    }

    fn add_list(&mut self, short: &[u32], long: &[u64]) {
        for wait in short {
            self.add(u64::from(*wait), 1);
        }
        for wait in long {
            self.add(*wait, 1);
        }
    }

    fn merge(&mut self, others: &Buckets) {
        for (page, counts) in others.pages() {
            for (count, other) in self.page(page).iter_mut().zip(counts) {
                *count = count.saturating_add(*other);
            }
        }
    }

    fn pages(&self) -> impl Iterator<Item = (usize, &[u32; PAGE])> {
        let places = self.places.iter().enumerate();
        places.filter_map(|(page, place)| {
            let place = usize::from(*place).checked_sub(1)?;
            Some((page, self.counts.get(place)?))
        })
    }

    /// Returns for each bucket the wait that stands for it, and how many waits are at most so long.
    fn counted(&self, min_ms: u64, max_ms: u64) -> Vec<(u64, u64)> {
        let buckets = self.pages().flat_map(|(page, counts)| {
            let counts = counts.iter().enumerate();
            counts.map(move |(place, count)| (page * PAGE + place, *count))
        });
        let mut up_to = 0;
        buckets
            .filter(|(_, count)| *count > 0)
            .map(|(bucket, count)| {
                up_to += u64::from(count);
                (middle(bucket).clamp(min_ms, max_ms), up_to)
            })
            .collect()
    }
}

/// Where the pages lie in memory depends on the order of adding; what they say does not.
impl PartialEq for Buckets {
    fn eq(&self, other: &Self) -> bool {
        self.pages().eq(other.pages())
    }
}

impl Eq for Buckets {}

impl std::fmt::Debug for Buckets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.pages()).finish()
    }
}

/// Returns the number of a wait's bucket: below 30,000.
fn bucket(wait_ms: u64) -> usize {
    let digits = 64 - wait_ms.leading_zeros();
    let dropped = digits.saturating_sub(DIGITS);
    usize::try_from(u64::from(dropped) * HALF + (wait_ms >> dropped)).unwrap_or(usize::MAX)
}

/// Returns the wait in the middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let dropped = (bucket / HALF).saturating_sub(1);
    let first_digits = bucket - dropped * HALF;
    (first_digits << dropped) + ((1 << dropped) >> 1)
}

#[cfg(test)]
mod tests;
