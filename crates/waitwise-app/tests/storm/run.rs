//! One run of the whole job in a storm, and everything that must hold of it.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use waitwise_app::changing::{Changes, new_change_id};
use waitwise_app::gather::{MIN_VOLUME_DEFAULT, Question, gather};
use waitwise_app::model::{Clock, SkillName, Weights, WrapUpCodeId};
use waitwise_app::store::{ChangeState, Store};
use waitwise_app::{AppError, ErrorKind, Limits, Settings, VolumeWait, planning};
use waitwise_sandbox::RecordedRequest;
use waitwise_testkit::Rig;
use waitwise_wire::json::Members;

use crate::rule::{Left, compare};
use crate::table::Row;
use crate::weather::{Place, Weather};

/// So few entities on a page that every list has several.
const PAGE_SIZE: u32 = 3;

/// The longest that a client waits for an answer where one will be late. This time is real.
const TIME_OUT: Duration = Duration::from_millis(250);

/// More than five tries of every page of every reading that a run can need.
pub(crate) const REQUESTS_MAX: usize = 600;

/// The client's deadline of fifteen minutes, and the pauses of a write that is looked for.
pub(crate) const TIME_MAX: Duration = Duration::from_secs(18 * 60);

/// In real time: long enough for a busy machine; whatever takes longer hangs.
const HANGS: Duration = Duration::from_secs(120);

/// What is known of a run when it has ended.
pub(crate) struct Ended {
    pub(crate) row: Row,
    pub(crate) n_requests: usize,
    pub(crate) took: Duration,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

/// Runs the job once, in the storm of `seed`.
pub(crate) async fn run(rig: &Rig, seed: u64) -> Ended {
    rig.sandbox.reset();
    let before = rule(rig);
    let rules = u32::try_from(rig.sandbox.rules().len()).unwrap();
    let place = Place {
        skills: skills(&before),
        rule_pages: rules.div_ceil(PAGE_SIZE),
    };
    let weather = Weather::of(seed, &place);
    for (_, fault) in &weather.0 {
        rig.sandbox.add_fault(fault.clone()).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("journal.db")).await.unwrap();
    let began = rig.clock.monotonic();
    let mut planned = Weights::new();
    let settings = settings(rig, seed, weather.is_slow());
    let outcome = unhung(job(rig, &store, settings, &mut planned)).await;
    let took = rig.clock.monotonic() - began;

    let struck = weather.0.iter().zip(rig.sandbox.struck());
    let struck = struck.filter(|(_, n)| *n > 0).map(|((kind, _), _)| *kind);
    let row = Row {
        struck: struck.collect(),
        error: outcome.as_ref().err().map(AppError::kind),
    };
    let requests = rig.sandbox.requests();
    let states = store.changes().await.unwrap();
    let state = states.first().map(|change| change.state);
    let left = compare(&before, &rule(rig), &planned, weather.edits());
    let wrong = [
        bounded(requests.len(), took),
        obedient(&requests),
        expected(&row, &weather, &requests),
        helpful(&outcome),
        left.and_then(|left| agreed(left, state, outcome.is_ok(), planned.is_empty())),
    ];
    let story = |problem: String| format!("seed {seed}: {problem}; {:?}; {outcome:?}", weather.0);
    Ended {
        row,
        n_requests: requests.len(),
        took,
        wrong: wrong
            .into_iter()
            .filter_map(Result::err)
            .map(story)
            .collect(),
    }
}

/// `run --yes`: read, plan, apply.
async fn job(
    rig: &Rig,
    store: &Store,
    settings: Settings,
    planned: &mut Weights,
) -> Result<(), AppError> {
    let clock = &*rig.clock;
    let client = rig.read_with(settings);
    let question = question(rig);
    let gathered = gather(&client, &question, clock, &|_| ()).await?;
    let plan = planning::plan(&gathered, &question, None, clock)?.plan;
    let plan = plan.expect("the history gives weights");
    *planned = plan.intent().weights.clone();
    let changes = Changes::new(client, store, clock);
    let change = new_change_id(clock.now());
    changes.apply(&plan, change, None, &|_| ()).await?;
    Ok(())
}

fn question(rig: &Rig) -> Question {
    let mapping = rig.sandbox.connection().wrapup_to_skill.iter();
    Question {
        queue: rig.queue(),
        days: 2,
        until: Some(rig.sandbox.now()),
        mapping: mapping
            .map(|(code, name)| (WrapUpCodeId::new(code), SkillName::new(name)))
            .collect(),
        min_volume: MIN_VOLUME_DEFAULT,
        strategy: VolumeWait::default().into(),
        max_step: None,
    }
}

fn settings(rig: &Rig, seed: u64, is_slow: bool) -> Settings {
    let defaults = Limits::default();
    let request_timeout = match is_slow {
        true => TIME_OUT,
        false => defaults.request_timeout,
    };
    Settings {
        page_size: PAGE_SIZE,
        limits: Limits {
            request_timeout,
            ..defaults
        },
        jitter_seed: seed,
        ..rig.settings()
    }
}

/// The tenant's rule of the queue with a history.
fn rule(rig: &Rig) -> String {
    let queue = rig.queue();
    let is_ours = |rule: &String| {
        Members::of(rule).unwrap().text("queueId").as_deref() == Some(queue.as_str())
    };
    rig.sandbox.rules().into_iter().find(is_ours).unwrap()
}

fn skills(rule: &str) -> Vec<String> {
    let members = Members::of(rule).unwrap();
    let entries = waitwise_wire::json::elements(members.get("skills").unwrap().get()).unwrap();
    let ids = entries
        .iter()
        .map(|entry| Members::of(entry.get()).unwrap().text("id"));
    ids.flatten().collect()
}

/// In real time, because a run that hangs does not move the test's clock.
async fn unhung<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, work)
        .await
        .expect("every run ends")
}

