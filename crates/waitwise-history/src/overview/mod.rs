//! Visits → what a person should see of them: who waits most, at which hours, for how long before giving up, on which days,
//! and how far the records can be trusted.
//!
//! A [`Collector`] takes visits in one pass, in memory that depends on the number of groups and hours alone, and gives an
//! [`Overview`]. Collectors of parts of the visits can be merged in any order: the overview is the same.

mod gaps;
mod portrait;
mod quality;
mod survival;

use std::collections::HashMap;

use jiff::civil::Date;
use waitwise_model::{Coded, Ending, Visit};

pub use self::gaps::{EXPECTED_MIN, Gap};
pub use self::portrait::{Cell, HOURS, Portrait, Worst};
pub use self::quality::Quality;
pub use self::survival::{Step, patience, survival_at};

use self::gaps::Hours;
use self::portrait::Sums;
use crate::breakdown::{Clock, Dimension, Label, Names, Question, Slot, TooManyGroups, local_day};

/// What is to be seen of some visits.
#[derive(Clone, PartialEq, Debug)]
pub struct Overview {
    /// What groups have in common. Time is not among it: it is in each group's hours.
    pub by: Vec<Dimension>,
    /// All visits, each once.
    pub all: Portrait,
    /// Groups, the most time spent waiting first. A visit that asked for two skills is in two of them.
    pub groups: Vec<Group>,
    /// Local days on which somebody came, in order.
    pub days: Vec<(Date, Cell)>,
    /// Stretches without visits where there should be some, in order.
    pub gaps: Vec<Gap>,
    /// How far the records can be trusted.
    pub quality: Quality,
}

/// Visits that have something in common.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// What, in the order of [`Overview::by`].
    pub labels: Vec<Label>,
    /// What is to be seen of them.
    pub portrait: Portrait,
}

/// More groups than a person can look at, and some hundred megabytes.
const GROUPS_MAX: usize = 10_000;

/// How many dimensions can be a group's: all but those of time.
const DIMENSIONS: usize = 4;
type Key = [u32; DIMENSIONS];

/// Adds up visits.
#[derive(Debug)]
pub struct Collector<'q> {
    question: &'q Question,
    names: Names,
    clock: Clock,
    all: Sums,
    groups: HashMap<Key, Sums>,
    is_overflowing: bool,
    days: HashMap<u32, Cell>,
    hours: Hours,
    quality: Quality,
}

