//! What a test plants in an otherwise sound organisation.

use std::collections::BTreeSet;

/// Everything that can be planted and has no other place.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    /// Ids of queues that a predictor routes for.
    pub(crate) predictive_queues: BTreeSet<String>,
    /// How far the job store's data lies behind the tenant's time, in seconds.
    pub(crate) jobs_behind_secs: u32,
    /// Ids of divisions whose conversation records the client does not see; in aggregates they are counted all the same.
    pub(crate) hidden_divisions: BTreeSet<String>,
}

/// The job store lags by some hours on the platform; how many is not published.
const JOBS_BEHIND_SECS: u32 = 6 * 60 * 60;

impl Default for Planted {
    fn default() -> Planted {
        Planted {
            predictive_queues: BTreeSet::new(),
            jobs_behind_secs: JOBS_BEHIND_SECS,
            hidden_divisions: BTreeSet::new(),
        }
    }
}
