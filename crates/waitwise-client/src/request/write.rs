//! Writing: the only module that can build a request which changes something.

use waitwise_model::Observed;
use waitwise_wire::lever::{self, Lever, Sending};
use waitwise_wire::operation::Method;
use waitwise_wire::platform::CREATE_DATA_TABLE;
use waitwise_wire::priority_table;

use super::{JSON, Request};
use crate::error::{ClientError, SendError};
use crate::read::ReadClient;

/// Changes routing rules and rows of data tables. Made from a read client, whose sign-in, limits and pauses it shares.
#[derive(Clone, Debug)]
pub struct WriteClient {
    read: ReadClient,
}

impl WriteClient {
    /// Adds the ability to write to `read`; nothing is sent.
    pub fn new(read: ReadClient) -> WriteClient {
        WriteClient { read }
    }

    /// Returns the client that it was made from.
    pub fn read(&self) -> &ReadClient {
        &self.read
    }

    /// Carries out `operation` (a `Write`'s `forward` or `inverse`) on the object as `current` shows it: replaces it
    /// whole, with every byte outside the operation's own places the host's, or makes or removes it.
    ///
    /// With `force`, places that are not as the operation expects them are overwritten. Sent once at most: the whole
    /// object is replaced, so that a second send would undo what somebody else has changed since `current` was read.
    ///
    /// # Errors
    /// After [`SendError::NotYet`], [`SendError::Moved`] and [`SendError::Unknown`] the object must be read before
    /// anything else is sent.
    pub async fn send(
        &self,
        operation: &str,
        current: &Observed,
        force: bool,
    ) -> Result<(), SendError> {
        let sending = lever::encode(operation, current, force).map_err(SendError::Encode)?;
        let Err(source) = self.read.transport().call(&request(sending)).await else {
            return Ok(());
        };
        Err(match source.wait_before_next() {
            Some(wait) => SendError::NotYet { wait, source },
            None if source.may_have_acted() => SendError::Unknown(source),
            None if is_row(current) && says_moved(&source) => SendError::Moved(source),
            None => SendError::Refused(source),
        })
    }

    /// Makes the data table that priorities are written to, with the lever's columns. Sent once at most.
    ///
    /// # Errors
    /// After [`SendError::NotYet`] and [`SendError::Unknown`] the tables must be listed before anything else is sent.
    pub async fn create_priority_table(&self, name: &str) -> Result<(), SendError> {
        let body = priority_table::creation(name);
        let request = Request::question(&CREATE_DATA_TABLE, body);
        let Err(source) = self.read.transport().call(&request).await else {
            return Ok(());
        };
        Err(match source.wait_before_next() {
            Some(wait) => SendError::NotYet { wait, source },
            None if source.may_have_acted() => SendError::Unknown(source),
            None => SendError::Refused(source),
        })
    }
}

fn request(sending: Sending) -> Request {
    Request {
        operation: sending.operation,
        method: match sending.operation.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        },
        ids: sending.ids,
        query: None,
        content: sending.body.map(|body| (JSON, body)),
    }
}

fn is_row(current: &Observed) -> bool {
    matches!(Lever::of(&current.object), Ok(Lever::PriorityTable))
}

/// Whether the host refused because what we read is there no more (404), or by now there is something (409).
fn says_moved(error: &ClientError) -> bool {
    matches!(error.refusal(), Some((404 | 409, _)))
}
