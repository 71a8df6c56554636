//! The same seed gives the same callers, whatever the order of service, the number of threads, or what was run before.

use std::ops::ControlFlow;

use serde_json::{Value, json};
use waitwise_sim::file::Described;
use waitwise_sim::{Block, Ended, Extent, Plan, Policy, Simulator, run};

use crate::support::{Told, described, endless};

fn centre(calendar: Value) -> Described {
    let class = |name: &str, per_hour: f64, mean: f64| {
        json!({
            "name": name,
            "arrivals": { "per_hour": per_hour },
            "busyness_cv": 0.2,
            "service": { "law": "lognormal", "mean_secs": mean, "cv": 0.7 },
            "after_call": { "law": "exponential", "mean_secs": 20 },
            "patience": { "law": "weibull", "shape": 0.9, "mean_secs": 150, "never_share": 0.2 },
        })
    };
    described(&json!({
        "format": "waitwise-model/1",
        "calendar": calendar,
        "busyness_cv": 0.1,
        "classes": [class("A", 150.0, 180.0), class("B", 100.0, 240.0), class("C", 60.0, 150.0)],
        "groups": [
            { "name": "x", "skills": ["A", "B"], "agents": 9 },
            { "name": "y", "skills": ["B", "C"], "agents": 8, "speed": { "B": 1.2 },
              "service": { "C": { "law": "gamma", "mean_secs": 170, "shape": 3 } } },
        ],
    }))
}

fn blocks(described: &Described, policy: &Policy, plan: Plan) -> Vec<Vec<Block>> {
    let mut all = Vec::new();
    run(&described.model, policy, &plan, |number, blocks| {
        assert_eq!(number, plan.first + all.len() as u64, "in order");
        all.push(blocks);
        ControlFlow::Continue(())
    });
    all
}

/// The blocks of a plan's first replication.
fn alone_blocks(described: &Described, plan: Plan) -> Vec<Block> {
    let mut first = Vec::new();
    run(&described.model, &described.policy, &plan, |_, blocks| {
        first = blocks;
        ControlFlow::Break(())
    });
    first
}

#[test]
fn any_number_of_threads_gives_the_same() {
    for (calendar, extent) in [
        (json!({ "day_secs": 20_000 }), Extent::Day),
        (json!({ "cycle_secs": 30_000 }), endless(3_000, 4)),
    ] {
        let described = centre(calendar);
        let on = |threads| {
            let plan = Plan {
                seed: 3,
                first: 2,
                replications: 70,
                extent,
                threads,
            };
            blocks(&described, &described.policy, plan)
        };
        let one = on(1);
        assert_eq!(one.len(), 70);
        assert!(one[0] != one[1], "replications differ");
        assert!(one == on(2) && one == on(8));
        // Each by itself, with nothing run before it: which thread runs which is chance.
        for (number, blocks_of_one) in (2..).zip(&one) {
            let alone = Plan {
                seed: 3,
                first: number,
                replications: 1,
                extent,
                threads: 1,
            };
            let alone = alone_blocks(&described, alone);
            assert!(alone == *blocks_of_one, "replication {number}");
        }
    }
}

#[test]
fn a_day_is_the_same_whatever_was_run_before_it() {
    let described = centre(json!({ "day_secs": 20_000 }));
    let plan = |first, replications| Plan {
        seed: 3,
        first,
        replications,
        extent: Extent::Day,
        threads: 1,
    };
    let all = blocks(&described, &described.policy, plan(0, 6));
    let some = blocks(&described, &described.policy, plan(4, 2));
    assert!(all[4..] == some);
    let other = Plan {
        seed: 4,
        ..plan(4, 2)
    };
    assert!(blocks(&described, &described.policy, other) != some);
}

#[test]
fn a_run_ends_when_told_to() {
    let described = centre(json!({ "day_secs": 2_000 }));
    let plan = Plan {
        seed: 1,
        first: 0,
        replications: u64::MAX / 2,
        extent: Extent::Day,
        threads: 2,
    };
    let mut n = 0;
    run(&described.model, &described.policy, &plan, |_, _| {
        n += 1;
        if n == 5 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(n, 5);
}

/// Whoever gives up under two orders of service does so after the same time; arrivals are as many.
#[test]
fn two_orders_of_service_meet_the_same_callers() {
    let described = centre(json!({ "day_secs": 20_000 }));
    let under = |policy: &Policy| {
        let mut told = Told::default();
        Simulator::new(&described.model, policy).run_watched(9, 0, Extent::Day, &mut told);
        told.fates
    };
    let fair = under(&Policy::first_come(3));
    let tilted = under(&Policy::priorities(&[0, 5, 1]));
    let mut both_gave_up = 0;
    let mut differ = 0;
    for (one, other) in fair.iter().zip(&tilted) {
        assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(other) {
            let (one, other) = (one.unwrap(), other.unwrap());
            differ += usize::from(one != other);
            if one.1 == Ended::Abandoned && other.1 == Ended::Abandoned {
                assert!((one.0 - other.0).abs() < 1e-6, "{one:?}, {other:?}");
                both_gave_up += 1;
            }
        }
    }
    assert!(
        both_gave_up > 20 && differ > 100,
        "{both_gave_up}, {differ}"
    );
}

#[test]
fn batches_are_as_long_as_asked_for_and_lose_nobody() {
    let described = centre(json!({}));
    let mut simulator = Simulator::new(&described.model, &described.policy);
    let blocks = simulator.run(1, 0, endless(10_001, 4));
    let offered = |block: &Block| block.classes.iter().map(|class| class.offered).sum::<u64>();
    let per_batch: Vec<u64> = blocks.iter().map(offered).collect();
    assert_eq!(per_batch, [2_500, 2_500, 2_500, 2_501]);
    let waiting: u64 = blocks
        .iter()
        .flat_map(|block| &block.classes)
        .map(|class| class.waiting())
        .sum();
    assert_eq!(waiting, 0);
    // The same stretch in one piece counts the same interactions.
    let whole = simulator.run(1, 0, endless(10_001, 1)).remove(0);
    for (class, of) in whole.classes.iter().enumerate() {
        let sum = |count: &dyn Fn(&Block) -> u64| blocks.iter().map(count).sum::<u64>();
        assert_eq!(of.offered, sum(&|block| block.classes[class].offered));
        assert_eq!(of.abandoned, sum(&|block| block.classes[class].abandoned));
        assert_eq!(of.at_once, sum(&|block| block.classes[class].at_once));
    }
}

#[test]
fn more_than_can_be_served_is_reported_as_waiting() {
    let described = described(&json!({
        "format": "waitwise-model/1",
        "classes": [
            { "name": "A", "arrivals": { "per_hour": 50 }, "service": { "law": "exponential", "mean_secs": 60 }, "priority": 1 },
            { "name": "B", "arrivals": { "per_hour": 50 }, "service": { "law": "exponential", "mean_secs": 60 } },
        ],
        "routing": { "order": "priority" },
        "groups": [{ "name": "g", "skills": ["A", "B"], "agents": 1 }],
    }));
    let mut simulator = Simulator::new(&described.model, &described.policy);
    let block = simulator.run(1, 0, endless(5_000, 1)).remove(0);
    assert_eq!(block.classes[0].waiting(), 0);
    assert!(
        block.classes[1].waiting() > 100,
        "{}",
        block.classes[1].waiting()
    );
    assert!(block.groups[0].busy_secs > 0.999 * block.groups[0].present_secs);
}
