//! The way of one request: sign in, send, read the answer, and try again as the policy says.

pub mod write;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::value::RawValue;
use waitwise_model::{BoxFuture, Clock};
use waitwise_wire::error_body::Refusal;
use waitwise_wire::tutorial::{Operation, TOKEN, token};

use crate::base_url::BaseUrl;
use crate::error::{ClientError, Failure};
use crate::http;
use crate::redact::redact;
use crate::retry::{Attempt, Decision, RetryPolicy, StopReason, read_retry_after};
use crate::settings::{Limits, Settings};
use crate::token::{Credentials, Token};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A connection to one host. Every request of the client goes through [`Transport::call`].
pub(crate) struct Transport {
    http: reqwest::Client,
    base_url: BaseUrl,
    clock: Arc<dyn Clock>,
    limits: Limits,
    policy: RetryPolicy,
    credentials: Credentials,
    token: tokio::sync::Mutex<Option<Token>>,
    pace: Mutex<Pace>,
}

/// What all requests of one client share.
struct Pace {
    /// Time spent by all requests and waits, against the deadline.
    spent: Duration,
    /// On the monotonic clock: no request may leave before.
    closed_until: Duration,
    jitter: Xoshiro256PlusPlus,
    sign_ins: u64,
}

/// A request. A write can only be built by the [`write`] module.
pub(crate) struct Request {
    operation: &'static Operation,
    method: reqwest::Method,
    id: Option<String>,
    query: Option<String>,
    content: Option<(HeaderValue, String)>,
}

impl Request {
    /// Reads a list.
    pub(crate) fn list(operation: &'static Operation, query: String) -> Request {
        Request {
            operation,
            method: reqwest::Method::GET,
            id: None,
            query: Some(query),
            content: None,
        }
    }

    /// Asks a question that stands in the body.
    pub(crate) fn question(operation: &'static Operation, body: String) -> Request {
        Request::post(operation, JSON, body)
    }

    fn sign_in() -> Request {
        Request::post(&TOKEN, FORM, token::FORM.to_owned())
    }

    fn post(operation: &'static Operation, content_type: HeaderValue, body: String) -> Request {
        Request {
            operation,
            method: reqwest::Method::POST,
            id: None,
            query: None,
            content: Some((content_type, body)),
        }
    }
}

/// A success whose body is JSON.
struct Answer {
    status: u16,
    text: String,
}

/// What one call cost so far.
#[derive(Clone, Copy, Default)]
struct Effort {
    tries: u32,
    spent: Duration,
}

