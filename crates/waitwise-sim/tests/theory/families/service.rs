//! Service of other laws than the exponential, and after-call work.

use serde_json::{Value, json};

use super::{NAMES, class, exponential, of, overall, pool, with};
use crate::case::{Case, Figure, Truth};
use crate::reference::phases::{TwoPhases, constant, queue};

pub(crate) fn cases() -> Vec<Case> {
    let lognormal = json!({ "law": "lognormal", "mean_secs": 100, "cv": 0.9 });
    let parts = json!([{ "share": 0.8, "mean_secs": 50 }, { "share": 0.2, "mean_secs": 300 }]);
    let hyper = json!({ "law": "hyperexponential", "parts": parts });
    // Mean square 0.8 × 2 × 50² + 0.2 × 2 × 300² = 40,000, over the mean's square 10,000, less one.
    let hyper_cv = 3.0_f64.sqrt();
    let values: Vec<u32> = vec![20, 40, 60, 80, 300];
    let values_cv = (20_480.0_f64 / 10_000.0 - 1.0).sqrt();
    let gamma = |mean: f64| json!({ "law": "gamma", "mean_secs": mean, "shape": 4 });
    vec![
        single("lognormal", lognormal, 0.9, 0.75, 3.0),
        single(
            "constant",
            json!({ "law": "deterministic", "secs": 100 }),
            0.0,
            0.8,
            2.0,
        ),
        single("hyperexponential", hyper, hyper_cv, 0.6, 4.0),
        single(
            "values seen",
            json!({ "law": "empirical", "values_secs": values }),
            values_cv,
            0.7,
            2.0,
        ),
        prioritised(
            &[
                (0.005, 40.0, gamma(40.0), 0.5),
                (0.002, 250.0, exponential(250.0), 1.0),
            ],
            3.0,
        ),
        prioritised(
            &[
                (0.002, 150.0, exponential(150.0), 1.0),
                (
                    0.004,
                    50.0,
                    json!({ "law": "deterministic", "secs": 50 }),
                    0.0,
                ),
                (0.003, 80.0, gamma(80.0), 0.5),
            ],
            5.0,
        ),
        always(5, 0.85, 3.0),
        always(20, 0.9, 8.0),
        phased(
            "hyperexponential",
            4,
            3.2,
            mixture(0.8, 50.0, 300.0),
            None,
            5.0,
        ),
        phased(
            "Erlang's of two phases",
            6,
            5.1,
            sequence(50.0, 50.0),
            None,
            4.0,
        ),
        phased(
            "after-call work",
            5,
            4.0,
            sequence(75.0, 25.0),
            Some((75.0, 25.0)),
            3.0,
        ),
    ]
}

/// M/G/1 by Pollaczek and Khinchine; means are 100 s.
fn single(name: &str, law: Value, cv: f64, rho: f64, millions: f64) -> Case {
    let wait = rho / (1.0 - rho) * 100.0 * (1.0 + cv * cv) / 2.0;
    Case {
        family: "M/G/1",
        name: format!("{name}, {rho} erlangs"),
        model: pool(json!({}), vec![class("A", rho / 100.0, law)], 1),
        millions,
        truths: vec![
            of(0, Figure::MeanWait, wait),
            of(0, Figure::Waited, rho),
            of(0, Figure::QueueLength, wait * rho / 100.0),
        ],
    }
}

/// Strict priority of one agent, the first class first.
fn prioritised(of_classes: &[(f64, f64, Value, f64)], millions: f64) -> Case {
    let w0: f64 = of_classes
        .iter()
        .map(|(lambda, mean, _, cv)| lambda * mean * mean * (1.0 + cv * cv) / 2.0)
        .sum();
    let mut before = 0.0;
    let mut truths: Vec<Truth> = Vec::new();
    let (mut waits, mut rate) = (0.0, 0.0);
    for (place, (lambda, mean, ..)) in of_classes.iter().enumerate() {
        let until = before + lambda * mean;
        let wait = w0 / ((1.0 - before) * (1.0 - until));
        truths.push(of(place, Figure::MeanWait, wait));
        waits += lambda * wait;
        rate += lambda;
        before = until;
    }
    truths.push(overall(Figure::MeanWait, waits / rate));
    let classes = of_classes
        .iter()
        .enumerate()
        .map(|(place, (lambda, _, law, _))| {
            let fields = json!({ "priority": -(place as i64) });
            with(class(NAMES[place], *lambda, law.clone()), fields)
        });
    Case {
        family: "M/G/1 with priorities",
        name: format!("{} service laws", of_classes.len()),
        model: pool(json!({ "order": "priority" }), classes.collect(), 1),
        millions,
        truths,
    }
}

/// M/D/c.
fn always(c: u32, rho: f64, millions: f64) -> Case {
    let secs = 100.0;
    let lambda = rho * f64::from(c) / secs;
    let law = json!({ "law": "deterministic", "secs": secs });
    Case {
        family: "M/G/c",
        name: format!("constant, {c} agents, {} erlangs", rho * f64::from(c)),
        model: pool(json!({}), vec![class("A", lambda, law)], c),
        millions,
        truths: vec![
            of(0, Figure::MeanWait, constant(c, lambda, secs)),
            of(0, Figure::Occupancy(0), rho),
        ],
    }
}

fn mixture(share: f64, one: f64, other: f64) -> (TwoPhases, Value) {
    let parts =
        json!([{ "share": share, "mean_secs": one }, { "share": 1.0 - share, "mean_secs": other }]);
    let phases = TwoPhases {
        first_share: share,
        rates: [1.0 / one, 1.0 / other],
        second_follows: 0.0,
    };
    (phases, json!({ "law": "hyperexponential", "parts": parts }))
}

fn sequence(one: f64, other: f64) -> (TwoPhases, Value) {
    let phases = TwoPhases {
        first_share: 1.0,
        rates: [1.0 / one, 1.0 / other],
        second_follows: 1.0,
    };
    (
        phases,
        json!({ "law": "gamma", "mean_secs": one + other, "shape": 2 }),
    )
}

/// Service of two phases, its mean 100 s; `after_call` gives them as talk and the work after it.
fn phased(
    name: &str,
    c: u32,
    erlangs: f64,
    (phases, law): (TwoPhases, Value),
    after_call: Option<(f64, f64)>,
    millions: f64,
) -> Case {
    let lambda = erlangs / 100.0;
    let (wait, waits) = queue(c, lambda, phases, 220);
    let of_class = match after_call {
        None => class("A", lambda, law),
        Some((talk, work)) => with(
            class("A", lambda, exponential(talk)),
            json!({ "after_call": exponential(work) }),
        ),
    };
    Case {
        family: "M/G/c",
        name: format!("{name}, {c} agents, {erlangs} erlangs"),
        model: pool(json!({}), vec![of_class], c),
        millions,
        truths: vec![
            of(0, Figure::MeanWait, wait),
            of(0, Figure::Waited, waits),
            of(0, Figure::Occupancy(0), erlangs / f64::from(c)),
        ],
    }
}
