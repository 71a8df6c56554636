//! The troubles that can be switched on, each with what it does to the request that it strikes.

use std::collections::BTreeMap;

use hyper::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::fault_shape::FaultShape;
use super::second_writer::Edit;

/// What happens to a request that is struck.
///
/// Some faults make the answer, and a request has but one answer; the others happen beside it, however many they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FaultShape", into = "FaultShape")]
pub enum Fault {
    /// It is not handled; this is answered.
    Status {
        /// HTTP status.
        status: u16,
        /// Further headers.
        headers: BTreeMap<String, String>,
        /// The whole body; `None` for the API's error body.
        body: Option<String>,
    },
    /// It is not handled; 429 is answered, whatever the rate.
    TooMany(RetryAfter),
    /// It is handled, then this status is answered all the same.
    StatusAfter(u16),
    /// It is handled, then answered with this text in the place of the body.
    Body(String),
    /// The connection is reset before it is handled.
    ResetBefore,
    /// It is handled, then the connection is reset without an answer.
    ResetAfter,
    /// It is handled, and the connection reset after so many bytes of the answer's body.
    ResetInBody(usize),
    /// It is handled, and the connection closed after so many bytes of the answer's body.
    Truncate(usize),
    /// The answer leads on to the page that was asked for, so that the pages do not end.
    RepeatPageToken,
    /// The answer leads on to a further page, at its end too, and the pages after the first are these.
    EndlessPages(FurtherPages),
    /// The first entity of the first page comes again at the end of the answer, on every page that is struck.
    DuplicateEntity,
    /// The page is handled as if it had been asked for with at most so many entities, whatever it says of its size.
    ShortPage(u32),
    /// The last so many entities of the page are missing, and nothing says so.
    MissingEntities(usize),
    /// The page claims so many more entities in all than there are, or fewer.
    TotalOff(i64),
    /// Beside the answer: it is handled at once and answered after so many milliseconds of real time, whatever the
    /// service clock.
    Latency(u64),
    /// Beside the answer: it waits there until it is released or its connection ends.
    Hold(When),
    /// Beside the answer: all tokens end before it is handled.
    ExpireTokens,
    /// Beside the answer: the token that it hands out lives so many seconds of tenant time, whatever its `expires_in`.
    TokenLife(u32),
    /// Beside the answer: from here on the list of rules shows them as they were before this request.
    StaleRules(Staleness),
    /// Beside the answer: from here on data tables and their rows show what was before this request.
    StaleRows(Staleness),
    /// Beside the answer: from here on the details jobs' data lies so many seconds behind the tenant's time.
    JobsBehind(u32),
    /// Beside the answer: somebody else changes the rule of the tenant's queue, or a data table's row.
    Edit(Edit),
    /// Beside the answer: the tenant's clock and the `Date` of answers move by so many seconds before it is handled.
    ClockJump(i64),
}

/// What a 429 says about when to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RetryAfter {
    /// Nothing.
    Absent,
    /// This text, sensible or not.
    Text(String),
    /// The HTTP date so many seconds after the service clock's time, cut to whole seconds.
    DateIn(i64),
}

/// The pages after the first, if they do not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FurtherPages {
    /// Without entities.
    Empty,
    /// The first one again, under another token.
    Same,
}

/// On which side of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Before the request is handled.
    Before,
    /// After it was handled, before it is answered.
    After,
}

/// How long what was is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Staleness {
    /// For so many requests of it; each page of a list is one.
    Reads(u32),
    /// For so many seconds of the service clock.
    Seconds(u32),
}

/// A fault that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No operation is called so.
    #[error(
        "no route `{0}`: GET /sandbox lists the short names; `METHOD /path` and * will do as well"
    )]
    Route(String),
    /// Not a probability.
    #[error("a fault's rate lies in 0..=1")]
    Rate,
    /// Not an HTTP status that ends a request.
    #[error("{0} is no HTTP status of an answer (200..=599)")]
    Status(u16),
    /// A page without room.
    #[error("a short page has room for 1 entity at least")]
    ShortPage,
    /// None of the faults, or more than one.
    #[error("a fault has exactly one of the kinds that GET /sandbox lists")]
    Kind,
    /// Only a status brings headers and a body.
    #[error("only `status` takes headers and a body")]
    Extras,
    /// No header can be written so.
    #[error("`{0}` cannot be a header")]
    Header(String),
    /// The edit's value is not JSON.
    #[error("`{0}` is not JSON")]
    Value(String),
}

impl Fault {
    /// Returns whether it leaves the answer to others.
    pub(crate) fn is_beside(&self) -> bool {
        match self {
            Fault::Latency(_)
            | Fault::Hold(_)
            | Fault::ExpireTokens
            | Fault::TokenLife(_)
            | Fault::StaleRules(_)
            | Fault::StaleRows(_)
            | Fault::JobsBehind(_)
            | Fault::Edit(_)
            | Fault::ClockJump(_) => true,
            Fault::Status { .. }
            | Fault::TooMany(_)
            | Fault::StatusAfter(_)
            | Fault::Body(_)
            | Fault::ResetBefore
            | Fault::ResetAfter
            | Fault::ResetInBody(_)
            | Fault::Truncate(_)
            | Fault::RepeatPageToken
            | Fault::EndlessPages(_)
            | Fault::DuplicateEntity
            | Fault::ShortPage(_)
            | Fault::MissingEntities(_)
            | Fault::TotalOff(_) => false,
        }
    }

    /// Checks that it can be answered so.
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        if let Fault::Status { status, .. } | Fault::StatusAfter(status) = self
            && !(200..=599).contains(status)
        {
            return Err(FaultError::Status(*status));
        }
        if *self == Fault::ShortPage(0) {
            return Err(FaultError::ShortPage);
        }
        if let Fault::Status { headers, .. } = self {
            return headers
                .iter()
                .try_for_each(|(name, value)| check_header(name, value));
        }
        if let Fault::TooMany(RetryAfter::Text(value)) = self {
            return check_header("retry-after", value);
        }
        if let Fault::Edit(edit) = self {
            return edit.check();
        }
        Ok(())
    }
}

fn check_header(name: &str, value: &str) -> Result<(), FaultError> {
    match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        (Ok(_), Ok(_)) => Ok(()),
        _ => Err(FaultError::Header(name.to_owned())),
    }
}
