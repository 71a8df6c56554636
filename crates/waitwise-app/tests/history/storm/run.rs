//! One pull in a storm, and everything that must hold of it.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use waitwise_app::history::{History, Pulled, Wanted, check, pull};
use waitwise_app::model::{Clock, Window};
use waitwise_app::{AppError, ErrorKind, Limits, Settings};
use waitwise_sandbox::{RecordedRequest, SandboxOptions};
use waitwise_testkit::Rig;

use super::kind::Kind;
use super::weather::{Weather, clear_up};

/// The day that is going on.
const FRIDAY: &str = "2026-03-27T12:00:00Z";

/// The day before those that the window touches.
const BEFORE: &str = "2026-03-25";

/// From two in the morning to the middle of the centre's day: people wait and talk.
const TO_NOON: Duration = Duration::from_secs(10 * 3_600);

/// More than one small page of 100, which an unknown refusal makes the client ask for.
const JOB_PAGE_SIZE: u32 = 150;

/// Four tries of each day's job with a look every 30 s at most, and pages that do not end, many times over.
const REQUESTS_MAX: usize = 4_000;

/// The deadline that `history pull` sets.
const TIME_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Requests of other days may be on their way when the host asks for a pause.
const IN_FLIGHT: usize = 3;

/// In real time: long enough for a busy machine; whatever takes longer hangs.
const HANGS: Duration = Duration::from_secs(300);

type Facts = BTreeMap<PathBuf, Vec<u8>>;

/// A tenant, and what a pull gives that nobody disturbs.
pub(crate) struct Tenant {
    rig: Rig,
    undisturbed: Facts,
}

/// What is known of a run when it has ended.
pub(crate) struct Ended {
    /// The kinds that struck it.
    pub(crate) struck: Vec<Kind>,
    /// Whether its first pull was complete.
    pub(crate) is_complete: bool,
    pub(crate) n_requests: usize,
    pub(crate) took: Duration,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

impl Tenant {
    pub(crate) async fn start(seed: u64) -> Tenant {
        let rig = Rig::with(SandboxOptions {
            seed,
            history_days: 3,
            now: Some(FRIDAY.parse().unwrap()),
            requests_per_minute: u32::MAX,
            ..SandboxOptions::default()
        })
        .await;
        rig.sandbox.advance(TO_NOON);
        let dir = tempfile::tempdir().unwrap();
        pulled(&rig, dir.path(), 0).await.unwrap();
        let undisturbed = facts(dir.path());
        assert!(
            undisturbed.keys().any(|path| is_before(path)),
            "{:?}",
            undisturbed.keys()
        );
        Tenant { rig, undisturbed }
    }
}

/// Pulls in the storm of `seed`, then once more when it is over.
pub(crate) async fn run(tenant: &Tenant, seed: u64) -> Ended {
    run_in(tenant, seed, Weather::of(seed)).await
}

pub(crate) async fn run_in(tenant: &Tenant, seed: u64, weather: Weather) -> Ended {
    let rig = &tenant.rig;
    rig.sandbox.reset();
    rig.sandbox.advance(TO_NOON);
    weather.begin(&rig.sandbox);
    let dir = tempfile::tempdir().unwrap();
    let began = rig.clock.monotonic();
    let outcome = unhung(pulled(rig, dir.path(), seed)).await;
    let took = rig.clock.monotonic() - began;
    let requests = rig.sandbox.requests();
    let struck = weather.struck(&rig.sandbox);
    let first = facts(dir.path());
    clear_up(&rig.sandbox);
    let again = unhung(pulled(rig, dir.path(), seed)).await;

    let wrong = [
        bounded(requests.len(), took),
        obedient(&requests),
        match &outcome {
            Ok(pulled) => complete(tenant, &struck, pulled, &first),
            Err(error) => named(error),
        },
        mended(tenant, &struck, &again, dir.path()).await,
    ];
    let story = |problem: String| format!("seed {seed}: {problem}; {weather:?}; {outcome:?}");
    Ended {
        is_complete: outcome.is_ok(),
        n_requests: requests.len(),
        took,
        wrong: wrong
            .into_iter()
            .filter_map(Result::err)
            .map(story)
            .collect(),
        struck,
    }
}

fn wanted(rig: &Rig) -> Wanted {
    Wanted {
        queues: vec![rig.queue()],
        window: Window::days_before(FRIDAY.parse::<Timestamp>().unwrap() + TO_NOON, 1).unwrap(),
    }
}

async fn pulled(rig: &Rig, dir: &Path, seed: u64) -> Result<Pulled, AppError> {
    let client = rig.read_with(Settings {
        page_size: 100,
        job_page_size: JOB_PAGE_SIZE,
        limits: Limits {
            deadline: TIME_MAX,
            ..Limits::default()
        },
        jitter_seed: seed,
        ..rig.platform_settings()
    });
    let clock: &dyn Clock = &*rig.clock;
    pull(&client, clock, &History::at(dir), &wanted(rig), &|_| ()).await
}

fn facts(dir: &Path) -> Facts {
    let root = dir.join("facts");
    let relative = |path: PathBuf| path.strip_prefix(&root).unwrap().to_owned();
    let all = crate::files(&root).into_iter();
    all.map(|(path, bytes)| (relative(path), bytes)).collect()
}

/// In real time, because a run that hangs does not move the test's clock.
async fn unhung<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, work)
        .await
        .expect("every pull ends")
}

