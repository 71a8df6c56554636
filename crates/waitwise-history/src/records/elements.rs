//! Texts of JSON in which records stand one behind the other, cut between records.
//!
//! Only brackets and strings are looked at: whether a record is sound is for its reader to say. What stands where no record
//! can be is taken for one, so that its reader refuses it and it is counted.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr2;

use super::chunk::{Chunk, RECORD_MAX, TOO_LONG};

/// A text of records that are JSON values.
pub(super) struct Elements {
    text: Box<dyn Read + Send>,
    /// What was read behind the last chunk's end, and where it stands in the text.
    rest: Vec<u8>,
    offset: u64,
    walk: Walk,
    /// How much of what is at hand has been walked over.
    walked: usize,
    has_ended: bool,
}

impl Elements {
    /// Records are all values of the text.
    pub(super) fn values(text: Box<dyn Read + Send>) -> Elements {
        Elements::new(text, Home::Text)
    }

    /// Records are the elements of the text's arrays.
    pub(super) fn array(text: Box<dyn Read + Send>) -> Elements {
        Elements::new(text, Home::Array)
    }

    /// Records are the elements of the arrays that are a member of the text's objects.
    pub(super) fn member(text: Box<dyn Read + Send>, name: &'static str) -> Elements {
        Elements::new(text, Home::Member(name))
    }

