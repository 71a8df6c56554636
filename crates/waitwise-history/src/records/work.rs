//! What each thread does: take a chunk, read its records, give away their visits.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memchr;
use waitwise_model::Visit;

use super::chunk::Chunk;
use super::intake::{Intake, Opener, ReadError};
use super::trouble::{Account, Tally};
use super::{RecordReader, Taker};

/// Reads all files on as many threads as there are `workers`: each a reader, and who takes its visits.
///
/// Which thread reads which record, and when, is not promised; what is taken in all, and the tally, does not depend on it.
///
/// # Errors
/// A file could not be opened or read to its end.
pub fn read<O: Opener, R: RecordReader, T: Taker>(
    opener: O,
    workers: Vec<(R, T)>,
) -> Result<(Vec<T>, Tally), ReadError> {
    let shared = Shared {
        intake: Mutex::new(Intake::new(opener)),
        is_failed: AtomicBool::new(false),
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let mut workers = workers.into_iter();
        let own = workers.next();
        let others: Vec<_> = workers
            .map(|(reader, taker)| scope.spawn(|| shared.work(reader, taker)))
            .collect();
        let own = own.map(|(reader, taker)| shared.work(reader, taker));
        let joined = others.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => resume_unwind(panic),
        });
        own.into_iter().chain(joined).collect()
    });
    let mut takers = Vec::new();
    let mut accounts = Vec::new();
    for done in done {
        let (taker, account) = done?;
        takers.push(taker);
        accounts.push(account);
    }
    Ok((takers, Account::settle(accounts)))
}

struct Shared<O> {
    intake: Mutex<Intake<O>>,
    is_failed: AtomicBool,
}

impl<O: Opener> Shared<O> {
    fn work<R: RecordReader, T: Taker>(
        &self,
        reader: R,
        taker: T,
    ) -> Result<(T, Account), ReadError> {
        let mut worker = Worker {
            reader,
            taker,
            account: Account::default(),
            is_full: false,
        };
        let mut chunk = Chunk::default();
        while self.next(&mut chunk)? {
            worker.chunk(&chunk);
            if worker.is_full {
                self.is_failed.store(true, Ordering::Relaxed);
            }
        }
        Ok((worker.taker, worker.account))
    }

    fn next(&self, chunk: &mut Chunk) -> Result<bool, ReadError> {
        if self.is_failed.load(Ordering::Relaxed) {
            return Ok(false);
        }
        // A thread that panicked while it held the intake takes the whole process's answer with it.
        let mut intake = self.intake.lock().unwrap_or_else(PoisonError::into_inner);
        let next = intake.next(chunk);
        if next.is_err() {
            self.is_failed.store(true, Ordering::Relaxed);
        }
        next
    }
}

struct Worker<R, T> {
    reader: R,
    taker: T,
    account: Account,
    /// The taker takes no more.
    is_full: bool,
}

impl<R: RecordReader, T: Taker> Worker<R, T> {
    fn chunk(&mut self, chunk: &Chunk) {
        if let Some(refused) = chunk.refused {
            self.account.tally.records += 1;
            self.account.tally.refused_records += 1;
            self.account.note(chunk, refused.offset, 0, refused.reason);
            self.account.end_chunk(chunk, 1);
            return;
        }
        let text = chunk.text();
        let (mut at, mut lines) = (0, 0);
        while at < text.len() && !self.is_full {
            let rest = text.get(at..).unwrap_or_default();
            let len = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..len).unwrap_or_default();
            self.line(chunk, at, lines, line);
            at += len + 1;
            lines += 1;
        }
        self.account.end_chunk(chunk, lines);
    }

    /// Reads a line, which stands after so many bytes and lines of its chunk.
    fn line(&mut self, chunk: &Chunk, bytes: usize, lines: u64, line: &[u8]) {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let is_first = chunk.offset == 0 && bytes == 0;
        let unmarked = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| is_first);
        let record = unmarked.unwrap_or(line).trim_ascii();
        if record.is_empty() {
            return;
        }
        let bytes = bytes + (line.len() - unmarked.unwrap_or(line).trim_ascii_start().len());
        let Worker {
            reader,
            taker,
            account,
            is_full,
        } = self;
        account.tally.records += 1;
        let mut visits = 0;
        let mut refused_visits = 0;
        let read = reader.read(record, &mut |visit, decided_at_ms| {
            let taken = plausible(visit).and_then(|()| taker.take(visit, decided_at_ms));
            match taken {
                Ok(()) => visits += 1,
                Err(reason) => {
                    refused_visits += 1;
                    account.note(chunk, bytes, lines, reason);
                }
            }
        });
        match read {
            Ok(read) => {
                refused_visits += read.refused.len() as u64;
                for reason in read.refused {
                    account.note(chunk, bytes, lines, reason);
                }
                *is_full |= !taker.end_record(read.recorded_at_ms);
            }
            Err(refused) => {
                account.tally.refused_records += 1;
                let at = bytes + refused.offset;
                account.note(chunk, at, lines, refused.reason);
            }
        }
        account.tally.visits += visits;
        account.tally.refused_visits += refused_visits;
    }
}

/// Says what cannot be about a visit.
fn plausible(visit: &Visit<'_>) -> Result<(), &'static str> {
    /// 1990-01-01: no contact centre kept records of this kind before.
    const EARLIEST_MS: i64 = 631_152_000_000;
    /// 2100-01-01: a later date is a mistake, or stands for "never".
    const LATEST_MS: i64 = 4_102_444_800_000;
    let is_known = |at: i64| (EARLIEST_MS..LATEST_MS).contains(&at);
    if !is_known(visit.entered_at_ms) || !is_known(visit.started_at_ms) {
        return Err("it began before 1990 or after 2099");
    }
    match visit.ended_at_ms {
        Some(ended) if ended < visit.started_at_ms => Err("it ended before it began"),
        Some(ended) if ended < visit.entered_at_ms => Err("it ended before it entered the queue"),
        Some(ended) if !is_known(ended) => Err("it ended after 2099"),
        Some(_) | None => Ok(()),
    }
}
