//! Details jobs: submitted, polled until they are done, read by cursor.
//!
//! The job store lags behind: a job knows what was available when it was submitted, and nothing later.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::body::Body;
use super::details::{Matching, Wanted, texts};
use crate::centre::TimeMs;
use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::{State, iso};
use crate::records::Detail;

/// All jobs of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    jobs: Vec<Job>,
    /// What happens to the jobs yet to be submitted, the next one first.
    troubles: VecDeque<JobTrouble>,
}

/// What can happen to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobTrouble {
    /// Nothing.
    Fine,
    /// It fails once it is pending.
    Failed,
    /// It stays pending for ever.
    Stuck,
    /// Its results are gone after their first page.
    Expired,
    /// Somebody else ends it while it is pending.
    Cancelled,
}

#[derive(Debug)]
struct Job {
    id: String,
    submitted: TimeMs,
    /// When it was first seen to be done.
    completed: Option<TimeMs>,
    /// What was known when it was submitted.
    available: TimeMs,
    /// The contacts asked for, in order.
    found: Vec<u32>,
    /// How often somebody asked how far it is.
    polls: u32,
    pages_read: u32,
    cancelled: bool,
    trouble: JobTrouble,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Progress {
    Queued,
    Pending,
    Fulfilled,
    Failed,
    Cancelled,
    Expired,
}

/// How long results are kept; what the platform promises was not found.
const KEPT_MS: TimeMs = 24 * 60 * 60 * 1_000;
/// The page that is given where none is asked for, and the largest; the true one was not found.
const SIZE: (usize, usize) = (1_000, 10_000);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    conversations: Vec<Box<RawValue>>,
    /// Absent from the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    data_availability_date: String,
}

/// Takes in a job.
pub(super) fn submit(state: &mut State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let own = ["limit", "startOfDayIntervalMatching"];
    let body = Body::of(call, &[Wanted::members(), &own].concat())?;
    let wanted = Wanted::of(&body)?;
    let matching = match body.flag("startOfDayIntervalMatching")? {
        true => Matching::StartDay,
        false => Matching::Overlap,
    };
    let available = state.available(call.now);
    let ids = state.ids();
    let book = ids.book(state.seed, &state.tenant.centre);
    let mut found = wanted.find(state, &book, matching, available);
    if let Some(limit) = body.get("limit").and_then(serde_json::Value::as_u64) {
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    let jobs = &mut state.setup.jobs;
    let name = format!("{}/details job/{}", state.seed, jobs.jobs.len());
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
    jobs.jobs.push(Job {
        id: id.clone(),
        submitted: call.now,
        completed: None,
        available,
        found,
        polls: 0,
        pages_read: 0,
        cancelled: false,
        trouble: jobs.troubles.pop_front().unwrap_or(JobTrouble::Fine),
    });
    Ok(Reply::with_status(202, &json!({"jobId": id})))
}

/// Gives one page of a job's records.
pub(super) fn results(state: &mut State, call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    let size = match query::value(&call.request.query, "pageSize") {
        None => SIZE.0,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=SIZE.1).contains(size))
            .ok_or_else(|| {
                let message = format!("pageSize is no number from 1 to {}", SIZE.1);
                Refusal::invalid("pageSize", message)
            })?,
    };
    let cursor = query::value(&call.request.query, "cursor");
    let job = state.setup.jobs.get(id)?;
    let offset = match cursor {
        Some(cursor) => job.offset(&cursor)?,
        None => 0,
    };
    let progress = job.progress(call.now);
    if progress != Progress::Fulfilled {
        // Which status the platform answers before a job is done was not found.
        let message = format!("The job `{id}` has no results: it is {progress:?}");
        return Err(Refusal::new(400, "bad.request", message));
    }
    job.pages_read += 1;
    let (available, numbers) = (job.available, job.page(offset, size));
    let next = (offset + size < job.found.len()).then(|| job.cursor(offset + size));
    let ids = state.ids();
    let book = ids.book(state.seed, &state.tenant.centre);
    Ok(Reply::json(&Page {
        conversations: texts(&book, numbers.iter(), available, Detail::Job),
        cursor: next,
        data_availability_date: iso(available),
    }))
}

