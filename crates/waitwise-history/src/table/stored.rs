//! A row in memory: numbers alone, as small as they can be.

use jiff::Timestamp;
use waitwise_model::{Coded, Ending, Visit};

use super::Unfit;
use super::texts::{Lists, Texts};
use crate::key::ConversationKey;
use crate::row::{Row, ending_word};

/// A row without its texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) key: ConversationKey,
    pub(crate) recorded_at: i64,
    pub(crate) started_at: i64,
    pub(crate) entered_at: i64,
    pub(crate) ended_at: Maybe,
    pub(crate) decided_at: Maybe,
    pub(crate) wait: Maybe,
    pub(crate) talk: Maybe,
    pub(crate) hold: Maybe,
    pub(crate) after_call: Maybe,
    pub(crate) handle: Maybe,
    pub(crate) number: u32,
    pub(crate) queue: u32,
    pub(crate) media: u32,
    pub(crate) skills: u32,
    pub(crate) coding: Word,
    pub(crate) agent: u32,
    pub(crate) routing: u32,
    pub(crate) missed_alerts: u32,
    pub(crate) priority: Option<i32>,
    pub(crate) ending: Ending,
    pub(crate) is_offered: bool,
    pub(crate) is_transferred: bool,
    /// Which record it came with.
    pub(super) record: u32,
    /// A checksum of all that its record says about its queue: tells equal records from different ones.
    pub(super) tag: u64,
}

/// What stands in the place of the wrap-up code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Word {
    Code(u32),
    Reserved(u32),
    Nothing,
}

/// A number that may be absent, in eight bytes rather than sixteen: the least one stands for none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Maybe(pub(super) i64);

impl Maybe {
    const NONE: Maybe = Maybe(i64::MIN);

    pub(crate) fn get(self) -> Option<i64> {
        (self != Self::NONE).then_some(self.0)
    }

    pub(super) fn instant(at_ms: Option<i64>) -> Result<Maybe, Unfit> {
        at_ms.map_or(Ok(Maybe::NONE), |at| Ok(Maybe(within_calendar(at)?)))
    }

    pub(super) fn duration(ms: Option<u64>) -> Result<Maybe, Unfit> {
        let too_long = Unfit("a duration is longer than the calendar");
        ms.map_or(Ok(Maybe::NONE), |ms| {
            Ok(Maybe(i64::try_from(ms).map_err(|_| too_long)?))
        })
    }
}

/// Stands for no text.
pub(crate) const NO_TEXT: u32 = u32::MAX;

impl Stored {
    /// The row, with its texts from where they are kept.
    pub(super) fn borrowed<'a>(&self, texts: &'a Texts, skills: &'a [&'a str]) -> Row<'a> {
        let text = |number: u32| (number != NO_TEXT).then(|| texts.get(number));
        // Durations were made from numbers that are not negative.
        let duration = |ms: Maybe| ms.get().and_then(|ms| u64::try_from(ms).ok());
        Row {
            key: self.key,
            recorded_at_ms: self.recorded_at,
            decided_at_ms: self.decided_at.get(),
            visit: Visit {
                conversation: "",
                started_at_ms: self.started_at,
                ended_at_ms: self.ended_at.get(),
                number: self.number,
                queue: texts.get(self.queue),
                media: texts.get(self.media),
                skills,
                entered_at_ms: self.entered_at,
                is_offered: self.is_offered,
                ending: self.ending,
                wait_ms: duration(self.wait),
                coding: match self.coding {
                    Word::Code(code) => Coded::Code(texts.get(code)),
                    Word::Reserved(word) => Coded::Reserved(texts.get(word)),
                    Word::Nothing => Coded::Nothing,
                },
                agent: text(self.agent),
                talk_ms: duration(self.talk),
                hold_ms: duration(self.hold),
                after_call_ms: duration(self.after_call),
                handle_ms: duration(self.handle),
                is_transferred: self.is_transferred,
                missed_alerts: self.missed_alerts,
                priority: self.priority,
                routing: text(self.routing),
            },
        }
    }

    /// Writes everything that it says in one way only, to be summed up.
    pub(super) fn say(&self, texts: &Texts, lists: &Lists, into: &mut Vec<u8>) {
        let numbers = [
            self.started_at,
            self.entered_at,
            self.ended_at.0,
            self.decided_at.0,
            self.wait.0,
            self.talk.0,
            self.hold.0,
            self.after_call.0,
            self.handle.0,
            i64::from(self.number),
            i64::from(self.missed_alerts),
            self.priority.map_or(i64::MIN, i64::from),
        ];
        let numbers = numbers.iter().flat_map(|number| number.to_le_bytes());
        into.extend(numbers);
        let skills = lists.get(self.skills);
        let coding = match self.coding {
            Word::Code(code) => [code, NO_TEXT],
            Word::Reserved(word) => [NO_TEXT, word],
            Word::Nothing => [NO_TEXT, NO_TEXT],
        };
        let others = [self.queue, self.media, self.agent, self.routing];
        for number in coding.iter().chain(&others).chain(skills) {
            let text = match *number {
                NO_TEXT => None,
                number => Some(texts.get(number)),
            };
            // One more than the length, so that an empty text is not none.
            let length = text.map_or(0, |text| text.len() + 1);
            into.extend(length.to_le_bytes());
            into.extend(text.unwrap_or_default().as_bytes());
        }
        let flags = [self.is_offered, self.is_transferred].map(u8::from);
        into.extend(flags);
        into.extend(ending_word(self.ending).as_bytes());
    }
}

/// Instants are compared, subtracted and written as dates, so all of them must be in the calendar.
pub(super) fn within_calendar(at_ms: i64) -> Result<i64, Unfit> {
    match Timestamp::from_millisecond(at_ms) {
        Ok(_) => Ok(at_ms),
        Err(_) => Err(Unfit("a time lies outside the calendar")),
    }
}
