//! Which part of a window is on disk, and what it says over all kinds of contact.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use waitwise_history::{QueueEvidence, utc_day};
use waitwise_model::{Evidence, Pull, QueueId, Window, WrapUpCodeId, WrapUpGroup};

use crate::error::AppError;
use crate::history::{History, HistoryError};

/// How much of a window's end may be missing: whoever pulls in the morning may ask in the evening.
const MISSING_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Returns `window` as far as it is on disk: its last day at most may be missing.
///
/// # Errors
/// [`HistoryError::NotPulled`] if more is missing; the disk cannot be read.
pub fn pulled_window(
    history: &History,
    queue: &QueueId,
    window: Window,
) -> Result<Window, AppError> {
    let mut day = utc_day(window.from);
    let mut to = window.from;
    let is_partly = loop {
        let head = history.head(queue, day)?;
        let Some(coverage) = head.map(|head| head.coverage) else {
            break false;
        };
        to = std::cmp::min(std::cmp::max(to, coverage.to), window.to);
        if to == window.to {
            return Ok(window);
        }
        if !coverage.is_whole(day) {
            break true;
        }
        day = match day.tomorrow() {
            Ok(next) => next,
            Err(_) => break false,
        };
    };
    match window.to.duration_since(to) <= MISSING_MAX && window.from < to {
        true => Ok(Window { to, ..window }),
        false => Err(HistoryError::NotPulled {
            queue: queue.clone(),
            day,
            is_partly,
        }
        .into()),
    }
}

/// Returns whether an error says that history was never pulled, rather than that it cannot be used.
pub(crate) fn is_not_pulled(error: &AppError) -> bool {
    matches!(error, AppError::History(HistoryError::NotPulled { .. }))
}

/// Pools the kinds of contact: numbers added up, mean waits weighted by them; those of a lone kind pass through
/// untouched.
pub fn of_all_media(queue: &QueueId, window: Window, evidence: &[QueueEvidence]) -> Evidence {
    let files = evidence.iter().map(|one| one.by_code.pull.pages).max();
    let groups = match evidence {
        [only] => only.by_code.groups.clone(),
        several => pooled(several),
    };
    Evidence {
        queue: queue.clone(),
        window,
        rejected: Vec::new(),
        pull: Pull {
            pages: files.unwrap_or_default(),
            entities: groups.len(),
            unique: groups.len(),
            ..Pull::default()
        },
        groups,
    }
}

fn pooled(evidence: &[QueueEvidence]) -> Vec<WrapUpGroup> {
    let mut sums: BTreeMap<Option<WrapUpCodeId>, (f64, f64)> = BTreeMap::new();
    for group in evidence.iter().flat_map(|one| &one.by_code.groups) {
        let sum = sums.entry(group.code.clone()).or_default();
        sum.0 += group.conversations;
        sum.1 += group.conversations * group.mean_wait_secs;
    }
    let group = |(code, (conversations, waited)): (Option<WrapUpCodeId>, (f64, f64))| WrapUpGroup {
        code,
        conversations,
        mean_wait_secs: match conversations > 0.0 {
            true => waited / conversations,
            false => 0.0,
        },
        missing: Vec::new(),
    };
    sums.into_iter().map(group).collect()
}
