//! Conversation details: the questions for them, a job's way, and pages whose records stay in the host's own text.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use waitwise_model::{QueueId, Window};

use super::filter::Filter;
use crate::json::JsonError;
use crate::lenient::{or_nothing, read_object, whole};

/// The most records that the query gives on a page.
pub const QUERY_PAGE_MAX: u32 = 100;

/// The most records that one query lets a reader page through.
pub const QUERY_RECORDS_MAX: usize = 100_000;

/// What the query's and the job's bodies have in common: which conversations.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordQuestion {
    /// When. The query gives every conversation that started on a UTC day which this touches, so more than asked
    /// for; a job, as it is submitted here, every conversation that overlaps it.
    pub window: Window,
    /// Conversations that came through one of these queues; empty: all.
    pub queues: Vec<QueueId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    interval: String,
    order: &'static str,
    order_by: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    segment_filters: Vec<Filter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paging: Option<PagePlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_of_day_interval_matching: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PagePlace {
    page_size: u32,
    page_number: u32,
}

impl RecordQuestion {
    /// Returns the body of the query for one page, from 1. The order is by start and ascending, so that what comes
    /// in while pages are read is added at the end.
    pub fn query_body(&self, page_size: u32, page_number: u32) -> String {
        let paging = PagePlace {
            page_size: std::cmp::min(page_size, QUERY_PAGE_MAX),
            page_number,
        };
        to_json(&Body {
            paging: Some(paging),
            ..self.body()
        })
    }

    /// Returns the body of a job's submission.
    pub fn job_body(&self) -> String {
        to_json(&Body {
            start_of_day_interval_matching: Some(false),
            ..self.body()
        })
    }

    fn body(&self) -> Body {
        let filter = Filter::all().is_one_of("queueId", &self.queues);
        Body {
            interval: interval(self.window),
            order: "asc",
            order_by: "conversationStart",
            segment_filters: match filter.is_empty() {
                true => Vec::new(),
                false => vec![filter],
            },
            paging: None,
            start_of_day_interval_matching: None,
        }
    }
}

/// Returns a window as the platform writes intervals, in whole milliseconds.
pub fn interval(window: Window) -> String {
    format!("{}/{}", instant(window.from), instant(window.to))
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

pub(super) fn to_json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("texts and numbers can be written as JSON")
}

/// What a submission answers.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Submitted {
    /// The job's id, not empty.
    #[serde(deserialize_with = "filled")]
    pub job_id: String,
}

/// An empty id would ask for the list of all jobs.
fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.is_empty() {
        true => Err(serde::de::Error::custom("the id is empty")),
        false => Ok(text),
    }
}

impl Submitted {
    /// Reads the answer.
    ///
    /// # Errors
    /// Not an object with a text `jobId`, or an empty one.
    pub fn read(answer: &str) -> Result<Submitted, JsonError> {
        read_object(answer)
    }
}

/// How far a job is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobStatus {
    /// Where it stands.
    pub state: JobState,
    /// Why it failed, as the host says.
    pub error: Option<String>,
    /// When its results go away.
    pub expires: Option<Timestamp>,
}

/// Where a job stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JobState {
    /// Not begun.
    Queued,
    /// Being worked on.
    Pending,
    /// Done: its results can be read.
    Fulfilled,
    /// Ended without results.
    Failed,
    /// Ended by somebody.
    Cancelled,
    /// Its results are gone.
    Expired,
    /// One that this version does not know; it may still come to an end.
    Other(String),
}

