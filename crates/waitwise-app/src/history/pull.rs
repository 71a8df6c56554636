//! Pulling: the records of a window, a UTC day at a time, several days at once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use waitwise_client::ReadClient;
use waitwise_history::facts::{Column, Columns, Of, Source};
use waitwise_history::{Coverage, Table, agent_key};
use waitwise_model::{
    AgentId, Clock, Conversation, ConversationId, QueueId, RejectedRecord, Window,
};
use waitwise_wire::platform::details::RecordQuestion;

use super::check::{Comparison, compare, days};
use super::day::{Day, DayRead, different};
use super::disk::History;
use super::error::HistoryError;
use crate::error::AppError;

/// How many days are read at once. More would only wait for each other: the host counts requests by the minute.
const DAYS_AT_ONCE: usize = 4;

/// A conversation that has been going on for so long is not waited for any more: such records are never ended.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Which history is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The queues.
    pub queues: Vec<QueueId>,
    /// The stretch of time; every UTC day that it touches is read, and the day before for what spills over midnight.
    pub window: Window,
}

/// Where a day's facts came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// They were on disk, and nothing is to be expected from reading the day again.
    Kept,
    /// A job.
    Job,
    /// The query for what the job store does not have yet.
    Query,
}

/// The proof that one day was read to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayProof {
    /// The UTC day.
    pub day: Date,
    /// Where its facts came from.
    pub origin: Origin,
    /// Which part of it was read.
    pub coverage: Coverage,
    /// How often reading it was begun.
    pub tries: u32,
    /// Pages read.
    pub pages: usize,
    /// Pages with fewer records than the largest, the last one left out.
    pub short_pages: usize,
    /// Pages on which every record had come before.
    pub repeated_pages: usize,
    /// Different records read.
    pub records: usize,
    /// Records that came again.
    pub repeated: usize,
    /// Records that began on another day, and so belong to another file.
    pub other_days: usize,
    /// Records, or visits in them, that could not be read.
    pub rejected: Vec<RejectedRecord>,
    /// Visits written for the wanted queues.
    pub legs: usize,
    /// Conversations of that day that were going on.
    pub in_progress: usize,
    /// Who answered in which queue, by the agents' keys, in queues that were not asked for too.
    agents: BTreeMap<QueueId, BTreeSet<AgentId>>,
}

/// What a pull gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pulled {
    /// One proof a day, the day before the window first.
    pub days: Vec<DayProof>,
    /// Against the tenant's aggregates.
    pub comparison: Comparison,
    /// Other queues whose agents also serve a wanted one.
    pub sharing: Vec<Sharing>,
}

/// A queue that shares agents with a wanted one: helping one can starve the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sharing {
    /// The wanted queue.
    pub queue: QueueId,
    /// The other one.
    pub other: QueueId,
    /// How many agents answered in both.
    pub agents: usize,
    /// How many agents answered in the wanted one.
    pub of: usize,
}

/// What a pull tells while it works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// So many days are to be read.
    Days(usize),
    /// A page has come.
    Page {
        /// The day.
        day: Date,
        /// Which page of it, from 1.
        number: usize,
        /// How many records it has.
        records: usize,
    },
    /// A day is on disk.
    DayDone(Date),
    /// The facts are compared with the aggregates.
    Comparing,
}