impl Transport {
    pub(crate) fn new(
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Transport, ClientError> {
        let pace = Pace {
            spent: Duration::ZERO,
            closed_until: Duration::ZERO,
            jitter: Xoshiro256PlusPlus::seed_from_u64(settings.jitter_seed),
            sign_ins: 0,
        };
        Ok(Transport {
            http: http::build(settings)?,
            base_url: settings.base_url.clone(),
            clock,
            limits: settings.limits,
            policy: RetryPolicy::new(&settings.limits),
            credentials: Credentials::new(settings)?,
            token: tokio::sync::Mutex::new(None),
            pace: Mutex::new(pace),
        })
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Sends a request until it is answered with JSON or given up, and returns the answer's text.
    pub(crate) async fn call(&self, request: &Request) -> Result<String, ClientError> {
        let mut effort = Effort::default();
        let mut renewed = false;
        loop {
            let token = match request.operation.scope {
                Some(_) => Some(self.token().await?),
                None => None,
            };
            let failure = match self.attempt(request, token.as_ref(), &mut effort).await {
                Ok(answer) => return Ok(answer.text),
                Err(failure) => failure,
            };
            match (&failure, token) {
                (Failure::Status { status: 401, .. }, Some(token)) if !renewed => {
                    renewed = true;
                    self.forget(&token).await;
                }
                _ => self.wait_or_give_up(request, failure, &mut effort).await?,
            }
        }
    }

    /// Returns a token that is good now. Concurrent callers wait for one sign-in.
    async fn token(&self) -> Result<Token, ClientError> {
        let mut cached = self.token.lock().await;
        if let Some(token) = cached
            .as_ref()
            .filter(|token| token.is_good(self.clock.now()))
        {
            return Ok(token.clone());
        }
        let token = self.sign_in().await?;
        *cached = Some(token.clone());
        Ok(token)
    }

    /// Boxed, because a call may need a sign-in, which is a call.
    fn sign_in(&self) -> BoxFuture<'_, Result<Token, ClientError>> {
        Box::pin(async {
            let request = Request::sign_in();
            let answer = self.call(&request).await?;
            let number = {
                let mut pace = self.pace();
                pace.sign_ins += 1;
                pace.sign_ins
            };
            Token::read(&answer, self.clock.now(), number).map_err(|failure| {
                let effort = Effort {
                    tries: 1,
                    ..Effort::default()
                };
                self.give_up(&request, failure, effort, StopReason::Useless)
            })
        })
    }

    /// Drops a refused token, unless another call has renewed it meanwhile.
    async fn forget(&self, refused: &Token) {
        let mut cached = self.token.lock().await;
        if cached
            .as_ref()
            .is_some_and(|token| token.number == refused.number)
        {
            *cached = None;
        }
    }

    async fn attempt(
        &self,
        request: &Request,
        token: Option<&Token>,
        effort: &mut Effort,
    ) -> Result<Answer, Failure> {
        self.keep_pause(effort).await?;
        let left = self.limits.deadline.saturating_sub(self.pace().spent);
        if left.is_zero() {
            return Err(Failure::OutOfTime {
                deadline: self.limits.deadline,
            });
        }
        effort.tries += 1;
        let began = self.clock.monotonic();
        let timeout = std::cmp::min(self.limits.request_timeout, left);
        let outcome = self.send(request, token, timeout).await;
        let took = self.clock.monotonic().saturating_sub(began);
        self.count(effort, took);
        self.trace(request, &outcome, took, effort.tries);
        outcome
    }

    /// Waits until the host's last `Retry-After` has passed, also one that was said to another call.
    async fn keep_pause(&self, effort: &mut Effort) -> Result<(), Failure> {
        let pause = self.pause_left();
        if pause.is_zero() {
            return Ok(());
        }
        let spent = self.pace().spent;
        if pause > self.limits.retry_after_cap || spent + pause > self.limits.deadline {
            return Err(Failure::HeldBack);
        }
        self.sleep(pause, effort).await;
        Ok(())
    }

    async fn send(
        &self,
        request: &Request,
        token: Option<&Token>,
        timeout: Duration,
    ) -> Result<Answer, Failure> {
        let url = self.base_url.join(
            request.operation.path,
            request.id.as_deref(),
            request.query.as_deref(),
        );
        let authorization = token.map_or_else(|| self.credentials.header(), Token::header);
        let mut builder = self
            .http
            .request(request.method.clone(), url)
            .timeout(timeout)
            .header(AUTHORIZATION, authorization);
        if let Some((content_type, body)) = &request.content {
            builder = builder
                .header(CONTENT_TYPE, content_type)
                .body(body.clone());
        }
        let broken = |error| http::failure(error, self.base_url.to_string(), timeout);
        let mut response = builder.send().await.map_err(broken)?;
        let status = response.status();
        let body = self.read_body(&mut response, timeout).await;
        if status.is_success() {
            return self.json(request, status.as_u16(), body?, token);
        }
        // A refusal counts by its status even if its text is lost.
        let body = body.unwrap_or_default();
        Err(self.refusal(status.as_u16(), response.headers(), &body, token))
    }

    async fn read_body(
        &self,
        response: &mut reqwest::Response,
        timeout: Duration,
    ) -> Result<Vec<u8>, Failure> {
        let limit = self.limits.body_bytes_max;
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| http::failure(error, self.base_url.to_string(), timeout))?
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
        let Err(source) = serde_json::from_slice::<&RawValue>(&body) else {
            // Reading it as JSON has shown that it is UTF-8, so nothing is lost.
            let text = String::from_utf8_lossy(&body).into_owned();
            return Ok(Answer { status, text });
        };
        let body = match *request.operation == TOKEN {
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
    ) -> Failure {
        let refusal = Refusal::read(body);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let shown = |text: String| self.shown(text.as_bytes(), token);
        Failure::Status {
            status,
            code: refusal.code.map(shown),
            message: refusal.message.map(shown),
            correlation_id: header("ININ-Correlation-Id")
                .map(str::to_owned)
                .or(refusal.context_id)
                .map(shown),
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|value| read_retry_after(value, self.clock.now())),
            body: (status >= 500)
                .then(|| self.shown(body, token))
                .filter(|body| !body.is_empty()),
        }
    }

