//! What Waitwise counts on the sandbox that a neighbour has left.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::PLAN;
use super::sandbox::Sandbox;
use super::told::{BY_JOB, BY_JOB_ON_THE_DAY, BY_QUERY};

/// Of the line of `waitwise sandbox --output=json`.
#[derive(Deserialize)]
struct Connection {
    host: String,
    client_id: String,
    client_secret: String,
    queue_id: String,
}

/// Runs the commands that read what the neighbour of this name has read, and takes the counts from what they tell.
///
/// # Errors
///
/// Fails if a command fails, or does not tell a count.
pub(super) fn counts(
    waitwise: &Path,
    sandbox: &Sandbox,
    folder: &Path,
    neighbour: &str,
) -> Result<BTreeMap<String, u64>> {
    let folder = folder.join("waitwise");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove what an earlier run left")?;
    }
    fs::create_dir_all(&folder).context("cannot make a folder for Waitwise")?;
    let connection: Connection = serde_json::from_str(&sandbox.connection)?;
    let run = |args: &[&str]| ran(waitwise, &folder, &connection, args);

    let table = format!("Neighbour {}", neighbour.to_lowercase());
    let mut told = run(&["init"])?;
    // It finds fault with the neighbour's tenant, which has no settings for it, but reads all there is.
    told.extend(run(&["doctor", "--data-table", &table])?);
    let queue = format!("/api/v2/routing/queues/{}", connection.queue_id);
    let mut counts = BTreeMap::new();
    for (what, end) in [
        ("skills", "/api/v2/routing/skills".to_owned()),
        ("codes", "/api/v2/routing/wrapupcodes".to_owned()),
        ("queues", "/api/v2/routing/queues".to_owned()),
        ("members", format!("{queue}/members")),
        ("queue codes", format!("{queue}/wrapupcodes")),
        ("rows", "/rows".to_owned()),
    ] {
        let list = told.iter().find(|list| list.path.ends_with(&end));
        let list = list.with_context(|| format!("it did not read the {what}"))?;
        counts.insert(what.to_owned(), list.entities);
    }
    let by_job = pulled(waitwise, &folder, &connection, "job")?;
    let on_the_day = by_job.records - by_job.other_days;
    sandbox.delay_jobs()?;
    let by_query = pulled(waitwise, &folder, &connection, "query")?;
    for (what, n) in [
        (BY_JOB, by_job.records),
        (BY_JOB_ON_THE_DAY, on_the_day),
        (BY_QUERY, by_query.records),
    ] {
        counts.insert(what.to_owned(), n);
    }
    Ok(counts)
}

/// A list that was read whole, as the log has it.
#[derive(Deserialize)]
struct List {
    path: String,
    entities: u64,
}

/// Runs a command whose exit code does not matter, and returns the lists that it read.
fn ran(
    waitwise: &Path,
    folder: &Path,
    connection: &Connection,
    args: &[&str],
) -> Result<Vec<List>> {
    let output = command(waitwise, folder, connection)
        .args(args)
        .args(["-v", "--log-format=json"])
        .output()
        .with_context(|| format!("cannot start `waitwise {}`", args.join(" ")))?;
    let log = String::from_utf8_lossy(&output.stderr);
    Ok(log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

/// A day of a pulled history.
#[derive(Deserialize)]
struct Day {
    day: String,
    origin: String,
    records: u64,
    other_days: u64,
}

/// Pulls the plan's day into a folder of its own; it must come from there.
fn pulled(waitwise: &Path, folder: &Path, connection: &Connection, origin: &str) -> Result<Day> {
    #[derive(Deserialize)]
    struct Pulled {
        days: Vec<Day>,
    }
    let plan: serde_json::Value = serde_json::from_str(PLAN)?;
    let interval = plan["interval"].as_str().unwrap_or_default();
    let (from, to) = interval
        .split_once('/')
        .context("the plan has no interval")?;
    let output = command(waitwise, folder, connection)
        .args([
            "history",
            "pull",
            "--days=1",
            "--output=json",
            "--until",
            to,
        ])
        .args(["--history-dir", origin])
        .output()
        .context("cannot start `waitwise history pull`")?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`waitwise history pull` failed: {stderr}"
    );
    let pulled: Pulled = serde_json::from_slice(&output.stdout)?;
    let mut days = pulled.days.into_iter();
    let day = days.find(|day| from.starts_with(&day.day));
    let day = day.context("the plan's day was not pulled")?;
    ensure!(day.origin == origin, "it was pulled by {}", day.origin);
    Ok(day)
}

/// A command with nothing of a person's environment in it.
fn command(waitwise: &Path, folder: &Path, connection: &Connection) -> Command {
    let mut command = Command::new(waitwise);
    command
        .env_clear()
        .env("WAITWISE_HOST", &connection.host)
        .env("WAITWISE_CONTRACT", "platform")
        .env("WAITWISE_CLIENT_ID", &connection.client_id)
        .env("WAITWISE_CLIENT_SECRET", &connection.client_secret)
        .env("WAITWISE_QUEUE", &connection.queue_id)
        .env("WAITWISE_STATE_DIR", "state")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}