    fn new(text: Box<dyn Read + Send>, home: Home) -> Elements {
        Elements {
            text,
            rest: Vec::new(),
            offset: 0,
            walk: Walk::new(home),
            walked: 0,
            has_ended: false,
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Fills a chunk. Returns whether anything was left of the text.
    pub(super) fn fill(&mut self, file: usize, chunk: &mut Chunk) -> io::Result<bool> {
        if self.has_ended && self.rest.is_empty() {
            return Ok(false);
        }
        chunk.begin(file, self.offset, &self.rest);
        self.rest.clear();
        let mut records = Vec::new();
        loop {
            self.has_ended = chunk.read_from(&mut *self.text)?;
            let text = chunk.text();
            while self.walked < text.len() {
                self.walked = self.walk.step(text, self.walked, &mut records);
            }
            if self.has_ended {
                records.extend(self.walk.cut_off(text.len()));
            }
            let cut = self.walk.begun().unwrap_or(text.len());
            if cut > 0 || self.has_ended {
                self.rest
                    .extend_from_slice(text.get(cut..).unwrap_or_default());
                chunk.cut(cut);
                self.walk.shift(cut);
                self.walked -= cut;
                self.offset += cut as u64;
                let is_something = cut > 0 || !records.is_empty();
                chunk.records = Some(records);
                return Ok(is_something);
            }
            if text.len() >= RECORD_MAX {
                return self.pass_over(chunk).map(|()| true);
            }
            let double = std::cmp::min(text.len() * 2, RECORD_MAX);
            chunk.make_room(double);
        }
    }

    /// Passes over a record that is too long to be kept, with which the chunk begins.
    fn pass_over(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        chunk.refused = Some(TOO_LONG);
        loop {
            let passed = self.walked;
            let text = chunk.text().get(..passed).unwrap_or_default();
            chunk.lines_passed += memchr::memchr_iter(b'\n', text).count() as u64;
            self.offset += passed as u64;
            if self.walk.begun().is_none() || self.has_ended {
                let behind = chunk.text().get(passed..).unwrap_or_default();
                self.rest.extend_from_slice(behind);
                self.walked = 0;
                chunk.cut(0);
                return Ok(());
            }
            chunk.cut(0);
            self.walk.shift(passed);
            self.has_ended = chunk.read_from(&mut *self.text)?;
            let text = chunk.text();
            self.walked = 0;
            while self.walked < text.len() && self.walk.begun().is_some() {
                self.walked = self.walk.step(text, self.walked, &mut Vec::new());
            }
            if self.has_ended && self.walked == text.len() {
                self.walk.cut_off(text.len());
            }
        }
    }
}

/// Where records stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Home {
    Text,
    Array,
    Member(&'static str),
}

/// Where in the JSON a place is.
#[derive(Debug)]
struct Walk {
    home: Home,
    /// Whether this is inside of the array of records, or where they are all values of the text.
    is_home: bool,
    /// How many brackets are open.
    depth: u32,
    is_in_string: bool,
    is_escaped: bool,
    /// The last string of the outermost object, as far as it is needed to tell whether it names the array.
    name: Vec<u8>,
    record: Option<Begun>,
}

/// A record that has begun and not ended.
#[derive(Clone, Copy, Debug)]
struct Begun {
    at: usize,
    /// How many brackets are open around it.
    depth: u32,
}

impl Walk {
    fn new(home: Home) -> Walk {
        Walk {
            home,
            is_home: home == Home::Text,
            depth: 0,
            is_in_string: false,
            is_escaped: false,
            name: Vec::new(),
            record: None,
        }
    }

    /// Returns where the record begins that has not ended.
    fn begun(&self) -> Option<usize> {
        self.record.map(|record| record.at)
    }

    /// The first `n_bytes` of the text are not there any more.
    fn shift(&mut self, n_bytes: usize) {
        if let Some(record) = &mut self.record {
            record.at = record.at.saturating_sub(n_bytes);
        }
    }

    /// The text ends here. Returns what has not ended as a record, which its reader will find cut off.
    fn cut_off(&mut self, end: usize) -> Option<Range<usize>> {
        let is_open = self.depth > 0 || self.is_in_string || self.record.is_some();
        let begun = self.record.take().map_or(end, |record| record.at);
        self.depth = 0;
        self.is_in_string = false;
        is_open.then_some(begun..end)
    }

    /// Walks over one byte or a part of a string, and returns the place behind it.
    fn step(&mut self, text: &[u8], at: usize, records: &mut Vec<Range<usize>>) -> usize {
        if self.is_in_string {
            return self.in_string(text, at, records);
        }
        match text.get(at).copied().unwrap_or_default() {
            b'"' => {
                self.begin(at);
                self.is_in_string = true;
                self.name.clear();
            }
            bracket @ (b'{' | b'[') => {
                if self.opens_home(bracket) {
                    self.is_home = true;
                } else if !self.opens_around_home(bracket) {
                    self.begin(at);
                }
                self.depth += 1;
            }
            b'}' | b']' => self.close(at, records),
            b',' | b' ' | b'\t' | b'\n' | b'\r' => self.end(at, records),
            b':' if self.is_around_home() => {}
            _ => self.begin(at),
        }
        at + 1
    }

    fn in_string(&mut self, text: &[u8], at: usize, records: &mut Vec<Range<usize>>) -> usize {
        if self.is_escaped {
            self.is_escaped = false;
            return at + 1;
        }
        let rest = text.get(at..).unwrap_or_default();
        let end = memchr2(b'"', b'\\', rest);
        let len = end.unwrap_or(rest.len());
        self.keep_name(rest.get(..len).unwrap_or_default());
        match rest.get(len) {
            Some(b'\\') => {
                self.is_escaped = true;
                // No name that is looked for has an escape.
                self.keep_name(b"\\");
            }
            Some(_) => {
                self.is_in_string = false;
                self.end(at + len + 1, records);
            }
            None => return text.len(),
        }
        at + len + 1
    }

    fn keep_name(&mut self, part: &[u8]) {
        /// Longer than any name that is looked for.
        const NAME_MAX: usize = 64;
        if self.is_around_home() {
            let room = NAME_MAX.saturating_sub(self.name.len());
            self.name.extend(part.iter().take(room));
        }
    }

    /// Returns whether this is between the members of an object that has the array of records.
    fn is_around_home(&self) -> bool {
        matches!(self.home, Home::Member(_)) && self.depth == 1 && self.record.is_none()
    }

    fn opens_around_home(&self, bracket: u8) -> bool {
        matches!(self.home, Home::Member(_)) && self.depth == 0 && bracket == b'{'
    }

    fn opens_home(&self, bracket: u8) -> bool {
        bracket == b'['
            && self.record.is_none()
            && match self.home {
                Home::Text => false,
                Home::Array => self.depth == 0,
                Home::Member(name) => self.depth == 1 && self.name == name.as_bytes(),
            }
    }

    /// How many brackets are open around records.
    fn home_depth(&self) -> u32 {
        match self.home {
            Home::Text => 0,
            Home::Array => 1,
            Home::Member(_) => 2,
        }
    }

    /// A value begins: a record, if it stands where records do, or where nothing can.
    fn begin(&mut self, at: usize) {
        let is_there = self.is_home && self.depth == self.home_depth();
        if self.record.is_none() && (is_there || self.depth == 0) {
            let depth = self.depth;
            self.record = Some(Begun { at, depth });
        }
    }

    fn close(&mut self, at: usize, records: &mut Vec<Range<usize>>) {
        self.end(at, records);
        let Some(depth) = self.depth.checked_sub(1) else {
            // Nothing is open.
            return self.begin(at);
        };
        self.depth = depth;
        if self.home != Home::Text && depth < self.home_depth() {
            self.is_home = false;
        }
        self.end(at + 1, records);
    }

    /// A value ends here, if one has begun with as many brackets open.
    fn end(&mut self, end: usize, records: &mut Vec<Range<usize>>) {
        if let Some(record) = self.record.filter(|record| record.depth == self.depth) {
            self.record = None;
            records.push(record.at..end);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives at most so many bytes at a time.
    struct Slow(Vec<u8>, usize, usize);

    impl Read for Slow {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let n = [room.len(), self.2, self.0.len() - self.1]
                .into_iter()
                .fold(usize::MAX, std::cmp::min);
            room[..n].copy_from_slice(&self.0[self.1..self.1 + n]);
            self.1 += n;
            Ok(n)
        }
    }

    fn all(text: &str, of: fn(Box<dyn Read + Send>) -> Elements) -> Vec<String> {
        let mut elements = of(Box::new(Slow(text.as_bytes().to_vec(), 0, 7)));
        let mut chunk = Chunk::default();
        let mut found = Vec::new();
        while elements.fill(0, &mut chunk).unwrap() {
            let records = chunk.records.clone().unwrap_or_default();
            for record in records {
                let at = usize::try_from(chunk.offset).unwrap() + record.start;
                let record = String::from_utf8_lossy(&chunk.text()[record]).into_owned();
                assert!(text[at..].starts_with(&record));
                found.push(record);
            }
        }
        assert_eq!(elements.offset(), text.len() as u64);
        found
    }

    fn member(text: Box<dyn Read + Send>) -> Elements {
        Elements::member(text, "conversations")
    }

    #[test]
    fn records_are_found_where_they_stand() {
        let record = r#"{"a":["]}\"",{"b":[{}]}],"c":"\\"}"#;
        let two = [record, record];
        for (text, of, expected) in [
            (
                format!("[{record},{record}]"),
                Elements::array as fn(_) -> _,
                &two[..],
            ),
            (
                format!(" [\n {record} ,\r\n{record}\n] \n"),
                Elements::array,
                &two,
            ),
            (format!("[{record}]\n[{record}]"), Elements::array, &two),
            ("[]".to_owned(), Elements::array, &[]),
            (String::new(), Elements::array, &[]),
            (format!("{record}{record}"), Elements::values, &two),
            (format!("{record}\n\n{record}\n"), Elements::values, &two),
            (
                format!(r#"{{"conversations":[{record},{record}],"cursor":"c"}}"#),
                member,
                &two,
            ),
            (
                format!(
                    r#"{{"x":["conversations"],"y":{{"conversations":[1]}},"conversations" : [{record}]}} {{"conversations":[{record}]}}"#
                ),
                member,
                &two,
            ),
            (
                r#"{"conversations":null,"totalHits":0}"#.to_owned(),
                member,
                &[],
            ),
            (r#"{"\u0063onversations":[1]}"#.to_owned(), member, &[]),
        ] {
            assert_eq!(all(&text, of), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_record_is_taken_for_one() {
        for (text, expected) in [
            ("[1,\"a\" ,null]", &["1", "\"a\"", "null"][..]),
            ("[{},{} {}]x", &["{}", "{}", "{}", "x"]),
            ("[{}]{\"a\":1}", &["{}", "{\"a\":1}"]),
            ("[{}]]", &["{}", "]"]),
            ("[{},{\"a", &["{}", "{\"a"]),
            ("[{},", &["{}", ""]),
            ("[{}:{}]", &["{}", ":{}"]),
        ] {
            assert_eq!(all(text, Elements::array), expected, "{text}");
        }
    }

    #[test]
    fn a_record_that_is_too_long_is_passed_over() {
        let long = format!("{{\"a\":\n\"{}\"}}", "x".repeat(RECORD_MAX));
        for text in [
            format!("[{long},{{}}]"),
            format!("[{{}},{long},{{}},{{}}]"),
            format!("[{long}"),
        ] {
            let mut elements =
                Elements::array(Box::new(io::Cursor::new(text.clone().into_bytes())));
            let mut chunk = Chunk::default();
            let (mut found, mut refused, mut lines) = (0, Vec::new(), 0);
            while elements.fill(0, &mut chunk).unwrap() {
                found += chunk.records.as_ref().map_or(0, Vec::len);
                lines += chunk.lines_passed;
                refused.extend(chunk.refused.map(|_| chunk.offset));
            }
            assert_eq!(refused, [text.find("{\"a").unwrap() as u64]);
            assert_eq!(
                (found, lines),
                (text.matches("{}").count(), 1),
                "{}",
                text.len()
            );
            assert_eq!(elements.offset(), text.len() as u64);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_walked_over_twice_or_left_out(text in "[\\[\\]{}:,\"a \n\\\\]{0,40}") {
            for of in [Elements::array as fn(_) -> _, Elements::values, member] {
                all(&text, of);
            }
        }
    }
}
