//! Which record a row is, so that it is counted once in however many files it stands.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use waitwise_model::Ending;

use super::row::Call;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// How many rows are remembered at the least, when told whether a row was there before.
const REMEMBERED_MIN: usize = 1 << 18;

/// Gives each row of one file the id of its conversation.
///
/// A row with an id of its own is known by it, its entry and its queue: systems give one id to all visits of a contact,
/// and a later export knows more about the same visit. Any other row is known by all that the mapping reads of it, and
/// by how many rows of the file said the same before it: there are calls that do not differ in anything recorded. So
/// an export that is read twice, or overlaps another, counts once. Equal rows that lie further apart than 262,144
/// others are taken for one; a file that is sorted by anything has them side by side.
///
/// The id says nothing: it is a digest.
#[derive(Debug, Default)]
pub struct Identities {
    recent: HashMap<[u8; 16], u32>,
    before: HashMap<[u8; 16], u32>,
    text: String,
}

impl Identities {
    /// Returns the id of the conversation that this row, the next one of its file, stands for.
    pub fn of(&mut self, call: &Call<'_>) -> &str {
        let key = match call.id {
            Some(id) => own(id, call),
            None => {
                let content = content(call);
                match self.seen_before(content) {
                    0 => content,
                    times => digest(|part| {
                        part(&content);
                        part(&times.to_le_bytes());
                    }),
                }
            }
        };
        self.text.clear();
        // Digit by digit: formatting took longer than the digest itself.
        let digits = key.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        self.text
            .extend(digits.map(|digit| char::from(HEX[usize::from(digit)])));
        &self.text
    }

    fn seen_before(&mut self, content: [u8; 16]) -> u32 {
        let before = self.before.get(&content).copied().unwrap_or(0);
        let count = self.recent.entry(content).or_insert(before);
        let seen = *count;
        *count += 1;
        if self.recent.len() == REMEMBERED_MIN {
            self.before = std::mem::take(&mut self.recent);
        }
        seen
    }
}

fn own(id: &str, call: &Call<'_>) -> [u8; 16] {
    digest(|part| {
        part(b"own id");
        part(id.as_bytes());
        part(call.queue.as_bytes());
        part(&call.entered_at_ms.to_le_bytes());
    })
}

fn content(call: &Call<'_>) -> [u8; 16] {
    let number = |value: Option<u64>| value.map_or(u64::MAX, |value| value).to_le_bytes();
    digest(|part| {
        part(b"content");
        part(call.queue.as_bytes());
        part(&call.entered_at_ms.to_le_bytes());
        part(&call.wait_ms.to_le_bytes());
        part(ending(call.ending));
        part(&[u8::from(call.is_transferred)]);
        for duration in [
            call.talk_ms,
            call.hold_ms,
            call.after_call_ms,
            call.handle_ms,
        ] {
            part(&number(duration));
        }
        part(&call.priority.map_or(i64::MIN, i64::from).to_le_bytes());
        for text in [Some(call.media), call.agent, call.code] {
            part(text.unwrap_or_default().as_bytes());
        }
        for skill in &call.skills {
            part(skill.as_bytes());
        }
    })
}

/// Words of this digest alone: ids that were kept must not change with the model's.
fn ending(ending: Ending) -> &'static [u8] {
    match ending {
        Ending::Answered => b"answered",
        Ending::Abandoned => b"abandoned",
        Ending::ShortAbandoned => b"short abandoned",
        Ending::ShortOnly => b"short only",
        Ending::FlowedOut => b"flowed out",
        Ending::Waiting => b"waiting",
        Ending::Untold => b"untold",
    }
}

/// The beginning of a SHA-256 of parts, each after its length, so that no two lists of parts are one text.
fn digest(feed: impl FnOnce(&mut dyn FnMut(&[u8]))) -> [u8; 16] {
    let mut hash = Sha256::new();
    feed(&mut |part| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    });
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(queue: &'static str, second: i64) -> Call<'static> {
        Call {
            id: None,
            queue,
            skills: Vec::new(),
            media: "voice",
            entered: jiff::civil::date(2014, 1, 2).at(8, 0, 0, 0),
            is_repeated_hour: false,
            entered_at_ms: second * 1000,
            ended_at_ms: Some(second * 1000),
            ending: Ending::Abandoned,
            wait_ms: 0,
            talk_ms: None,
            hold_ms: None,
            after_call_ms: None,
            handle_ms: None,
            agent: None,
            code: None,
            priority: None,
            is_transferred: false,
        }
    }

    fn ids(calls: &[Call<'_>]) -> Vec<String> {
        let mut identities = Identities::default();
        let of = |call| identities.of(call).to_owned();
        calls.iter().map(of).collect()
    }

    #[test]
    fn equal_rows_are_told_apart_and_known_again_in_another_file() {
        let (a, b) = (call("a", 1), call("b", 1));
        let whole = ids(&[a.clone(), b.clone(), a.clone(), a.clone()]);
        assert_ne!(whole[0], whole[2]);
        assert_ne!(whole[2], whole[3]);
        assert_eq!(ids(&[b, a.clone(), a]), [&*whole[1], &whole[0], &whole[2]]);
    }

    #[test]
    fn whatever_is_read_tells_rows_apart() {
        let mut different = vec![call("a", 1), call("a", 2), call("ab", 1)];
        let vary = |change: fn(&mut Call<'static>)| {
            let mut call = call("a", 1);
            change(&mut call);
            call
        };
        different.extend([
            vary(|call| call.wait_ms = 1),
            vary(|call| call.ending = Ending::Answered),
            vary(|call| call.agent = Some("x")),
            vary(|call| call.code = Some("x")),
            vary(|call| call.media = "x"),
            vary(|call| call.skills = vec!["x"]),
            vary(|call| call.skills = vec!["x", "y"]),
            vary(|call| call.skills = vec!["xy"]),
            vary(|call| call.talk_ms = Some(0)),
            vary(|call| call.hold_ms = Some(0)),
            vary(|call| call.handle_ms = Some(0)),
            vary(|call| call.priority = Some(0)),
            vary(|call| call.is_transferred = true),
        ]);
        let mut seen = ids(&different);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), different.len());
    }

    #[test]
    fn an_own_id_is_known_again_when_more_is_known() {
        let known = |wait_ms, second| Call {
            id: Some("7"),
            wait_ms,
            ..call("a", second)
        };
        let ids = ids(&[known(5, 1), known(9, 1), known(9, 2), call("a", 1)]);
        assert_eq!(ids[0], ids[1]);
        assert!(ids[2] != ids[0] && ids[3] != ids[0]);
    }

    #[test]
    fn ids_stay_what_they_are() {
        // Computed by another program: facts that were kept are known by them.
        assert_eq!(ids(&[call("a", 1)]), ["9b713d8d307576e6f6e7465fdf899e55"]);
    }

    #[test]
    fn equal_rows_are_remembered_for_long_but_not_for_ever() {
        let mut identities = Identities::default();
        let first = identities.of(&call("a", 0)).to_owned();
        let mut others = 1..;
        let mut again_after = |n_others: usize| {
            for second in others.by_ref().take(n_others) {
                identities.of(&call("a", second));
            }
            identities.of(&call("a", 0)).to_owned()
        };
        let second = again_after(REMEMBERED_MIN - 1);
        assert_ne!(second, first);
        let far = again_after(2 * REMEMBERED_MIN);
        assert_eq!(far, first);
    }
}
