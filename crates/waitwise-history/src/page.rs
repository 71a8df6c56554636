//! One page of records as it was read: what a cut-off pull goes on from. Its first line says where the next one begins.

use std::fmt::Write as _;
use std::io::BufRead;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use waitwise_model::{Conversation, ConversationId, RejectedRecord};

use crate::facts::FactsError;
use crate::line::{self, Line};

/// What the first line of every page names.
pub const FORMAT: &str = "waitwise-page/2";

/// One page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// Where it was asked for: the text that the page before gave; `None` for the first.
    pub asked: Option<String>,
    /// Where the next one begins; `None`: this is the last.
    pub next: Option<String>,
    /// Up to when the source had data when it answered, if it says so.
    pub available_to: Option<Timestamp>,
    /// How many records the source claims there are on all pages together, if it does.
    pub claimed: Option<usize>,
    /// Its conversations, in the source's order.
    pub conversations: Vec<Conversation>,
    /// Its records that could not be used.
    pub rejected: Vec<RejectedRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadShape {
    format: String,
    asked: Option<String>,
    next: Option<String>,
    available_to: Option<Timestamp>,
    claimed: Option<usize>,
    lines: usize,
    rejected: Vec<RejectedShape>,
    digest: String,
}

#[derive(Serialize, Deserialize)]
struct RejectedShape {
    id: Option<String>,
    reason: String,
}

/// Writes a page.
pub fn write(page: &Page) -> String {
    let mut body = String::new();
    let mut lines = 0;
    for conversation in &page.conversations {
        let mut write = |leg| {
            lines += 1;
            line::write(conversation, leg, &mut body);
        };
        // This line separates two records of one conversation, and stands for one that visited no queue.
        write(None);
        conversation.legs.iter().for_each(|leg| write(Some(leg)));
    }
    let rejected = page.rejected.iter().map(|record| RejectedShape {
        id: record.conversation.as_ref().map(ToString::to_string),
        reason: record.reason.clone(),
    });
    let head = HeadShape {
        format: FORMAT.to_owned(),
        asked: page.asked.clone(),
        next: page.next.clone(),
        available_to: page.available_to,
        claimed: page.claimed,
        lines,
        rejected: rejected.collect(),
        digest: digest(&Sha256::digest(&body)),
    };
    // Texts and numbers: writing them as JSON cannot fail.
    let head = serde_json::to_string(&head).unwrap_or_default();
    format!("{head}\n{body}")
}

/// Reads a page.
///
/// # Errors
/// It is not of this format and version, or not as it was written.
pub fn read(text: impl BufRead) -> Result<Page, FactsError> {
    let mut lines = Lines::new(text);
    let wrong = FactsError::Format { expected: FORMAT };
    let head: Option<HeadShape> = match lines.next()? {
        Some(first) => serde_json::from_str(first).ok(),
        None => None,
    };
    let Some(head) = head.filter(|head| head.format == FORMAT) else {
        return Err(wrong);
    };
    lines.start_digest();
    let conversations = conversations(&mut lines, head.lines)?;
    lines.check(&head.digest)?;
    let rejected = head.rejected.into_iter().map(|record| RejectedRecord {
        conversation: record.id.map(ConversationId::new),
        reason: record.reason,
    });
    Ok(Page {
        asked: head.asked,
        next: head.next,
        available_to: head.available_to,
        claimed: head.claimed,
        conversations,
        rejected: rejected.collect(),
    })
}

fn conversations(
    lines: &mut Lines<impl BufRead>,
    promised: usize,
) -> Result<Vec<Conversation>, FactsError> {
    let mut conversations: Vec<Conversation> = Vec::new();
    let before = lines.number;
    while let Some(text) = lines.next()? {
        let read: Option<Line<'_>> = serde_json::from_str(text).ok();
        let value = read.and_then(|line| line.value());
        match (value, conversations.last_mut()) {
            (Some((conversation, None)), _) => conversations.push(conversation),
            (Some((_, Some(leg))), Some(last)) => last.legs.push(leg),
            (Some((_, Some(_))), None) | (None, _) => {
                let line = lines.number;
                return Err(FactsError::Line { line });
            }
        }
    }
    match lines.number - before == promised {
        true => Ok(conversations),
        false => Err(FactsError::Damaged {
            what: "the number of lines",
        }),
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Lines with their digest.
#[derive(Debug)]
struct Lines<R> {
    text: R,
    line: String,
    digest: Sha256,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn new(text: R) -> Self {
        Lines {
            text,
            line: String::new(),
            digest: Sha256::new(),
            number: 0,
        }
    }

    /// Reads the next line; `None` at the end.
    fn next(&mut self) -> Result<Option<&str>, FactsError> {
        self.line.clear();
        let read = self.text.read_line(&mut self.line);
        let read = read.map_err(|source| FactsError::Read {
            line: self.number + 1,
            source,
        })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.digest.update(&self.line);
        Ok(Some(self.line.trim_end_matches('\n')))
    }

    /// Forgets what was read so far: the digest is of the rest.
    fn start_digest(&mut self) {
        self.digest = Sha256::new();
    }

    fn check(&self, expected: &str) -> Result<(), FactsError> {
        match digest(&self.digest.clone().finalize()) == expected {
            true => Ok(()),
            false => Err(FactsError::Damaged { what: "the digest" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{conversation, second};

    #[test]
    fn a_page_comes_back_and_half_of_it_does_not() {
        let mut nowhere = conversation("k2", 5, true);
        nowhere.legs.clear();
        let page = Page {
            asked: None,
            next: Some("cursor/2".to_owned()),
            available_to: Some(second(9)),
            claimed: Some(3),
            conversations: vec![
                conversation("k1", 5, false),
                conversation("k1", 7, true),
                nowhere,
            ],
            rejected: vec![RejectedRecord {
                conversation: Some(ConversationId::new("k3")),
                reason: "its start is missing".to_owned(),
            }],
        };
        let text = write(&page);
        assert_eq!(read(text.as_bytes()).unwrap(), page);
        for cut in 0..text.len() - 1 {
            assert!(read(&text.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }
}
