//! Fingerprints: whether an object is still what was read.

use std::fmt;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// A digest (SHA-256) of an object's comparable form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Digests an object's comparable form.
    pub fn of(comparable: &str) -> Self {
        Fingerprint(format!("sha256:{}", hex(&Sha256::digest(comparable), 32)))
    }

    /// Takes a fingerprint as it was stored.
    pub fn new(text: impl Into<String>) -> Self {
        Fingerprint(text.into())
    }

    /// Returns `sha256:` and 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the first `n_bytes` of a digest in hexadecimal.
pub(crate) fn hex(digest: &[u8], n_bytes: usize) -> String {
    let mut out = String::with_capacity(2 * n_bytes);
    for byte in digest.iter().take(n_bytes) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
