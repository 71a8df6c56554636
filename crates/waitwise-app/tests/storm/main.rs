//! The whole job in a storm: seeded mixes of every trouble that the sandbox can make, on a clock that nobody waits for.
//!
//! Every run must end in success or in an error of the right kind, leave the rule old or new, keep out of every pause
//! that the host asks for, and end. `WAITWISE_STORM_RUNS` says how many runs; `cargo xtask prove storm` sets it and
//! takes the table out of the output.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]

mod kind;
mod rule;
mod run;
mod table;
mod weather;

use run::Ended;
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

/// Enough to meet most kinds of trouble, in a few seconds.
const RUNS_DEFAULT: u64 = 60;

/// So many runs share a tenant; then comes another. The short form has two.
const RUNS_PER_TENANT: u64 = 50;

/// What every second tenant allows: a run has to pause for its minute even if nothing else happens.
const TIGHT_REQUESTS_PER_MINUTE: u32 = 8;

#[tokio::test]
async fn every_run_ends_well_or_says_why_not() {
    let runs = match std::env::var("WAITWISE_STORM_RUNS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => RUNS_DEFAULT,
    };
    let mut ended = Vec::new();
    for nth in 0..runs.div_ceil(RUNS_PER_TENANT) {
        let rig = Rig::with(tenant(1 + nth)).await;
        let first = nth * RUNS_PER_TENANT;
        for seed in first..std::cmp::min(first + RUNS_PER_TENANT, runs) {
            ended.push(run::run(&rig, seed).await);
        }
    }
    print!("{}", told(&ended));
    let wrong: Vec<&String> = ended.iter().flat_map(|run| &run.wrong).collect();
    assert!(wrong.is_empty(), "{} are wrong: {wrong:#?}", wrong.len());
}

fn tenant(seed: u64) -> SandboxOptions {
    let defaults = SandboxOptions::default();
    let requests_per_minute = match seed % 2 {
        0 => TIGHT_REQUESTS_PER_MINUTE,
        _ => defaults.requests_per_minute,
    };
    SandboxOptions {
        seed,
        history_days: 2,
        // Tenant time has to pass for tokens to end.
        speed: 1.0,
        requests_per_minute,
        ..defaults
    }
}

/// What `cargo xtask prove storm` writes down.
fn told(ended: &[Ended]) -> String {
    let most = ended.iter().map(|run| run.n_requests).max().unwrap_or(0);
    let slowest = ended.iter().map(|run| run.took).max().unwrap_or_default();
    let n_wrong = ended.iter().filter(|run| !run.wrong.is_empty()).count();
    let rows: Vec<&table::Row> = ended.iter().map(|run| &run.row).collect();
    format!(
        "<!-- storm -->\n{} runs, seeds from 0 on: {n_wrong} broke a promise. \
        The longest had {most} requests; the slowest took {} s of its own clock.\n\n{}<!-- /storm -->\n",
        rows.len(),
        slowest.as_secs(),
        table::table(&rows)
    )
}
