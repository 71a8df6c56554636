//! One class, one pool, exponential service: Erlang's B and C, finite rooms, Erlang A.

use serde_json::json;

use super::{class, exponential, of, pool, with};
use crate::case::{Case, Figure};
use crate::reference::erlang::{self, BirthDeath};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (c, a, mean, millions) in [
        (5, 3.0, 60.0, 0.5),
        (20, 18.0, 180.0, 0.6),
        (50, 55.0, 240.0, 0.8),
    ] {
        cases.push(loss(c, a, mean, millions));
    }
    // What they last makes no difference but for the mean.
    for law in [
        json!({ "law": "lognormal", "mean_secs": 120.0, "cv": 1.5 }),
        json!({ "law": "deterministic", "secs": 120.0 }),
    ] {
        cases.push(Case {
            family: "Erlang B",
            name: format!("20 agents, 18 erlangs, {}", law["law"].as_str().unwrap()),
            model: pool(
                json!({ "waiting_room": 0 }),
                vec![class("A", 0.15, law)],
                20,
            ),
            millions: 1.0,
            truths: vec![of(0, Figure::BlockedShare, erlang::b(20, 18.0))],
        });
    }
    for (c, a, room, millions) in [(10, 9.0, 8, 3.0), (20, 21.0, 30, 6.0)] {
        cases.push(finite(c, a, room, millions));
    }
    for (c, a, mean, millions) in [
        (1, 0.7, 100.0, 1.2),
        (12, 8.4, 120.0, 11.0),
        (20, 18.0, 180.0, 15.0),
        (100, 95.0, 300.0, 70.0),
        (40, 36.0, 300.0, 25.0),
    ] {
        cases.push(waiting(c, a, mean, millions));
    }
    for (c, a, mean, patience, millions) in [
        (50, 48.0, 60.0, 120.0, 4.0),
        (20, 24.0, 180.0, 120.0, 0.5),
        (10, 7.0, 240.0, 60.0, 3.0),
        (30, 30.0, 200.0, 600.0, 3.0),
    ] {
        cases.push(erlang_a(c, a, mean, patience, millions));
    }
    cases
}

fn loss(c: u32, a: f64, mean: f64, millions: f64) -> Case {
    let blocked = erlang::b(c, a);
    Case {
        family: "Erlang B",
        name: format!("{c} agents, {a} erlangs"),
        model: pool(
            json!({ "waiting_room": 0 }),
            vec![class("A", a / mean, exponential(mean))],
            c,
        ),
        millions,
        truths: vec![
            of(0, Figure::BlockedShare, blocked),
            of(0, Figure::Occupancy(0), a * (1.0 - blocked) / f64::from(c)),
        ],
    }
}

fn finite(c: u32, a: f64, room: usize, millions: f64) -> Case {
    let mean = 180.0;
    let queue = BirthDeath::new(c, a / mean, 1.0 / mean, 0.0, room);
    Case {
        family: "finite room",
        name: format!("{c} agents, {a} erlangs, room for {room}"),
        model: pool(
            json!({ "waiting_room": room }),
            vec![class("A", a / mean, exponential(mean))],
            c,
        ),
        millions,
        truths: vec![
            of(0, Figure::BlockedShare, queue.blocked()),
            of(0, Figure::MeanWait, queue.mean_wait()),
            of(0, Figure::Waited, queue.waited()),
            of(0, Figure::QueueLength, queue.queue_length()),
            of(0, Figure::Occupancy(0), queue.busy() / f64::from(c)),
        ],
    }
}

fn waiting(c: u32, a: f64, mean: f64, millions: f64) -> Case {
    let waits = erlang::c(c, a);
    let rate = (f64::from(c) - a) / mean;
    let within = |t: f64| 1.0 - waits * libm::exp(-rate * t);
    let quantile = |q: f64| libm::log(waits / (1.0 - q)) / rate;
    let mut truths = vec![
        of(0, Figure::Waited, waits),
        of(0, Figure::MeanWait, waits / rate),
        of(0, Figure::WaitWithin(0), within(20.0)),
        of(0, Figure::Occupancy(0), a / f64::from(c)),
    ];
    // Where nearly everybody is answered in time, a run may see nobody who is not.
    if within(90.0) < 0.99 {
        truths.push(of(0, Figure::AnsweredWithin(1), within(90.0)));
    }
    if quantile(0.9) > 1.0 {
        truths.push(of(0, Figure::Quantile(1), quantile(0.9)));
    }
    let model = pool(json!({}), vec![class("A", a / mean, exponential(mean))], c);
    Case {
        family: "Erlang C",
        name: format!("{c} agents, {a} erlangs"),
        model: with(model, json!({ "targets_secs": [20, 90] })),
        millions,
        truths,
    }
}

fn erlang_a(c: u32, a: f64, mean: f64, patience: f64, millions: f64) -> Case {
    let (waits, abandons) = erlang::a(c, a / mean, 1.0 / mean, 1.0 / patience);
    let queue = BirthDeath::new(c, a / mean, 1.0 / mean, 1.0 / patience, 1_000);
    let of_class = with(
        class("A", a / mean, exponential(mean)),
        json!({ "patience": exponential(patience) }),
    );
    Case {
        family: "Erlang A",
        name: format!("{c} agents, {a} erlangs, patience {patience} s"),
        model: pool(json!({}), vec![of_class], c),
        millions,
        truths: vec![
            of(0, Figure::Waited, waits),
            of(0, Figure::AbandonedShare, abandons),
            of(0, Figure::MeanWait, queue.mean_wait()),
            of(0, Figure::QueueLength, queue.queue_length()),
            of(0, Figure::Occupancy(0), queue.busy() / f64::from(c)),
        ],
    }
}