impl<'q> Collector<'q> {
    /// Returns a collector of nothing yet. Hours and days among the question's dimensions are passed over.
    pub fn new(question: &'q Question) -> Collector<'q> {
        Collector {
            question,
            names: Names::default(),
            clock: Clock::new(question.zone.clone()),
            all: Sums::default(),
            groups: HashMap::new(),
            is_overflowing: false,
            days: HashMap::new(),
            hours: Hours::default(),
            quality: Quality::default(),
        }
    }

    /// Adds a visit.
    pub fn add(&mut self, visit: &Visit<'_>) {
        let hour = self.clock.hour_of_week(visit.entered_at_ms);
        let day = self.clock.day(visit.entered_at_ms);
        self.all.add(visit, hour, self.question);
        self.days.entry(day).or_default().add(visit);
        self.hours.add(visit.entered_at_ms);
        self.quality.add(visit);
        let mut key = self.key(visit);
        match place_of(&self.question.by, Dimension::Skill) {
            Some(place) if !visit.skills.is_empty() => {
                for skill in visit.skills {
                    key[place] = self.names.number(skill);
                    self.count(key, visit, hour);
                }
            }
            _ => self.count(key, visit, hour),
        }
    }

    /// The key of a visit without its skill.
    fn key(&mut self, visit: &Visit<'_>) -> Key {
        let mut key = [0; DIMENSIONS];
        for (value, dimension) in key.iter_mut().zip(named(&self.question.by)) {
            let name = match dimension {
                Dimension::Queue => visit.queue,
                Dimension::Media => visit.media,
                Dimension::WrapUp => code(visit),
                Dimension::Skill | Dimension::HourOfWeek | Dimension::Day => "",
            };
            *value = self.names.number(name);
        }
        key
    }

    fn count(&mut self, key: Key, visit: &Visit<'_>, hour: u32) {
        let question = self.question;
        if let Some(sums) = self.group(key) {
            sums.add(visit, hour, question);
        }
    }

    fn group(&mut self, key: Key) -> Option<&mut Sums> {
        if self.groups.len() == GROUPS_MAX && !self.groups.contains_key(&key) {
            self.is_overflowing = true;
            return None;
        }
        Some(self.groups.entry(key).or_default())
    }

    /// Adds what another collector with the same question has seen.
    pub fn merge(&mut self, other: Collector<'q>) {
        let precision = self.question.precision;
        self.is_overflowing |= other.is_overflowing;
        self.all.merge(other.all, precision);
        self.hours.merge(&other.hours);
        self.quality.merge(&other.quality);
        for (day, cell) in sorted(other.days) {
            self.days.entry(day).or_default().merge(cell);
        }
        for (key, sums) in sorted(other.groups) {
            let names = key.map(|number| other.names.name(number).unwrap_or_default());
            let key = names.map(|name| self.names.number(name));
            if let Some(own) = self.group(key) {
                own.merge(sums, precision);
            }
        }
    }

    /// Returns what was seen.
    ///
    /// # Errors
    /// There were more groups than a person can look at.
    pub fn finish(mut self) -> Result<Overview, TooManyGroups> {
        if self.is_overflowing {
            return Err(TooManyGroups { limit: GROUPS_MAX });
        }
        let by: Vec<_> = named(&self.question.by).collect();
        let names = &self.names;
        let groups = self.groups.into_iter().map(|(key, sums)| Group {
            labels: labels(&by, &key, names),
            portrait: sums.portrait(),
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by(|a, b| {
            let waited = |group: &Group| group.portrait.figures.wait_sum_ms;
            let by_waiting = waited(b).cmp(&waited(a));
            by_waiting.then_with(|| a.labels.cmp(&b.labels))
        });
        let days = sorted(self.days)
            .into_iter()
            .filter_map(|(day, cell)| match local_day(day) {
                Slot::Day(date) => Some((date?, cell)),
                Slot::Hour(_) => None,
            });
        Ok(Overview {
            days: days.collect(),
            gaps: self.hours.gaps(&mut self.clock),
            all: self.all.portrait(),
            groups,
            by,
            quality: self.quality,
        })
    }
}

/// The dimensions that are names.
fn named(by: &[Dimension]) -> impl Iterator<Item = Dimension> {
    let is_name =
        |dimension: &Dimension| !matches!(dimension, Dimension::HourOfWeek | Dimension::Day);
    by.iter().copied().filter(is_name).take(DIMENSIONS)
}

/// What stands in the place of an answered visit's wrap-up code; empty if nothing does.
fn code<'a>(visit: &Visit<'a>) -> &'a str {
    match visit.coding {
        Coded::Code(text) | Coded::Reserved(text) if visit.ending == Ending::Answered => text,
        Coded::Code(_) | Coded::Reserved(_) | Coded::Nothing => "",
    }
}

fn place_of(by: &[Dimension], wanted: Dimension) -> Option<usize> {
    named(by).position(|dimension| dimension == wanted)
}

fn labels(by: &[Dimension], key: &Key, names: &Names) -> Vec<Label> {
    let label = |(_, number): (&Dimension, &u32)| Label::Text(names.name(*number).map(Box::from));
    by.iter().zip(key).map(label).collect()
}

/// What a map holds, in an order that does not depend on its hashes.
fn sorted<K: Ord + Copy, V>(map: HashMap<K, V>) -> Vec<(K, V)> {
    let mut all: Vec<_> = map.into_iter().collect();
    all.sort_by_key(|(key, _)| *key);
    all
}

#[cfg(test)]
mod tests;
