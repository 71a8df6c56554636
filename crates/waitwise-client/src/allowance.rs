//! How many requests may still leave in this window of the host's rate limit.
//!
//! A host says with each answer how many requests it has counted in its window, how many it allows, and in how many
//! whole seconds the window ends. Once that is known, as many requests leave as are allowed, however many tasks ask,
//! and then none until the window is certainly over. Before it is known, one request goes ahead and the others wait
//! for its answer. A pure account: the time is an argument.

use std::time::Duration;

use reqwest::header::HeaderMap;

/// The header is in whole seconds and nobody says which way it is rounded, so a window that ends "in 7 seconds" is
/// over after 8 at the latest.
const ROUNDING: Duration = Duration::from_secs(1);

/// Two answers of one window can disagree by as much about its end: a rounding at each.
const DISAGREEMENT: Duration = Duration::from_secs(2);

/// How long a window is taken to be until an answer says more; what the published limits are per.
const USUAL_WINDOW: Duration = Duration::from_secs(60);

/// A window that ends later than this is somebody's mistake, or a limit per day, which its `Retry-After` tells.
pub(crate) const WINDOW_MAX: Duration = Duration::from_secs(60 * 60);

/// What an answer says about the rate limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Quota {
    /// Requests that the host has counted in the window, the answered one included.
    pub(crate) count: u32,
    /// Requests that it allows in a window.
    pub(crate) allowed: u32,
    /// When the window ends.
    pub(crate) reset: Duration,
}

impl Quota {
    /// Reads an answer's headers; `None` unless all three are there and can be obeyed.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Quota> {
        let number = |name: &str| {
            let text = headers.get(name)?.to_str().ok()?;
            text.trim().parse::<u32>().ok()
        };
        let quota = Quota {
            count: number("inin-ratelimit-count")?,
            allowed: number("inin-ratelimit-allowed")?,
            reset: Duration::from_secs(number("inin-ratelimit-reset")?.into()),
        };
        let can_be_obeyed = quota.allowed > 0 && quota.reset <= WINDOW_MAX;
        can_be_obeyed.then_some(quota)
    }
}

/// Whether a request may leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// It may, and is counted.
    Go,
    /// Not before this much time has passed.
    In(Duration),
    /// Not before another request on its way has been answered.
    AfterAnswer,
}

/// The account of one window. Times are on a clock that never goes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Allowance {
    /// What the host allows; `None` until it has said so.
    pub(crate) allowed: Option<u32>,
    /// When the window is certainly over; `None` without one.
    pub(crate) ends: Option<Duration>,
    /// Whether `ends` is a guess, because no answer of the window has come yet.
    pub(crate) is_guess: bool,
    /// Requests that left in the window, of everybody who shares the account.
    pub(crate) left: u32,
    /// The most that the host has counted in the window, of everybody with our client id.
    pub(crate) counted: u32,
    /// Requests of this process that have left and are not answered.
    pub(crate) in_flight: u32,
    /// Whether the host has answered without saying anything about a limit.
    pub(crate) is_silent: bool,
}

impl Allowance {
    /// Asks whether a request may leave now.
    pub(crate) fn take(&mut self, now: Duration) -> Turn {
        self.close(now);
        let Some(allowed) = self.allowed else {
            if !self.is_silent && self.in_flight > 0 {
                return Turn::AfterAnswer;
            }
            return self.go();
        };
        if self.ends.is_none() {
            self.ends = Some(now + USUAL_WINDOW + ROUNDING);
            self.is_guess = true;
        }
        if self.used() < allowed {
            return self.go();
        }
        // What is on its way may be counted already, and its answers say so. A request that hangs holds the others
        // up no longer than its time-out.
        if self.in_flight > 0 {
            return Turn::AfterAnswer;
        }
        let ends = self.ends.unwrap_or(now);
        Turn::In(ends.saturating_sub(now))
    }

    /// Notes that a request that left has come to its end at `now`, with what its answer says, if it says it.
    pub(crate) fn answered(&mut self, now: Duration, quota: Option<Quota>, has_answer: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(quota) = quota else {
            self.is_silent |= has_answer && self.allowed.is_none();
            return;
        };
        self.close(now);
        let ends = now + quota.reset + ROUNDING;
        match self.ends {
            Some(known) if !self.is_guess => self.learn(now, known, ends, quota),
            Some(_) | None => self.open(ends, quota),
        }
    }

