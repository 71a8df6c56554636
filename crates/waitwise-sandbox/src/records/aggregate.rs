//! Aggregates of emissions: groups × buckets × metrics. What did not happen is absent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Book;
use super::emission::{Dimension, Emission, MetricName, emissions};
use super::record::Facts;
use crate::centre::TimeMs;

/// What is asked.
pub(crate) struct Question<'a> {
    /// Adjacent stretches in order; an emission belongs to the one that holds its instant.
    pub(crate) buckets: &'a [Range<TimeMs>],
    /// Which metrics.
    pub(crate) metrics: &'a [MetricName],
    /// The dimensions of a group, each once.
    pub(crate) group_by: &'a [Dimension],
    /// Two values of one dimension are one text with a comma, rather than two groups.
    pub(crate) flatten: bool,
    /// Which facts count.
    pub(crate) filter: &'a dyn Fn(&Facts) -> bool,
    /// What has happened by then.
    pub(crate) until: TimeMs,
}

/// The values of a group, in the order of the question's dimensions; `None`: the records have none.
pub(crate) type Group<'a> = Vec<Option<Cow<'a, str>>>;

/// Per bucket that has any, the metrics in order of their names.
pub(crate) type Bucket = BTreeMap<usize, BTreeMap<MetricName, Stats>>;

/// What is known of one metric in one bucket of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stats {
    pub(crate) count: i64,
    pub(crate) sum: i64,
    pub(crate) min: i64,
    pub(crate) max: i64,
    /// The last contact counted, so that a conversation counts once.
    last: usize,
}

/// Sums up what the question asks for, groups in order of their values.
pub(crate) fn aggregate<'a>(
    book: &Book<'a>,
    question: &Question<'_>,
) -> BTreeMap<Group<'a>, Bucket> {
    let mut groups = BTreeMap::new();
    let (Some(first), Some(last)) = (question.buckets.first(), question.buckets.last()) else {
        return groups;
    };
    // All work on a contact ends within a day of its start.
    let day = 24 * 60 * 60 * 1_000;
    let started = book.started(first.start - day, last.end + day, question.until);
    for number in started {
        let Some(record) = book.record(number, question.until) else {
            continue;
        };
        for emission in emissions(&record) {
            add(book, question, emission, &mut groups);
        }
    }
    groups
}

fn add<'a>(
    book: &Book<'a>,
    question: &Question<'_>,
    emission: Emission,
    groups: &mut BTreeMap<Group<'a>, Bucket>,
) {
    let wanted = |name: MetricName| question.metrics.contains(&name);
    if !wanted(emission.metric) && !wanted(MetricName::Conversations) {
        return;
    }
    let after = question
        .buckets
        .partition_point(|bucket| bucket.start <= emission.at);
    let Some(place) = after
        .checked_sub(1)
        .filter(|place| question.buckets[*place].contains(&emission.at))
    else {
        return;
    };
    if !(question.filter)(&emission.facts) {
        return;
    }
    for group in groups_of(book, question, &emission.facts) {
        let metrics = groups.entry(group).or_default().entry(place).or_default();
        if wanted(emission.metric) {
            count(
                metrics,
                emission.metric,
                emission.value,
                emission.facts.number,
            );
        }
        if wanted(MetricName::Conversations) {
            once(metrics, emission.facts.number);
        }
    }
}

fn count(metrics: &mut BTreeMap<MetricName, Stats>, name: MetricName, value: i64, number: usize) {
    let stats = metrics.entry(name).or_insert(Stats {
        count: 0,
        sum: 0,
        min: value,
        max: value,
        last: number,
    });
    stats.count += 1;
    stats.sum += value;
    stats.min = std::cmp::min(stats.min, value);
    stats.max = std::cmp::max(stats.max, value);
    stats.last = number;
}

/// Counts a conversation, unless it has been counted: emissions come contact by contact.
fn once(metrics: &mut BTreeMap<MetricName, Stats>, number: usize) {
    let counted = metrics
        .get(&MetricName::Conversations)
        .is_some_and(|stats| stats.last == number);
    if !counted {
        count(metrics, MetricName::Conversations, 1, number);
    }
}

/// The groups that facts belong to: one, or one per value of a dimension that has several.
fn groups_of<'a>(book: &Book<'a>, question: &Question<'_>, facts: &Facts) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = vec![Vec::new()];
    for dimension in question.group_by {
        let mut values = book.values(facts, *dimension);
        if question.flatten && values.len() > 1 {
            values.sort();
            values = vec![Cow::Owned(values.join(","))];
        }
        let options: Vec<Option<Cow<'a, str>>> = match values.is_empty() {
            true => vec![None],
            false => values.into_iter().map(Some).collect(),
        };
        groups = groups
            .into_iter()
            .flat_map(|group| {
                options.iter().map(move |option| {
                    let mut longer = group.clone();
                    longer.push(option.clone());
                    longer
                })
            })
            .collect();
    }
    groups
}
