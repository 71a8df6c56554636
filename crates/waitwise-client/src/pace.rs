//! Time: what was spent of the deadline, the pauses that the host asks for, its rate limit, and the jitter.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::sync::Notify;
use waitwise_model::Clock;
use waitwise_wire::operation::Repeat;

use crate::allowance::{Quota, Turn};
use crate::error::Failure;
use crate::request::Request;
use crate::retry::{Attempt, Decision, RetryPolicy, StopReason};
use crate::settings::{Limits, Settings};
use crate::shared::SharedAllowance;

/// The pace that all requests of one client share.
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    limits: Limits,
    policy: RetryPolicy,
    state: Mutex<State>,
    allowance: SharedAllowance,
    /// Wakes those who wait for another request's answer.
    answered: Notify,
}

struct State {
    /// Time in which some call was under way, against the deadline; without the present stretch of it.
    spent: Duration,
    /// Calls under way, sign-ins within them included.
    under_way: u32,
    /// When the present stretch began, if any call is under way.
    since: Duration,
    /// On the monotonic clock: no request may leave before.
    closed_until: Duration,
    jitter: Xoshiro256PlusPlus,
}

/// What one call cost so far.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) tries: u32,
    began: Duration,
}

/// Counts a call as under way, until it is dropped.
pub(crate) struct UnderWay<'a>(&'a Pace);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let now = self.0.monotonic();
        let mut state = self.0.state();
        state.under_way -= 1;
        if state.under_way == 0 {
            let since = state.since;
            state.spent += now.saturating_sub(since);
        }
    }
}

/// A request that may leave; dropped when its answer has come, or none will.
pub(crate) struct Permit<'a> {
    pace: &'a Pace,
    /// How long the request may take.
    pub(crate) timeout: Duration,
    is_counted: bool,
    has_answer: bool,
    quota: Option<Quota>,
}

impl Permit<'_> {
    /// Notes what the answer says about the rate limit.
    pub(crate) fn answered(mut self, quota: Option<Quota>) {
        self.has_answer = true;
        self.quota = quota;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_counted {
            let allowance = &self.pace.allowance;
            allowance.with(|account, now| account.answered(now, self.quota, self.has_answer));
            self.pace.answered.notify_waiters();
        }
    }
}

impl Pace {
    pub(crate) fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Pace {
        let state = State {
            spent: Duration::ZERO,
            under_way: 0,
            since: Duration::ZERO,
            closed_until: Duration::ZERO,
            jitter: Xoshiro256PlusPlus::seed_from_u64(settings.jitter_seed),
        };
        Pace {
            allowance: SharedAllowance::new(settings, Arc::clone(&clock)),
            clock,
            limits: settings.limits,
            policy: RetryPolicy::new(&settings.limits),
            state: Mutex::new(state),
            answered: Notify::new(),
        }
    }

    /// Begins a call.
    pub(crate) fn begin(&self) -> (UnderWay<'_>, Effort) {
        let began = self.monotonic();
        let mut state = self.state();
        if state.under_way == 0 {
            state.since = began;
        }
        state.under_way += 1;
        (UnderWay(self), Effort { tries: 0, began })
    }

    /// Returns how long a call has taken so far.
    pub(crate) fn spent_by(&self, effort: &Effort) -> Duration {
        self.monotonic().saturating_sub(effort.began)
    }

    /// Returns how long calls have taken in all, those at the same time counted once.
    fn spent(&self) -> Duration {
        let now = self.monotonic();
        let state = self.state();
        match state.under_way {
            0 => state.spent,
            _ => state.spent + now.saturating_sub(state.since),
        }
    }

