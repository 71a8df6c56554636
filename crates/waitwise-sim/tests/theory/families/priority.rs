//! Strict priorities: without patience, with it, and with unequal handle times.

use serde_json::{Value, json};

use super::{NAMES, class, exponential, of, overall, pool, with};
use crate::case::{Case, Figure, Truth};
use crate::reference::line::Pool;
use crate::reference::network::{Network, two_speeds};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        cobham(20, 180.0, &[8.0, 10.0], 25.0),
        cobham(20, 180.0, &[4.0, 6.0, 8.0], 40.0),
        cobham(5, 60.0, &[1.0, 0.5, 1.5, 1.0], 8.0),
        cobham(1, 30.0, &[0.3, 0.4], 3.0),
        cobham(60, 240.0, &[20.0, 20.0, 15.0], 50.0),
    ];
    cases.push(patient(10, 180.0, [5.0, 6.0], 200.0, 1.5));
    cases.push(patient(6, 120.0, [3.0, 2.5], 90.0, 2.5));
    cases.push(speeds(
        4,
        [0.010, 0.008],
        [120.0, 300.0],
        [200.0, 400.0],
        2.0,
    ));
    cases.push(speeds(
        5,
        [0.012, 0.010],
        [300.0, 120.0],
        [100.0, 500.0],
        2.0,
    ));
    cases
}

/// Classes in order, the first before all others.
fn classes(lambda: &[f64], mean: f64) -> Vec<Value> {
    let of_class = |(place, lambda): (usize, &f64)| {
        let priority = lambda_order(place);
        with(
            class(NAMES[place], *lambda, exponential(mean)),
            json!({ "priority": priority }),
        )
    };
    lambda.iter().enumerate().map(of_class).collect()
}

/// The higher goes first; gaps and signs mean nothing.
fn lambda_order(place: usize) -> i64 {
    7 - 5 * i64::try_from(place).unwrap()
}

fn cobham(c: u32, mean: f64, erlangs: &[f64], millions: f64) -> Case {
    let lambda: Vec<f64> = erlangs.iter().map(|a| a / mean).collect();
    let reference = Pool {
        c,
        mu: 1.0 / mean,
        lambda: lambda.clone(),
    };
    let last = lambda.len() - 1;
    let within = |class: usize| 1.0 - reference.strict_walk(class).beyond(20.0);
    let mut truths: Vec<Truth> = (0..=last)
        .map(|class| of(class, Figure::MeanWait, reference.strict(class)))
        .collect();
    truths.push(of(0, Figure::WaitWithin(0), within(0)));
    truths.push(of(last, Figure::AnsweredWithin(0), within(last)));
    truths.push(overall(Figure::MeanWait, reference.fair()));
    truths.push(overall(Figure::Waited, reference.waits()));
    Case {
        family: "strict priority",
        name: format!("{c} agents, {erlangs:?} erlangs"),
        model: pool(json!({ "order": "priority" }), classes(&lambda, mean), c),
        millions,
        truths,
    }
}

fn patient(c: u32, mean: f64, erlangs: [f64; 2], patience: f64, millions: f64) -> Case {
    let lambda = erlangs.map(|a| a / mean);
    let network = Network {
        lambda: lambda.to_vec(),
        theta: vec![1.0 / patience; 2],
        pools: vec![(c, 1.0 / mean)],
        asks: vec![vec![0]; 2],
        takes: vec![vec![0, 1]],
        most: 45,
    };
    let (reference, _) = network.solve();
    let with_patience =
        |of_class: Value| with(of_class, json!({ "patience": exponential(patience) }));
    let classes = classes(&lambda, mean)
        .into_iter()
        .map(with_patience)
        .collect();
    let mut truths = Vec::new();
    for (place, reference) in reference.iter().enumerate() {
        truths.push(of(place, Figure::MeanWait, reference.mean_wait));
        truths.push(of(place, Figure::AbandonedShare, reference.abandoned));
    }
    truths.push(overall(Figure::Waited, reference[0].waited));
    Case {
        family: "priority with abandonment",
        name: format!("{c} agents, {erlangs:?} erlangs, patience {patience} s"),
        model: pool(json!({ "order": "priority" }), classes, c),
        millions,
        truths,
    }
}

fn speeds(c: u32, lambda: [f64; 2], mean: [f64; 2], patience: [f64; 2], millions: f64) -> Case {
    let reference = two_speeds(
        c,
        lambda,
        mean.map(|mean| 1.0 / mean),
        patience.map(|patience| 1.0 / patience),
        30,
    );
    let of_class = |place: usize| {
        let fields =
            json!({ "priority": -(place as i64), "patience": exponential(patience[place]) });
        with(
            class(NAMES[place], lambda[place], exponential(mean[place])),
            fields,
        )
    };
    let mut truths = Vec::new();
    for (place, reference) in reference.iter().enumerate() {
        truths.push(of(place, Figure::MeanWait, reference.mean_wait));
        truths.push(of(place, Figure::AbandonedShare, reference.abandoned));
    }
    truths.push(overall(Figure::Waited, reference[0].waited));
    Case {
        family: "priority with abandonment",
        name: format!("{c} agents, handle times {mean:?} s, patience {patience:?} s"),
        model: pool(
            json!({ "order": "priority" }),
            vec![of_class(0), of_class(1)],
            c,
        ),
        millions,
        truths,
    }
}
