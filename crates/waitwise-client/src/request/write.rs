//! Writing: the only module that can build a request which changes something.

use waitwise_model::Observed;
use waitwise_wire::routing_rule::{PutRule, encode_put};
use waitwise_wire::tutorial::PUT_RULE;

use super::{JSON, Request};
use crate::error::SendError;
use crate::read::ReadClient;

/// Changes routing rules. Made from a read client, whose sign-in, limits and pauses it shares.
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

    /// Carries out `operation` (a `Write`'s `forward` or `inverse`) on the rule as `current` shows it: replaces the
    /// whole rule, in which every byte outside the operation's own places is the host's.
    ///
    /// With `force`, places that are not as the operation expects them are overwritten. Sent once at most: the whole
    /// rule is replaced, so that a second send would undo what somebody else has changed since `current` was read.
    ///
    /// # Errors
    /// After [`SendError::NotYet`] and [`SendError::Unknown`] the rule must be read before anything else is sent.
    pub async fn send(
        &self,
        operation: &str,
        current: &Observed,
        force: bool,
    ) -> Result<(), SendError> {
        let put = encode_put(operation, &current.document, force).map_err(SendError::Encode)?;
        let Err(source) = self.read.transport().call(&request(put)).await else {
            return Ok(());
        };
        Err(match source.wait_before_next() {
            Some(wait) => SendError::NotYet { wait, source },
            None if source.may_have_acted() => SendError::Unknown(source),
            None => SendError::Refused(source),
        })
    }
}

fn request(put: PutRule) -> Request {
    Request {
        operation: &PUT_RULE,
        method: reqwest::Method::PUT,
        ids: vec![put.rule_id],
        query: None,
        content: Some((JSON, put.body)),
    }
}
