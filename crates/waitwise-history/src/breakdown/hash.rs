//! A hash for short texts and keys.
//!
//! Every visit looks up four or five of them. The standard hash defends against chosen keys, which ids of one's own tenant are
//! not, and takes four times as long.

use std::hash::{BuildHasherDefault, Hasher};

/// A map that is never iterated over: its order would mean nothing.
pub(super) type Map<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Folding>>;

/// Folds eight bytes at a time into the hash by a multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Folding(u64);

impl Folding {
    #[inline]
    fn fold(&mut self, word: u64) {
        /// An odd number without a pattern: the golden ratio's digits.
        const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
        let product = u128::from(self.0 ^ word)
            .wrapping_add(1)
            .wrapping_mul(FACTOR);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are folded")]
        let folded = product as u64 ^ (product >> 64) as u64;
        self.0 = folded;
    }
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            for (place, byte) in word.iter_mut().zip(rest) {
                *place = *byte;
            }
            self.fold(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        // Texts end so; their length shows in the words already, or they differ.
        self.0 ^= u64::from(byte);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
