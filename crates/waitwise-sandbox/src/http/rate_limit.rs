//! So many requests per token and minute, on the service clock.

use std::collections::BTreeMap;
use std::time::Duration;

use super::reply::{Refusal, Reply};

/// How long a count lasts on the platform.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// Counts requests by token. A token's minute begins with its first request after the last minute ended.
#[derive(Debug)]
pub(crate) struct RateLimit {
    allowed: u32,
    /// How long a count lasts.
    length: Duration,
    windows: BTreeMap<String, Window>,
}

#[derive(Debug)]
struct Window {
    ends: Duration,
    count: u32,
}

/// What a request found when it was counted.
#[derive(Debug, PartialEq)]
pub(crate) struct Quota {
    count: u32,
    allowed: u32,
    /// Whole seconds after which the minute has certainly ended, at least 1.
    reset_secs: u64,
}

impl RateLimit {
    /// A limit of `allowed` requests in windows of this length.
    pub(crate) fn new(allowed: u32, length: Duration) -> RateLimit {
        RateLimit {
            allowed,
            length,
            windows: BTreeMap::new(),
        }
    }

    /// Returns how many requests a minute are allowed.
    pub(crate) fn allowed(&self) -> u32 {
        self.allowed
    }

    /// Allows another number of requests a minute, in the minutes that are running too.
    pub(crate) fn set_allowed(&mut self, allowed: u32) {
        self.allowed = allowed;
    }

    /// Counts one request of a token, a refused one too.
    pub(crate) fn count(&mut self, token: &str, service: Duration) -> Quota {
        let ends = service + self.length;
        let fresh = || Window { ends, count: 0 };
        let window = self.windows.entry(token.to_owned()).or_insert_with(fresh);
        if window.ends <= service {
            *window = fresh();
        }
        window.count = window.count.saturating_add(1);
        let reset_secs = (window.ends - service).as_millis().div_ceil(1000);
        Quota {
            count: window.count,
            allowed: self.allowed,
            reset_secs: u64::try_from(reset_secs).unwrap_or(u64::MAX),
        }
    }
}

impl Quota {
    /// Refuses a request beyond the limit.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match self.count > self.allowed {
            true => Err(Refusal::rate_limited(self.allowed, self.reset_secs)),
            false => Ok(()),
        }
    }

    /// Writes the quota's headers, unless a fault brought its own.
    pub(crate) fn mark(&self, reply: Reply) -> Reply {
        reply
            .default_header("inin-ratelimit-count", self.count)
            .default_header("inin-ratelimit-allowed", self.allowed)
            .default_header("inin-ratelimit-reset", self.reset_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_own_minute() {
        let mut limit = RateLimit::new(2, MINUTE);
        let at = Duration::from_millis;
        assert!(limit.count("a", at(500)).check().is_ok());
        assert!(limit.count("a", at(600)).check().is_ok());
        let over = limit.count("a", at(1_600));
        assert_eq!(
            over,
            Quota {
                count: 3,
                allowed: 2,
                reset_secs: 59
            }
        );
        assert!(over.check().is_err());
        assert!(limit.count("b", at(1_600)).check().is_ok());
        assert!(limit.count("a", at(60_499)).check().is_err());
        assert_eq!(
            limit.count("a", at(60_500)),
            Quota {
                count: 1,
                allowed: 2,
                reset_secs: 60
            }
        );
    }
}
