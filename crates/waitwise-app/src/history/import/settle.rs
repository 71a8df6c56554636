//! What was set aside → facts, a day at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use waitwise_history::Table;
use waitwise_history::facts::{Of, Source};
use waitwise_model::QueueId;

use super::aside::Section;
use super::{Covers, Import, ImportEvent, ImportedQueue};
use crate::history::disk::{History, Writing};
use crate::history::error::HistoryError;

/// What days came to.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) visits: u64,
    pub(super) repeated: u64,
    pub(super) queues: Vec<ImportedQueue>,
}

/// Adds the visits of all sections to the facts.
pub(super) fn settle(
    history: &History,
    import: &Import,
    source: Source,
    sections: &[Section],
    report: &(dyn Fn(ImportEvent) + Sync),
) -> Result<Settled, HistoryError> {
    let mut days: BTreeMap<i64, Vec<&Section>> = BTreeMap::new();
    for section in sections {
        days.entry(section.day).or_default().push(section);
    }
    report(ImportEvent::Days(days.len()));
    let settling = Settling {
        // Held for all of them: between two days nobody else needs to come in.
        writing: history.writing()?,
        covers: import.covers,
        source,
        days: days.into_values().collect(),
        next: AtomicUsize::new(0),
        is_failed: AtomicBool::new(false),
        done: Mutex::default(),
        report,
    };
    let worked: Vec<_> = std::thread::scope(|scope| {
        let start = |_| scope.spawn(|| settling.work());
        let threads: Vec<_> = (0..import.threads.get()).map(start).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(worked) => worked,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        threads.into_iter().map(join).collect()
    });
    worked.into_iter().collect::<Result<(), HistoryError>>()?;
    settling.end()
}

struct Settling<'a> {
    writing: Writing<'a>,
    covers: Option<Covers>,
    source: Source,
    days: Vec<Vec<&'a Section>>,
    next: AtomicUsize,
    is_failed: AtomicBool,
    done: Mutex<Done>,
    report: &'a (dyn Fn(ImportEvent) + Sync),
}

#[derive(Default)]
struct Done {
    visits: u64,
    repeated: u64,
    /// For each queue the days with how many visits.
    queues: BTreeMap<QueueId, BTreeMap<Date, u64>>,
}

impl Settling<'_> {
    /// Takes one day after the other.
    fn work(&self) -> Result<(), HistoryError> {
        let mut table = Table::default();
        while let Some(sections) = self.days.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if self.is_failed.load(Ordering::Relaxed) {
                break;
            }
            if let Err(error) = self.day(sections, &mut table) {
                self.is_failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
            (self.report)(ImportEvent::DayDone);
        }
        Ok(())
    }

    fn day(&self, sections: &[&Section], table: &mut Table) -> Result<(), HistoryError> {
        table.clear();
        for section in sections {
            section.read(table)?;
        }
        let visits = sections
            .iter()
            .map(|section| section.rows as u64)
            .sum::<u64>();
        let repeated = table.keep_newest() as u64;
        let parts = table.parts();
        for part in &parts {
            let of = self.of(QueueId::new(part.queue()), part.day())?;
            self.writing.add(of, Some(*part))?;
        }
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.visits += visits;
        done.repeated += repeated;
        for part in &parts {
            let days = done.queues.entry(QueueId::new(part.queue())).or_default();
            *days.entry(part.day()).or_default() += part.len() as u64;
        }
        Ok(())
    }

    fn of(&self, queue: QueueId, day: Date) -> Result<Of, HistoryError> {
        let coverage = Covers::of_day(self.covers, day);
        Ok(Of {
            coverage: coverage.ok_or(HistoryError::EndOfCalendar { day })?,
            queue,
            day,
            sources: vec![self.source],
        })
    }

    /// Notes the days without a visit that are covered too.
    fn end(self) -> Result<Settled, HistoryError> {
        let done = std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        for (queue, days) in &done.queues {
            let with_visits: BTreeSet<_> = days.keys().copied().collect();
            for day in self.covers.into_iter().flat_map(Covers::days) {
                if !with_visits.contains(&day) {
                    self.writing.add(self.of(queue.clone(), day)?, None)?;
                }
            }
        }
        let queues = done.queues.into_iter().filter_map(|(queue, days)| {
            Some(ImportedQueue {
                queue,
                first: *days.keys().next()?,
                last: *days.keys().next_back()?,
                days: days.len(),
                visits: days.values().sum(),
            })
        });
        Ok(Settled {
            visits: done.visits,
            repeated: done.repeated,
            queues: queues.collect(),
        })
    }
}

impl Covers {
    /// Returns the days.
    fn days(self) -> impl Iterator<Item = Date> {
        let later = |day: &Date| day.tomorrow().ok();
        let all = std::iter::successors(Some(self.first), later);
        all.take_while(move |day| *day <= self.last)
    }
}