/// Whoever listens to a pull.
pub type Report<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// Pulls what is wanted and not on disk yet.
///
/// # Errors
/// A day could not be read to its end, or the tenant counts more than it shows: then nothing is to be concluded from
/// what is on disk. The same call again goes on from there.
pub async fn pull(
    client: &ReadClient,
    clock: &dyn Clock,
    history: &History,
    wanted: &Wanted,
    report: Report<'_>,
) -> Result<Pulled, AppError> {
    if wanted.queues.is_empty() {
        return Err(HistoryError::NoQueue.into());
    }
    let mut all = days(wanted.window);
    if let Some(before) = all.first().and_then(|day| day.yesterday().ok()) {
        all.insert(0, before);
    }
    let (from, to) = all
        .first()
        .copied()
        .zip(all.last().copied())
        .unwrap_or_default();
    let available_to = client.availability().await;
    let available_to = available_to.map_err(|source| HistoryError::Unasked {
        from,
        to,
        source: Box::new(source),
    })?;
    report(Event::Days(all.len()));
    let puller = Puller {
        client,
        clock,
        history,
        wanted,
        available_to,
        report,
        page_read: &|day, number, records| {
            report(Event::Page {
                day,
                number,
                records,
            });
        },
    };
    let mut days = puller.days(&all, false).await?;
    let mut comparison = puller.compare(from, to).await?;
    let late = late(&comparison, &days);
    if !late.is_empty() {
        report(Event::Days(late.len()));
        let read = puller.days(&late, true).await?;
        for proof in read {
            let place = days.iter().position(|old| old.day == proof.day);
            place
                .into_iter()
                .for_each(|place| days[place] = proof.clone());
        }
        comparison = puller.compare(from, to).await?;
    }
    comparison.hidden()?;
    let sharing = sharing(&wanted.queues, &days);
    Ok(Pulled {
        days,
        comparison,
        sharing,
    })
}

/// Returns the days that were on disk already and lack what the tenant counts: it may have come since. What enters a
/// queue after midnight may have begun the day before.
fn late(comparison: &Comparison, days: &[DayProof]) -> Vec<Date> {
    let mut lacking = BTreeSet::new();
    for number in comparison.lacking() {
        lacking.insert(number.day);
        lacking.extend(number.day.yesterday());
    }
    let kept = days.iter().filter(|proof| proof.origin == Origin::Kept);
    kept.map(|proof| proof.day)
        .filter(|day| lacking.contains(day))
        .collect()
}

/// One error that names every day that is missing.
fn all_or_error(
    days: &[Date],
    results: Vec<Result<DayProof, HistoryError>>,
) -> Result<Vec<DayProof>, HistoryError> {
    let mut proofs = Vec::new();
    let mut missing = Vec::new();
    for (day, result) in days.iter().zip(results) {
        match result {
            Ok(proof) => proofs.push(proof),
            Err(error) => missing.push((*day, error)),
        }
    }
    let mut missing = missing.into_iter();
    let Some((_, first)) = missing.next() else {
        return Ok(proofs);
    };
    let others: Vec<_> = missing.map(|(day, _)| day).collect();
    match others.is_empty() {
        true => Err(first),
        false => Err(HistoryError::Days {
            first: Box::new(first),
            others,
        }),
    }
}

struct Puller<'a> {
    client: &'a ReadClient,
    clock: &'a dyn Clock,
    history: &'a History,
    wanted: &'a Wanted,
    available_to: Option<Timestamp>,
    report: Report<'a>,
    page_read: &'a (dyn Fn(Date, usize, usize) + Send + Sync),
}

