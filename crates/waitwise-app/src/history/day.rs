//! One UTC day's records, page by page, from a job or from the query. Every finished page is on disk at once.

use std::collections::HashSet;
use std::time::Duration;

use jiff::civil::Date;
use waitwise_client::platform::Records;
use waitwise_client::{ClientError, FailureKind, ReadClient};
use waitwise_history::page::Page;
use waitwise_model::{Clock, ConversationId};
use waitwise_wire::platform::conversation;
use waitwise_wire::platform::details::{JobState, RecordQuestion};

use super::error::{HistoryError, is_gone};
use super::pulling::{Origin, Pulling};

/// How often a day's job is submitted at most.
const JOB_TRIES: u32 = 4;

/// How often the query's pages are walked at most, if records come in meanwhile.
const WALKS_MAX: u32 = 3;

/// A job that has not come to its end after this time is taken to be stuck. Half an hour is far longer than a job of
/// one day takes where its duration is known.
const STUCK_AFTER: Duration = Duration::from_secs(30 * 60);

const FIRST_LOOK: Duration = Duration::from_secs(1);
const LATEST_LOOK: Duration = Duration::from_secs(30);

/// More pages in a row than this without a record that did not come before lead nowhere.
const OLD_PAGES_MAX: usize = 20;

/// One day to be read.
pub(super) struct Day<'a> {
    pub(super) client: &'a ReadClient,
    pub(super) clock: &'a dyn Clock,
    pub(super) pulling: Pulling,
    pub(super) day: Date,
    pub(super) question: RecordQuestion,
    /// Told about each page: which one, and how many records it has.
    pub(super) page_read: &'a (dyn Fn(Date, usize, usize) + Send + Sync),
}

/// A day that was read to its end.
#[derive(Debug)]
pub(super) struct DayRead {
    pub(super) pages: Vec<Page>,
    /// How often it was begun anew.
    pub(super) tries: u32,
    /// Whether the source's own count still did not fit when the last walk ended.
    pub(super) is_unsettled: bool,
}

/// Pages so far, and whether they lead anywhere.
#[derive(Default)]
struct Walk {
    pages: Vec<Page>,
    seen: HashSet<ConversationId>,
    /// How many of the last pages brought nothing new.
    old_pages: usize,
}

impl Walk {
    /// Goes on from these pages.
    fn from(pages: Vec<Page>) -> Walk {
        pages.into_iter().fold(Walk::default(), |mut walk, page| {
            walk.add(page);
            walk
        })
    }

    fn add(&mut self, page: Page) {
        let read = page.conversations.iter().map(|one| &one.id);
        let rejected = page.rejected.iter();
        let ids = read.chain(rejected.filter_map(|record| record.conversation.as_ref()));
        let mut is_old = true;
        for id in ids {
            is_old &= !self.seen.insert(id.clone());
        }
        self.old_pages = if is_old { self.old_pages + 1 } else { 0 };
        self.pages.push(page);
    }
}

/// Why a walk did not come to its end.
enum Ended {
    /// Beginning anew may help.
    Anew(String),
    /// It cannot go on.
    For(HistoryError),
}

