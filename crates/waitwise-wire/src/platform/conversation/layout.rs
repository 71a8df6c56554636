//! How conversation records stand in a file.

/// How records stand in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// One a line.
    Lines,
    /// One behind the other, each over several lines.
    Values,
    /// In an array.
    Array,
    /// In a member of pages, as the platform answers with them.
    Pages,
}

/// The member of a page that has its records.
pub const PAGE_MEMBER: &str = "conversations";

/// The other members of a page, one of which may come first.
const PAGE_MEMBERS: [&[u8]; 5] = [
    PAGE_MEMBER.as_bytes(),
    b"cursor",
    b"dataAvailabilityDate",
    b"totalHits",
    b"aggregations",
];

/// Tells from a text's begin, of which a few hundred bytes are enough.
pub fn layout(begin: &[u8]) -> Layout {
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let Some((bracket, rest)) = begin.trim_ascii_start().split_first() else {
        return Layout::Lines;
    };
    let first = rest.trim_ascii_start();
    match (bracket, first.strip_prefix(b"\"")) {
        (b'[', _) => Layout::Array,
        (b'{', Some(key)) if is_of_page(key) => Layout::Pages,
        // Whoever writes a value over several lines breaks the line behind its bracket.
        (b'{', Some(_)) if is_line_broken(rest) => Layout::Values,
        _ => Layout::Lines,
    }
}

fn is_of_page(key: &[u8]) -> bool {
    let is_there = |name: &&[u8]| {
        let rest = key.strip_prefix(*name);
        rest.is_some_and(|rest| rest.starts_with(b"\""))
    };
    PAGE_MEMBERS.iter().any(is_there)
}

fn is_line_broken(rest: &[u8]) -> bool {
    let mut bytes = rest.iter();
    bytes.find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) == Some(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shows_its_layout() {
        for (begin, expected) in [
            ("", Layout::Lines),
            ("{\"conversationId\":\"k\"}\n", Layout::Lines),
            ("{ \"a\":1}", Layout::Lines),
            ("\u{feff} [\n{", Layout::Array),
            ("{\n  \"conversationId\"", Layout::Values),
            ("{\r\n\t\"conversationId\"", Layout::Values),
            ("{\"conversations\":[", Layout::Pages),
            ("{\n \"totalHits\": 3", Layout::Pages),
            ("{\"conversationsX\":[", Layout::Lines),
            ("{\n", Layout::Lines),
            ("no JSON", Layout::Lines),
        ] {
            assert_eq!(layout(begin.as_bytes()), expected, "{begin:?}");
        }
    }
}
