//! What stands for a conversation and for an agent in facts: numbers that tell the same from different ones, and nothing else.

use std::fmt;

use sha2::{Digest, Sha256};

/// Stands for a conversation: the first 16 bytes of the SHA-256 of its id. Among 10^9 conversations two have the same
/// one with a probability of 10^-21.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationKey(pub [u8; 16]);

impl ConversationKey {
    /// Returns the key of the conversation with this id.
    pub fn of(id: &str) -> ConversationKey {
        ConversationKey(first_half(id))
    }
}

impl fmt::Display for ConversationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ConversationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConversationKey({self})")
    }
}

/// Returns what stands for the agent with this id: 32 hexadecimal digits, made as a conversation's key is.
///
/// It keeps agents apart and keeps their ids out of facts. It is no secret: whoever has the ids can work out the keys.
pub fn agent_key(id: &str) -> String {
    ConversationKey(first_half(id)).to_string()
}

fn first_half(id: &str) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_any_tool_makes_of_the_id() {
        // printf abc | sha256sum | cut -c1-32
        let expected = "ba7816bf8f01cfea414140de5dae2223";
        assert_eq!(ConversationKey::of("abc").to_string(), expected);
        assert_eq!(agent_key("abc"), expected);
    }
}