fn bounded(n_requests: usize, took: Duration) -> Result<(), String> {
    match n_requests <= REQUESTS_MAX && took <= TIME_MAX {
        true => Ok(()),
        false => Err(format!("{n_requests} requests in {took:?} of its time")),
    }
}

/// No request may come while the host has asked for a pause.
fn obedient(requests: &[RecordedRequest]) -> Result<(), String> {
    let mut closed_until = Timestamp::MIN;
    for request in requests {
        if request.service_at < closed_until {
            let RecordedRequest { n, service_at, .. } = request;
            return Err(format!(
                "request {n} at {service_at}, within the pause until {closed_until}"
            ));
        }
        closed_until = std::cmp::max(closed_until, pause_end(request));
    }
    Ok(())
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

/// An error has to come from something that struck, and some troubles have to end in one.
fn expected(row: &Row, weather: &Weather, requests: &[RecordedRequest]) -> Result<(), String> {
    if let [only] = row.struck[..]
        && let Some(must) = only.must_end_in()
        && row.error != Some(must)
        && !weather.may_go_unseen()
    {
        return Err(format!("did not end in {must:?}"));
    }
    let mut may: Vec<ErrorKind> = Vec::new();
    row.struck
        .iter()
        .for_each(|kind| may.extend(kind.may_end_in()));
    // A tenant that allows little may refuse the last try, whatever struck the others.
    let is_refused = requests.iter().any(|request| request.status == Some(429));
    may.extend(is_refused.then_some(ErrorKind::RateLimit));
    // A busy machine can be late without having been struck.
    may.extend(weather.is_slow().then_some(ErrorKind::Failed));
    match row.error {
        Some(error) if !may.contains(&error) => {
            Err(format!("ended in {error:?}, not one of {may:?}"))
        }
        _ => Ok(()),
    }
}

/// An error says what to do.
fn helpful(outcome: &Result<(), AppError>) -> Result<(), String> {
    match outcome {
        Err(error) if error.hints().is_empty() => Err("an error without a hint".to_owned()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What is told, what is journalled and what the host has must agree.
fn agreed(
    left: Left,
    state: Option<ChangeState>,
    is_success: bool,
    is_unplanned: bool,
) -> Result<(), String> {
    let fits = match state {
        None => is_unplanned && left != Left::New,
        Some(ChangeState::Done) => is_success && left != Left::Old,
        Some(ChangeState::Refused) => !is_success && left != Left::New,
        Some(ChangeState::Failed | ChangeState::Unknown) => !is_success,
        Some(ChangeState::Open | ChangeState::RolledBack) => false,
    };
    match fits {
        true => Ok(()),
        false => Err(format!(
            "the rule is {left:?}, the journal says {state:?}, success: {is_success}"
        )),
    }
}