fn bounded(n_requests: usize, took: Duration) -> Result<(), String> {
    match n_requests <= REQUESTS_MAX && took <= TIME_MAX {
        true => Ok(()),
        false => Err(format!("{n_requests} requests in {took:?} of its time")),
    }
}

/// No request may leave while the host has asked for a pause; those on their way then arrive in it.
fn obedient(requests: &[RecordedRequest]) -> Result<(), String> {
    let (mut closed_until, mut within, mut refused) = (Timestamp::MIN, 0, 0);
    for request in requests {
        if request.service_at < closed_until {
            within += 1;
        }
        if request.status == Some(429) {
            refused += 1;
            closed_until = std::cmp::max(closed_until, pause_end(request));
        }
    }
    match within <= refused * IN_FLIGHT {
        true => Ok(()),
        false => Err(format!("{within} requests within {refused} pauses")),
    }
}

fn pause_end(request: &RecordedRequest) -> Timestamp {
    let Some(text) = &request.retry_after else {
        return Timestamp::MIN;
    };
    if let Ok(secs) = text.parse::<u32>() {
        return request.service_at + SignedDuration::from_secs(secs.into());
    }
    let date = httpdate::parse_http_date(text).ok();
    let date = date.and_then(|date| Timestamp::try_from(date).ok());
    date.unwrap_or(Timestamp::MIN)
}

/// A pull that says it is complete has the facts of the one that nobody disturbed.
fn complete(
    tenant: &Tenant,
    struck: &[Kind],
    pulled: &Pulled,
    first: &Facts,
) -> Result<(), String> {
    if let Some(residual) = pulled.comparison.residual().next() {
        return Err(format!("complete, but {residual:?}"));
    }
    // Then the tenant is another one.
    if struck.contains(&Kind::RecordsComeIn) {
        return Ok(());
    }
    // A store further behind still shows as going on what has ended since; such a day is read again the next time.
    let is_behind = [Kind::LateStore, Kind::StoreFallsBehind]
        .iter()
        .any(|kind| struck.contains(kind));
    let going_on = pulled
        .days
        .iter()
        .filter(|day| is_behind && day.in_progress > 0);
    let going_on: Vec<String> = going_on.map(|day| day.day.to_string()).collect();
    let ended = |facts: &Facts| -> Facts {
        let mut facts = facts.clone();
        facts.retain(|path, _| {
            !going_on
                .iter()
                .any(|day| path.to_string_lossy().contains(day))
        });
        facts
    };
    equal(&ended(first), &ended(&tenant.undisturbed), struck)
}

/// A pull that is not complete says so by its kind, and which days it is about.
fn named(error: &AppError) -> Result<(), String> {
    let text = error.to_string();
    let is_named = text.contains("2026-03-2");
    match error.kind() == ErrorKind::Incomplete && is_named && !error.hints().is_empty() {
        true => Ok(()),
        false => Err(format!("ended as {:?}: {text}", error.kind())),
    }
}

/// When the storm is over, the same command gives what it gives whom nobody has disturbed.
async fn mended(
    tenant: &Tenant,
    struck: &[Kind],
    again: &Result<Pulled, AppError>,
    dir: &Path,
) -> Result<(), String> {
    if let Err(error) = again {
        return Err(format!("after the storm: {error}"));
    }
    let fresh = tempfile::tempdir().unwrap();
    let other;
    let expected = match struck.contains(&Kind::RecordsComeIn) {
        false => &tenant.undisturbed,
        true => {
            let pulled = pulled(&tenant.rig, fresh.path(), 0).await;
            pulled.map_err(|error| format!("undisturbed, after the storm: {error}"))?;
            other = facts(fresh.path());
            &other
        }
    };
    equal(&facts(dir), expected, struck).map_err(|error| format!("after the storm: {error}"))?;
    let client = tenant.rig.read_with(tenant.rig.platform_settings());
    let compared = check(&client, &History::at(dir), &wanted(&tenant.rig)).await;
    compared
        .and_then(|compared| compared.verdict())
        .map_err(|error| format!("after the storm: {error}"))
}

fn is_before(path: &Path) -> bool {
    path.to_string_lossy().contains(BEFORE)
}

/// Records of the day before the window count in it only as far as they reach into it: aggregates of the window cannot
/// tell that one is missing.
fn equal(found: &Facts, expected: &Facts, struck: &[Kind]) -> Result<(), String> {
    let mut differ: Vec<&PathBuf> = expected.keys().chain(found.keys()).collect();
    differ.retain(|path| found.get(*path) != expected.get(*path));
    if struck.contains(&Kind::Missing) {
        differ.retain(|path| !is_before(path));
    }
    match differ.first() {
        None => Ok(()),
        Some(path) => Err(format!("{} differs", path.display())),
    }
}
