//! Visits → how many, and how long they waited, by any of queue, skill, wrap-up code, kind of contact and time.
//!
//! One pass, in memory that depends on the number of groups alone. Counts and sums are integers, and percentiles come from
//! sketches ([`crate::sketch`]), so breakdowns of parts of the visits can be merged in any order: the rows are the same.

mod file;
mod group;
mod hash;
mod local;
mod names;

use jiff::tz::TimeZone;
use waitwise_model::{Coded, Ending, Visit};

pub use self::file::{Unwritable, parquet};
pub(crate) use self::group::Group;
pub use self::group::{Figure, Figures};
use self::hash::Map;
pub(crate) use self::local::{Clock, day as local_day};
pub use self::local::{HourOfWeek, Slot};
pub(crate) use self::names::Names;
use crate::facts::{Column, Columns};
use crate::sketch::Precision;

/// What visits are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dimension {
    /// The queue.
    Queue,
    /// A skill that was asked for. A visit that asked for two counts under both, so rows must not be added up.
    Skill,
    /// What stands in the place of the wrap-up code; nothing for a visit that was not answered.
    WrapUp,
    /// The kind of contact.
    Media,
    /// The local hour of the week in which the queue was entered.
    HourOfWeek,
    /// The local day on which the queue was entered.
    Day,
}

impl Dimension {
    /// Returns the name of its column.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Queue => "queue",
            Dimension::Skill => "skill",
            Dimension::WrapUp => "wrap_up",
            Dimension::Media => "media",
            Dimension::HourOfWeek => "hour_of_week",
            Dimension::Day => "day",
        }
    }
}

/// How visits are broken down.
#[derive(Clone, Debug)]
pub struct Question {
    /// By what, in the order of the rows.
    pub by: Vec<Dimension>,
    /// Where hours and days are those of.
    pub zone: TimeZone,
    /// Answers within so many milliseconds are within the service level.
    pub target_ms: u64,
    /// How precisely percentiles are known.
    pub precision: Precision,
}

/// The figures of one group.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// What the group has in common, in the order of the question.
    pub labels: Vec<Label>,
    /// Its figures.
    pub figures: Figures,
}

/// What a group has in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Label {
    /// An id or a word; `None`: there is none.
    Text(Option<Box<str>>),
    /// An hour of the week or a day.
    Slot(Slot),
}

/// More groups than memory should be spent on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there are more than {limit} groups")]
pub struct TooManyGroups {
    /// The most there can be.
    pub limit: usize,
}

/// The most groups of one breakdown: some hundred megabytes.
const GROUPS_MAX: usize = 1_000_000;

/// How many dimensions there are.
const DIMENSIONS: usize = 6;
type Key = [u32; DIMENSIONS];

/// Figures by group, of the visits added so far.
#[derive(Debug)]
pub struct Breakdown<'q> {
    question: &'q Question,
    wants: Wants,
    names: Names,
    clock: Clock,
    places: Map<Key, u32>,
    groups: Vec<(Key, Group)>,
    overflow: bool,
}

/// Which dimensions are asked for, where a visit's are put together.
#[derive(Clone, Copy, Debug)]
struct Wants {
    queue: bool,
    skill: bool,
    wrap_up: bool,
    media: bool,
    hour_of_week: bool,
    day: bool,
}

impl Wants {
    fn of(by: &[Dimension]) -> Wants {
        let has = |dimension| by.contains(&dimension);
        Wants {
            queue: has(Dimension::Queue),
            skill: has(Dimension::Skill),
            wrap_up: has(Dimension::WrapUp),
            media: has(Dimension::Media),
            hour_of_week: has(Dimension::HourOfWeek),
            day: has(Dimension::Day),
        }
    }
}