impl Day<'_> {
    /// Reads the day from a job, going on with the job and the pages on disk if there are any.
    pub(super) async fn by_job(&self) -> Result<DayRead, HistoryError> {
        let mut ended = String::new();
        for tries in 1..=JOB_TRIES {
            match self.one_job().await {
                Ok(pages) => {
                    return Ok(DayRead {
                        pages,
                        tries,
                        is_unsettled: false,
                    });
                }
                Err(Ended::Anew(why)) => ended = why,
                Err(Ended::For(error)) => return Err(error),
            }
            self.pulling.end()?;
        }
        Err(HistoryError::Job {
            day: self.day,
            tries: JOB_TRIES,
            ended,
        })
    }

    async fn one_job(&self) -> Result<Vec<Page>, Ended> {
        let (job, pages) = match self.begun(true) {
            Some((Some(job), pages)) => (job, pages),
            Some((None, _)) | None => {
                let job = self.client.submit_job(&self.question).await;
                // Nobody may know whether the host took it: a job more than needed ends by itself.
                let job = job.map_err(|error| match error.kind() {
                    FailureKind::Host => Ended::Anew(format!("was not taken: {error}")),
                    FailureKind::SignIn
                    | FailureKind::Permission
                    | FailureKind::RateLimit
                    | FailureKind::Incomplete
                    | FailureKind::Usage
                    | FailureKind::Refused => self.failed(error),
                })?;
                self.begin(Some(job.clone()))?;
                (job, Vec::new())
            }
        };
        if is_whole(&pages) {
            return Ok(pages);
        }
        self.wait_for(&job).await?;
        let mut asked: HashSet<Option<String>> = HashSet::new();
        asked.extend(pages.iter().map(|page| page.asked.clone()));
        let mut walk = Walk::from(pages);
        while !is_whole(&walk.pages) {
            let cursor = walk.pages.last().and_then(|page| page.next.clone());
            let raw = self.client.job_page(&job, cursor.as_deref()).await;
            let raw = raw.map_err(|error| {
                if is_gone(&error) {
                    return Ended::Anew("lost its results".to_owned());
                }
                match matches!(error, ClientError::Incomplete { .. }) {
                    true => Ended::Anew("led back to a page that was read already".to_owned()),
                    false => self.failed(error),
                }
            })?;
            asked.insert(cursor.clone());
            if raw.cursor.is_some() && asked.contains(&raw.cursor) {
                let why = "led back to a page that was read already";
                return Err(Ended::Anew(why.to_owned()));
            }
            let next = raw.cursor.clone();
            self.keep(&mut walk, raw, cursor, next)?;
        }
        Ok(walk.pages)
    }

    /// Waits until the job's results can be read.
    async fn wait_for(&self, job: &str) -> Result<(), Ended> {
        let began = self.clock.monotonic();
        let mut pause = FIRST_LOOK;
        loop {
            let status = self.client.job_state(job).await;
            let status = status.map_err(|error| match is_gone(&error) {
                true => Ended::Anew("is gone".to_owned()),
                false => self.failed(error),
            })?;
            match status.state {
                JobState::Fulfilled => return Ok(()),
                JobState::Failed => return Err(Ended::Anew("ended as FAILED".to_owned())),
                JobState::Cancelled => return Err(Ended::Anew("ended as CANCELLED".to_owned())),
                JobState::Expired => return Err(Ended::Anew("ended as EXPIRED".to_owned())),
                JobState::Queued | JobState::Pending | JobState::Other(_) => {}
            }
            if self.clock.monotonic().saturating_sub(began) >= STUCK_AFTER {
                // It would go on using up the tenant's allowance of jobs. If that fails, it ends by itself.
                let _ = self.client.cancel_job(job).await;
                let minutes = STUCK_AFTER.as_secs() / 60;
                return Err(Ended::Anew(format!(
                    "did not come to its end in {minutes} minutes"
                )));
            }
            self.clock.sleep(pause).await;
            pause = std::cmp::min(pause * 3 / 2, LATEST_LOOK);
        }
    }

    /// Reads the day from the query, which has the newest records, going on with the pages on disk if there are any.
    ///
    /// Records may come in while pages are turned: then the pages are walked again.
    pub(super) async fn by_query(&self) -> Result<DayRead, HistoryError> {
        let mut tries = 1;
        loop {
            let pages = match self.one_walk().await {
                Ok(pages) => pages,
                Err(Ended::For(error)) => return Err(error),
                Err(Ended::Anew(why)) if tries == WALKS_MAX => {
                    let day = self.day;
                    return Err(HistoryError::Walk {
                        day,
                        tries,
                        ended: why,
                    });
                }
                Err(Ended::Anew(_)) => Vec::new(),
            };
            let is_unsettled = pages.is_empty() || !is_settled(&pages);
            if !is_unsettled || tries == WALKS_MAX {
                return Ok(DayRead {
                    pages,
                    tries,
                    is_unsettled,
                });
            }
            self.pulling.end()?;
            tries += 1;
        }
    }

    async fn one_walk(&self) -> Result<Vec<Page>, Ended> {
        let pages = match self.begun(false) {
            Some((_, pages)) => pages,
            None => {
                self.begin(None)?;
                Vec::new()
            }
        };
        let mut walk = Walk::from(pages);
        let size = self.client.details_page_size() as usize;
        while !is_whole(&walk.pages) {
            let n_read = walk.pages.len();
            let asked = walk.pages.last().and_then(|page| page.next.clone());
            let number = u32::try_from(n_read + 1).unwrap_or(u32::MAX);
            let raw = self.client.details_page(&self.question, number).await;
            let raw = raw.map_err(|error| self.failed(error))?;
            // A full page may have others behind it, whatever the count says.
            let is_counted = |total| n_read.saturating_add(1).saturating_mul(size) < total;
            let more = raw.records.len() >= size || raw.total.is_some_and(is_counted);
            let next = (more && !raw.records.is_empty()).then(|| (number + 1).to_string());
            self.keep(&mut walk, raw, asked, next)?;
        }
        Ok(walk.pages)
    }

    /// Returns the job and the pages that are on disk, if they answer this question.
    fn begun(&self, by_job: bool) -> Option<(Option<String>, Vec<Page>)> {
        let origin = self.pulling.origin()?;
        let same = self.origin(origin.job.clone());
        let fits = origin == same && origin.job.is_some() == by_job;
        fits.then(|| (origin.job, self.pulling.pages()))
    }

    fn begin(&self, job: Option<String>) -> Result<(), Ended> {
        self.pulling.begin(&self.origin(job)).map_err(Ended::For)
    }

    fn origin(&self, job: Option<String>) -> Origin {
        let window = self.question.window;
        let page_size = match job {
            Some(_) => None,
            None => Some(self.client.details_page_size()),
        };
        Origin::new(&self.question.queues, window, job, page_size)
    }

    /// Reads a page's records and puts them on disk.
    fn keep(
        &self,
        walk: &mut Walk,
        raw: Records,
        asked: Option<String>,
        next: Option<String>,
    ) -> Result<(), Ended> {
        let page = read(&raw, asked, next);
        let number = walk.pages.len() + 1;
        self.pulling.write_page(number, &page).map_err(Ended::For)?;
        (self.page_read)(self.day, number, raw.records.len());
        walk.add(page);
        match walk.old_pages > OLD_PAGES_MAX {
            true => Err(Ended::Anew(
                "gave page after page with nothing new".to_owned(),
            )),
            false => Ok(()),
        }
    }

    fn failed(&self, source: ClientError) -> Ended {
        let (day, source) = (self.day, Box::new(source));
        Ended::For(HistoryError::Day { day, source })
    }
}

