//! What was asked of the tenant, without secrets.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

use super::query;
use super::reply::Reply;

/// How many requests are kept; the oldest go first. The count of writes goes on.
pub const RECORDED_MAX: usize = 100_000;

/// One request to the tenant, the control routes excluded. Neither headers nor bodies are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedRequest {
    /// Its number, from 1.
    pub n: u64,
    /// The tenant's time when it came.
    pub at: Timestamp,
    /// The service clock's time when it came.
    pub service_at: Timestamp,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query string; values whose key speaks of a token or a secret are masked.
    pub query: String,
    /// What was answered; `None` if the connection was cut without an answer, and as long as there is none.
    pub status: Option<u16>,
    /// The answer's `Retry-After`.
    pub retry_after: Option<String>,
    /// Bytes of the request's body.
    pub body_bytes: usize,
    /// Whether it asked for a change of the tenant, done or not.
    pub write: bool,
}

/// The requests so far.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    requests: VecDeque<RecordedRequest>,
    writes: usize,
}

impl RequestLog {
    /// Adds one.
    pub(crate) fn push(&mut self, request: RecordedRequest) {
        self.writes += usize::from(request.write);
        if self.requests.len() == RECORDED_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    /// Notes what was answered to the `n`th request, unless it was forgotten meanwhile.
    pub(crate) fn answered(&mut self, n: u64, reply: &Reply) {
        let request = self
            .requests
            .iter_mut()
            .rev()
            .find(|request| request.n == n);
        if let Some(request) = request {
            request.status = Some(reply.status);
            request.retry_after = reply.last_header("retry-after").map(str::to_owned);
        }
    }

    /// Forgets all and counts writes from 0.
    pub(crate) fn clear(&mut self) {
        *self = RequestLog::default();
    }

    /// Returns those kept, oldest first.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.iter().cloned().collect()
    }

    /// Returns how many asked for a change.
    pub(crate) fn writes(&self) -> usize {
        self.writes
    }
}

/// Returns a query string that is fit to be kept.
pub(crate) fn without_secrets(query: &str) -> String {
    let secret = |part: &str| {
        let key = query::decode(part.split('=').next().unwrap_or_default()).to_lowercase();
        key.contains("token") || key.contains("secret")
    };
    let masked = |part: &str| match part.split_once('=') {
        Some((key, _)) if secret(part) => format!("{key}=****"),
        _ => part.to_owned(),
    };
    query.split('&').map(masked).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_query_are_masked() {
        assert_eq!(
            without_secrets("pageSize=2&access_Token=abc&x"),
            "pageSize=2&access_Token=****&x"
        );
        assert_eq!(
            without_secrets("client%5Fsecret=a%26b"),
            "client%5Fsecret=****"
        );
        assert_eq!(without_secrets(""), "");
    }

    #[test]
    fn the_log_is_bounded_and_the_count_of_writes_is_not() {
        let mut log = RequestLog::default();
        for n in 0..=RECORDED_MAX as u64 {
            let (method, path, query) = ("PUT".to_owned(), "/".to_owned(), String::new());
            let at = Timestamp::UNIX_EPOCH;
            log.push(RecordedRequest {
                n,
                at,
                service_at: at,
                method,
                path,
                query,
                status: None,
                retry_after: None,
                body_bytes: 0,
                write: true,
            });
        }
        assert_eq!(log.requests().first().map(|request| request.n), Some(1));
        assert_eq!(log.writes(), RECORDED_MAX + 1);
    }
}
