//! Time: what was spent of the deadline, the pauses that the host asks for, and the jitter.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use waitwise_model::Clock;
use waitwise_wire::operation::Repeat;

use crate::error::Failure;
use crate::retry::{Attempt, Decision, RetryPolicy, StopReason};
use crate::settings::{Limits, Settings};

/// The pace that all requests of one client share.
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    limits: Limits,
    policy: RetryPolicy,
    state: Mutex<State>,
}

struct State {
    /// Time spent by all requests and waits, against the deadline.
    spent: Duration,
    /// On the monotonic clock: no request may leave before.
    closed_until: Duration,
    jitter: Xoshiro256PlusPlus,
}

/// What one call cost so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Effort {
    pub(crate) tries: u32,
    pub(crate) spent: Duration,
}

impl Pace {
    pub(crate) fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Pace {
        let state = State {
            spent: Duration::ZERO,
            closed_until: Duration::ZERO,
            jitter: Xoshiro256PlusPlus::seed_from_u64(settings.jitter_seed),
        };
        Pace {
            clock,
            limits: settings.limits,
            policy: RetryPolicy::new(&settings.limits),
            state: Mutex::new(state),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Waits until the host's last pause is over, also one that was asked of another call, and returns how long the
    /// next request may take.
    pub(crate) async fn admit(&self, effort: &mut Effort) -> Result<Duration, Failure> {
        let pause = self.pause_left();
        let deadline = self.limits.deadline;
        if pause > self.limits.retry_after_cap
            || self.state().spent.saturating_add(pause) > deadline
        {
            return Err(match pause.is_zero() {
                true => Failure::OutOfTime { deadline },
                false => Failure::HeldBack,
            });
        }
        if !pause.is_zero() {
            self.sleep(pause, effort).await;
        }
        match deadline.saturating_sub(self.state().spent) {
            Duration::ZERO => Err(Failure::OutOfTime { deadline }),
            left => Ok(std::cmp::min(self.limits.request_timeout, left)),
        }
    }

    /// Asks the policy what to do after a failed try, and lets no request leave, of whichever call, while the host
    /// asks for a pause.
    pub(crate) fn decide(&self, failure: &Failure, repeat: Repeat, effort: &Effort) -> Decision {
        let attempt = {
            let mut state = self.state();
            Attempt {
                number: effort.tries,
                elapsed: state.spent,
                trouble: failure.trouble(),
                repeat,
                jitter: uniform(&mut state.jitter),
            }
        };
        let decision = self.policy.decide(&attempt);
        if let Some(pause) = asked_pause(failure, decision) {
            let until = self.clock.monotonic().saturating_add(pause);
            let mut state = self.state();
            state.closed_until = std::cmp::max(state.closed_until, until);
        }
        decision
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

    pub(crate) async fn sleep(&self, duration: Duration, effort: &mut Effort) {
        self.count(effort, duration);
        self.clock.sleep(duration).await;
    }

    /// Adds time to what one call, and all calls, have spent.
    pub(crate) fn count(&self, effort: &mut Effort, duration: Duration) {
        effort.spent += duration;
        self.state().spent += duration;
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
