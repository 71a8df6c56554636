//! Rows in memory: as small as they can be, sorted, and only the newest of each conversation.

mod aside;
mod stored;
mod texts;

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use twox_hash::XxHash64;
use waitwise_model::{Coded, Conversation, Visit};

use crate::facts::LIST_LEN_MAX;
use crate::key::{ConversationKey, agent_key};
use crate::row::{Row, day_number, visit_of};
use crate::utc_day;

pub use self::aside::Lost;
use self::stored::within_calendar;
pub(crate) use self::stored::{Maybe, NO_TEXT, Stored, Word};
use self::texts::{Lists, Texts};

/// A queue's id becomes the name of a folder, with up to three bytes for each of its own; file systems take 255.
const QUEUE_LEN_MAX: usize = 80;

/// A visit that cannot be kept, with the reason as a fragment that quotes nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub &'static str);

/// Rows of any queues and days. Each text is kept once.
#[derive(Debug, Default)]
pub struct Table {
    texts: Texts,
    lists: Lists,
    /// For an agent's id the number of the key's text.
    agents: HashMap<Box<str>, u32>,
    rows: Vec<Stored>,
    /// Counts the records added.
    n_records: u32,
    /// Rows from here on are of a record that has not ended.
    n_ended: usize,
}

impl Table {
    /// Adds the visits of a record.
    ///
    /// # Errors
    /// A visit cannot be kept: then none of the record is.
    pub fn add_conversation(&mut self, conversation: &Conversation) -> Result<(), Unfit> {
        for leg in &conversation.legs {
            let mut skills = Vec::new();
            let (visit, decided_at_ms) = visit_of(conversation, leg, &mut skills);
            if let Err(unfit) = self.add_visit(&visit, decided_at_ms) {
                self.drop_record();
                return Err(unfit);
            }
        }
        self.end_record(conversation.recorded_at.as_millisecond())
    }

    /// Adds a visit, whose wait ended at `decided_at_ms` if it has, to the record that is open. The first one opens it.
    ///
    /// # Errors
    /// It cannot be kept. The record stays open, with its other visits.
    pub fn add_visit(
        &mut self,
        visit: &Visit<'_>,
        decided_at_ms: Option<i64>,
    ) -> Result<(), Unfit> {
        let agent = match visit.agent {
            Some(agent) => self.agent(agent)?,
            None => NO_TEXT,
        };
        let open = self.rows.get(self.n_ended);
        let key = match open {
            Some(first) => first.key,
            None => ConversationKey::of(visit.conversation),
        };
        self.push(key, 0, visit, decided_at_ms, agent)
    }

    /// Ends the record that is open, if one is. Its own date is the latest moment that it tells of, in milliseconds since
    /// 1970.
    ///
    /// # Errors
    /// The date lies outside of the calendar: the record is not kept.
    pub fn end_record(&mut self, recorded_at_ms: i64) -> Result<(), Unfit> {
        let recorded_at = match within_calendar(recorded_at_ms) {
            Ok(at) => at,
            Err(unfit) => {
                self.drop_record();
                return Err(unfit);
            }
        };
        let open = self.rows.get_mut(self.n_ended..).unwrap_or_default();
        open.iter_mut()
            .for_each(|row| row.recorded_at = recorded_at);
        self.end_rows();
        Ok(())
    }

    fn drop_record(&mut self) {
        self.rows.truncate(self.n_ended);
    }

    /// Returns the number of the text of an agent's key.
    fn agent(&mut self, id: &str) -> Result<u32, Unfit> {
        if let Some(number) = self.agents.get(id) {
            return Ok(*number);
        }
        let number = self.texts.number(&agent_key(id))?;
        self.agents.insert(id.into(), number);
        Ok(number)
    }

