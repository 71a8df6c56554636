//! Whether the search helps, and harms nobody beyond what was allowed: on random tenants that it was not tuned on, judged on
//! days that it has not seen.
//!
//! A few short trials by default; `WAITWISE_SEARCH_TENANTS` says how many long ones. `cargo xtask prove search` sets it and
//! takes the table into `docs/proofs.md`.

mod speed;
mod table;
mod tenants;
mod trial;

use waitwise_weights::bounds::pools::Power;
use waitwise_weights::{Guardrails, Measure};

use table::told;
use trial::{Against, CONFIDENCE, Length, Trial};

/// Seeds below were used while the search was made.
const FIRST_SEED: u64 = 10_000;

/// How many of the tenants are searched ten times as long too. One such search costs more than all the others of a tenant
/// together, so for all of them the study would take twice as long.
const N_LONGER: u64 = 20;

#[test]
fn on_random_tenants_it_helps_and_keeps_its_promises() {
    let asked_for = std::env::var("WAITWISE_SEARCH_TENANTS").ok();
    let n = asked_for
        .as_ref()
        .map_or(3, |n| n.parse().expect("a number of tenants"));
    let length = |place: u64| Length {
        budget_percent: if asked_for.is_some() { 100 } else { 10 },
        with_longer: asked_for.is_some() && place < N_LONGER,
        threads: 2,
    };
    let trials: Vec<Trial> = (0..n)
        .map(|place| {
            let trial = trial::run(&tenants::tenant(FIRST_SEED + place), length(place));
            if asked_for.is_some() {
                eprintln!("tenant {place}: {}", table::line(&trial));
            }
            trial
        })
        .collect();
    print!("{}", told(&trials, FIRST_SEED));
    for trial in &trials {
        assert_ne!(
            trial.guarded.1.verdict,
            Against::Worse,
            "{}",
            table::line(trial)
        );
        assert_eq!(trial.broken, [] as [&str; 0], "{}", table::line(trial));
    }
    if trials.len() >= 20 {
        assert!(table::better_share(&trials, table::worst_then_mean) >= 0.9);
        assert!(table::better_share(&trials, |trial| trial.free_volume_wait[1]) >= 0.9);
        assert!(table::median_gap(&trials).is_some_and(|gap| gap <= 0.02));
    }
}

#[test]
fn where_weights_only_redistribute_it_says_so_every_time() {
    let n = if std::env::var_os("WAITWISE_SEARCH_TENANTS").is_some() {
        20
    } else {
        4
    };
    let length = Length {
        budget_percent: 10,
        with_longer: false,
        threads: 2,
    };
    for seed in FIRST_SEED..FIRST_SEED + n {
        let tenant = tenants::one_pool(seed);
        let tuning = trial::tuning(&tenant);
        let report = trial::searched(&tuning, Measure::WorstWait, &Guardrails::default(), length);
        assert_eq!(report.pools[0].power, Power::Redistribute, "{seed}");
        assert!(report.redistributes());
        let says = |sentence: &String| sentence.starts_with("weights can only redistribute");
        assert!(
            report.sentences().iter().any(says),
            "{seed}: {:#?}",
            report.sentences()
        );
        let (low, high) = report.mean_wait_change.interval(CONFIDENCE);
        assert!(
            low <= 0.0 && high >= 0.0,
            "{seed}: {:?}",
            report.mean_wait_change
        );
    }
    println!("redistributing: said for {n} of {n} pools");
}
