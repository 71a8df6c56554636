//! OAuth by client credentials, and what a bearer token is worth.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use uuid::Uuid;

use super::query;
use super::reply::{Refusal, Reply};
use crate::centre::TimeMs;

/// Seconds a token lives unless told otherwise: a day, less one second, as the platform says it.
pub const TOKEN_LIFETIME_SECS: u32 = 86_399;

/// The tokens handed out, with the tenant time at which each ends.
#[derive(Debug)]
pub(crate) struct Tokens {
    seed: u64,
    issued: u64,
    pub(crate) lifetime_secs: u32,
    /// How long the tokens of the request at hand truly live, if that is not what they say.
    pub(crate) true_lifetime_secs: Option<u32>,
    ends: BTreeMap<String, TimeMs>,
}

/// Who may sign in.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: &'a str,
}

impl Tokens {
    /// No tokens yet; those to come follow from the seed and their number.
    pub(crate) fn new(seed: u64) -> Tokens {
        Tokens {
            seed,
            issued: 0,
            lifetime_secs: TOKEN_LIFETIME_SECS,
            true_lifetime_secs: None,
            ends: BTreeMap::new(),
        }
    }

    /// Answers a sign-in; failures are in OAuth's shape, with status 400.
    pub(crate) fn sign_in(
        &mut self,
        client: Client<'_>,
        authorization: &str,
        body: &[u8],
        now: TimeMs,
    ) -> Reply {
        let form = String::from_utf8_lossy(body);
        match (
            check_client(client, authorization),
            query::value(&form, "grant_type").as_deref(),
        ) {
            (Err(description), _) => oauth_error("invalid_client", &description),
            (Ok(()), Some("client_credentials")) => Reply::json(&self.issue(now)),
            (Ok(()), Some(_)) => oauth_error(
                "unsupported_grant_type",
                "only client_credentials is supported",
            ),
            (Ok(()), None) => oauth_error("invalid_request", "grant_type is missing"),
        }
    }

    fn issue(&mut self, now: TimeMs) -> Issued {
        self.issued += 1;
        let half = |half| {
            Uuid::new_v5(
                &Uuid::NAMESPACE_OID,
                format!("{}/{}/{half}", self.seed, self.issued).as_bytes(),
            )
        };
        let access_token = format!("{}{}", half("a").simple(), half("b").simple());
        let lives_secs = self.true_lifetime_secs.unwrap_or(self.lifetime_secs);
        let ends = now.saturating_add(i64::from(lives_secs) * 1000);
        self.ends.insert(access_token.clone(), ends);
        Issued {
            access_token,
            token_type: "bearer",
            expires_in: self.lifetime_secs,
        }
    }

    /// Checks the token of a request.
    ///
    /// # Errors
    /// 401: none, unknown, or at its end.
    pub(crate) fn check(&self, authorization: &str, now: TimeMs) -> Result<(), Refusal> {
        let Some(token) = bearer(authorization) else {
            return Err(Refusal::new(
                401,
                "authentication.required",
                "No authentication bearer token specified in authorization header.",
            ));
        };
        match self.ends.get(token) {
            None => Err(Refusal::new(
                401,
                "bad.credentials",
                "Invalid login credentials.",
            )),
            Some(ends) if *ends <= now => Err(Refusal::new(
                401,
                "credentials.expired",
                "Your credentials have expired.",
            )),
            Some(_) => Ok(()),
        }
    }

    /// Returns the token of a request if it was ever handed out; else nothing.
    pub(crate) fn known<'a>(&self, authorization: &'a str) -> &'a str {
        bearer(authorization)
            .filter(|token| self.ends.contains_key(*token))
            .unwrap_or_default()
    }

    /// Ends every token handed out so far.
    pub(crate) fn expire_all(&mut self) {
        self.ends.values_mut().for_each(|ends| *ends = TimeMs::MIN);
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn check_client(client: Client<'_>, authorization: &str) -> Result<(), String> {
    let basic = authorization
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let Some((_, encoded)) = basic else {
        return Err(
            "the client's id and secret are missing: send them by Basic authentication".to_owned(),
        );
    };
    let decoded = STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((id, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return Err("the Basic authentication cannot be read".to_owned());
    };
    match (id == client.id, secret == client.secret) {
        (true, true) => Ok(()),
        (true, false) => Err("the client secret is wrong".to_owned()),
        (false, _) => Err(format!("client not found: {id}")),
    }
}

#[derive(Serialize)]
struct Issued {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
}

#[derive(Serialize)]
struct OAuthError<'a> {
    error: &'a str,
    description: &'a str,
    error_description: &'a str,
}

fn oauth_error(error: &str, description: &str) -> Reply {
    Reply::with_status(
        400,
        &OAuthError {
            error,
            description,
            error_description: description,
        },
    )
}
