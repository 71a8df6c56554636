//! What a pull asks of a tenant, in the order in which it asks.

use std::future::Future;

use jiff::Timestamp;
use waitwise_client::{ClientError, Failure};
use waitwise_wire::platform::aggregates::{AggregateQuery, Aggregates};
use waitwise_wire::platform::details::{JobStatus, RecordQuestion};

/// A page of records, each in the source's own text.
#[derive(Debug)]
pub(super) struct RawPage {
    pub(super) records: Vec<String>,
    /// Jobs only: where the next page begins.
    pub(super) cursor: Option<String>,
    /// Jobs only: up to when the source has data.
    pub(super) available_to: Option<Timestamp>,
    /// The query only: how many records there are, roughly.
    pub(super) claimed: Option<usize>,
}

type Answer<T> = Result<T, ClientError>;

/// Where records come from.
pub(super) trait Source: Sync {
    fn available_to(&self) -> impl Future<Output = Answer<Option<Timestamp>>> + Send;
    fn submit(&self, question: &RecordQuestion) -> impl Future<Output = Answer<String>> + Send;
    fn status(&self, job: &str) -> impl Future<Output = Answer<JobStatus>> + Send;
    fn cancel(&self, job: &str) -> impl Future<Output = Answer<()>> + Send;
    fn job_page(
        &self,
        job: &str,
        cursor: Option<&str>,
    ) -> impl Future<Output = Answer<RawPage>> + Send;
    fn query_page(
        &self,
        question: &RecordQuestion,
        number: u32,
    ) -> impl Future<Output = Answer<RawPage>> + Send;
    fn aggregates(&self, query: &AggregateQuery)
    -> impl Future<Output = Answer<Aggregates>> + Send;
}

/// Returns whether the host refused because what was asked for is not, or no longer, there: an expired cursor, a job
/// that was removed. Which status early or expired results have could not be verified, so any refusal of the request
/// itself counts; who we are and how much we ask are other matters.
pub(super) fn is_gone(error: &ClientError) -> bool {
    let ClientError::Call { source, .. } = error else {
        return false;
    };
    let Failure::Status { status, .. } = source.as_ref() else {
        return false;
    };
    (400..500).contains(status) && ![401, 403, 408, 429].contains(status)
}