    /// Takes over what is known of a window of which this is the first answer.
    fn open(&mut self, ends: Duration, quota: Quota) {
        self.ends = Some(ends);
        self.is_guess = false;
        self.allowed = Some(quota.allowed);
        self.counted = std::cmp::max(self.counted, quota.count);
        self.left = std::cmp::max(self.left, 1);
    }

    fn learn(&mut self, now: Duration, known: Duration, ends: Duration, quota: Quota) {
        if ends + DISAGREEMENT < known {
            // An answer of a window before this one.
            return;
        }
        if ends > known + DISAGREEMENT {
            // Another window. Either ours ended within the rounding of its end, or the host counts some of those who
            // share this account apart; then nobody is ahead of anybody once the later window is over.
            if known.saturating_sub(now) <= DISAGREEMENT {
                self.left = self.in_flight + 1;
                self.counted = 0;
            }
            self.ends = Some(ends);
            self.counted = std::cmp::max(self.counted, quota.count);
            self.allowed = Some(quota.allowed);
            return;
        }
        self.ends = Some(std::cmp::min(known, ends));
        self.counted = std::cmp::max(self.counted, quota.count);
        // Routes may have limits of their own: the smallest counts for all.
        let smallest = self.allowed.map_or(quota.allowed, |allowed| {
            std::cmp::min(allowed, quota.allowed)
        });
        self.allowed = Some(smallest);
    }

    fn go(&mut self) -> Turn {
        self.left = self.left.saturating_add(1);
        self.in_flight += 1;
        Turn::Go
    }

    /// Ends the window if it is over. What is still on its way may be counted in the next one.
    fn close(&mut self, now: Duration) {
        if self.ends.is_some_and(|ends| ends <= now) {
            self.ends = None;
            self.is_guess = false;
            self.left = self.in_flight;
            self.counted = 0;
        }
    }

