//! The facts against the tenant's own aggregates: the same numbers by another way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use waitwise_client::ReadClient;
use waitwise_history::tally::Counts;
use waitwise_history::{Coverage, Tally, utc_day};
use waitwise_model::{MediaType, QueueId, Window};
use waitwise_wire::platform::aggregates::{AggregateQuery, Aggregates, Granularity, Stats};
use waitwise_wire::platform::filter::Filter;

use super::disk::History;
use super::error::{HistoryError, is_gone};
use crate::error::AppError;

/// Which number is compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Number {
    /// How many entered the queue.
    Offered,
    /// How many were answered.
    Answered,
    /// The waits of the answered together, in milliseconds.
    AnsweredWaitMs,
    /// How many gave up.
    Abandoned,
    /// The waits of those who gave up together, in milliseconds.
    AbandonedWaitMs,
}

/// One number by both ways.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// The queue.
    pub queue: QueueId,
    /// The kind of contact.
    pub media: MediaType,
    /// The UTC day.
    pub day: Date,
    /// Which number.
    pub number: Number,
    /// What the facts say.
    pub facts: u64,
    /// What the tenant's aggregates say.
    pub tenant: u64,
}

impl Compared {
    /// Returns whether both ways lead to the same number.
    pub fn is_same(&self) -> bool {
        self.facts == self.tenant
    }
}

/// Everything that was compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// By queue, kind of contact, day and number. What neither way counts is not in it.
    pub numbers: Vec<Compared>,
    /// Days that were left out, with the queue: only a part of them has been read.
    pub left_out: Vec<(QueueId, Date)>,
}

impl Comparison {
    /// Returns the numbers that differ.
    pub fn residual(&self) -> impl Iterator<Item = &Compared> {
        self.numbers.iter().filter(|number| !number.is_same())
    }

    /// Returns the numbers of interactions offered that are smaller than the tenant's.
    pub(crate) fn lacking(&self) -> impl Iterator<Item = &Compared> {
        let lacks =
            |number: &&Compared| number.number == Number::Offered && number.tenant > number.facts;
        self.numbers.iter().filter(lacks)
    }

    /// Fails if the facts lack interactions that the tenant counts as offered.
    pub(crate) fn hidden(&self) -> Result<(), HistoryError> {
        let lacking: Vec<_> = self.lacking().collect();
        let days: BTreeSet<Date> = lacking.iter().map(|number| number.day).collect();
        match lacking.first() {
            None => Ok(()),
            Some(first) => Err(HistoryError::Hidden {
                queue: first.queue.clone(),
                day: first.day,
                missing: first.tenant - first.facts,
                offered: first.tenant,
                other_days: days.len() - 1,
            }),
        }
    }

    /// Returns an error if any number differs.
    ///
    /// # Errors
    /// A number differs.
    pub fn verdict(&self) -> Result<(), AppError> {
        match self.residual().count() {
            0 => Ok(()),
            n_different => Err(HistoryError::Differs {
                n_different,
                n_compared: self.numbers.len(),
            }
            .into()),
        }
    }
}

/// Compares the facts of these queues with the tenant's aggregates, for every whole UTC day that `window` touches.
pub(super) async fn compare(
    client: &ReadClient,
    history: &History,
    queues: &[QueueId],
    window: Window,
) -> Result<Comparison, AppError> {
    let (mut tally, mut comparison) = (Tally::default(), Comparison::default());
    let mut whole: BTreeSet<(QueueId, Date)> = BTreeSet::new();
    let days = days(window);
    for queue in queues {
        // What began before midnight is counted in the day in which it enters, is answered or gives up.
        let before = days.first().and_then(|day| day.yesterday().ok());
        if let Some(before) = before {
            history.read_day(queue, before, Tally::COLUMNS, |row| tally.add(row))?;
        }
        for day in &days {
            let head = history.read_day(queue, *day, Tally::COLUMNS, |row| tally.add(row))?;
            match head {
                Some(head) if head.coverage.is_whole(*day) => {
                    whole.insert((queue.clone(), *day));
                }
                Some(_) => comparison.left_out.push((queue.clone(), *day)),
                None => {
                    return Err(HistoryError::NotPulled {
                        queue: queue.clone(),
                        day: *day,
                        is_partly: false,
                    }
                    .into());
                }
            }
        }
    }
    let tenant = tenant(client, queues, &days).await?;
    let keys: BTreeSet<_> = tally.days.keys().chain(tenant.keys()).cloned().collect();
    for key in keys {
        let (queue, media, day) = &key;
        if !whole.contains(&(queue.clone(), *day)) {
            continue;
        }
        let ours = numbers(&tally.days.get(&key).copied().unwrap_or_default());
        let theirs = tenant.get(&key).copied().unwrap_or_default();
        for ((number, facts), tenant) in ours.into_iter().zip(theirs) {
            if facts > 0 || tenant > 0 {
                comparison.numbers.push(Compared {
                    queue: queue.clone(),
                    media: media.clone(),
                    day: *day,
                    number,
                    facts,
                    tenant,
                });
            }
        }
    }
    Ok(comparison)
}

