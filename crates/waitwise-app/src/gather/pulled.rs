//! Reading what a question needs from a pulled history: the visits on disk, the proof that the tenant hides none of
//! them, its skills.
//!
//! What a pull could not read is not on disk, but what a division hid leaves no gap there. So the facts are held against
//! the tenant's own aggregates each time they are asked.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use waitwise_client::ReadClient;
use waitwise_history::QueueEvidence;
use waitwise_model::{Clock, QueueId, Window};

use super::{Event, Gathered, Question, Report};
use crate::error::AppError;
use crate::history::{self, Comparison, History, Pulled, Wanted, evidence_of};
use crate::init::facts::{is_not_pulled, of_all_media, pulled_window};

/// From when on it is said that the window's end is missing: whoever pulls and then asks is some minutes late.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// Reads what `question` needs from `history`, of which the last day at most may be missing. Nothing here can write.
///
/// # Errors
/// The window was not pulled, the tenant counts interactions that it does not show, or something could not be read.
pub async fn gather(
    client: &ReadClient,
    history: &History,
    question: &Question,
    clock: &dyn Clock,
    report: Report<'_>,
) -> Result<Gathered, AppError> {
    let asked = question.window(clock)?;
    let queue = &question.queue;
    report(Event::FetchingHistory);
    let window = pulled_window(history, queue, asked)?;
    let visits = evidence_of(history, queue, window)?;
    let evidence = of_all_media(queue, window, &visits);
    report(Event::HistoryRead {
        n_groups: evidence.groups.len(),
    });
    report(Event::Comparing);
    let comparison = history::check(client, history, &wanted(queue, window)).await?;
    comparison.hidden()?;
    report(Event::FetchingSkills);
    Ok(Gathered {
        tenant: client.base_url().to_string(),
        skills: client.skills().await?,
        rules: None,
        queue_names: BTreeMap::new(),
        notes: notes(asked, window, &visits, &comparison),
        evidence,
        visits,
    })
}

/// Pulls the history that `question` needs, unless it is there; `None` if it was.
///
/// # Errors
/// See [`history::pull`].
pub async fn pull_missing(
    client: &ReadClient,
    history: &History,
    question: &Question,
    clock: &dyn Clock,
    report: history::Report<'_>,
) -> Result<Option<Pulled>, AppError> {
    let window = question.window(clock)?;
    match pulled_window(history, &question.queue, window) {
        Ok(_) => Ok(None),
        Err(error) if is_not_pulled(&error) => {
            let wanted = wanted(&question.queue, window);
            let pulled = history::pull(client, clock, history, &wanted, report).await?;
            Ok(Some(pulled))
        }
        Err(error) => Err(error),
    }
}

fn wanted(queue: &QueueId, window: Window) -> Wanted {
    Wanted {
        queues: vec![queue.clone()],
        window,
    }
}

fn notes(
    asked: Window,
    window: Window,
    visits: &[QueueEvidence],
    comparison: &Comparison,
) -> Vec<String> {
    let mut notes = Vec::new();
    if asked.to.duration_since(window.to) > LATE {
        notes.push(format!(
            "the history ends at {}: what came until {} was not pulled",
            window.to, asked.to
        ));
    }
    if let [_, _, ..] = visits {
        let kinds: Vec<_> = visits.iter().map(|one| one.media.to_string()).collect();
        notes.push(format!(
            "waits of different kinds of contact are taken together: {}",
            kinds.join(", ")
        ));
    }
    match (comparison.residual().count(), comparison.numbers.len()) {
        (0, 0) => notes.push(
            "no whole day was read, so nothing was compared with the tenant's aggregates"
                .to_owned(),
        ),
        (0, _) => {}
        (n_different, n_compared) => notes.push(format!(
            "{n_different} of {n_compared} numbers differ from the tenant's aggregates: `waitwise history check` shows them"
        )),
    }
    notes
}
