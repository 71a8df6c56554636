//! Sign-in.

use serde::{Deserialize, Serialize};

/// The form body of a client-credentials sign-in; id and secret go into the Basic header.
pub const FORM: &str = "grant_type=client_credentials";

/// What a successful sign-in answers. Not `Debug`: it holds a secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenReply {
    /// Goes into `Authorization: Bearer …`.
    pub access_token: String,
    /// `bearer`.
    #[serde(default)]
    pub token_type: String,
    /// Seconds until it ends, counted from the answer. Read as a number of any spelling.
    pub expires_in: f64,
}