fn numbers(counts: &Counts) -> [(Number, u64); 5] {
    [
        (Number::Offered, counts.offered),
        (Number::Answered, counts.answered.count),
        (Number::AnsweredWaitMs, counts.answered.sum_ms),
        (Number::Abandoned, counts.abandoned.count),
        (Number::AbandonedWaitMs, counts.abandoned.sum_ms),
    ]
}

type Tenant = BTreeMap<(QueueId, MediaType, Date), [u64; 5]>;

/// Asks for the numbers of these days. How long a stretch one answer may be about could not be verified: a question
/// that is refused is asked in two halves.
async fn tenant(
    client: &ReadClient,
    queues: &[QueueId],
    days: &[Date],
) -> Result<Tenant, AppError> {
    let mut tenant = Tenant::new();
    let mut stretches = vec![days.to_vec()];
    while let Some(stretch) = stretches.pop() {
        let Some(window) = window_of(&stretch) else {
            continue;
        };
        let query = AggregateQuery {
            window,
            metrics: vec!["nOffered", "tAnswered", "tAbandon"],
            group_by: vec!["queueId"],
            filter: Filter::all().is_one_of("queueId", queues),
            granularity: Granularity::Day,
            time_zone: None,
        };
        match client.aggregates(&query).await {
            Ok(answer) => add(&mut tenant, &answer),
            Err(error) if is_gone(&error) && stretch.len() > 1 => {
                let (first, second) = stretch.split_at(stretch.len() / 2);
                stretches.extend([first.to_vec(), second.to_vec()]);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(tenant)
}

fn add(tenant: &mut Tenant, answer: &Aggregates) {
    for group in &answer.groups {
        let (Some(queue), Some(media)) = (group.dimension("queueId"), group.dimension("mediaType"))
        else {
            continue;
        };
        for bucket in &group.buckets {
            let key = (
                QueueId::new(queue),
                MediaType::new(media),
                utc_day(bucket.window.from),
            );
            let of = |name| bucket.metric(name).copied().unwrap_or_default();
            let (answered, abandoned) = (of("tAnswered"), of("tAbandon"));
            let numbers = [
                count(&of("nOffered")),
                count(&answered),
                sum(&answered),
                count(&abandoned),
                sum(&abandoned),
            ];
            let sums = tenant.entry(key).or_default();
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += number;
            }
        }
    }
}

fn count(stats: &Stats) -> u64 {
    stats
        .count
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or(0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and negative sums are none"
)]
fn sum(stats: &Stats) -> u64 {
    stats.sum.unwrap_or(0.0).round() as u64
}

/// Returns the UTC days that a window touches.
pub(super) fn days(window: Window) -> Vec<Date> {
    let mut days = Vec::new();
    let mut day = utc_day(window.from);
    while midnight(day).is_some_and(|midnight| midnight < window.to) {
        days.push(day);
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    days
}

fn window_of(days: &[Date]) -> Option<Window> {
    let (first, last) = (
        Coverage::whole(*days.first()?)?,
        Coverage::whole(*days.last()?)?,
    );
    Some(Window {
        from: first.from,
        to: last.to,
    })
}

fn midnight(day: Date) -> Option<jiff::Timestamp> {
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_touches_whole_utc_days() {
        let window = |from: &str, to: &str| Window {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        };
        for (from, to, n_days) in [
            ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", 1),
            ("2026-03-02T23:59:59Z", "2026-03-03T00:00:01Z", 2),
            ("2026-02-27T12:00:00Z", "2026-03-02T12:00:00Z", 4),
        ] {
            assert_eq!(days(window(from, to)).len(), n_days, "{from}");
        }
    }
}