    /// Returns how many requests the host allowed in a window at its last answer; `None` if it has not said.
    pub(crate) fn allowed(&self) -> Option<u32> {
        self.allowance.with(|account, _| account.allowed)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Waits until the request may leave: until the host's last pause is over, also one that was asked of another
    /// call, and until the rate limit has room. A sign-in is not counted there: the host that issues tokens has a limit
    /// of its own. What must leave at once or not at all is held back in the place of waiting.
    pub(crate) async fn admit(&self, request: &Request) -> Result<Permit<'_>, Failure> {
        let waits = request.operation().repeat != Repeat::ReadFirst;
        loop {
            let pause = self.pause_left();
            self.bear(pause, waits)?;
            if !pause.is_zero() {
                self.clock.sleep(pause).await;
                continue;
            }
            if request.signs_in() {
                return self.permit(false);
            }
            // Listens before it asks, so that no answer between the two is missed.
            let mut answered = pin!(self.answered.notified());
            answered.as_mut().enable();
            match self.allowance.with(|account, now| account.take(now)) {
                Turn::Go => return self.permit(true),
                Turn::AfterAnswer => answered.await,
                Turn::In(wait) => {
                    self.bear(wait, waits)
                        .inspect_err(|_| self.close_for(wait))?;
                    self.clock.sleep(wait).await;
                }
            }
        }
    }

    /// Refuses a wait that is too long, or any wait where none is possible.
    fn bear(&self, wait: Duration, waits: bool) -> Result<(), Failure> {
        let deadline = self.limits.deadline;
        if wait.is_zero() {
            return match self.spent() > deadline {
                true => Err(Failure::OutOfTime { deadline }),
                false => Ok(()),
            };
        }
        let is_too_long =
            wait > self.limits.retry_after_cap || self.spent().saturating_add(wait) > deadline;
        match is_too_long || !waits {
            true => Err(Failure::HeldBack),
            false => Ok(()),
        }
    }

    fn permit(&self, is_counted: bool) -> Result<Permit<'_>, Failure> {
        let deadline = self.limits.deadline;
        let left = deadline.saturating_sub(self.spent());
        let permit = Permit {
            pace: self,
            timeout: std::cmp::min(self.limits.request_timeout, left),
            is_counted,
            has_answer: false,
            quota: None,
        };
        match left {
            Duration::ZERO => Err(Failure::OutOfTime { deadline }),
            _ => Ok(permit),
        }
    }

    /// Asks the policy what to do after a failed try, and lets no request leave, of whichever call, while the host
    /// asks for a pause.
    pub(crate) fn decide(&self, failure: &Failure, repeat: Repeat, effort: &Effort) -> Decision {
        let attempt = Attempt {
            number: effort.tries,
            elapsed: self.spent(),
            trouble: failure.trouble(),
            repeat,
            jitter: uniform(&mut self.state().jitter),
        };
        let decision = self.policy.decide(&attempt);
        if let Some(pause) = asked_pause(failure, decision) {
            self.close_for(pause);
        }
        decision
    }

    fn close_for(&self, pause: Duration) {
        let until = self.monotonic().saturating_add(pause);
        let mut state = self.state();
        state.closed_until = std::cmp::max(state.closed_until, until);
    }

    /// Returns after which wait a request that was held back may be sent again, if that wait is granted at all.
    pub(crate) fn bearable_pause(&self) -> Option<Duration> {
        let pause = self.pause_left();
        self.bear(pause, true).is_ok().then_some(pause)
    }

    /// Returns the first whole second after the host's pause; `None` without one, or if it lies beyond what can be
    /// told.
    pub(crate) fn retry_at(&self) -> Option<Timestamp> {
        let pause = SignedDuration::try_from(self.pause_left())
            .ok()
            .filter(|pause| !pause.is_zero())?;
        let whole_second = TimestampRound::new()
            .smallest(Unit::Second)
            .mode(RoundMode::Ceil);
        let at = self.clock.now().checked_add(pause).ok()?;
        at.round(whole_second).ok()
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    fn pause_left(&self) -> Duration {
        let until = self.state().closed_until;
        until.saturating_sub(self.clock.monotonic())
    }

    /// Nobody panics while holding the lock, so a poisoned one is as good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rate limit pauses all requests even if the host does not say for how long.
fn asked_pause(failure: &Failure, decision: Decision) -> Option<Duration> {
    let Failure::Status {
        status,
        retry_after,
        ..
    } = failure
    else {
        return None;
    };
    match (retry_after, decision) {
        (Some(pause), _) => Some(*pause),
        (None, Decision::Wait(wait) | Decision::Stop(StopReason::ReadFirst { wait }))
            if *status == 429 =>
        {
            Some(wait)
        }
        (None, _) => None,
    }
}

/// In 0.0..1.0, from the 53 bits that an f64 holds.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}
