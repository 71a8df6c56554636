//! Rows set aside: bytes by day, to be taken in by another table later. Nobody else reads them, so they have no version,
//! and they are gone with the process that wrote them.

use super::Table;
use super::stored::{Maybe, NO_TEXT, Stored, Word};
use super::texts::{Lists, Texts, at};
use crate::key::ConversationKey;
use crate::row::{ENDINGS, day_number};

/// What was set aside does not come back as it was, or is too much to be held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("rows that were set aside do not come back as they were")]
pub struct Lost;

impl Table {
    /// Hands out the rows of each day as bytes, by day in days since 1970-01-01, with how many rows they are; then forgets
    /// them.
    ///
    /// # Errors
    /// What `take` returns.
    pub fn set_aside<E>(
        &mut self,
        mut take: impl FnMut(i64, usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let day = |row: &Stored| day_number(row.started_at);
        self.rows.sort_unstable_by_key(day);
        let mut texts = Numbers::of(self.texts.len());
        let mut lists = Numbers::of(self.lists.len());
        let mut bytes = Bytes::default();
        for rows in self.rows.chunk_by(|a, b| day(a) == day(b)) {
            bytes.0.clear();
            texts.begin();
            lists.begin();
            for row in rows {
                row.texts().for_each(|text| texts.add(text));
                lists.add(row.skills);
            }
            for list in &lists.used {
                let elements = self.lists.get(*list);
                elements.iter().for_each(|text| texts.add(*text));
            }
            bytes.texts(&self.texts, &texts);
            bytes.lists(&self.lists, &lists, &texts);
            bytes.count(rows.len());
            rows.iter().for_each(|row| bytes.row(row, &texts, &lists));
            take(rows.first().map_or(0, day), rows.len(), &bytes.0)?;
        }
        self.clear();
        Ok(())
    }

    /// Takes in what [`Table::set_aside`] gave for one day.
    ///
    /// # Errors
    /// It is not what was given, or there are too many texts.
    pub fn take_in(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        let mut rest = Rest(bytes);
        let read = rest.table(self);
        match read.is_some() && rest.0.is_empty() {
            true => Ok(()),
            false => Err(Lost),
        }
    }
}

impl Stored {
    /// Returns the numbers of its texts, but for those of its skills.
    fn texts(&self) -> impl Iterator<Item = u32> {
        let word = match self.coding {
            Word::Code(number) | Word::Reserved(number) => number,
            Word::Nothing => NO_TEXT,
        };
        let numbers = [self.queue, self.media, word, self.agent, self.routing];
        numbers.into_iter().filter(|number| *number != NO_TEXT)
    }
}

/// Numbers of a table → numbers among those that are used.
struct Numbers {
    new: Vec<u32>,
    used: Vec<u32>,
}

impl Numbers {
    fn of(n: usize) -> Numbers {
        Numbers {
            new: vec![NO_TEXT; n],
            used: Vec::new(),
        }
    }

    fn begin(&mut self) {
        for number in self.used.drain(..) {
            if let Some(new) = self.new.get_mut(at(number)) {
                *new = NO_TEXT;
            }
        }
    }

    fn add(&mut self, number: u32) {
        let next = u32::try_from(self.used.len()).unwrap_or(NO_TEXT);
        if let Some(new) = self.new.get_mut(at(number))
            && *new == NO_TEXT
        {
            *new = next;
            self.used.push(number);
        }
    }

    fn get(&self, number: u32) -> u32 {
        self.new.get(at(number)).copied().unwrap_or(NO_TEXT)
    }
}

/// Bytes that are being written.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    /// Writes a length; nothing in a table is longer than 2^32.
    fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn long(&mut self, number: i64) {
        self.0.extend(number.to_le_bytes());
    }

    fn texts(&mut self, texts: &Texts, numbers: &Numbers) {
        self.count(numbers.used.len());
        for number in &numbers.used {
            let text = texts.get(*number);
            self.count(text.len());
            self.0.extend(text.as_bytes());
        }
    }

    fn lists(&mut self, lists: &Lists, numbers: &Numbers, texts: &Numbers) {
        self.count(numbers.used.len());
        for number in &numbers.used {
            let list = lists.get(*number);
            self.count(list.len());
            list.iter().for_each(|text| self.number(texts.get(*text)));
        }
    }

    fn row(&mut self, row: &Stored, texts: &Numbers, lists: &Numbers) {
        self.0.extend(row.key.0);
        let longs = [row.recorded_at, row.started_at, row.entered_at];
        longs.into_iter().for_each(|number| self.long(number));
        let maybe = [
            row.ended_at,
            row.decided_at,
            row.wait,
            row.talk,
            row.hold,
            row.after_call,
            row.handle,
        ];
        maybe.into_iter().for_each(|number| self.long(number.0));
        let (kind, word) = match row.coding {
            Word::Code(number) => (0, number),
            Word::Reserved(number) => (1, number),
            Word::Nothing => (2, NO_TEXT),
        };
        let texts =
            [row.queue, row.media, word, row.agent, row.routing].map(|number| texts.get(number));
        let counts = [
            row.number,
            row.missed_alerts,
            row.record,
            lists.get(row.skills),
        ];
        texts
            .into_iter()
            .chain(counts)
            .for_each(|number| self.number(number));
        self.long(row.priority.map_or(i64::MIN, i64::from));
        let ending = ENDINGS.iter().position(|(known, _)| *known == row.ending);
        let ending = ending.and_then(|ending| u8::try_from(ending).ok());
        let flags = [row.is_offered, row.is_transferred].map(u8::from);
        self.0
            .extend([kind, ending.unwrap_or_default(), flags[0], flags[1]]);
    }
}

