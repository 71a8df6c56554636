//! Seeded storms of faults while a history is pulled from the sandbox: each pull ends complete, or names what is missing.
//!
//! A few by default; `WAITWISE_PULL_STORMS` says how many, and `docs/proofs.md` has the table.

mod kind;
mod run;
mod table;
mod weather;

use run::{Ended, Tenant};
use weather::Weather;

/// What every test run has time for.
const RUNS_DEFAULT: u64 = 24;

/// So many runs share a tenant; then comes another.
const RUNS_PER_TENANT: u64 = 50;

#[tokio::test]
async fn every_pull_ends_complete_or_names_what_is_missing() {
    let runs = match std::env::var("WAITWISE_PULL_STORMS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => RUNS_DEFAULT,
    };
    let mut ended = Vec::new();
    for nth in 0..runs.div_ceil(RUNS_PER_TENANT) {
        let tenant = Tenant::start(1 + nth).await;
        let first = nth * RUNS_PER_TENANT;
        for seed in first..std::cmp::min(first + RUNS_PER_TENANT, runs) {
            ended.push(run::run(&tenant, seed).await);
        }
    }
    print!("{}", told(&ended));
    let wrong: Vec<&String> = ended.iter().flat_map(|run| &run.wrong).collect();
    assert!(wrong.is_empty(), "{} are wrong: {wrong:#?}", wrong.len());
}

/// Of the day that is going on nothing but the pages themselves tells how many there are.
#[tokio::test]
async fn a_total_that_is_too_small_cuts_nothing_off() {
    let tenant = Tenant::start(1).await;
    let weather = Weather::small_total();
    let ended = run::run_in(&tenant, 0, weather).await;
    assert!(
        ended.is_complete && ended.wrong.is_empty(),
        "{:?}",
        ended.wrong
    );
}

/// What `cargo xtask prove pull-storm` writes down.
fn told(ended: &[Ended]) -> String {
    let most = ended.iter().map(|run| run.n_requests).max().unwrap_or(0);
    let slowest = ended.iter().map(|run| run.took).max().unwrap_or_default();
    let n_wrong = ended.iter().filter(|run| !run.wrong.is_empty()).count();
    format!(
        "<!-- pull-storm -->\n{} runs, seeds from 0 on: {n_wrong} broke a promise. The longest had {most} requests; the \
        slowest took {} min of its own clock.\n\n{}<!-- /pull-storm -->\n",
        ended.len(),
        slowest.as_secs() / 60,
        table::table(ended)
    )
}
