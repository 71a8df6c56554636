//! Ids as names of folders, in the manner of Hive: engines that know it show a column `queue` with the id as it is.

use std::fmt::Write as _;

use waitwise_model::QueueId;

/// What Hive, Spark and DuckDB take for no value: an empty name would not be a folder's.
const EMPTY: &str = "__HIVE_DEFAULT_PARTITION__";

/// Returns the name of a queue's folder, different for different ids.
///
/// Capitals are written by their number too, since some file systems hold them for small letters.
pub(super) fn queue_folder(queue: &QueueId) -> String {
    let id = queue.as_str();
    if id.is_empty() {
        return format!("queue={EMPTY}");
    }
    let mut name = "queue=".to_owned();
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    name
}

/// Returns the queue that a folder is of; `None` if it is none of a queue's.
pub(super) fn queue_of(name: &str) -> Option<QueueId> {
    let name = name.strip_prefix("queue=")?;
    if name == EMPTY {
        return Some(QueueId::new(""));
    }
    let mut id = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            id.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            id.push(*byte);
        }
    }
    Some(QueueId::new(String::from_utf8(id).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart_as_folders_and_come_back() {
        for (id, name) in [
            ("q", "queue=q"),
            ("Q", "queue=%51"),
            ("../q", "queue=%2E%2E%2Fq"),
            ("%51", "queue=%2551"),
            ("a_b-c", "queue=a_b-c"),
            ("Büro", "queue=%42%C3%BCro"),
            ("", "queue=__HIVE_DEFAULT_PARTITION__"),
            (
                "__HIVE_DEFAULT_PARTITION__",
                "queue=__%48%49%56%45_%44%45%46%41%55%4C%54_%50%41%52%54%49%54%49%4F%4E__",
            ),
        ] {
            let queue = QueueId::new(id);
            assert_eq!(queue_folder(&queue), name);
            assert_eq!(queue_of(name), Some(queue));
        }
        for name in ["q", "queue=%", "queue=%zz", "queue=%ff"] {
            assert_eq!(queue_of(name), None, "{name}");
        }
    }
}
