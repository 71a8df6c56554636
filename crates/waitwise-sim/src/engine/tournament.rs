//! What happens next, of many things that each happen once: a tournament tree.
//!
//! A leaf holds when its thing happens, each node above the earlier of the two below it. Changing one leaf replays the
//! matches on its way up and no others. The opponents are known from the leaf alone, so that they are loaded while earlier
//! matches are still being decided, and a match is decided without a branch: a binary heap branches on each comparison, and
//! the processor guesses wrong on half of them.

use std::hint::select_unpredictable;

#[derive(Clone, Debug)]
pub(crate) struct Tournament {
    /// Node 1 is the root, node n has the children 2n and 2n + 1.
    nodes: Vec<Node>,
    leaves: usize,
}

/// The winner of a match.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// The bits of its time. Times are not negative, and the bits of such numbers are ordered like the numbers.
    time: u64,
    number: u32,
}

const NEVER: f64 = f64::INFINITY;

impl Tournament {
    /// `n` things that never happen.
    pub(crate) fn new(n: usize) -> Tournament {
        let leaves = std::cmp::max(n, 2).next_power_of_two();
        let nobody = Node {
            time: NEVER.to_bits(),
            number: 0,
        };
        let mut tournament = Tournament {
            nodes: vec![nobody; 2 * leaves],
            leaves,
        };
        for number in 0..leaves {
            tournament.set(number, NEVER);
        }
        tournament
    }

    /// The earliest, and when it happens; infinite: nothing does.
    #[inline]
    pub(crate) fn first(&self) -> (f64, usize) {
        let first = self.nodes[1];
        (f64::from_bits(first.time), first.number as usize)
    }

    /// Lets thing `number` happen at `time`, at least 0; infinite: never.
    #[inline]
    pub(crate) fn set(&mut self, number: usize, time: f64) {
        let mut node = self.leaves + number;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a model has at most a million agents"
        )]
        let mut winner = Node {
            time: time.to_bits(),
            number: number as u32,
        };
        self.nodes[node] = winner;
        while node > 1 {
            let other = self.nodes[node ^ 1];
            // Of two at one time the first by number wins, which is the one on the left: a right child must be earlier.
            let is_right = (node & 1) as u64;
            let wins = other.time < winner.time + is_right;
            winner = Node {
                time: select_unpredictable(wins, other.time, winner.time),
                number: select_unpredictable(wins, other.number, winner.number),
            };
            node /= 2;
            self.nodes[node] = winner;
        }
    }
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
