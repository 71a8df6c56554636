//! Conversation records, each in the host's own text: by jobs, and the newest by the query.

use jiff::Timestamp;
use waitwise_wire::operation::Operation;
use waitwise_wire::platform::details::{
    Availability, JobStatus, QUERY_PAGE_MAX, RecordPage, RecordQuestion, Submitted,
};
use waitwise_wire::platform::{DETAILS, JOB, JOB_AVAILABILITY, JOB_RESULTS, SUBMIT_JOB};

use crate::error::ClientError;
use crate::list::shape;
use crate::read::ReadClient;
use crate::request::Request;

/// What is asked for on a job's page once a host has refused more. The largest size that it takes is not published.
const SMALL_JOB_PAGE: u32 = 100;

/// One page of conversation records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Records {
    /// The records, each the host's own text.
    pub records: Vec<String>,
    /// Query only: how many there are in all, approximately.
    pub total: Option<usize>,
    /// Job only: asks for the next page; `None` on the last.
    pub cursor: Option<String>,
    /// Job only: up to when the job store has data.
    pub available_until: Option<Timestamp>,
}

impl ReadClient {
    /// Returns up to when the job store has data; `None` if the host does not say, so that nothing is certain to be
    /// there.
    ///
    /// # Errors
    /// The host cannot be asked, or answers something else.
    pub async fn availability(&self) -> Result<Option<Timestamp>, ClientError> {
        let request = Request::get(&JOB_AVAILABILITY, Vec::new(), String::new());
        let answer = self.transport().call(&request).await?;
        let read = Availability::read(&answer);
        let availability = read.map_err(|error| shape(&JOB_AVAILABILITY, 1, error))?;
        Ok(availability.data_availability_date)
    }

    /// Asks the job store for records, and returns the job's id. If nobody knows whether the host took the request,
    /// it is not sent again: an unknown job costs the host work, but ends by itself.
    ///
    /// # Errors
    /// The host did not take it, or nobody knows.
    pub async fn submit_job(&self, question: &RecordQuestion) -> Result<String, ClientError> {
        let request = Request::question(&SUBMIT_JOB, question.job_body());
        let answer = self.transport().call(&request).await?;
        let read = Submitted::read(&answer);
        Ok(read.map_err(|error| shape(&SUBMIT_JOB, 1, error))?.job_id)
    }

    /// Returns how far a job is.
    ///
    /// # Errors
    /// The host does not know the job, or cannot be asked.
    pub async fn job_state(&self, job: &str) -> Result<JobStatus, ClientError> {
        let request = Request::get(&JOB, vec![job.to_owned()], String::new());
        let answer = self.transport().call(&request).await?;
        JobStatus::read(&answer).map_err(|error| shape(&JOB, 1, error))
    }

    /// Reads one page of a finished job: the first, or the one that `cursor` asks for. What an unfinished one answers
    /// is not published; here it is an error of the 4xx kind, whatever the status.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the page leads back to itself; the cursor or the job has expired.
    pub async fn job_page(&self, job: &str, cursor: Option<&str>) -> Result<Records, ClientError> {
        let size = self.job_page_size();
        match self.sized_job_page(job, cursor, size).await {
            Err(error) if size > SMALL_JOB_PAGE && is_bad_request(&error) => {
                self.sized_job_page(job, cursor, SMALL_JOB_PAGE).await
            }
            outcome => outcome,
        }
    }

    async fn sized_job_page(
        &self,
        job: &str,
        cursor: Option<&str>,
        size: u32,
    ) -> Result<Records, ClientError> {
        let query = query(size, cursor);
        let request = Request::get(&JOB_RESULTS, vec![job.to_owned()], query);
        let answer = self.transport().call(&request).await?;
        let records = read(&JOB_RESULTS, &answer)?;
        if cursor.is_some() && records.cursor.as_deref() == cursor {
            return Err(ClientError::Incomplete {
                operation: &JOB_RESULTS,
                page: 1,
                seen: "its cursor leads back to the same page".to_owned(),
            });
        }
        Ok(records)
    }

    /// Ends a job. One that is gone already is as good.
    ///
    /// # Errors
    /// The host cannot be asked, or refuses.
    pub async fn cancel_job(&self, job: &str) -> Result<(), ClientError> {
        match self.transport().call(&Request::cancel_job(job)).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.refusal(), Some((404, _))) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads one page, from 1, of the query for records, which knows the newest too.
    ///
    /// # Errors
    /// The window is longer than the host takes, or the page lies beyond its 100,000 records.
    pub async fn details_page(
        &self,
        question: &RecordQuestion,
        page: u32,
    ) -> Result<Records, ClientError> {
        let body = question.query_body(self.page_size(QUERY_PAGE_MAX), page);
        let request = Request::question(&DETAILS, body);
        let answer = self.transport().call(&request).await?;
        read(&DETAILS, &answer)
    }

    /// Returns how many records [`ReadClient::details_page`] asks for on a page: fewer than these are a last page, or
    /// a short one.
    pub fn details_page_size(&self) -> u32 {
        self.page_size(QUERY_PAGE_MAX)
    }
}

fn query(size: u32, cursor: Option<&str>) -> String {
    let Some(cursor) = cursor else {
        return format!("pageSize={size}");
    };
    let mut url = reqwest::Url::parse("http://x").expect("a URL");
    url.query_pairs_mut()
        .append_pair("pageSize", &size.to_string())
        .append_pair("cursor", cursor);
    url.query().unwrap_or_default().to_owned()
}

fn is_bad_request(error: &ClientError) -> bool {
    matches!(error.refusal(), Some((400, _)))
}

fn read(operation: &'static Operation, answer: &str) -> Result<Records, ClientError> {
    let page = RecordPage::read(answer).map_err(|error| shape(operation, 1, error))?;
    let record = |raw: &serde_json::value::RawValue| raw.get().to_owned();
    Ok(Records {
        records: page.conversations.into_iter().map(record).collect(),
        total: page.total_hits,
        cursor: page.cursor,
        available_until: page.data_availability_date,
    })
}
