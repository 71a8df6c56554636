//! What happens next, of many things that each happen once: a tournament tree.
//!
//! A leaf holds when its thing happens, each node above the earlier of the two below it. Changing one leaf replays the
//! matches on its way up and no others; a match is a comparison of two integers without a branch, and the opponents are
//! known from the leaf alone, so that they are loaded while earlier matches are still being decided. A binary heap
//! branches on each comparison, and the processor guesses wrong on half of them.

/// A match's contestant: the bits of its time above its number, so that of two at one time the first by number wins.
/// Times are not negative, and the bits of such numbers are ordered like the numbers.
type Entry = u128;

#[derive(Clone, Debug)]
pub(crate) struct Tournament {
    /// Node 1 is the root, node n has the children 2n and 2n + 1.
    nodes: Vec<Entry>,
    leaves: usize,
}

impl Tournament {
    /// `n` things that never happen.
    pub(crate) fn new(n: usize) -> Tournament {
        let leaves = std::cmp::max(n, 2).next_power_of_two();
        let mut nodes = vec![entry(f64::INFINITY, 0); 2 * leaves];
        for (number, node) in nodes[leaves..].iter_mut().enumerate() {
            *node = entry(f64::INFINITY, number);
        }
        for node in (1..leaves).rev() {
            nodes[node] = std::cmp::min(nodes[2 * node], nodes[2 * node + 1]);
        }
        Tournament { nodes, leaves }
    }

    /// The earliest, and when it happens; infinite: nothing does.
    #[inline]
    pub(crate) fn first(&self) -> (f64, usize) {
        let first = self.nodes[1];
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the lower half is a number, the upper half a time"
        )]
        let (time, number) = ((first >> 64) as u64, first as u64 as usize);
        (f64::from_bits(time), number)
    }

    /// Lets thing `number` happen at `time`, at least 0; infinite: never.
    #[inline]
    pub(crate) fn set(&mut self, number: usize, time: f64) {
        let mut node = self.leaves + number;
        let mut winner = entry(time, number);
        self.nodes[node] = winner;
        while node > 1 {
            winner = std::cmp::min(winner, self.nodes[node ^ 1]);
            node /= 2;
            self.nodes[node] = winner;
        }
    }
}

#[inline]
fn entry(time: f64, number: usize) -> Entry {
    (Entry::from(time.to_bits()) << 64) | number as Entry
}

#[cfg(test)]
mod tests {
    use super::Tournament;
    use crate::random::{Purpose, Stream};

    #[test]
    fn the_earliest_is_first_and_of_several_the_first_by_number() {
        let mut stream = Stream::new(1, Purpose::Service, &[]);
        for n in [1, 2, 3, 20, 64, 65] {
            let mut times = vec![f64::INFINITY; n];
            let mut tournament = Tournament::new(n);
            for _ in 0..2_000 {
                let word = stream.word();
                let number = (word >> 32) as usize % n;
                // Few different times, so that many are alike.
                let time = match word % 8 {
                    7 => f64::INFINITY,
                    time => time as f64,
                };
                times[number] = time;
                tournament.set(number, time);
                let earliest = times.iter().copied().fold(f64::INFINITY, f64::min);
                let expected = times.iter().position(|time| *time <= earliest).unwrap();
                assert_eq!(tournament.first().1, expected);
                assert_eq!(tournament.first().0.to_bits(), earliest.to_bits());
            }
        }
    }
}
