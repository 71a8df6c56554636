//! Whether to try again after a failure, and when: a pure decision.

use std::time::Duration;

use jiff::Timestamp;
use waitwise_wire::operation::Repeat;

use crate::settings::Limits;

/// When to give up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryPolicy {
    /// How often a request is tried at most.
    pub tries: u32,
    /// How long all requests and waits may take together.
    pub deadline: Duration,
    /// The longest `Retry-After` that is waited for.
    pub retry_after_cap: Duration,
}

/// One failed try.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Attempt {
    /// Which try of this request it was, from 1.
    pub number: u32,
    /// Time spent so far against [`RetryPolicy::deadline`].
    pub elapsed: Duration,
    /// What went wrong.
    pub trouble: Trouble,
    /// Whether the request may be sent twice.
    pub repeat: Repeat,
    /// A random number in 0.0..1.0 that says how much the wait is lengthened.
    pub jitter: f64,
}

/// What went wrong with a try, as far as it matters for trying again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// The host refused with a status outside 2xx.
    Status {
        /// The status.
        status: u16,
        /// How long to wait as the host says, if it said it understandably.
        retry_after: Option<Duration>,
    },
    /// The request was certainly not sent.
    NotSent,
    /// Nobody knows whether the host acted: no answer, a cut-off one, or one that is not JSON.
    Unclear,
    /// Trying again cannot help.
    Final,
}

/// What to do after a failed try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Try again, not before this time has passed.
    Wait(Duration),
    /// Give up.
    Stop(StopReason),
}

/// Why it was given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopReason {
    /// The failure would only repeat itself.
    Useless,
    /// The request may have had its effect; only reading can tell.
    Unclear,
    /// The request had no effect and may be sent again after this wait, but it writes: what it was made from must be
    /// read again first, because it may have changed meanwhile.
    ReadFirst {
        /// That wait.
        wait: Duration,
    },
    /// All tries are used up.
    TriesSpent,
    /// The next wait would pass the deadline.
    Deadline {
        /// That wait.
        wait: Duration,
    },
    /// The host asks for a longer wait than is granted.
    RetryAfterTooLong {
        /// What it asks for.
        wait: Duration,
    },
}

impl RetryPolicy {
    /// Returns the policy that keeps `limits`.
    pub fn new(limits: &Limits) -> Self {
        RetryPolicy {
            tries: limits.tries,
            deadline: limits.deadline,
            retry_after_cap: limits.retry_after_cap,
        }
    }

    /// Decides about one failed try.
    ///
    /// What writes is never simply sent again: see [`StopReason::ReadFirst`].
    ///
    /// A wait is the host's `Retry-After`, else 1, 2, 4, 8 … seconds, and is only ever lengthened by the jitter: by
    /// up to a quarter, and by at most a second if the host named it.
    pub fn decide(&self, attempt: &Attempt) -> Decision {
        if let Some(reason) = hopeless(attempt) {
            return Decision::Stop(reason);
        }
        let asked = asked_wait(attempt.trouble);
        if let Some(wait) = asked.filter(|wait| *wait > self.retry_after_cap) {
            return Decision::Stop(StopReason::RetryAfterTooLong { wait });
        }
        if attempt.number >= self.tries {
            return Decision::Stop(StopReason::TriesSpent);
        }
        let wait = lengthened(asked, attempt);
        if attempt.elapsed.saturating_add(wait) > self.deadline {
            return Decision::Stop(StopReason::Deadline { wait });
        }
        match attempt.repeat {
            Repeat::Safe | Repeat::IfNotTaken => Decision::Wait(wait),
            Repeat::ReadFirst => Decision::Stop(StopReason::ReadFirst { wait }),
        }
    }
}

fn hopeless(attempt: &Attempt) -> Option<StopReason> {
    match (attempt.trouble, attempt.repeat) {
        // A host that limits the rate has not acted on the request.
        (Trouble::Status { status: 429, .. } | Trouble::NotSent, _) => None,
        (Trouble::Status { status: 500.., .. } | Trouble::Unclear, Repeat::Safe) => None,
        (
            Trouble::Status { status: 500.., .. } | Trouble::Unclear,
            Repeat::ReadFirst | Repeat::IfNotTaken,
        ) => Some(StopReason::Unclear),
        (Trouble::Status { .. } | Trouble::Final, _) => Some(StopReason::Useless),
    }
}

fn asked_wait(trouble: Trouble) -> Option<Duration> {
    match trouble {
        Trouble::Status { retry_after, .. } => retry_after,
        Trouble::NotSent | Trouble::Unclear | Trouble::Final => None,
    }
}

fn lengthened(asked: Option<Duration>, attempt: &Attempt) -> Duration {
    let base = asked.unwrap_or_else(|| backoff(attempt.number));
    let quarter = base.mul_f64(0.25 * attempt.jitter.clamp(0.0, 1.0));
    let extra = match asked {
        Some(_) => std::cmp::min(quarter, Duration::from_secs(1)),
        None => quarter,
    };
    base + extra
}

/// The tutorial's 2^attempt, counted from 0.
fn backoff(number: u32) -> Duration {
    Duration::from_secs(
        1u64.checked_shl(number.saturating_sub(1))
            .unwrap_or(u64::from(u32::MAX)),
    )
}

