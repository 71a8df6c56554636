//! What an operation would do, told without sending anything: for those who decide whether to send it.

use waitwise_model::Observed;
use waitwise_wire::routing_rule::{self, Conflict, RuleError};

use crate::request::write::WriteClient;

impl WriteClient {
    /// Returns the rule as it reads once `operation` has been carried out on `current` and nothing else has happened.
    /// Its document is the body that [`WriteClient::send`] sends for the same arguments.
    ///
    /// # Errors
    /// The same that keep [`WriteClient::send`] from sending anything.
    pub fn preview(
        &self,
        operation: &str,
        current: &Observed,
        force: bool,
    ) -> Result<Observed, RuleError> {
        let put = routing_rule::encode_put(operation, &current.document, force)?;
        routing_rule::observe(&put.body)
    }

    /// Returns the rule that a host's text of it shows.
    ///
    /// # Errors
    /// The text is not one of a rule.
    pub fn observe(&self, document: &str) -> Result<Observed, RuleError> {
        routing_rule::observe(document)
    }

    /// Returns each place of `current` that is not as `operation` expects to find it. Empty: it can be carried out
    /// without force, whatever else changed in the rule.
    ///
    /// # Errors
    /// The operation cannot be read, or is for another rule.
    pub fn conflicts(
        &self,
        operation: &str,
        current: &Observed,
    ) -> Result<Vec<Conflict>, RuleError> {
        routing_rule::conflicts(operation, &current.document)
    }
}