impl Puller<'_> {
    /// Reads these days, several at once; with `again` also those that are on disk.
    async fn days(&self, days: &[Date], again: bool) -> Result<Vec<DayProof>, HistoryError> {
        let read = days.iter().map(|day| self.one_day(*day, again));
        all_or_error(days, super::several::at_most(DAYS_AT_ONCE, read).await)
    }

    /// Compares what is on disk with the tenant's aggregates.
    async fn compare(&self, from: Date, to: Date) -> Result<Comparison, AppError> {
        (self.report)(Event::Comparing);
        let Wanted { queues, window } = self.wanted;
        let compared = compare(self.client, self.history, queues, *window).await;
        compared.map_err(|error| {
            let AppError::Client(source) = error else {
                return error;
            };
            let source = Box::new(source);
            HistoryError::Unproved { from, to, source }.into()
        })
    }

    async fn one_day(&self, day: Date, again: bool) -> Result<DayProof, HistoryError> {
        let Some(whole) = Coverage::whole(day) else {
            return Ok(DayProof::new(
                day,
                Origin::Kept,
                Coverage {
                    from: Timestamp::MAX,
                    to: Timestamp::MAX,
                },
            ));
        };
        if !again && let Some(kept) = self.kept(day, whole)? {
            return Ok(kept);
        }
        // What is still to come cannot have been read.
        let until = std::cmp::min(self.wanted.window.to, self.clock.now());
        let coverage = Coverage {
            to: std::cmp::min(whole.to, std::cmp::max(until, whole.from)),
            ..whole
        };
        let reading = Day {
            client: self.client,
            clock: self.clock,
            pulling: self.history.pulling(day),
            day,
            question: RecordQuestion {
                window: Window {
                    from: coverage.from,
                    to: coverage.to,
                },
                queues: self.wanted.queues.clone(),
            },
            page_read: self.page_read,
        };
        let is_there = |available_to: Option<Timestamp>| available_to >= Some(coverage.to);
        let mut origin = Origin::Query;
        if is_there(self.available_to) {
            let read = reading.by_job().await?;
            // The job store may lag behind what it said before.
            let mut told = read.pages.iter().filter(|page| page.available_to.is_some());
            if told.all(|page| is_there(page.available_to)) {
                return self.keep(day, Origin::Job, coverage, &read);
            }
            reading.pulling.end()?;
            origin = Origin::Query;
        }
        let read = reading.by_query().await?;
        if read.is_unsettled && !coverage.is_whole(day) {
            // A whole day is judged by the aggregates, since the claim is approximate; nothing else judges a part.
            let claims = read.pages.iter().filter_map(|page| page.claimed);
            return Err(HistoryError::Unsettled {
                day,
                read: different(&read.pages),
                claimed: claims.reduce(std::cmp::max).unwrap_or_default(),
            });
        }
        self.keep(day, origin, coverage, &read)
    }

    /// Returns the proof of a day that needs no reading.
    fn kept(&self, day: Date, whole: Coverage) -> Result<Option<DayProof>, HistoryError> {
        let mut proof = DayProof::new(day, Origin::Kept, whole);
        let is_old = whole
            .to
            .saturating_add(GIVEN_UP_AFTER)
            .is_ok_and(|old| old < self.clock.now());
        let mut heads = Vec::new();
        for queue in &self.wanted.queues {
            match self.history.head(queue, day)? {
                Some(head) if head.is_final() || (is_old && head.coverage.is_whole(day)) => {
                    proof.legs += head.legs;
                    proof.in_progress += head.in_progress;
                    heads.push(head);
                }
                Some(_) | None => return Ok(None),
            }
        }
        for head in &heads {
            self.history.writing()?.mend_manifest(head)?;
        }
        for queue in &self.wanted.queues {
            let agents = proof.agents.entry(queue.clone()).or_default();
            let columns = Columns::NONE.with(Column::AgentKey);
            self.history.read_day(queue, day, columns, |row| {
                agents.extend(row.visit.agent.map(AgentId::new));
            })?;
        }
        Ok(Some(proof))
    }

    /// Writes a day's facts and forgets its pages.
    fn keep(
        &self,
        day: Date,
        origin: Origin,
        coverage: Coverage,
        read: &DayRead,
    ) -> Result<DayProof, HistoryError> {
        let mut proof = DayProof::of(day, origin, coverage, read);
        let conversations = read.pages.iter().flat_map(|page| &page.conversations);
        // The query gives whole UTC days and jobs all that overlaps: the start decides.
        let (of_day, others): (Vec<_>, Vec<_>) = conversations.partition(|conversation| {
            let began = conversation.started_at;
            coverage.from <= began && began < coverage.to
        });
        proof.other_days = others.len();
        let newest = newest(&of_day);
        proof.repeated = of_day.len() - newest.len();
        let going_on = newest.values().filter(|record| record.is_in_progress());
        proof.in_progress = going_on.count();
        let mut table = Table::default();
        for conversation in of_day {
            if let Err(unfit) = table.add_conversation(conversation) {
                proof.rejected.push(RejectedRecord {
                    conversation: Some(conversation.id.clone()),
                    reason: unfit.to_string(),
                });
            }
        }
        table.keep_newest();
        let parts = table.parts();
        for queue in &self.wanted.queues {
            let rows = parts.iter().find(|part| part.queue() == queue.as_str());
            let of = Of {
                queue: queue.clone(),
                day,
                coverage,
                sources: vec![Source::Pull],
            };
            proof.legs += self.history.writing()?.add(of, rows.copied())?.legs;
        }
        self.history.pulling(day).end()?;
        (self.report)(Event::DayDone(day));
        Ok(proof)
    }
}

