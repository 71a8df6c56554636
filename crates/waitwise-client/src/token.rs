//! The access token: how long it is used, and one sign-in for all who wait for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use waitwise_wire::tutorial::token::TokenReply;

use crate::error::{ClientError, Failure};
use crate::settings::Settings;

/// The tutorial's margin: a token is renewed this long before it ends.
const RENEW_BEFORE_END: SignedDuration = SignedDuration::from_secs(300);

/// A token and when to stop using it.
#[derive(Clone)]
pub(crate) struct Token {
    secret: SecretString,
    header: HeaderValue,
    renew_at: Timestamp,
    /// Which sign-in it came from; two tokens are the same if this is.
    pub(crate) number: u64,
}

impl Token {
    /// Takes the token out of a sign-in's answer that came at `now`.
    pub(crate) fn read(answer: &str, now: Timestamp, number: u64) -> Result<Token, Failure> {
        // The cause is dropped, because it may quote the token.
        let reply: TokenReply = serde_json::from_str(answer).map_err(|_| Failure::NoToken)?;
        let header = secret_header("Bearer ", &reply.access_token).ok_or(Failure::NoToken)?;
        Ok(Token {
            secret: SecretString::from(reply.access_token),
            header,
            renew_at: renew_at(now, reply.expires_in),
            number,
        })
    }

    /// Returns whether it is still to be used at `now`.
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        now < self.renew_at
    }

    /// Returns the value of the `Authorization` header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Returns the token itself, for taking it out of texts.
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// 300 s before the end; a token that lives no longer than that is used for half its life, so that each serves
/// more than one request. Without a sensible lifetime it is used once.
fn renew_at(now: Timestamp, expires_in_secs: f64) -> Timestamp {
    let Ok(lifetime) = SignedDuration::try_from_secs_f64(expires_in_secs) else {
        return now;
    };
    let used = match lifetime > RENEW_BEFORE_END {
        true => lifetime - RENEW_BEFORE_END,
        false => lifetime / 2,
    };
    now.checked_add(used).unwrap_or(Timestamp::MAX)
}

/// The OAuth client's id and secret.
pub(crate) struct Credentials {
    basic: HeaderValue,
    /// What must not be shown: the secret, and how it looks in the header.
    hidden: [SecretString; 2],
}

impl Credentials {
    pub(crate) fn new(settings: &Settings) -> Result<Credentials, ClientError> {
        let secret = settings.client_secret.expose_secret();
        let refuse = |name, problem| Err(ClientError::Setting { name, problem });
        if settings.client_id.is_empty() {
            return refuse("client id", "it is empty");
        }
        if settings.client_id.contains(':') {
            return refuse("client id", "it contains a colon, which cannot be sent");
        }
        if secret.is_empty() {
            return refuse("client secret", "it is empty");
        }
        let encoded = STANDARD.encode(format!("{}:{secret}", settings.client_id));
        let Some(basic) = secret_header("Basic ", &encoded) else {
            return refuse("client secret", "it cannot be put into a header");
        };
        let hidden = [settings.client_secret.clone(), SecretString::from(encoded)];
        Ok(Credentials { basic, hidden })
    }

    /// Returns the value of the `Authorization` header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.basic.clone()
    }

    /// Returns what must not be shown.
    pub(crate) fn expose(&self) -> [&str; 2] {
        self.hidden.each_ref().map(ExposeSecret::expose_secret)
    }
}

/// `None` if the text has characters that no header can carry.
fn secret_header(scheme: &str, text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{scheme}{text}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expires_in: f64, expected: &str) {
        let now: Timestamp = "2026-03-30T12:00:00Z".parse().unwrap();
        assert_eq!(
            renew_at(now, expires_in).to_string(),
            expected,
            "{expires_in}"
        );
    }

    #[test]
    fn a_token_is_renewed_in_time() {
        check(86399.0, "2026-03-31T11:54:59Z");
        check(301.0, "2026-03-30T12:00:01Z");
        check(300.0, "2026-03-30T12:02:30Z");
        check(1.0, "2026-03-30T12:00:00.5Z");
        check(0.0, "2026-03-30T12:00:00Z");
        check(f64::NAN, "2026-03-30T12:00:00Z");
        check(1e15, &Timestamp::MAX.to_string());
    }

    #[test]
    fn an_unusable_answer_is_not_quoted() {
        let now = Timestamp::UNIX_EPOCH;
        for answer in [
            r#"{"access_token":"canary"}"#,
            r#"{"access_token":"canary","expires_in":"canary"}"#,
            "{\"access_token\":\"can\\u0000ary\",\"expires_in\":1}",
            r#"{"access_token":7,"expires_in":1}"#,
            "[]",
        ] {
            let failure = Token::read(answer, now, 1).err().unwrap();
            assert!(
                !format!("{failure} {failure:?}").contains("can"),
                "{answer}"
            );
        }
    }
}