/// Says up to when there is data for jobs.
pub(super) fn availability(state: &State, call: &Call<'_>) -> Reply {
    let available = iso(state.available(call.now));
    Reply::json(&json!({"dataAvailabilityDate": available}))
}

impl Jobs {
    /// Lets these things happen to the jobs that are submitted next, in turn, and nothing to those after them.
    pub(crate) fn plant(&mut self, troubles: impl IntoIterator<Item = JobTrouble>) {
        self.troubles = troubles.into_iter().collect();
    }

    /// Says how far a job is; each time it is asked it goes on a step.
    pub(super) fn status(&mut self, id: &str, now: TimeMs) -> Result<Reply, Refusal> {
        let job = self.get(id)?;
        job.polls += 1;
        let progress = job.progress(now);
        if progress == Progress::Fulfilled && job.completed.is_none() {
            job.completed = Some(now);
        }
        let mut status = json!({"state": progress, "submissionDate": iso(job.submitted)});
        if let Some(completed) = job.completed {
            status["completionDate"] = json!(iso(completed));
            status["expirationDate"] = json!(iso(completed + KEPT_MS));
        }
        if progress == Progress::Failed {
            status["errorMessage"] = json!("The job could not be carried out");
        }
        // Both statuses are published; here 202 says that there is more to wait for.
        let code = match progress {
            Progress::Queued | Progress::Pending => 202,
            Progress::Fulfilled | Progress::Failed | Progress::Cancelled | Progress::Expired => 200,
        };
        Ok(Reply::with_status(code, &status))
    }

    /// Ends a job.
    pub(super) fn cancel(&mut self, id: &str) -> Result<Reply, Refusal> {
        self.get(id)?.cancelled = true;
        Ok(Reply::raw(204, ""))
    }

    fn get(&mut self, id: &str) -> Result<&mut Job, Refusal> {
        let found = self.jobs.iter_mut().find(|job| job.id == id);
        found.ok_or_else(|| Refusal::new(404, "not.found", format!("There is no job `{id}`")))
    }
}

impl Job {
    fn progress(&self, now: TimeMs) -> Progress {
        let gone = self
            .completed
            .is_some_and(|completed| now >= completed + KEPT_MS);
        let read_once = self.trouble == JobTrouble::Expired && self.pages_read > 0;
        match (self.cancelled, self.polls, self.trouble) {
            (true, ..) => Progress::Cancelled,
            (false, 0 | 1, _) => Progress::Queued,
            (false, 2, _) | (false, _, JobTrouble::Stuck) => Progress::Pending,
            (false, _, JobTrouble::Failed) => Progress::Failed,
            (false, _, JobTrouble::Cancelled) => Progress::Cancelled,
            (false, _, JobTrouble::Fine | JobTrouble::Expired) => match gone || read_once {
                true => Progress::Expired,
                false => Progress::Fulfilled,
            },
        }
    }

    fn page(&self, offset: usize, size: usize) -> Vec<u32> {
        self.found.iter().skip(offset).take(size).copied().collect()
    }

    /// A cursor says where to go on, and whose it is.
    fn cursor(&self, offset: usize) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}.{offset}", self.id))
    }

    fn offset(&self, cursor: &str) -> Result<usize, Refusal> {
        let decoded = URL_SAFE_NO_PAD.decode(cursor).ok();
        let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let offset = text
            .as_deref()
            .and_then(|text| text.strip_prefix(&self.id)?.strip_prefix('.')?.parse().ok());
        offset.ok_or_else(|| Refusal::invalid("cursor", "cursor does not belong to this job"))
    }
}