/// Returns the newest record of each conversation.
fn newest<'a>(records: &[&'a Conversation]) -> BTreeMap<&'a ConversationId, &'a Conversation> {
    let mut newest: BTreeMap<_, &Conversation> = BTreeMap::new();
    let version = |record: &Conversation| (record.recorded_at, record.ended_at.is_some());
    for record in records {
        let known = newest.entry(&record.id).or_insert(record);
        if version(known) < version(record) {
            *known = record;
        }
    }
    newest
}

impl DayProof {
    fn new(day: Date, origin: Origin, coverage: Coverage) -> DayProof {
        DayProof {
            day,
            origin,
            coverage,
            tries: 0,
            pages: 0,
            short_pages: 0,
            repeated_pages: 0,
            records: 0,
            repeated: 0,
            other_days: 0,
            rejected: Vec::new(),
            legs: 0,
            in_progress: 0,
            agents: BTreeMap::new(),
        }
    }

    fn of(day: Date, origin: Origin, coverage: Coverage, read: &DayRead) -> DayProof {
        let mut proof = DayProof::new(day, origin, coverage);
        let pages = &read.pages;
        proof.tries = read.tries;
        proof.pages = pages.len();
        proof.records = different(pages);
        let sizes: Vec<_> = pages.iter().map(|page| page.conversations.len()).collect();
        let largest = sizes
            .iter()
            .copied()
            .reduce(std::cmp::max)
            .unwrap_or_default();
        let all_but_last = sizes.split_last().map_or(&[][..], |(_, rest)| rest);
        proof.short_pages = all_but_last.iter().filter(|size| **size < largest).count();
        let mut seen = BTreeSet::new();
        for page in pages {
            let mut is_new = page.conversations.is_empty();
            for conversation in &page.conversations {
                is_new |= seen.insert(&conversation.id);
                for leg in &conversation.legs {
                    let answer = leg.answer();
                    if let Some(agent) = answer.and_then(|answer| answer.agent.as_ref()) {
                        let agents = proof.agents.entry(leg.queue.clone()).or_default();
                        agents.insert(AgentId::new(agent_key(agent.as_str())));
                    }
                }
            }
            proof.repeated_pages += usize::from(!is_new);
            proof.rejected.extend(page.rejected.iter().cloned());
        }
        proof.rejected.sort();
        proof.rejected.dedup();
        proof
    }
}

/// Finds the queues whose agents answered in a wanted queue too.
fn sharing(wanted: &[QueueId], days: &[DayProof]) -> Vec<Sharing> {
    let mut agents: BTreeMap<&QueueId, BTreeSet<&AgentId>> = BTreeMap::new();
    for (queue, of_day) in days.iter().flat_map(|day| &day.agents) {
        agents.entry(queue).or_default().extend(of_day);
    }
    let mut sharing = Vec::new();
    for queue in wanted {
        let Some(own) = agents.get(queue) else {
            continue;
        };
        for (other, theirs) in agents.iter().filter(|(other, _)| **other != queue) {
            let shared = own.intersection(theirs).count();
            if shared > 0 {
                sharing.push(Sharing {
                    queue: queue.clone(),
                    other: (*other).clone(),
                    agents: shared,
                    of: own.len(),
                });
            }
        }
    }
    sharing
}