    /// What the host counts may include ours that are on their way, or not: taken as not, until they are answered.
    fn used(&self) -> u32 {
        std::cmp::max(self.left, self.counted.saturating_add(self.in_flight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn quota(count: u32, allowed: u32, reset: u64) -> Option<Quota> {
        Some(Quota {
            count,
            allowed,
            reset: secs(reset),
        })
    }

    /// An account whose first request, at second 0, was answered so.
    fn after_first(quota: Option<Quota>) -> Allowance {
        let mut account = Allowance::default();
        assert_eq!(account.take(secs(0)), Turn::Go);
        account.answered(secs(0), quota, true);
        account
    }

    fn goes(account: &mut Allowance, now: u64) -> usize {
        let mut n = 0;
        while account.take(secs(now)) == Turn::Go {
            n += 1;
        }
        n
    }

    #[test]
    fn one_goes_ahead_and_then_as_many_as_are_allowed() {
        let mut account = Allowance::default();
        assert_eq!(account.take(secs(0)), Turn::Go);
        assert_eq!(account.take(secs(0)), Turn::AfterAnswer);
        account.answered(secs(0), quota(1, 30, 60), true);
        assert_eq!(goes(&mut account, 1), 29);
        assert_eq!(account.take(secs(1)), Turn::AfterAnswer);
        for _ in 0..29 {
            account.answered(secs(2), quota(30, 30, 58), true);
        }
        assert_eq!(account.take(secs(60)), Turn::In(secs(1)));
        assert_eq!(goes(&mut account, 61), 30);
    }

    #[test]
    fn a_first_request_without_an_answer_lets_the_next_go_ahead() {
        let mut account = Allowance::default();
        assert_eq!(account.take(secs(0)), Turn::Go);
        account.answered(secs(9), None, false);
        assert_eq!(account.take(secs(9)), Turn::Go);
        assert_eq!(account.take(secs(9)), Turn::AfterAnswer);
    }

    #[test]
    fn a_host_that_says_nothing_holds_nobody_back() {
        let mut account = after_first(None);
        for _ in 0..1000 {
            assert_eq!(account.take(secs(0)), Turn::Go);
        }
        account.in_flight = 1;
        account.answered(secs(0), quota(1001, 1001, 60), true);
        assert_eq!(account.take(secs(0)), Turn::In(secs(61)));
    }

    #[test]
    fn what_others_use_up_counts() {
        let mut account = after_first(quota(21, 30, 40));
        assert_eq!(goes(&mut account, 1), 9);
        for _ in 0..9 {
            account.answered(secs(1), quota(30, 30, 39), true);
        }
        assert_eq!(account.take(secs(1)), Turn::In(secs(40)));
    }

    #[test]
    fn what_is_counted_before_it_is_answered_is_not_counted_twice() {
        let mut account = after_first(quota(1, 10, 60));
        for _ in 0..6 {
            account.take(secs(0));
        }
        // The host has counted all seven when it answers the second.
        account.answered(secs(0), quota(7, 10, 60), true);
        assert_eq!(account.take(secs(0)), Turn::AfterAnswer);
        for _ in 0..5 {
            account.answered(secs(0), quota(7, 10, 60), true);
        }
        assert_eq!(goes(&mut account, 0), 3);
    }

    #[test]
    fn what_is_on_its_way_at_the_end_counts_in_the_next_window() {
        let mut account = after_first(quota(1, 10, 60));
        assert_eq!(goes(&mut account, 0), 9);
        for _ in 0..6 {
            account.answered(secs(0), quota(7, 10, 60), true);
        }
        assert_eq!(goes(&mut account, 61), 7);
    }

    #[test]
    fn a_window_that_ended_within_the_rounding_is_over_and_others_are_waited_for() {
        let mut account = after_first(quota(1, 10, 60));
        assert_eq!(goes(&mut account, 0), 9);
        for _ in 0..9 {
            account.answered(secs(0), quota(10, 10, 60), true);
        }
        // Somebody else's window, which the host counts apart.
        let mut other = account;
        other.left = 4;
        other.counted = 4;
        assert_eq!(other.take(secs(20)), Turn::Go);
        other.answered(secs(20), quota(1, 10, 60), true);
        assert_eq!(goes(&mut other, 20), 5);
        for _ in 0..5 {
            other.answered(secs(20), quota(6, 10, 60), true);
        }
        assert_eq!(other.take(secs(20)), Turn::In(secs(61)));
        // Ours, half a second early.
        let mut early = account;
        early.left = 4;
        early.counted = 4;
        let now = Duration::from_millis(60_500);
        assert_eq!(early.take(now), Turn::Go);
        early.answered(now, quota(1, 10, 60), true);
        assert_eq!(early.used(), 1);
    }

    #[test]
    fn an_answer_of_an_old_window_changes_nothing() {
        let mut account = after_first(quota(1, 10, 60));
        account.take(secs(61));
        account.answered(secs(61), quota(1, 10, 60), true);
        let before = account;
        account.in_flight += 1;
        account.answered(secs(61), quota(10, 10, 1), true);
        assert_eq!(account, before);
    }

    #[test]
    fn unanswered_requests_end_their_window_by_themselves() {
        let mut account = after_first(quota(1, 3, 60));
        account.close(secs(61));
        assert_eq!(goes(&mut account, 61), 3);
        for _ in 0..3 {
            account.answered(secs(70), None, false);
        }
        assert_eq!(account.take(secs(70)), Turn::In(secs(52)));
        assert_eq!(goes(&mut account, 122), 3);
    }

    #[test]
    fn headers_that_cannot_be_obeyed_are_none() {
        let read = |count: &str, allowed: &str, reset: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("inin-ratelimit-count", count.parse().unwrap());
            headers.insert("inin-ratelimit-allowed", allowed.parse().unwrap());
            headers.insert("inin-ratelimit-reset", reset.parse().unwrap());
            Quota::read(&headers)
        };
        assert_eq!(read("1", "180", "61"), quota(1, 180, 61));
        assert_eq!(read("1", "0", "61"), None);
        assert_eq!(read("1", "180", "86400"), None);
        assert_eq!(read("-1", "180", "61"), None);
        assert_eq!(read("1", "180", "soon"), None);
        assert_eq!(Quota::read(&HeaderMap::new()), None);
    }
}
