//! What each thread does: take a chunk, read its records, give away their visits.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::{memchr, memchr_iter};
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
        let lines = match (&chunk.refused, &chunk.records) {
            (Some(refused), _) => {
                self.account.tally.records += 1;
                self.account.refuse(chunk, At::default(), *refused);
                chunk.lines_passed
            }
            (None, Some(records)) => self.records(chunk, records),
            (None, None) => self.lines(chunk),
        };
        self.account.end_chunk(chunk, lines);
    }

    /// Reads the records at these places, and returns how many lines end in the chunk.
    fn records(&mut self, chunk: &Chunk, records: &[Range<usize>]) -> u64 {
        let text = chunk.text();
        let mut at = At::default();
        for place in records {
            if self.is_full {
                break;
            }
            at.go_to(text, place.start);
            let record = text.get(place.clone()).unwrap_or_default();
            self.record(chunk, at, record);
        }
        at.go_to(text, text.len());
        at.lines
    }

    /// Reads a record a line, and returns how many lines end in the chunk.
    fn lines(&mut self, chunk: &Chunk) -> u64 {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let text = chunk.text();
        let mut at = At::default();
        while let Some(rest) = text.get(at.bytes..).filter(|rest| !rest.is_empty())
            && !self.is_full
        {
            let len = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..len).unwrap_or_default();
            let is_first = chunk.offset == 0 && at.bytes == 0;
            let unmarked = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| is_first);
            let begin = unmarked.unwrap_or(line).trim_ascii_start();
            let record = begin.trim_ascii_end();
            if !record.is_empty() {
                let bytes = at.bytes + line.len() - begin.len();
                self.record(chunk, At { bytes, ..at }, record);
            }
            at.bytes += len + 1;
            at.lines += u64::from(len < rest.len());
        }
        at.lines
    }

    fn record(&mut self, chunk: &Chunk, at: At, record: &[u8]) {
        let Worker {
            reader,
            taker,
            account,
            is_full,
        } = self;
        account.tally.records += 1;
        let read = reader.read(record, &mut |visit, decided_at_ms| {
            let taken = plausible(visit).and_then(|()| taker.take(visit, decided_at_ms));
            match taken {
                Ok(()) => account.tally.visits += 1,
                Err(reason) => account.refuse_visit(chunk, at, reason),
            }
        });
        match read {
            Ok(read) => {
                for reason in read.refused {
                    account.refuse_visit(chunk, at, reason);
                }
                *is_full |= !taker.end_record(read.recorded_at_ms);
            }
            Err(refused) => account.refuse(chunk, at, refused),
        }
    }
}

/// A place in a chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At {
    /// So many bytes are before it.
    pub(super) bytes: usize,
    /// So many lines end before it.
    pub(super) lines: u64,
}

impl At {
    fn go_to(&mut self, text: &[u8], place: usize) {
        let passed = text.get(self.bytes..place).unwrap_or_default();
        self.lines += memchr_iter(b'\n', passed).count() as u64;
        self.bytes = place;
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
