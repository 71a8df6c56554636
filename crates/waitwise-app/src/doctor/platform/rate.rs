//! Whether the host allows as many requests as a pull of the window needs.

use std::collections::BTreeMap;

use waitwise_client::JOB_PAGE_SIZE;
use waitwise_model::Window;
use waitwise_wire::platform::limits::Limit;

use super::{Answers, RATE_LIMIT, unread};
use crate::doctor::{Check, Status};

/// The limits that a client-credentials token is under, in requests a minute.
const LIMITS: [&str; 2] = [
    "client.credentials.token.rate.per.minute",
    "token.rate.per.minute",
];

/// How long a pull may take before it is worth a word: as long as all requests of any other command may.
const MINUTES: u64 = 15;

/// Requests for one day beside its pages: submit the job, ask three times how far it is, and remove it.
const REQUESTS_A_DAY: u64 = 5;

/// What this examination itself asks, and `init` beside each agent's skills: it should not take minutes.
const PER_MINUTE_MIN: u64 = 20;

/// Compares what the host allows with what is needed: the lower of what the organisation's limits say and what the
/// answers' headers said, `by_header`. Not every organisation lists its limits, and not every route has the same.
pub(super) fn check(answers: &Answers, by_header: Option<u32>, window: Window) -> Check {
    let (Ok(limits), Ok(totals)) = (&answers.limits, &answers.totals) else {
        return unread(RATE_LIMIT);
    };
    let both = [allowed(&limits.items), by_header.map(u64::from)];
    let Some(allowed) = both.into_iter().flatten().reduce(std::cmp::min) else {
        let found = format!(
            "neither the answers' headers nor the organisation's limits say how much is allowed: no {}",
            LIMITS.join(" or ")
        );
        return Check::with(RATE_LIMIT, Status::Unknown, found);
    };
    let mut offered: BTreeMap<_, u64> = BTreeMap::new();
    for total in &totals.items {
        *offered.entry(total.window.from).or_default() += u64::try_from(total.offered).unwrap_or(0);
    }
    let n_requests = requests(offered.values().copied(), window);
    let needed = std::cmp::max(n_requests.div_ceil(MINUTES), PER_MINUTE_MIN);
    let found = format!(
        "{allowed} requests a minute are allowed; pulling this window takes about {n_requests}, \
         so {needed} a minute are enough"
    );
    if allowed >= needed {
        return Check::ok(RATE_LIMIT, found);
    }
    Check::with(RATE_LIMIT, Status::Warning, found)
        .advise("commands keep to the limit and only take longer; ask for fewer --days, let nothing else use this OAuth client, or have Genesys raise the limit")
}

/// Returns how many requests a token may make in a minute; `None` if the organisation does not say.
fn allowed(limits: &[Limit]) -> Option<u64> {
    let rates = limits
        .iter()
        .filter(|limit| LIMITS.contains(&limit.key.as_str()));
    rates
        .filter_map(|limit| u64::try_from(limit.value).ok())
        .reduce(std::cmp::min)
}

/// Returns how many requests a pull takes, given how many interactions each day has.
fn requests(offered: impl Iterator<Item = u64>, window: Window) -> u64 {
    let secs = window.to.as_second() - window.from.as_second();
    // The days that the window touches at either end, and the day before it.
    let days = u64::try_from(secs / (24 * 60 * 60)).unwrap_or(0) + 2;
    let pages: u64 = offered
        .map(|offered| offered / u64::from(JOB_PAGE_SIZE))
        .sum();
    days * (REQUESTS_A_DAY + 1) + pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_limit_counts_and_every_page_does() {
        let limit = |key: &str, value| Limit {
            key: key.to_owned(),
            value,
        };
        let limits = [
            limit(LIMITS[1], 300),
            limit("request.bytes.max", 7),
            limit(LIMITS[0], 120),
        ];
        assert_eq!(allowed(&limits), Some(120));
        assert_eq!(allowed(&limits[1..2]), None);
        let to = "2026-03-30T00:00:00Z".parse().unwrap();
        let window = Window::days_before(to, 30).unwrap();
        // 30 days with 5,500 interactions each: 5 further pages on each.
        assert_eq!(
            requests(std::iter::repeat_n(5_500, 30), window),
            32 * 6 + 150
        );
    }
}
