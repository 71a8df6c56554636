//! The control routes under `/sandbox`: no sign-in, JSON in and out.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answer::Request;
use super::faults::FaultRule;
use super::platform::JobTrouble;
use super::platform::tables::PlantedTable;
use super::query;
use super::reply::Reply;
use super::request_log::RecordedRequest;
use super::world::{ControlError, World};

type Done = Result<Reply, ControlError>;

/// One control route.
struct Route {
    method: &'static str,
    path: &'static str,
    /// What it does, in one line.
    about: &'static str,
    run: fn(&World, &Request) -> Done,
}

const ROUTES: [Route; 30] = [
    route("GET", "/sandbox", "this list", |_, _| list()),
    route(
        "GET",
        "/sandbox/connection",
        "what a client needs to know",
        |world, _| json(&world.connection),
    ),
    route(
        "GET",
        "/sandbox/clock",
        "the tenant's time, and its speed",
        |world, _| clock(world),
    ),
    route(
        "POST",
        "/sandbox/clock",
        r#"move on by {"advance_seconds": n} or {"advance_days": n} or {"to": instant}; run at {"speed": tenant seconds a second}"#,
        move_clock,
    ),
    route(
        "GET",
        "/sandbox/requests",
        "requests so far, and how many asked for a change",
        |world, _| requests(world),
    ),
    route("DELETE", "/sandbox/requests", "forget them", |world, _| {
        world.state().log.clear();
        done()
    }),
    route(
        "GET",
        "/sandbox/violations",
        "where requests and answers departed from the contract, if that is checked",
        |world, _| json(&world.state().contract.found()),
    ),
    route(
        "GET",
        "/sandbox/faults",
        "faults in force, and how many requests each has seen and struck",
        |world, _| json(&world.state().faults),
    ),
    route("POST", "/sandbox/faults", ADD_FAULT, |world, request| {
        world.add_fault(read::<FaultRule>(request)?)?;
        done()
    }),
    route("DELETE", "/sandbox/faults", "no more faults", |world, _| {
        world.state().faults.clear();
        done()
    }),
    route(
        "GET",
        "/sandbox/held",
        "how many requests a fault is holding",
        |world, _| json(&serde_json::json!({"held": world.holds.count()})),
    ),
    route(
        "POST",
        "/sandbox/release",
        "let every request that is held go on",
        |world, _| {
            world.holds.release();
            done()
        },
    ),
    route(
        "POST",
        "/sandbox/reset",
        "everything as at the start",
        |world, _| {
            world.reset();
            done()
        },
    ),
    route(
        "GET",
        "/sandbox/rules",
        "the routing rules as stored",
        |world, _| Ok(raw(&world.state().tenant.rules)),
    ),
    route(
        "PUT",
        "/sandbox/rules",
        "other routing rules: an array of objects, kept as written",
        |world, request| {
            world.set_rules(entities(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/skills",
        r#"other skills: an array of {"id", "name", "state"}, kept as written"#,
        |world, request| {
            world.set_skills(entities(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/summary",
        "entities that the summary query answers: an array, kept as written; null for the centre's own",
        |world, request| {
            world.set_summary(read::<Option<Vec<Box<RawValue>>>>(request)?);
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/scopes",
        "the client's scopes: an array of texts",
        |world, request| {
            world.set_scopes(read::<BTreeSet<String>>(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/permissions",
        "the permissions of the client's roles: an array of texts",
        |world, request| {
            world.set_permissions(read::<BTreeSet<String>>(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/rate-limit",
        r#"how much a token may ask: {"requests_per_minute": n}"#,
        |world, request| {
            world.set_requests_per_minute(read::<Rate>(request)?.requests_per_minute)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/queue",
        r#"members of a queue: {"queue": id, "set": {…}}; null takes one away, such as {"scoringMethod": "PriorityOnly"}"#,
        |world, request| {
            let order: QueueOrder = read(request)?;
            world.set_queue(&order.queue, order.set)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/predictive",
        "the queues on predictive routing: an array of ids",
        |world, request| {
            world.set_predictive(read::<BTreeSet<String>>(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/hidden-divisions",
        "the divisions whose conversation records are not shown: an array of ids",
        |world, request| {
            world.hide_divisions(read::<BTreeSet<String>>(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/jobs-behind",
        r#"how far the details jobs' data lies behind: {"seconds": n}"#,
        |world, request| {
            world.set_jobs_behind(read::<Behind>(request)?.seconds);
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/jobs",
        r#"what happens to the details jobs submitted next, in turn: an array of "fine", "failed", "stuck", "expired", "cancelled""#,
        |world, request| {
            world.trouble_jobs(read::<Vec<JobTrouble>>(request)?);
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/tables",
        r#"other data tables: an array of {"name", "schema", "rows"}, unchecked"#,
        |world, request| {
            world.set_tables(read::<Vec<PlantedTable>>(request)?)?;
            done()
        },
    ),
    route(
        "PUT",
        "/sandbox/flow-table",
        "the data table that the flow reads, made where there is none: its name as a text; null: it reads none",
        |world, request| {
            world.set_flow_table(read::<Option<String>>(request)?, true);
            done()
        },
    ),
    route(
        "POST",
        "/sandbox/tokens",
        r#"the life of tokens to come: {"expires_in": seconds}"#,
        |world, request| {
            world.state().tokens.lifetime_secs = read::<Lifetime>(request)?.expires_in;
            done()
        },
    ),
    route(
        "POST",
        "/sandbox/tokens/expire",
        "end every token handed out so far",
        |world, _| {
            world.state().tokens.expire_all();
            done()
        },
    ),
    route(
        "GET",
        "/sandbox/waits",
        "the truth about waits by skill and day: ?from=instant&to=instant, by default the 30 days until now",
        waits,
    ),
];

/// What a fault is made of; `docs/sandbox.md` says what each does.
const ADD_FAULT: &str = concat!(
    r#"add {"route": token|summary|skills|rules|put_rule|tokens_me|wrapup_codes|queue_wrapup_codes|queues|queue|put_queue|members|user_skills|"#,
    r#"predictors|estimated_wait|limits|tables|table|create_table|rows|row|create_row|put_row|delete_row|aggregates|details|submit_job|job|"#,
    r#"job_results|delete_job|availability|activity|observations|user_aggregates|"METHOD /path"|"*", "after": n, "times": n, "rate": share, "seed": n, "fault": "#,
    r#"{"status": n, "headers": {…}, "body": text} | {"too_many": "absent"|{"text": value}|{"date_in": seconds}} | {"status_after": n} | "#,
    r#"{"body_after": text} | {"reset": "before"|"after"} | {"reset_in_body": bytes} | {"truncate": bytes} | "#,
    r#"{"repeat_page_token": true} | {"endless_pages": "empty"|"same"} | {"duplicate_entity": true} | {"short_page": n} | {"missing_entities": n} | {"total_off": n} | {"latency_ms": n} | "#,
    r#"{"hold": "before"|"after"} | {"expire_tokens": true} | {"token_life_secs": n} | {"stale_rules"|"stale_rows": {"reads": n}|{"seconds": n}} | "#,
    r#"{"edit": {"when": "before"|"after", "set": {"weight": {"skill": id, "weight": n}}|{"member": {"name": text, "value": JSON as text}}|"#,
    r#"{"row": {"table": id or name, "key": text, "row": JSON as text or null}}|{"cell": {"table", "key", "column", "value": JSON as text}}}} | "#,
    r#"{"clock_jump_secs": n} | {"jobs_behind_secs": n}}"#,
);

const fn route(
    method: &'static str,
    path: &'static str,
    about: &'static str,
    run: fn(&World, &Request) -> Done,
) -> Route {
    Route {
        method,
        path,
        about,
        run,
    }
}

/// How far back waits are told unless asked otherwise.
const WAITS_DEFAULT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How far the clock moves in one request, in seconds: the centre takes some time to live through it.
const ADVANCE_SECS_MAX: i64 = 400 * DAY_SECS;

const DAY_SECS: i64 = 24 * 60 * 60;

/// Returns whether a path is one of the control routes'.
pub(crate) fn is_control(path: &str) -> bool {
    path == "/sandbox" || path.starts_with("/sandbox/")
}

/// Answers a control request; failures are JSON with a `message`.
pub(crate) fn answer(world: &World, request: &Request) -> Reply {
    let path = request.path.strip_suffix('/').unwrap_or(&request.path);
    let mut on_path = ROUTES.iter().filter(|route| route.path == path).peekable();
    if on_path.peek().is_none() {
        return failure(
            404,
            format!("there is no control route `{path}`: GET /sandbox lists them"),
        );
    }
    match on_path.find(|route| route.method == request.method) {
        None => failure(
            405,
            format!(
                "`{path}` does not take {}: GET /sandbox lists what it takes",
                request.method
            ),
        ),
        Some(route) => {
            (route.run)(world, request).unwrap_or_else(|error| failure(400, chain(&error)))
        }
    }
}

fn json(value: &impl Serialize) -> Done {
    Ok(Reply::json(value))
}

fn done() -> Done {
    json(&serde_json::json!({"done": true}))
}

fn failure(status: u16, message: String) -> Reply {
    Reply::with_status(
        status,
        &serde_json::json!({"status": status, "message": message}),
    )
}

fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn read<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, ControlError> {
    serde_json::from_slice(&request.body)
        .map_err(|error| ControlError::Request(format!("the body cannot be read: {error}")))
}

fn entities(request: &Request) -> Result<Vec<String>, ControlError> {
    let entities: Vec<&RawValue> = read(request)?;
    Ok(entities
        .into_iter()
        .map(|entity| entity.get().to_owned())
        .collect())
}

fn list() -> Done {
    let about = |route: &Route| serde_json::json!({"route": format!("{} {}", route.method, route.path), "about": route.about});
    json(&ROUTES.iter().map(about).collect::<Vec<_>>())
}

fn raw(entities: &[String]) -> Reply {
    Reply::raw(200, format!("[{}]", entities.join(",")))
}

#[derive(Serialize)]
struct ClockShown {
    now: Timestamp,
    speed: f64,
}

fn clock(world: &World) -> Done {
    let now = world.now();
    json(&ClockShown {
        now,
        speed: world.state().clock.speed(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    advance_seconds: Option<i64>,
    advance_days: Option<i64>,
    to: Option<Timestamp>,
    speed: Option<f64>,
}

fn move_clock(world: &World, request: &Request) -> Done {
    let order: ClockOrder = read(request)?;
    let now = world.now();
    let by_days = order.advance_days.map(|days| days.saturating_mul(DAY_SECS));
    let to_secs = order.to.map(|to| to.duration_since(now).as_secs());
    let moves: Vec<i64> = [order.advance_seconds, by_days, to_secs]
        .into_iter()
        .flatten()
        .collect();
    let refuse = |message: &str| Err(ControlError::Request(message.to_owned()));
    match (moves.as_slice(), order.speed) {
        ([], None) => return refuse("say advance_seconds, advance_days, to or speed"),
        ([secs], _) if *secs > ADVANCE_SECS_MAX => {
            return refuse("the clock moves by at most 400 days at once");
        }
        ([secs], _) if *secs < 0 => {
            let to = now
                .saturating_add(SignedDuration::from_secs(*secs))
                .unwrap_or(now);
            return Err(ControlError::Backwards { now, to });
        }
        ([] | [_], _) => {}
        (_, _) => return refuse("say only one of advance_seconds, advance_days and to"),
    }
    if let Some(speed) = order.speed {
        world.set_speed(speed)?;
    }
    match (order.to, moves.first()) {
        (Some(to), _) => world.advance_to(to)?,
        (None, secs) => world.advance(Duration::from_secs(
            secs.map_or(0, |secs| secs.unsigned_abs()),
        )),
    }
    clock(world)
}

#[derive(Serialize)]
struct Requests {
    writes: usize,
    requests: Vec<RecordedRequest>,
}

fn requests(world: &World) -> Done {
    let state = world.state();
    json(&Requests {
        writes: state.log.writes(),
        requests: state.log.requests(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifetime {
    expires_in: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    requests_per_minute: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueOrder {
    queue: String,
    set: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behind {
    seconds: u32,
}

fn waits(world: &World, request: &Request) -> Done {
    let instant = |key: &str, default: Timestamp| match query::value(&request.query, key) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| ControlError::Request(format!("`{key}` is not an instant: `{text}`"))),
    };
    let to = instant("to", world.now())?;
    let from = instant("from", to.saturating_sub(WAITS_DEFAULT).unwrap_or(to))?;
    json(&world.waits(from, to)?)
}