/// Bytes that are being read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes()?))
    }

    fn long(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.bytes()?))
    }

    fn maybe(&mut self) -> Option<Maybe> {
        Some(Maybe(self.long()?))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn table(&mut self, table: &mut Table) -> Option<()> {
        let mut texts = Vec::new();
        for _ in 0..self.number()? {
            texts.push(table.texts.number(self.text()?).ok()?);
        }
        let mut lists = Vec::new();
        let mut list = Vec::new();
        for _ in 0..self.number()? {
            list.clear();
            for _ in 0..self.number()? {
                list.push(*texts.get(at(self.number()?))?);
            }
            lists.push(table.lists.of_numbers(&list).ok()?);
        }
        let before = table.n_records;
        for _ in 0..self.number()? {
            let row = self.row(&texts, &lists, before)?;
            table.n_records = std::cmp::max(table.n_records, row.record.checked_add(1)?);
            table.rows.push(row);
        }
        table.n_ended = table.rows.len();
        Some(())
    }

    fn row(&mut self, texts: &[u32], lists: &[u32], records_before: u32) -> Option<Stored> {
        let key = ConversationKey(self.bytes()?);
        let [recorded_at, started_at, entered_at] = [self.long()?, self.long()?, self.long()?];
        let [ended_at, decided_at, wait] = [self.maybe()?, self.maybe()?, self.maybe()?];
        let [talk, hold, after_call, handle] =
            [self.maybe()?, self.maybe()?, self.maybe()?, self.maybe()?];
        let text = |number: u32| match number {
            NO_TEXT => Some(NO_TEXT),
            number => texts.get(at(number)).copied(),
        };
        let [queue, media, word] = [self.number()?, self.number()?, self.number()?];
        let [agent, routing] = [self.number()?, self.number()?];
        let [number, missed_alerts, record] = [self.number()?, self.number()?, self.number()?];
        let skills = *lists.get(at(self.number()?))?;
        let priority = self.long()?;
        let [kind, ending, is_offered, is_transferred] = self.bytes()?;
        Some(Stored {
            key,
            recorded_at,
            started_at,
            entered_at,
            ended_at,
            decided_at,
            wait,
            talk,
            hold,
            after_call,
            handle,
            number,
            queue: text(queue)?,
            media: text(media)?,
            skills,
            coding: match kind {
                0 => Word::Code(text(word)?),
                1 => Word::Reserved(text(word)?),
                _ => Word::Nothing,
            },
            agent: text(agent)?,
            routing: text(routing)?,
            missed_alerts,
            priority: i32::try_from(priority).ok(),
            ending: ENDINGS.get(usize::from(ending))?.0,
            is_offered: is_offered == 1,
            is_transferred: is_transferred == 1,
            record: records_before.checked_add(record)?,
            tag: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{answered, conversation, leg, second, table};

    fn rows(mut table: Table) -> Vec<String> {
        table.keep_newest();
        let mut rows = Vec::new();
        for part in table.parts() {
            part.for_each(|row| rows.push(format!("{row:?}")));
        }
        rows
    }

    proptest! {
        #[test]
        fn rows_that_were_set_aside_come_back(
            records in prop::collection::vec((0..9_u8, 0..3_i64, 0..3_i64, any::<bool>()), 0..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let records: Vec<_> = records.iter().map(|(id, day, wait, is_over)| {
                let mut record = conversation(&format!("k{id}"), *wait, *is_over);
                record.started_at = second(day * 86_400);
                record.legs.push(leg(2, 5, answered(7, Some("c2"))));
                record.legs[1].skills.clear();
                record
            }).collect();
            let mut back = Table::default();
            let cut = cut.index(records.len() + 1);
            for records in [&records[..cut], &records[cut..]] {
                let mut aside = table(records);
                let mut n_rows = 0;
                let taken: Result<(), Lost> = aside.set_aside(|_, n, bytes| {
                    n_rows += n;
                    back.take_in(bytes)
                });
                taken.unwrap();
                prop_assert_eq!((aside.len(), n_rows), (0, records.len() * 2));
            }
            prop_assert_eq!(rows(back), rows(table(&records)));
        }
    }

    #[test]
    fn a_part_of_what_was_set_aside_is_refused() {
        let mut aside = table(&[conversation("k", 5, true), conversation("l", 5, true)]);
        let taken: Result<(), Lost> = aside.set_aside(|_, _, bytes| {
            for cut in 0..bytes.len() {
                assert!(Table::default().take_in(&bytes[..cut]).is_err(), "{cut}");
            }
            Table::default().take_in(bytes)
        });
        taken.unwrap();
    }
}
