//! What a host of the published platform answers: what we may read, and whether the set-up lets weights do anything.
//!
//! Everything is read once, here; the other files judge it. `permissions` says what is missing for which command, `rate`
//! whether the limit is enough, `queue` whether priorities count in the queue, `table` whether they can be written,
//! `pulled` whether there is evidence.

mod permissions;
mod pulled;
mod queue;
mod rate;
mod table;

use waitwise_client::platform::Numbers;
use waitwise_client::{ClientError, Listing, ReadClient, Region, Settings};
use waitwise_model::{Clock, Queue, Skill, Window};
use waitwise_wire::platform::aggregates::Granularity;
use waitwise_wire::platform::data_table::DataTable;
use waitwise_wire::platform::limits::Limit;
use waitwise_wire::platform::queue::Predictor;
use waitwise_wire::platform::totals::QueueTotals;

use super::{Asked, Check, Status, host};
use crate::error::{AppError, ErrorKind};
use crate::gather::Question;

const API: &str = "api";
const PERMISSIONS: &str = "permissions";
const WRITE: &str = "write";
const CLOCK: &str = "clock";
const RATE_LIMIT: &str = "rate-limit";
const QUEUE: &str = "queue";
const PREDICTIVE: &str = "predictive";
const TABLE: &str = "table";
const AVAILABLE: &str = "available";
const PULLED: &str = "pulled";
const DIVISIONS: &str = "divisions";
const MAPPING: &str = "mapping";

/// The checks of this folder, in order.
const NAMES: [&str; 12] = [
    API,
    PERMISSIONS,
    WRITE,
    CLOCK,
    RATE_LIMIT,
    QUEUE,
    PREDICTIVE,
    TABLE,
    AVAILABLE,
    PULLED,
    DIVISIONS,
    MAPPING,
];

type Answer<T> = Result<T, AppError>;

/// What the host answered to each operation that reads.
struct Answers {
    queue: Answer<Queue>,
    skills: Answer<Listing<Skill>>,
    codes: Answer<()>,
    predictors: Answer<Listing<Predictor>>,
    tables: Answer<Listing<DataTable>>,
    /// Of the table that is meant, if there is one.
    rows: Answer<Option<Listing<String>>>,
    limits: Answer<Listing<Limit>>,
    available_to: Answer<Option<jiff::Timestamp>>,
    totals: Answer<Numbers<QueueTotals>>,
    observations: Answer<()>,
}

/// Asks every operation that reads, and judges what comes back.
pub(super) async fn look(
    client: &ReadClient,
    settings: &Settings,
    asked: &Asked<'_>,
    clock: &dyn Clock,
) -> Vec<Check> {
    let api = api(client, settings).await;
    if matches!(api.status, Status::Wrong(_)) {
        return after(api, "see api");
    }
    let Some(question) = asked.question else {
        return after(api, "the settings say no queue");
    };
    let until = question.until.unwrap_or_else(|| clock.now());
    let window = match Window::days_before(until, question.days) {
        Ok(window) => window,
        Err(error) => {
            let wrong = Check::wrong(AVAILABLE, &AppError::from(error));
            let others = after(api, "the window of history cannot be formed");
            let in_place = |check: Check| match check.name == AVAILABLE {
                true => wrong.clone(),
                false => check,
            };
            return others.into_iter().map(in_place).collect();
        }
    };
    let answers = ask(client, question, window, asked.table).await;
    let mut checks = vec![
        api,
        permissions::may_read(&answers),
        permissions::may_write(),
        host::clock(client),
        rate::check(&answers, client.allowed_per_window(), window),
        queue::order(&question.queue, &answers.queue),
        queue::predictive(&answers.predictors),
        table::check(client, &answers.tables, &answers.rows, asked.table).await,
        pulled::available(&answers.available_to, window, clock.now()),
    ];
    checks.extend(pulled::checks(client, asked.history, question, window, &answers).await);
    checks
}

/// The same checks, where nobody could ask.
pub(super) fn skipped(because: &str) -> Vec<Check> {
    let skipped = |name| Check::skipped(name, because);
    NAMES.into_iter().map(skipped).collect()
}

/// The first check, and the others skipped.
fn after(first: Check, because: &str) -> Vec<Check> {
    let others = skipped(because).into_iter().skip(1);
    std::iter::once(first).chain(others).collect()
}

/// Whether the host that answers takes the token of the host that issued it.
async fn api(client: &ReadClient, settings: &Settings) -> Check {
    let host = &settings.base_url;
    let login = settings.login_url();
    let regions = (Region::of(login), Region::of(host));
    match client.check_token().await {
        Ok(owner) => {
            let organisation = owner.organisation.or(owner.organisation_id);
            let organisation = organisation.unwrap_or_else(|| "an unnamed organisation".to_owned());
            Check::ok(API, format!("{host} answers for {organisation}"))
        }
        Err(error) => {
            let mut check = Check::wrong(API, &AppError::from(error));
            if let (Some(login), Some(api)) = regions
                && login != api
            {
                check.found = format!(
                    "tokens come from {}, but {} is asked: {}",
                    login.domain, api.domain, check.found
                );
            }
            check.advise(format!(
                "tokens come from {login}: the host that answers must be of the same region; --region names both"
            ))
        }
    }
}

async fn ask(client: &ReadClient, question: &Question, window: Window, table: &str) -> Answers {
    let queue = &question.queue;
    let queues = std::slice::from_ref(queue);
    let tables = answer(client.data_tables().await);
    Answers {
        queue: answer(client.queue(queue).await),
        skills: answer(client.skills().await),
        codes: answer(client.wrap_up_codes().await.map(drop)),
        predictors: answer(client.predictors(queue).await),
        rows: table::rows(client, &tables, table).await,
        tables,
        // The namespace of every limit that is per token.
        limits: answer(client.limits("platform.api").await),
        available_to: answer(client.availability().await),
        totals: answer(client.queue_totals(queues, window, Granularity::Day).await),
        observations: answer(client.observations(queue).await.map(drop)),
    }
}

fn answer<T>(result: Result<T, ClientError>) -> Answer<T> {
    result.map_err(AppError::from)
}

/// Returns the status with which the host refused, if it did.
fn status(error: &AppError) -> Option<u16> {
    let AppError::Client(error) = error else {
        return None;
    };
    Some(error.refusal()?.0)
}

/// What cannot be judged, because it could not be read: why not is told by the check of permissions.
fn unread(name: &'static str) -> Check {
    Check::skipped(name, "it could not be read: see permissions")
}

/// Something that is as it is, but makes weights useless or worse.
fn refused(name: &'static str, found: impl Into<String>) -> Check {
    Check::with(name, Status::Wrong(ErrorKind::Refused), found)
}