/// Reads a `Retry-After` header: seconds or an HTTP date.
///
/// Returns `None` for what asks for no wait that could be obeyed: zero, negative, a date gone by, or garbage.
/// More seconds than can be counted is [`Duration::MAX`].
pub fn read_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let wait = Duration::try_from_secs_f64(seconds);
        let countable = seconds.is_finite() && seconds > 0.0;
        return countable.then(|| wait.unwrap_or(Duration::MAX));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let wait = Timestamp::try_from(date).ok()?.duration_since(now);
    Duration::try_from(wait).ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        tries: 5,
        deadline: Duration::from_secs(900),
        retry_after_cap: Duration::from_secs(180),
    };

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const fn status(status: u16, retry_after: Option<u64>) -> Trouble {
        let retry_after = match retry_after {
            Some(seconds) => Some(secs(seconds)),
            None => None,
        };
        Trouble::Status {
            status,
            retry_after,
        }
    }

    fn decide(trouble: Trouble, repeat: Repeat, number: u32) -> Decision {
        let elapsed = Duration::ZERO;
        POLICY.decide(&Attempt {
            number,
            elapsed,
            trouble,
            repeat,
            jitter: 0.0,
        })
    }

    #[test]
    fn each_failure_has_its_answer() {
        use Decision::{Stop, Wait};
        use Repeat::{IfNotTaken, ReadFirst, Safe};
        let too_long = |seconds| {
            Stop(StopReason::RetryAfterTooLong {
                wait: secs(seconds),
            })
        };
        let read_first = |seconds| {
            Stop(StopReason::ReadFirst {
                wait: secs(seconds),
            })
        };
        let table = [
            (status(429, Some(7)), Safe, 1, Wait(secs(7))),
            (status(429, Some(7)), ReadFirst, 1, read_first(7)),
            (status(429, Some(181)), ReadFirst, 1, too_long(181)),
            (status(429, Some(180)), Safe, 1, Wait(secs(180))),
            (status(429, Some(181)), Safe, 1, too_long(181)),
            (status(429, Some(181)), Safe, 5, too_long(181)),
            (status(429, None), Safe, 1, Wait(secs(1))),
            (status(429, None), Safe, 4, Wait(secs(8))),
            (status(429, None), Safe, 5, Stop(StopReason::TriesSpent)),
            (status(500, None), Safe, 2, Wait(secs(2))),
            (status(503, Some(9)), Safe, 2, Wait(secs(9))),
            (status(599, None), Safe, 5, Stop(StopReason::TriesSpent)),
            (status(503, None), ReadFirst, 1, Stop(StopReason::Unclear)),
            (Trouble::Unclear, Safe, 3, Wait(secs(4))),
            (Trouble::Unclear, ReadFirst, 1, Stop(StopReason::Unclear)),
            (Trouble::NotSent, ReadFirst, 1, read_first(1)),
            (Trouble::NotSent, ReadFirst, 5, Stop(StopReason::TriesSpent)),
            (Trouble::NotSent, Safe, 5, Stop(StopReason::TriesSpent)),
            (status(400, Some(1)), Safe, 1, Stop(StopReason::Useless)),
            (status(401, None), Safe, 1, Stop(StopReason::Useless)),
            (status(302, None), ReadFirst, 1, Stop(StopReason::Useless)),
            (Trouble::Final, Safe, 1, Stop(StopReason::Useless)),
            (status(429, Some(7)), IfNotTaken, 1, Wait(secs(7))),
            (Trouble::NotSent, IfNotTaken, 1, Wait(secs(1))),
            (status(503, None), IfNotTaken, 1, Stop(StopReason::Unclear)),
            (Trouble::Unclear, IfNotTaken, 1, Stop(StopReason::Unclear)),
        ];
        for (trouble, repeat, number, expected) in table {
            let case = format!("{trouble:?} {repeat:?} try {number}");
            assert_eq!(decide(trouble, repeat, number), expected, "{case}");
        }
    }

    #[test]
    fn jitter_only_lengthens() {
        for (trouble, number, low, high) in [
            (status(503, None), 4, secs(8), secs(10)),
            (status(429, Some(100)), 1, secs(100), secs(101)),
            (
                status(429, Some(2)),
                1,
                secs(2),
                Duration::from_millis(2500),
            ),
        ] {
            for (jitter, expected) in [(0.0, low), (1.0, high), (-1.0, low), (9.0, high)] {
                let (elapsed, repeat) = (Duration::ZERO, Repeat::Safe);
                let attempt = Attempt {
                    number,
                    elapsed,
                    trouble,
                    repeat,
                    jitter,
                };
                assert_eq!(POLICY.decide(&attempt), Decision::Wait(expected));
            }
        }
    }

    #[test]
    fn no_wait_passes_the_deadline() {
        let at = |elapsed| {
            let (trouble, repeat) = (status(429, Some(10)), Repeat::Safe);
            POLICY.decide(&Attempt {
                number: 1,
                elapsed,
                trouble,
                repeat,
                jitter: 0.0,
            })
        };
        assert_eq!(at(secs(890)), Decision::Wait(secs(10)));
        let stop = Decision::Stop(StopReason::Deadline { wait: secs(10) });
        assert_eq!(at(secs(891)), stop);
        assert_eq!(at(Duration::MAX), stop);
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let now: Timestamp = "2026-03-30T12:00:00.250Z".parse().unwrap();
        let millis = |ms| Some(Duration::from_millis(ms));
        for (value, expected) in [
            ("7", millis(7000)),
            (" 7 ", millis(7000)),
            ("1.5", millis(1500)),
            ("Mon, 30 Mar 2026 12:00:10 GMT", millis(9750)),
            ("Monday, 30-Mar-26 12:00:10 GMT", millis(9750)),
            ("Mon, 30 Mar 2026 11:00:00 GMT", None),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("inf", None),
            ("NaN", None),
            ("99999999999999999999999", Some(Duration::MAX)),
        ] {
            assert_eq!(read_retry_after(value, now), expected, "{value:?}");
        }
    }
}
