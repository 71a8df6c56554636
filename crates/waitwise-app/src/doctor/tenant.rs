//! What the host answers: which contract it serves, what we may read, whether history, mapping and rule fit together.

use waitwise_client::{ClientError, Failure, Listing, ReadClient};
use waitwise_model::{Clock, Evidence, Observed, Skill, Window};
use waitwise_wire::operation::Operation;
use waitwise_wire::tutorial::{PUT_RULE, RULES, SKILLS, SUMMARY};

use super::{Check, Status, host, mapping};
use crate::error::{AppError, ErrorKind};
use crate::gather::Question;
use crate::planning::only_rule;

/// The checks of this file, in order.
const NAMES: [&str; 8] = [
    "contract", "history", "skills", "rules", "write", "clock", "rule", "mapping",
];

/// What the host answered to each operation that reads.
struct Answers {
    history: Result<Evidence, AppError>,
    skills: Result<Listing<Skill>, AppError>,
    rules: Result<Vec<Observed>, AppError>,
}

/// Whether a host serves an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Served {
    Yes,
    No,
    Unclear,
}

/// Asks every operation that reads, and compares what comes back.
pub(super) async fn look(
    client: &ReadClient,
    question: Option<&Question>,
    clock: &dyn Clock,
) -> Vec<Check> {
    let Some(question) = question else {
        return skipped("the settings say no queue");
    };
    let answers = ask(client, question, clock).await;
    vec![
        contract(&answers),
        may(NAMES[1], &SUMMARY, &answers.history, |read| {
            let n_groups = read.groups.len() + read.rejected.len();
            let days = question.days;
            format!("{n_groups} groups by wrap-up code in {days} days")
        }),
        may(NAMES[2], &SKILLS, &answers.skills, |read| {
            format!("{} in all", read.items.len())
        }),
        may(NAMES[3], &RULES, &answers.rules, |read| {
            format!("{} of the queue", read.len())
        }),
        write(),
        host::clock(client),
        rule(question, &answers),
        match (&answers.history, &answers.skills) {
            (Ok(history), Ok(skills)) => {
                let expected = mapping::Expected::Exact;
                mapping::check(
                    NAMES[7],
                    history,
                    &question.mapping,
                    &skills.items,
                    expected,
                )
            }
            _ => Check::skipped(NAMES[7], "history or skills could not be read"),
        },
    ]
}

/// The same checks, where nobody could ask.
pub(super) fn skipped(because: &str) -> Vec<Check> {
    let skipped = |name| Check::skipped(name, because);
    NAMES.into_iter().map(skipped).collect()
}

async fn ask(client: &ReadClient, question: &Question, clock: &dyn Clock) -> Answers {
    let until = question.until.unwrap_or_else(|| clock.now());
    let history = match Window::days_before(until, question.days) {
        Ok(window) => client
            .history(&question.queue, window, &|_| ())
            .await
            .map_err(AppError::from),
        Err(error) => Err(error.into()),
    };
    Answers {
        history,
        skills: client.skills().await.map_err(AppError::from),
        rules: client
            .rules_of(&question.queue)
            .await
            .map_err(AppError::from),
    }
}

fn contract(answers: &Answers) -> Check {
    let own = [served(&answers.history), served(&answers.rules)];
    let skills = served(&answers.skills);
    let not_ours = |found: &str| {
        Check::with(NAMES[0], Status::Wrong(ErrorKind::Failed), found)
            .advise("ask a host that serves the summary query and the routing rules: a gateway of your own, or `waitwise sandbox`")
    };
    match (own, skills) {
        ([Served::Yes, Served::Yes], _) => Check::ok(
            NAMES[0],
            "tutorial: it has the summary query and the routing rules",
        ),
        ([Served::No, Served::No], Served::Yes) => not_ours(
            "platform: it has skills, but neither the summary query nor the routing rules, as the published Genesys Cloud API",
        ),
        ([Served::No, Served::No], Served::No) => not_ours(
            "none that is known: it has neither skills nor the summary query nor the routing rules",
        ),
        ([Served::Yes, Served::No], _) => {
            not_ours("the tutorial's in part: it has the summary query, but no routing rules")
        }
        ([Served::No, Served::Yes], _) => {
            not_ours("the tutorial's in part: it has the routing rules, but no summary query")
        }
        _ => Check::with(
            NAMES[0],
            Status::Unknown,
            "its answers do not tell: see below",
        ),
    }
}

/// A refusal shows that somebody knows the operation as well as an answer does; a host in trouble shows nothing.
fn served<T>(answer: &Result<T, AppError>) -> Served {
    let error = match answer {
        Ok(_) => return Served::Yes,
        Err(AppError::Client(error)) => error,
        Err(_) => return Served::Unclear,
    };
    if let ClientError::Incomplete { .. } | ClientError::Rule { .. } = error {
        return Served::Yes;
    }
    let ClientError::Call { source, .. } = error else {
        return Served::Unclear;
    };
    let Failure::Status { status, .. } = source.as_ref() else {
        return Served::Unclear;
    };
    match status {
        404 | 405 => Served::No,
        400 | 403 | 429 => Served::Yes,
        _ => Served::Unclear,
    }
}

/// Whether an operation that reads is allowed and answers.
fn may<T>(
    name: &'static str,
    operation: &Operation,
    answer: &Result<T, AppError>,
    found: impl FnOnce(&T) -> String,
) -> Check {
    let scope = operation.scope().unwrap_or_default();
    match answer {
        Ok(read) => Check::ok(name, format!("`{scope}` is there: {}", found(read))),
        Err(error) if error.kind() == ErrorKind::SignIn => {
            let mut check = Check::wrong(name, error);
            check.found = format!("`{scope}` is missing: {}", check.found);
            check
        }
        Err(error) => Check::wrong(name, error),
    }
}

/// A scope to write shows only in writing, and an examination does not write.
fn write() -> Check {
    let scope = PUT_RULE.scope().unwrap_or_default();
    let found = format!("whether `{scope}` is there shows only when a rule is written");
    Check::with(NAMES[4], Status::Unknown, found)
}

fn rule(question: &Question, answers: &Answers) -> Check {
    let Ok(rules) = &answers.rules else {
        return Check::skipped(NAMES[6], "the rules could not be read");
    };
    let readable = only_rule(&question.queue, rules).and_then(|rule| {
        waitwise_wire::routing_rule::present_weights(&rule.document)?;
        Ok(rule)
    });
    match readable {
        Ok(rule) => Check::ok(NAMES[6], format!("the queue has one: `{}`", rule.object)),
        Err(error) => Check::wrong(NAMES[6], &error),
    }
}
