//! The questions that files of records answer, answered by facts.

use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::Date;
use waitwise_history::breakdown::{Breakdown, Question};
use waitwise_history::facts::{Batch, Columns};
use waitwise_history::records::Tally;
use waitwise_history::{FactsError, Reader};
use waitwise_model::QueueId;

use super::disk::{History, unusable};
use super::error::HistoryError;
use crate::error::AppError;
use crate::files::{FilesAnalysis, Sums, Wanted};

impl History {
    /// Adds up all visits, as [`analyze`](crate::files::analyze) does those of files. The answer depends on the facts
    /// alone; its tally has visits, and no records.
    ///
    /// # Errors
    /// There are no facts, a file of them cannot be used, or there are too many groups.
    pub fn answer(
        &self,
        question: &Question,
        wanted: Wanted,
        threads: NonZeroUsize,
    ) -> Result<FilesAnalysis, AppError> {
        let mut files = Vec::new();
        for queue in self.queues()? {
            let days = self.days(&queue)?;
            files.extend(days.into_iter().map(|day| (queue.clone(), day)));
        }
        if files.is_empty() {
            let dir = self.dir().to_path_buf();
            return Err(HistoryError::Empty { dir }.into());
        }
        let answering = Answering {
            history: self,
            question,
            wanted,
            columns: match wanted.overview {
                true => Columns::ALL,
                false => Breakdown::columns(question),
            },
            files: &files,
            next: AtomicUsize::new(0),
        };
        let worked: Vec<_> = std::thread::scope(|scope| {
            let start = |_| scope.spawn(|| answering.work());
            let threads: Vec<_> = (0..threads.get()).map(start).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                Ok(worked) => worked,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            threads.into_iter().map(join).collect()
        });
        let (mut all, mut visits) = (Sums::new(question, wanted), 0);
        for worked in worked {
            let (part, of_part) = worked?;
            all = all.merged(part);
            visits += of_part;
        }
        let tally = Tally {
            visits,
            ..Tally::default()
        };
        Ok(all.finish(tally)?)
    }
}

struct Answering<'a> {
    history: &'a History,
    question: &'a Question,
    wanted: Wanted,
    columns: Columns,
    files: &'a [(QueueId, Date)],
    next: AtomicUsize,
}

impl<'a> Answering<'a> {
    /// Takes one file after the other.
    fn work(&self) -> Result<(Sums<'a>, u64), HistoryError> {
        let (mut sums, mut visits) = (Sums::new(self.question, self.wanted), 0);
        let mut batch = Batch::default();
        while let Some((queue, day)) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(mut reader) = self.history.reader(queue, *day)? else {
                continue;
            };
            let added = self.file(&mut reader, &mut batch, &mut sums);
            added.map_err(unusable(&self.history.facts_path(queue, *day)))?;
            visits += reader.head().legs as u64;
        }
        Ok((sums, visits))
    }

    fn file(
        &self,
        reader: &mut Reader<File>,
        batch: &mut Batch,
        sums: &mut Sums<'a>,
    ) -> Result<(), FactsError> {
        while reader.next_batch(self.columns, batch)? {
            let view = batch.view()?;
            view.visits().for_each(|visit| sums.add(&visit));
        }
        Ok(())
    }
}
