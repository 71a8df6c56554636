//! A large tenant is pulled whole, and agrees with its own aggregates to the last millisecond.

use serde_json::Value;
use waitwise_sandbox::SandboxOptions;

use crate::bench::Bench;
use crate::tenant::Pages;

/// So many are there at least, Sundays included.
const CONVERSATIONS_A_DAY: usize = 1_000;

fn conversations() -> usize {
    match std::env::var("WAITWISE_PULL_CONVERSATIONS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => 4_000,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_history_agrees_with_its_aggregates() {
    let wanted = conversations();
    let days = wanted / CONVERSATIONS_A_DAY + 1;
    let options = SandboxOptions {
        now: Some("2026-03-27T00:00:00Z".parse().unwrap()),
        ..SandboxOptions::default()
    };
    let bench = Bench::of_days(u16::try_from(days).unwrap() + 1, options).await;
    let queues = bench.rig.sandbox.organisation().queues;
    let queues: String = queues
        .iter()
        .map(|queue| format!(" --queue {}", queue.id))
        .collect();
    let line = |what: &str| {
        format!(
            "history {what} --contract platform --days {days}{queues} --history-dir large --output json"
        )
    };
    let pulled = bench.waitwise(&line("pull")).await.with(0).json();
    let records: u64 = of_each_day(&pulled, "records").sum();
    assert!(records >= wanted as u64, "{records} conversations");
    let requests = bench.rig.sandbox.requests().len();
    let pages = Pages::of(&bench);
    let checked = bench.waitwise(&line("check")).await.with(0).json();
    assert_eq!(checked["different"], 0);
    println!(
        "<!-- large -->\n{records} conversations of {days} days and two queues, {} visits: pulled whole in {requests} requests, {} of them \
         for pages of jobs. `history check` compares {} numbers with the tenant's own aggregates, and none differs.\n<!-- /large -->",
        of_each_day(&pulled, "visits").sum::<u64>(),
        pages.job,
        checked["compared"].as_array().unwrap().len(),
    );
}

fn of_each_day<'a>(pulled: &'a Value, what: &'a str) -> impl Iterator<Item = u64> + 'a {
    let days = pulled["days"].as_array().unwrap().iter();
    days.map(move |day| day[what].as_u64().unwrap())
}