/// Returns whether the last page is the last there is.
fn is_whole(pages: &[Page]) -> bool {
    pages.last().is_some_and(|page| page.next.is_none())
}

/// Returns whether the source claimed the same number on every page, and gave as many different records.
fn is_settled(pages: &[Page]) -> bool {
    let claims: HashSet<usize> = pages.iter().filter_map(|page| page.claimed).collect();
    let claimed = claims.iter().copied().reduce(std::cmp::max).unwrap_or(0);
    claims.len() <= 1 && different(pages) >= claimed
}

/// Returns how many different records the pages have; one without a readable id counts by itself.
pub(super) fn different(pages: &[Page]) -> usize {
    let mut ids: HashSet<&ConversationId> = HashSet::new();
    let mut nameless = 0;
    for page in pages {
        ids.extend(
            page.conversations
                .iter()
                .map(|conversation| &conversation.id),
        );
        for record in &page.rejected {
            match &record.conversation {
                Some(id) => drop(ids.insert(id)),
                None => nameless += 1,
            }
        }
    }
    ids.len() + nameless
}

fn read(raw: &Records, asked: Option<String>, next: Option<String>) -> Page {
    let (mut conversations, mut rejected) = (Vec::new(), Vec::new());
    for record in &raw.records {
        match conversation::read(record) {
            Ok(read) => {
                conversations.push(read.conversation);
                rejected.extend(read.rejected);
            }
            Err(record) => rejected.push(record),
        }
    }
    Page {
        asked,
        next,
        available_to: raw.available_until,
        claimed: raw.total,
        conversations,
        rejected,
    }
}
