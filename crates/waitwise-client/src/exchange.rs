//! One request and its answer, once.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Response;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use serde_json::value::RawValue;
use waitwise_wire::error_body::Refusal;

use crate::allowance::Quota;
use crate::base_url::BaseUrl;
use crate::error::{ClientError, Failure};
use crate::http;
use crate::pace::Permit;
use crate::redact::redact;
use crate::region::Region;
use crate::request::Request;
use crate::retry::read_retry_after;
use crate::settings::Settings;
use crate::token::{Credentials, Token};

/// Sends requests to one host and reads what comes back.
pub(crate) struct Exchange {
    http: reqwest::Client,
    base_url: BaseUrl,
    login_url: BaseUrl,
    credentials: Credentials,
    body_bytes_max: usize,
    /// What the last answer's `Date` was ahead of our clock.
    ahead: Mutex<Option<SignedDuration>>,
}

/// A success whose body is JSON.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Exchange {
    pub(crate) fn new(settings: &Settings) -> Result<Exchange, ClientError> {
        Ok(Exchange {
            http: http::build(settings)?,
            base_url: settings.base_url.clone(),
            login_url: settings.login_url().clone(),
            credentials: Credentials::new(settings)?,
            body_bytes_max: settings.limits.body_bytes_max,
            ahead: Mutex::new(None),
        })
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Returns the host that a request goes to.
    pub(crate) fn host_of(&self, request: &Request) -> &BaseUrl {
        match request.signs_in() {
            true => &self.login_url,
            false => &self.base_url,
        }
    }

    /// Returns how far the host's clock was ahead of ours at its last answer, to about a second; `None` if it has not
    /// said its time.
    pub(crate) fn host_ahead(&self) -> Option<SignedDuration> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request, with the token or else the client's secret, and reads the answer to its end. `now` is for
    /// a `Retry-After` that is a date.
    pub(crate) async fn once(
        &self,
        request: &Request,
        token: Option<&Token>,
        permit: Permit<'_>,
        now: impl Fn() -> Timestamp,
    ) -> Result<Answer, Failure> {
        let timeout = permit.timeout;
        let mut response = self.send(request, token, timeout).await?;
        permit.answered(Quota::read(response.headers()));
        if let Some(ahead) = read_date(response.headers(), now()) {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        let status = response.status();
        let host = self.host_of(request);
        let body = self.read_body(host, &mut response, timeout).await;
        if status.is_success() {
            return self.json(request, status.as_u16(), body?, token);
        }
        // A refusal counts by its status even if its text is lost.
        let body = body.unwrap_or_default();
        let headers = response.headers();
        let region = Region::of(host);
        let refusal = self.refusal(status.as_u16(), headers, &body, token, now());
        Err(refusal.at(region))
    }

    async fn send(
        &self,
        request: &Request,
        token: Option<&Token>,
        timeout: Duration,
    ) -> Result<Response, Failure> {
        let host = self.host_of(request);
        let url = host.join(request.operation().path, request.ids(), request.query());
        let authorization = token.map_or_else(|| self.credentials.header(), Token::header);
        let mut builder = self
            .http
            .request(request.method().clone(), url)
            .timeout(timeout)
            .header(AUTHORIZATION, authorization);
        if let Some((content_type, body)) = request.content() {
            builder = builder
                .header(CONTENT_TYPE, content_type)
                .body(body.clone());
        }
        builder
            .send()
            .await
            .map_err(|error| http::failure(error, host.to_string(), timeout))
    }

    async fn read_body(
        &self,
        host: &BaseUrl,
        response: &mut Response,
        timeout: Duration,
    ) -> Result<Vec<u8>, Failure> {
        let limit = self.body_bytes_max;
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| http::failure(error, host.to_string(), timeout))?
        {
            if body.len() + chunk.len() > limit {
                return Err(Failure::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn json(
        &self,
        request: &Request,
        status: u16,
        body: Vec<u8>,
        token: Option<&Token>,
    ) -> Result<Answer, Failure> {
        // What removes something answers nothing; JSON's word for that is null.
        if status == 204 && body.is_empty() {
            let text = "null".to_owned();
            return Ok(Answer { status, text });
        }
        let (source, body) = match String::from_utf8(body) {
            Ok(text) => match serde_json::from_str::<&RawValue>(&text) {
                Ok(_) => return Ok(Answer { status, text }),
                Err(source) => (source, text.into_bytes()),
            },
            Err(error) => {
                let source = serde_json::Error::io(io::ErrorKind::InvalidData.into());
                (source, error.into_bytes())
            }
        };
        let body = match request.signs_in() {
            true => String::new(),
            false => self.shown(&body, token),
        };
        Err(Failure::NotJson {
            status,
            body,
            source,
        })
    }

    fn refusal(
        &self,
        status: u16,
        headers: &HeaderMap,
        body: &[u8],
        token: Option<&Token>,
        now: Timestamp,
    ) -> Failure {
        let refusal = Refusal::read(body);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let shown = |text: String| self.shown(text.as_bytes(), token);
        let correlation_id = header("ININ-Correlation-Id").map(str::to_owned);
        let body = (status >= 500).then(|| self.shown(body, token));
        Failure::Status {
            status,
            code: refusal.code.map(shown),
            message: refusal.message.map(shown),
            correlation_id: correlation_id.or(refusal.context_id).map(shown),
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|value| read_retry_after(value, now)),
            region: None,
            body: body.filter(|body| !body.is_empty()),
        }
    }

    /// Returns a host's text as it may be shown.
    fn shown(&self, text: &[u8], token: Option<&Token>) -> String {
        let [secret, basic] = self.credentials.expose();
        let token = token.map_or("", Token::expose);
        redact(&String::from_utf8_lossy(text), &[secret, basic, token])
    }
}

fn read_date(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = Timestamp::try_from(httpdate::parse_http_date(date).ok()?).ok()?;
    Some(date.duration_since(now))
}