    fn shown(&self, text: &[u8], token: Option<&Token>) -> String {
        let [secret, basic] = self.credentials.expose();
        let token = token.map_or("", Token::expose);
        redact(&String::from_utf8_lossy(text), &[secret, basic, token])
    }

    async fn wait_or_give_up(
        &self,
        request: &Request,
        failure: Failure,
        effort: &mut Effort,
    ) -> Result<(), ClientError> {
        let attempt = {
            let mut pace = self.pace();
            Attempt {
                number: effort.tries,
                elapsed: pace.spent,
                trouble: failure.trouble(),
                repeat: request.operation.repeat,
                jitter: uniform(&mut pace.jitter),
            }
        };
        let decision = self.policy.decide(&attempt);
        self.close_gate(&failure, decision);
        match decision {
            Decision::Wait(wait) => {
                self.sleep(wait, effort).await;
                Ok(())
            }
            Decision::Stop(reason) => Err(self.give_up(request, failure, *effort, reason)),
        }
    }

    /// Lets no request leave, of whichever call, while the host asks for a pause.
    fn close_gate(&self, failure: &Failure, decision: Decision) {
        let Failure::Status {
            status,
            retry_after,
            ..
        } = failure
        else {
            return;
        };
        let pause = match (retry_after, decision) {
            (Some(pause), _) => *pause,
            (None, Decision::Wait(wait)) if *status == 429 => wait,
            (None, _) => return,
        };
        let until = self.clock.monotonic().saturating_add(pause);
        let mut pace = self.pace();
        pace.closed_until = std::cmp::max(pace.closed_until, until);
    }

    fn give_up(
        &self,
        request: &Request,
        failure: Failure,
        effort: Effort,
        stop: StopReason,
    ) -> ClientError {
        if let Failure::Status {
            status,
            body: Some(body),
            correlation_id,
            ..
        } = &failure
        {
            tracing::warn!(
                method = %request.method,
                path = request.operation.path,
                status,
                correlation_id,
                tries = effort.tries,
                body,
                "gave up on a host in trouble"
            );
        }
        ClientError::Call {
            operation: request.operation,
            path: request
                .operation
                .path
                .replace("{id}", request.id.as_deref().unwrap_or_default()),
            tries: effort.tries,
            spent: effort.spent,
            stop,
            retry_at: self.retry_at(),
            source: Box::new(failure),
        }
    }

    /// The first whole second after the pause; `None` also if that lies beyond what can be told.
    fn retry_at(&self) -> Option<Timestamp> {
        let pause = SignedDuration::try_from(self.pause_left())
            .ok()
            .filter(|pause| !pause.is_zero())?;
        let whole_second = TimestampRound::new()
            .smallest(Unit::Second)
            .mode(RoundMode::Ceil);
        let at = self.clock.now().checked_add(pause).ok()?;
        at.round(whole_second).ok()
    }

    fn pause_left(&self) -> Duration {
        self.pace()
            .closed_until
            .saturating_sub(self.clock.monotonic())
    }

    async fn sleep(&self, duration: Duration, effort: &mut Effort) {
        self.count(effort, duration);
        self.clock.sleep(duration).await;
    }

    fn count(&self, effort: &mut Effort, duration: Duration) {
        effort.spent += duration;
        self.pace().spent += duration;
    }

    /// Nobody panics while holding the lock, so a poisoned one is as good.
    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trace(
        &self,
        request: &Request,
        outcome: &Result<Answer, Failure>,
        took: Duration,
        attempt: u32,
    ) {
        let status = match outcome {
            Ok(answer) => Some(answer.status),
            Err(Failure::Status { status, .. } | Failure::NotJson { status, .. }) => Some(*status),
            Err(_) => None,
        };
        tracing::debug!(
            method = %request.method, path = request.operation.path, status,
            duration_ms = took.as_secs_f64() * 1000.0, attempt, "request"
        );
    }
}

/// In 0.0..1.0, from the 53 bits that an f64 holds.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}
