//! The way of one request: sign in, send, read the answer, and try again as the policy says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Mutex;
use waitwise_model::{BoxFuture, Clock};
use waitwise_wire::operation::Repeat;

use crate::base_url::BaseUrl;
use crate::error::{ClientError, Failure};
use crate::exchange::{Answer, Exchange};
use crate::pace::{Effort, Pace};
use crate::request::Request;
use crate::retry::{Decision, StopReason};
use crate::settings::Settings;
use crate::token::Token;

/// A connection to one host. Every request of the client goes through [`Transport::call`].
pub(crate) struct Transport {
    exchange: Exchange,
    pace: Pace,
    /// Locked while somebody signs in, so that the others wait for the same token.
    token: Mutex<Option<Token>>,
    sign_ins: AtomicU64,
}

impl Transport {
    pub(crate) fn new(
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Transport, ClientError> {
        Ok(Transport {
            exchange: Exchange::new(settings)?,
            pace: Pace::new(settings, clock),
            token: Mutex::new(None),
            sign_ins: AtomicU64::new(0),
        })
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        self.exchange.base_url()
    }

    pub(crate) fn allowed_per_window(&self) -> Option<u32> {
        self.pace.allowed()
    }

    pub(crate) fn host_ahead(&self) -> Option<SignedDuration> {
        self.exchange.host_ahead()
    }

    /// Sends a request until it is answered with JSON or given up, and returns the answer's text.
    ///
    /// What writes is sent once at most, and only if nothing keeps it from leaving at once: the caller read before.
    pub(crate) async fn call(&self, request: &Request) -> Result<String, ClientError> {
        let (_under_way, mut effort) = self.pace.begin();
        let mut renewed = false;
        let reads_first = request.operation().repeat == Repeat::ReadFirst;
        let at_once = StopReason::ReadFirst {
            wait: Duration::ZERO,
        };
        if reads_first && !self.has_token().await {
            self.token().await?;
            return Err(self.give_up(request, Failure::Overtaken, effort, at_once));
        }
        loop {
            let token = match request.signs_in() {
                true => None,
                false => Some(self.token().await?),
            };
            let failure = match self.attempt(request, token.as_ref(), &mut effort).await {
                Ok(answer) => return Ok(answer.text),
                Err(failure) => failure,
            };
            let pause = self.pace.bearable_pause();
            match (&failure, token) {
                (Failure::HeldBack, _) if reads_first && pause.is_some() => {
                    let wait = pause.unwrap_or_default();
                    let stop = StopReason::ReadFirst { wait };
                    return Err(self.give_up(request, failure, effort, stop));
                }
                (Failure::Status { status: 401, .. }, Some(token)) if !renewed => {
                    renewed = true;
                    self.forget(&token).await;
                    if reads_first {
                        return Err(self.give_up(request, failure, effort, at_once));
                    }
                }
                _ => self.wait_or_give_up(request, failure, &effort).await?,
            }
        }
    }

    async fn has_token(&self) -> bool {
        let cached = self.token.lock().await;
        let now = self.pace.now();
        cached.as_ref().is_some_and(|token| token.is_good(now))
    }

    /// Returns a token that is good now.
    pub(crate) async fn token(&self) -> Result<Token, ClientError> {
        let mut cached = self.token.lock().await;
        let now = self.pace.now();
        if let Some(token) = cached.as_ref().filter(|token| token.is_good(now)) {
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
            let (_under_way, mut effort) = self.pace.begin();
            let answer = self.call(&request).await?;
            effort.tries = 1;
            let number = self.sign_ins.fetch_add(1, Ordering::Relaxed);
            Token::read(&answer, self.pace.now(), number)
                .map_err(|failure| self.give_up(&request, failure, effort, StopReason::Useless))
        })
    }

    /// Drops a refused token, unless another call has renewed it meanwhile.
    async fn forget(&self, refused: &Token) {
        let mut cached = self.token.lock().await;
        cached.take_if(|token| token.number == refused.number);
    }

    async fn attempt(
        &self,
        request: &Request,
        token: Option<&Token>,
        effort: &mut Effort,
    ) -> Result<Answer, Failure> {
        let permit = self.pace.admit(request).await?;
        effort.tries += 1;
        let began = self.pace.monotonic();
        let now = || self.pace.now();
        let outcome = self.exchange.once(request, token, permit, now).await;
        let took = self.pace.monotonic().saturating_sub(began);
        trace(request, &outcome, took, effort.tries);
        outcome
    }

    async fn wait_or_give_up(
        &self,
        request: &Request,
        failure: Failure,
        effort: &Effort,
    ) -> Result<(), ClientError> {
        let repeat = request.operation().repeat;
        match self.pace.decide(&failure, repeat, effort) {
            Decision::Wait(wait) => {
                self.pace.sleep(wait).await;
                Ok(())
            }
            Decision::Stop(reason) => Err(self.give_up(request, failure, *effort, reason)),
        }
    }

    fn give_up(
        &self,
        request: &Request,
        failure: Failure,
        effort: Effort,
        stop: StopReason,
    ) -> ClientError {
        warn_of_trouble(request, &failure, effort);
        ClientError::Call {
            operation: request.operation(),
            path: request.path().into_owned(),
            tries: effort.tries,
            spent: self.pace.spent_by(&effort),
            stop,
            retry_at: self.pace.retry_at(),
            source: Box::new(failure),
        }
    }
}

/// Logs what a host in trouble said last; its operator may need it.
fn warn_of_trouble(request: &Request, failure: &Failure, effort: Effort) {
    let Failure::Status {
        status,
        body: Some(body),
        correlation_id,
        ..
    } = failure
    else {
        return;
    };
    tracing::warn!(
        method = %request.method(),
        path = %request.path(),
        status,
        correlation_id,
        tries = effort.tries,
        body,
        "gave up on a host in trouble"
    );
}

fn trace(request: &Request, outcome: &Result<Answer, Failure>, took: Duration, attempt: u32) {
    let status = match outcome {
        Ok(answer) => Some(answer.status),
        Err(Failure::Status { status, .. } | Failure::NotJson { status, .. }) => Some(*status),
        Err(_) => None,
    };
    tracing::debug!(
        method = %request.method(),
        path = %request.path(),
        status,
        duration_ms = took.as_secs_f64() * 1000.0,
        attempt,
        "request"
    );
}
