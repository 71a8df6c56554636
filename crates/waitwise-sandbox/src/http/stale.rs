//! A list of rules that lags behind: for a while it shows what they were.

use std::time::Duration;

use super::fault::Staleness;

/// The list of rules as clients see it.
#[derive(Debug, Default)]
pub(crate) struct StaleRules(Option<Old>);

#[derive(Debug)]
struct Old {
    rules: Vec<String>,
    until: Until,
}

#[derive(Debug)]
enum Until {
    ReadsLeft(u32),
    /// An instant of the service clock.
    Service(Duration),
}

impl StaleRules {
    /// Shows `rules` from here on for as long as told, whatever becomes of them.
    pub(crate) fn begin(&mut self, rules: Vec<String>, staleness: Staleness, service: Duration) {
        let until = match staleness {
            Staleness::Reads(reads) => Until::ReadsLeft(reads),
            Staleness::Seconds(secs) => Until::Service(service + Duration::from_secs(secs.into())),
        };
        self.0 = Some(Old { rules, until });
    }

    /// Returns the rules to show for one request; `stored` are the true ones.
    pub(crate) fn read<'a>(&'a mut self, stored: &'a [String], service: Duration) -> &'a [String] {
        if self.0.as_mut().is_some_and(|old| old.is_over(service)) {
            self.0 = None;
        }
        self.0.as_ref().map_or(stored, |old| &old.rules)
    }
}

impl Old {
    fn is_over(&mut self, service: Duration) -> bool {
        match &mut self.until {
            Until::Service(until) => *until <= service,
            Until::ReadsLeft(0) => true,
            Until::ReadsLeft(reads) => {
                *reads -= 1;
                false
            }
        }
    }
}