    /// Adds a row as it is: its agent is a key already. Rows that are added after each other are one record's as long
    /// as nothing else is; of one conversation there must be no two records among them.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn add_row(&mut self, row: &Row<'_>) -> Result<(), Unfit> {
        let agent = match row.visit.agent {
            Some(agent) => self.texts.number(agent)?,
            None => NO_TEXT,
        };
        let recorded_at = within_calendar(row.recorded_at_ms)?;
        self.push(row.key, recorded_at, &row.visit, row.decided_at_ms, agent)
    }

    /// Ends what [`Table::add_row`] took for one record.
    pub fn end_rows(&mut self) {
        self.n_records += 1;
        self.n_ended = self.rows.len();
    }

    fn push(
        &mut self,
        key: ConversationKey,
        recorded_at: i64,
        visit: &Visit<'_>,
        decided_at_ms: Option<i64>,
        agent: u32,
    ) -> Result<(), Unfit> {
        let texts = &mut self.texts;
        let coding = match visit.coding {
            Coded::Code(code) => Word::Code(texts.number(code)?),
            Coded::Reserved(text) => Word::Reserved(texts.number(text)?),
            Coded::Nothing => Word::Nothing,
        };
        if visit.queue.len() > QUEUE_LEN_MAX {
            return Err(Unfit("a queue's id is longer than 80 bytes"));
        }
        if visit.skills.len() > LIST_LEN_MAX {
            return Err(Unfit("it asks for more than 100 skills"));
        }
        if i32::try_from(std::cmp::max(visit.number, visit.missed_alerts)).is_err() {
            return Err(Unfit("a count is larger than 2^31"));
        }
        let stored = Stored {
            key,
            recorded_at,
            started_at: within_calendar(visit.started_at_ms)?,
            entered_at: within_calendar(visit.entered_at_ms)?,
            ended_at: Maybe::instant(visit.ended_at_ms)?,
            decided_at: Maybe::instant(decided_at_ms)?,
            wait: Maybe::duration(visit.wait_ms)?,
            talk: Maybe::duration(visit.talk_ms)?,
            hold: Maybe::duration(visit.hold_ms)?,
            after_call: Maybe::duration(visit.after_call_ms)?,
            handle: Maybe::duration(visit.handle_ms)?,
            number: visit.number,
            queue: texts.number(visit.queue)?,
            media: texts.number(visit.media)?,
            skills: self.lists.number(visit.skills, texts)?,
            coding,
            agent,
            routing: match visit.routing {
                Some(routing) => texts.number(routing)?,
                None => NO_TEXT,
            },
            missed_alerts: visit.missed_alerts,
            priority: visit.priority,
            ending: visit.ending,
            is_offered: visit.is_offered,
            is_transferred: visit.is_transferred,
            record: self.n_records,
            tag: 0,
        };
        self.rows.push(stored);
        Ok(())
    }

    /// Returns all rows, as they stand.
    pub(crate) fn whole(&self) -> Part<'_> {
        Part {
            table: self,
            rows: &self.rows,
        }
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns about how many bytes of memory it takes.
    pub fn size(&self) -> usize {
        self.rows.capacity() * size_of::<Stored>() + self.texts.size() + self.lists.size()
    }

    /// Forgets all rows and texts.
    pub fn clear(&mut self) {
        *self = Table {
            rows: std::mem::take(&mut self.rows),
            ..Table::default()
        };
        self.rows.clear();
    }

    /// Keeps of each conversation what its newest record says.
    ///
    /// A record of a later date replaces one of an earlier date; of two of the same date the one whose conversation is
    /// over. Between those that are still equal their content decides, queue by queue: it does not matter which, but
    /// it must not depend on the order in which they came. Returns how many rows were left out.
    pub fn keep_newest(&mut self) -> usize {
        let n_before = self.rows.len();
        self.tag();
        let Table { rows, texts, .. } = self;
        let order = |a: &Stored, b: &Stored| {
            let version = |row: &Stored| Reverse((row.recorded_at, row.ended_at.get().is_some()));
            a.key
                .cmp(&b.key)
                .then(version(a).cmp(&version(b)))
                .then_with(|| texts.get(a.queue).cmp(texts.get(b.queue)))
                .then(b.tag.cmp(&a.tag))
                .then(a.record.cmp(&b.record))
                .then(a.number.cmp(&b.number))
        };
        rows.sort_unstable_by(order);
        let mut newest: Option<Stored> = None;
        let mut of_queue: Option<Stored> = None;
        rows.retain(|row| {
            let first = *newest
                .filter(|first| first.key == row.key)
                .get_or_insert(*row);
            newest = Some(first);
            let version = |row: &Stored| (row.recorded_at, row.ended_at.get().is_some());
            if version(&first) != version(row) {
                return false;
            }
            let same_queue = |of: &Stored| of.key == row.key && of.queue == row.queue;
            let first = *of_queue.filter(same_queue).get_or_insert(*row);
            of_queue = Some(first);
            first.record == row.record
        });
        self.n_ended = self.rows.len();
        n_before - self.rows.len()
    }

    /// Gives each row the checksum of all that its record says about its queue.
    fn tag(&mut self) {
        let Table {
            rows, texts, lists, ..
        } = self;
        rows.sort_unstable_by(|a, b| {
            (a.key, a.record, a.queue, a.number).cmp(&(b.key, b.record, b.queue, b.number))
        });
        let mut bytes = Vec::new();
        let of_one =
            |a: &Stored, b: &Stored| (a.key, a.record, a.queue) == (b.key, b.record, b.queue);
        for rows in rows.chunk_by_mut(of_one) {
            bytes.clear();
            rows.iter()
                .for_each(|row| row.say(texts, lists, &mut bytes));
            let tag = XxHash64::oneshot(0, &bytes);
            rows.iter_mut().for_each(|row| row.tag = tag);
        }
    }

    /// Sorts the rows into the files that they belong to: by queue and by the UTC day on which the conversation began; in
    /// each by entry, conversation and number.
    pub fn parts(&mut self) -> Vec<Part<'_>> {
        let file = |row: &Stored| (row.queue, day_number(row.started_at));
        self.rows.sort_unstable_by(|a, b| {
            let within = |row: &Stored| (row.entered_at, row.key, row.number);
            file(a).cmp(&file(b)).then(within(a).cmp(&within(b)))
        });
        let table = &*self;
        let files = table.rows.chunk_by(|a, b| file(a) == file(b));
        let mut parts: Vec<_> = files.map(|rows| Part { table, rows }).collect();
        parts.sort_by(|a, b| (a.queue(), a.day()).cmp(&(b.queue(), b.day())));
        parts
    }
}

