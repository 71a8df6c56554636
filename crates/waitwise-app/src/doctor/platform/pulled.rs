//! Whether there is evidence: the job store has the window, it was pulled, nothing in it is hidden, the mapping covers it.

use jiff::{SignedDuration, Timestamp};
use waitwise_client::{Listing, ReadClient};
use waitwise_model::{Skill, Window};

use super::{AVAILABLE, Answer, Answers, DIVISIONS, MAPPING, PULLED, unread};
use crate::doctor::mapping::{self, Expected};
use crate::doctor::{Check, Status};
use crate::error::AppError;
use crate::gather::Question;
use crate::history::{self, History, Wanted};
use crate::init::facts;

/// How far the job store may lie behind the end of the window: it is filled some hours after the fact, and a pull reads
/// what it does not have yet by the query, which is meant for a day or two.
const BEHIND_MAX: SignedDuration = SignedDuration::from_hours(48);

/// Which part of the coded interactions a mapping should cover: the rest may be codes that tell about no skill.
const COVERED_MIN: f64 = 0.9;

/// Whether the job store has the window by now.
pub(super) fn available(
    available_to: &Answer<Option<Timestamp>>,
    window: Window,
    now: Timestamp,
) -> Check {
    let Ok(available_to) = available_to else {
        return unread(AVAILABLE);
    };
    let warning = |found: String| {
        Check::with(AVAILABLE, Status::Warning, found)
            .advise("wait until it is there, or let the window end earlier with --until")
    };
    if window.to > now {
        return warning(format!(
            "the window ends at {}, which is still to come",
            window.to
        ));
    }
    let Some(to) = available_to else {
        return warning("the host does not say up to when its job store has data".to_owned());
    };
    let behind = window.to.duration_since(*to);
    let found = format!("the job store has data up to {to}");
    match behind <= BEHIND_MAX {
        true => Check::ok(AVAILABLE, found),
        false => warning(format!("{found}, the window ends at {}", window.to)),
    }
}

/// The checks of what was pulled.
pub(super) async fn checks(
    client: &ReadClient,
    history: Option<&History>,
    question: &Question,
    window: Window,
    answers: &Answers,
) -> [Check; 3] {
    let Some(history) = history else {
        let skipped = |name| Check::skipped(name, "it is not known where the history is kept");
        return [PULLED, DIVISIONS, MAPPING].map(skipped);
    };
    let window = match facts::pulled_window(history, &question.queue, window) {
        Ok(window) => window,
        Err(error) => return not_pulled(&error),
    };
    let found = format!("the history from {} to {} is there", window.from, window.to);
    [
        Check::ok(PULLED, found),
        match answers.totals {
            Ok(_) => divisions(client, history, question, window).await,
            Err(_) => unread(DIVISIONS),
        },
        covered(history, question, window, &answers.skills),
    ]
}

/// A history that was never pulled is nothing wrong yet; one that cannot be used is.
fn not_pulled(error: &AppError) -> [Check; 3] {
    let pulled = match facts::is_not_pulled(error) {
        true => Check::skipped(
            PULLED,
            &format!("{error}; `waitwise history pull` reads it"),
        ),
        false => Check::wrong(PULLED, error),
    };
    let skipped = |name| Check::skipped(name, "the history of the window was not pulled");
    [pulled, skipped(DIVISIONS), skipped(MAPPING)]
}

/// Whether the tenant counts more than it shows. Aggregates are not cut by the divisions of a conversation's records.
async fn divisions(
    client: &ReadClient,
    history: &History,
    question: &Question,
    window: Window,
) -> Check {
    let wanted = Wanted {
        queues: vec![question.queue.clone()],
        window,
    };
    let compared = match history::check(client, history, &wanted).await {
        Ok(compared) => compared,
        Err(error) => return Check::wrong(DIVISIONS, &error),
    };
    if let Err(error) = compared.hidden() {
        return Check::wrong(DIVISIONS, &AppError::from(error));
    }
    match compared.numbers.is_empty() {
        true => Check::skipped(
            DIVISIONS,
            "no whole day was pulled, so nothing can be compared",
        ),
        false => Check::ok(DIVISIONS, "every interaction that is counted is shown"),
    }
}

fn covered(
    history: &History,
    question: &Question,
    window: Window,
    skills: &Answer<Listing<Skill>>,
) -> Check {
    let Ok(skills) = skills else {
        return unread(MAPPING);
    };
    match history::evidence_of(history, &question.queue, window) {
        Ok(evidence) => mapping::check(
            MAPPING,
            &facts::of_all_media(&question.queue, window, &evidence),
            &question.mapping,
            &skills.items,
            Expected::Share(COVERED_MIN),
        ),
        Err(error) => Check::wrong(MAPPING, &error),
    }
}
