//! A hash for short texts and keys.
//!
//! Every visit looks up four or five of them. The standard hash defends against chosen keys, which ids of one's own tenant are
//! not, and takes four times as long.

use std::hash::{BuildHasherDefault, Hasher};

/// A map that is never iterated over: its order would mean nothing.
pub(super) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Folding>>;

/// Folds sixteen bytes at a time into the hash by a multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Folding(u64);

/// Bytes of one multiplication.
const PAIR: usize = 16;

impl Folding {
    #[inline]
    fn fold(&mut self, pair: [u8; PAIR]) {
        /// Numbers without a pattern: the golden ratio's digits.
        const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xf39c_c060_5ced_c835];
        let pair = u128::from_le_bytes(pair);
        let (low, high) = halves(pair);
        let product = u128::from(self.0 ^ low ^ FACTORS[0]) * u128::from(high ^ FACTORS[1]);
        let (low, high) = halves(product);
        self.0 = low ^ high;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the other half is returned too"
)]
fn halves(pair: u128) -> (u64, u64) {
    (pair as u64, (pair >> 64) as u64)
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        // What is behind the last whole pair is folded with bytes before it, or with zeros: the length tells them apart.
        self.0 ^= bytes.len() as u64;
        if let Some(last) = bytes.last_chunk::<PAIR>() {
            let (pairs, rest) = bytes.as_chunks::<PAIR>();
            for pair in pairs {
                self.fold(*pair);
            }
            if !rest.is_empty() {
                self.fold(*last);
            }
        } else {
            let mut pair = [0; PAIR];
            for (place, byte) in pair.iter_mut().zip(bytes) {
                *place = *byte;
            }
            self.fold(pair);
        }
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        // Texts end so; their length is in the hash already.
        self.0 ^= u64::from(byte);
    }

    #[inline]
    fn write_usize(&mut self, len: usize) {
        // Lists begin so; their length is in the hash too.
        self.0 ^= len as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