/// Some rows of a table.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    table: &'a Table,
    rows: &'a [Stored],
}

impl<'a> Part<'a> {
    /// Returns the queue of the first row; empty if there is none.
    pub fn queue(&self) -> &'a str {
        self.rows
            .first()
            .map_or("", |row| self.table.texts.get(row.queue))
    }

    /// Returns the UTC day on which the first row's conversation began; 1970-01-01 if there is none.
    pub fn day(&self) -> Date {
        let began = self.rows.first().map_or(0, |row| row.started_at);
        utc_day(Timestamp::from_millisecond(began).unwrap_or_default())
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hands out each row.
    pub fn for_each(&self, mut take: impl FnMut(&Row<'_>)) {
        let mut skills = Vec::new();
        for row in self.rows {
            skills.clear();
            let ids = self.table.lists.get(row.skills).iter();
            skills.extend(ids.map(|id| self.table.texts.get(*id)));
            take(&row.borrowed(&self.table.texts, &skills));
        }
    }

    pub(crate) fn stored(&self) -> &'a [Stored] {
        self.rows
    }

    pub(crate) fn text(&self, number: u32) -> &'a str {
        self.table.texts.get(number)
    }

    /// Returns how many different texts its table has.
    pub(crate) fn n_texts(&self) -> usize {
        self.table.texts.len()
    }

    pub(crate) fn list(&self, number: u32) -> &'a [u32] {
        self.table.lists.get(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use waitwise_model::{Abandonment, Conversation, QueueId};

    use super::*;
    use crate::samples::{abandoned, answered, conversation, leg, second, table};

    fn kept(records: &[Conversation]) -> Vec<String> {
        let mut table = table(records);
        let n_before = table.len();
        let n_left_out = table.keep_newest();
        assert_eq!(table.len() + n_left_out, n_before);
        let mut rows = Vec::new();
        for part in table.parts() {
            part.for_each(|row| rows.push(format!("{row:?}")));
        }
        rows
    }

    #[test]
    fn the_newest_record_wins_by_its_own_date() {
        let ended = |after_secs| conversation("k", after_secs, true);
        let going_on = |after_secs| conversation("k", after_secs, false);
        let mut same_date = going_on(109);
        same_date.recorded_at = ended(9).recorded_at;
        for (records, expected) in [
            (vec![going_on(5), ended(9)], ended(9)),
            (vec![ended(9), ended(7)], ended(9)),
            (vec![going_on(5), going_on(6)], going_on(6)),
            (vec![same_date.clone(), ended(9)], ended(9)),
            (vec![ended(9), ended(9)], ended(9)),
        ] {
            let expected = kept(&[expected]);
            let reversed: Vec<_> = records.iter().rev().cloned().collect();
            assert_eq!(kept(&records), expected);
            assert_eq!(kept(&reversed), expected);
        }
    }

    #[test]
    fn a_newer_record_takes_away_what_it_does_not_say() {
        let mut old = conversation("k", 5, true);
        let mut elsewhere = leg(2, 9, abandoned(20, Abandonment::Patient));
        elsewhere.queue = QueueId::new("q2");
        old.legs.push(elsewhere);
        let new = conversation("k", 6, true);
        assert_eq!(kept(&[new.clone(), old]), kept(&[new]));
    }

    #[test]
    fn a_visit_that_cannot_be_kept_takes_its_record_out() {
        let mut table = Table::default();
        let mut wrong = conversation("k", 5, true);
        wrong
            .legs
            .push(leg(2, 9, answered(20, Some(&"x".repeat(1025)))));
        let why = table.add_conversation(&wrong).unwrap_err();
        assert_eq!(why.to_string(), "an id is longer than 1024 bytes");
        assert!(table.is_empty());
    }

    #[test]
    fn rows_go_to_the_day_on_which_their_conversation_began() {
        let mut table = Table::default();
        let mut late = conversation("k", 86_500, true);
        late.started_at = second(86_399);
        late.legs[0].entered_at = second(86_401);
        table.add_conversation(&late).unwrap();
        late.id = waitwise_model::ConversationId::new("k2");
        late.started_at = second(86_400);
        table.add_conversation(&late).unwrap();
        let days: Vec<_> = table
            .parts()
            .iter()
            .map(|part| part.day().to_string())
            .collect();
        assert_eq!(days, ["2026-03-02", "2026-03-03"]);
    }

    /// Records of few conversations, often of the same date, with different content.
    fn records() -> impl Strategy<Value = Vec<Conversation>> {
        let record = (0..3_u8, 0..3_i64, 0..3_i64, any::<bool>(), 0..2_u8).prop_map(
            |(id, recorded, wait, is_over, queue)| {
                let mut record = conversation(&format!("k{id}"), wait, is_over);
                record.recorded_at = second(recorded);
                record.legs[0].queue = QueueId::new(format!("q{queue}"));
                record.legs.push(leg(2, 5, answered(7, Some("c2"))));
                record
            },
        );
        prop::collection::vec(record, 0..12)
    }

    proptest! {
        #[test]
        fn what_is_kept_depends_on_the_records_and_not_on_their_order(
            (records, shuffled) in records().prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle()))
        ) {
            prop_assert_eq!(kept(&records), kept(&shuffled));
        }

        #[test]
        fn records_that_come_again_change_nothing(records in records()) {
            let twice: Vec<_> = records.iter().chain(&records).cloned().collect();
            prop_assert_eq!(kept(&twice), kept(&records));
        }
    }
}