impl JobState {
    /// Returns whether waiting may still help.
    pub fn is_under_way(&self) -> bool {
        match self {
            JobState::Queued | JobState::Pending | JobState::Other(_) => true,
            JobState::Fulfilled | JobState::Failed | JobState::Cancelled | JobState::Expired => {
                false
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusShape {
    state: String,
    #[serde(default)]
    error_message: Option<String>,
    #[serde(default, deserialize_with = "lenient_instant")]
    expiration_date: Option<Timestamp>,
}

impl JobStatus {
    /// Reads a job's status.
    ///
    /// # Errors
    /// Not an object with a `state`.
    pub fn read(answer: &str) -> Result<JobStatus, JsonError> {
        let shape: StatusShape = read_object(answer)?;
        let state = match shape.state.as_str() {
            "QUEUED" => JobState::Queued,
            "PENDING" => JobState::Pending,
            "FULFILLED" => JobState::Fulfilled,
            "FAILED" => JobState::Failed,
            "CANCELLED" => JobState::Cancelled,
            "EXPIRED" => JobState::Expired,
            _ => JobState::Other(shape.state),
        };
        Ok(JobStatus {
            state,
            error: shape.error_message,
            expires: shape.expiration_date,
        })
    }
}

/// One page of conversation records, from a query or a job.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct RecordPage<'a> {
    /// The records; an absent list is an empty one.
    #[serde(borrow, default, deserialize_with = "or_nothing")]
    pub conversations: Vec<&'a RawValue>,
    /// Query only: how many records there are in all. Approximate.
    #[serde(default, deserialize_with = "whole")]
    pub total_hits: Option<usize>,
    /// Job only: asks for the next page; absent, null or empty on the last.
    #[serde(default, deserialize_with = "token")]
    pub cursor: Option<String>,
    /// Job only: up to when the job store has data.
    #[serde(default, deserialize_with = "lenient_instant")]
    pub data_availability_date: Option<Timestamp>,
}

impl<'a> RecordPage<'a> {
    /// Reads one page.
    ///
    /// # Errors
    /// Not an object of this shape.
    pub fn read(answer: &'a str) -> Result<Self, JsonError> {
        read_object(answer)
    }
}

/// Up to when the job store has data.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    /// Younger data is not in the job store; `None`: the host does not say, so nothing may be taken to be there.
    #[serde(default, deserialize_with = "lenient_instant")]
    pub data_availability_date: Option<Timestamp>,
}

impl Availability {
    /// Reads the answer.
    ///
    /// # Errors
    /// Not an object of this shape.
    pub fn read(answer: &str) -> Result<Availability, JsonError> {
        read_object(answer)
    }
}

fn token<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|token| !token.is_empty()))
}

/// A date that cannot be read is an unknown one: nothing rests on it but caution.
fn lenient_instant<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(queues: &[&str]) -> RecordQuestion {
        RecordQuestion {
            window: Window {
                from: "2026-03-02T00:00:00Z".parse().unwrap(),
                to: "2026-03-03T00:00:00.5Z".parse().unwrap(),
            },
            queues: queues.iter().map(QueueId::new).collect(),
        }
    }

    #[test]
    fn the_bodies_have_only_published_members() {
        let head = r#"{"interval":"2026-03-02T00:00:00.000Z/2026-03-03T00:00:00.500Z","order":"asc","orderBy":"conversationStart""#;
        let filter = r#""segmentFilters":[{"type":"and","predicates":[{"type":"dimension","dimension":"queueId","operator":"matches","value":"q1"}]}]"#;
        assert_eq!(
            question(&["q1"]).query_body(500, 2),
            format!(r#"{head},{filter},"paging":{{"pageSize":100,"pageNumber":2}}}}"#)
        );
        assert_eq!(
            question(&[]).job_body(),
            format!(r#"{head},"startOfDayIntervalMatching":false}}"#)
        );
    }

    #[test]
    fn a_page_is_read_with_what_may_be_missing() {
        let text = r#"{"conversations":[{"conversationId":"c1","x":1.0}],"totalHits":1.2E1,
            "cursor":"abc","dataAvailabilityDate":"2026-03-02T10:00:00.000Z","aggregations":[]}"#;
        let page = RecordPage::read(text).unwrap();
        assert_eq!(
            page.conversations[0].get(),
            r#"{"conversationId":"c1","x":1.0}"#
        );
        assert_eq!(page.total_hits, Some(12));
        assert_eq!(page.cursor.as_deref(), Some("abc"));
        assert!(page.data_availability_date.is_some());
        for end in [
            r#"{}"#,
            r#"{"cursor":null,"conversations":null}"#,
            r#"{"cursor":""}"#,
        ] {
            let page = RecordPage::read(end).unwrap();
            assert_eq!((page.conversations.len(), page.cursor), (0, None), "{end}");
        }
    }

    #[test]
    fn a_job_has_an_id() {
        let read = |text: &str| Submitted::read(text).map(|submitted| submitted.job_id).ok();
        assert_eq!(read(r#"{"jobId":"j"}"#).as_deref(), Some("j"));
        for odd in [r#"{"jobId":""}"#, r#"{"jobId":null}"#, "{}"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_jobs_state_is_known_or_kept() {
        let read = |text: &str| JobStatus::read(text).unwrap();
        let failed = read(r#"{"state":"FAILED","errorMessage":"no","expirationDate":"soon"}"#);
        assert!(!failed.state.is_under_way());
        assert_eq!(
            (failed.error.as_deref(), failed.expires),
            (Some("no"), None)
        );
        let newer = read(r#"{"state":"PAUSED"}"#).state;
        assert!(newer.is_under_way());
        assert_eq!(newer, JobState::Other("PAUSED".to_owned()));
        assert!(JobStatus::read("{}").is_err() && RecordPage::read("[]").is_err());
    }
}
