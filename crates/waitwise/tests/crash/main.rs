//! Killed anywhere, from outside: the real binary against the sandbox, ended by SIGKILL at every record of its journal
//! and on both sides of every request.
//!
//! By default a few points of each case; all of them with `WAITWISE_CRASH_POINTS=all`, which also prints the table
//! that `docs/proofs.md` holds. Nothing in the product helps: requests are held by the sandbox, and records by a
//! trigger in the journal's own file that never ends. That it holds is told from Linux's count of processor time.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../it/bench.rs"]
mod bench;
mod cases;
mod disk;
mod journal;
mod kill;
mod second_writer;
mod what;

use std::fmt::Write as _;

use cases::{CASES, Tally};
use tokio::task::JoinSet;

/// Every point, or every so many-th.
fn stride() -> usize {
    match std::env::var("WAITWISE_CRASH_POINTS").as_deref() {
        Ok("all") => 1,
        _ => 7,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_it_is_killed_the_change_is_finished_or_taken_back() {
    let mut running = JoinSet::new();
    for (number, case) in CASES.iter().enumerate() {
        running.spawn(async move { (number, case.run(stride()).await) });
    }
    let mut tallies: Vec<(usize, Tally)> = running.join_all().await;
    tallies.sort_by_key(|(number, _)| *number);
    let all = stride() == 1;
    let mut text = String::from(
        "| killed | records | sides of requests | points | all old | all new | between |\n|---|---|---|---|---|---|---|\n",
    );
    let mut sum = 0;
    for (number, tally) in &tallies {
        let points = tally.records + tally.sides;
        assert!(points > 0, "{}", CASES[*number].name);
        assert_eq!(tally.old + tally.new + tally.between, points);
        sum += points;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {points} | {} | {} | {} |",
            CASES[*number].name, tally.records, tally.sides, tally.old, tally.new, tally.between
        );
    }
    let _ = writeln!(
        text,
        "\n{sum} points; from each of them both ways on, {} in all, ended as asked for.",
        2 * sum
    );
    if all {
        println!("<!-- crash -->\n{text}<!-- /crash -->");
    }
}