impl<'q> Breakdown<'q> {
    /// Returns a breakdown of nothing yet.
    pub fn new(question: &'q Question) -> Breakdown<'q> {
        Breakdown {
            question,
            wants: Wants::of(&question.by),
            names: Names::default(),
            clock: Clock::new(question.zone.clone()),
            places: Map::default(),
            groups: Vec::new(),
            overflow: false,
        }
    }

    /// Returns the columns of facts that the answer to a question needs.
    pub fn columns(question: &Question) -> Columns {
        let always = [
            Column::IsOffered,
            Column::Outcome,
            Column::WaitMs,
            Column::HandleMs,
        ];
        let needed = question.by.iter().flat_map(|dimension| match dimension {
            Dimension::Queue => &[Column::QueueId][..],
            Dimension::Skill => &[Column::Skills],
            Dimension::WrapUp => &[Column::WrapUpCode, Column::ReservedCode],
            Dimension::Media => &[Column::MediaType],
            Dimension::HourOfWeek | Dimension::Day => &[Column::OfferedAt],
        });
        let columns = always.iter().chain(needed);
        columns.fold(Columns::NONE, |all, column| all.with(*column))
    }

    /// Counts a visit in its group, or in one for each of its skills.
    pub fn add(&mut self, visit: &Visit<'_>) {
        let mut key = self.key(visit);
        if !self.wants.skill || visit.skills.is_empty() {
            self.count(key, visit);
            return;
        }
        for skill in visit.skills {
            key[Dimension::Skill as usize] = self.names.number(skill);
            self.count(key, visit);
        }
    }

    /// Returns the key of a visit without its skill.
    fn key(&mut self, visit: &Visit<'_>) -> Key {
        let mut key = [0; DIMENSIONS];
        let mut put = |dimension: Dimension, value: u32| key[dimension as usize] = value;
        let wants = self.wants;
        if wants.queue {
            put(Dimension::Queue, self.names.number(visit.queue));
        }
        if wants.media {
            put(Dimension::Media, self.names.number(visit.media));
        }
        if wants.wrap_up
            && visit.ending == Ending::Answered
            && let Coded::Code(text) | Coded::Reserved(text) = visit.coding
        {
            put(Dimension::WrapUp, self.names.number(text));
        }
        if wants.hour_of_week {
            let hour = self.clock.hour_of_week(visit.entered_at_ms);
            put(Dimension::HourOfWeek, hour);
        }
        if wants.day {
            put(Dimension::Day, self.clock.day(visit.entered_at_ms));
        }
        key
    }

    fn count(&mut self, key: Key, visit: &Visit<'_>) {
        let question = self.question;
        if let Some(group) = self.group(key) {
            group.add(visit, question);
        }
    }

    fn group(&mut self, key: Key) -> Option<&mut Group> {
        let next = self.groups.len();
        let place = *self
            .places
            .entry(key)
            .or_insert_with(|| u32::try_from(next).unwrap_or(u32::MAX));
        let place = place as usize;
        if place == next {
            if next >= GROUPS_MAX {
                self.places.remove(&key);
                self.overflow = true;
                return None;
            }
            self.groups.push((key, Group::default()));
        }
        self.groups.get_mut(place).map(|(_, group)| group)
    }

    /// Adds what another breakdown of the same question has counted.
    pub fn merge(&mut self, other: Breakdown<'q>) {
        let Breakdown {
            names,
            groups,
            overflow,
            ..
        } = other;
        self.overflow |= overflow;
        for (mut key, group) in groups {
            for dimension in [
                Dimension::Queue,
                Dimension::Skill,
                Dimension::WrapUp,
                Dimension::Media,
            ] {
                let value = &mut key[dimension as usize];
                if let Some(name) = names.name(*value) {
                    *value = self.names.number(name);
                }
            }
            let precision = self.question.precision;
            if let Some(own) = self.group(key) {
                own.merge(group, precision);
            }
        }
    }

    /// Returns the rows, ordered by their labels.
    ///
    /// # Errors
    /// There were more groups than memory should be spent on.
    pub fn rows(self) -> Result<Vec<Row>, TooManyGroups> {
        if self.overflow {
            return Err(TooManyGroups { limit: GROUPS_MAX });
        }
        let Breakdown {
            question,
            names,
            groups,
            ..
        } = self;
        let mut rows: Vec<_> = groups
            .into_iter()
            .map(|(key, group)| Row {
                labels: labels(&question.by, &key, &names),
                figures: group.figures(),
            })
            .collect();
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(rows)
    }
}

fn labels(by: &[Dimension], key: &Key, names: &Names) -> Vec<Label> {
    let label = |dimension: &Dimension| {
        let value = key[*dimension as usize];
        match dimension {
            Dimension::HourOfWeek => Label::Slot(local::hour_of_week(value)),
            Dimension::Day => Label::Slot(local::day(value)),
            Dimension::Queue | Dimension::Skill | Dimension::WrapUp | Dimension::Media => {
                Label::Text(names.name(value).map(Box::from))
            }
        }
    };
    by.iter().map(label).collect()
}
