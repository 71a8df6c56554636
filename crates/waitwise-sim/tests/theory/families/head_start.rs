//! The platform's own order: score = wait + head start.

use serde_json::json;

use super::{NAMES, class, exponential, of, overall, pool, with};
use crate::case::{Case, Figure, Truth};
use crate::reference::erlang::BirthDeath;
use crate::reference::line::Pool;
use crate::reference::walk::poisson;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(20, 180.0, &[8.0, 10.0], &[120.0, 0.0], 32.0),
        case(20, 180.0, &[8.0, 10.0], &[30.0, 0.0], 24.0),
        case(20, 180.0, &[4.0, 6.0, 8.0], &[180.0, 60.0, 0.0], 48.0),
        case(5, 180.0, &[2.0, 2.5], &[300.0, 0.0], 16.0),
        case(
            12,
            120.0,
            &[2.0, 3.0, 2.0, 2.0],
            &[0.0, 40.0, 90.0, 15.0],
            11.0,
        ),
        case(1, 60.0, &[0.3, 0.45], &[45.0, 0.0], 3.0),
        abandoning(20, 180.0, [8.0, 12.0], 120.0, 240.0, 4.0),
        abandoning(10, 120.0, [4.0, 7.0], 30.0, 100.0, 1.5),
    ]
}

fn case(c: u32, mean: f64, erlangs: &[f64], starts: &[f64], millions: f64) -> Case {
    let lambda: Vec<f64> = erlangs.iter().map(|a| a / mean).collect();
    let reference = Pool {
        c,
        mu: 1.0 / mean,
        lambda: lambda.clone(),
    };
    let classes = lambda
        .iter()
        .zip(starts)
        .enumerate()
        .map(|(place, (lambda, start))| {
            let fields = json!({ "head_start_secs": start });
            with(class(NAMES[place], *lambda, exponential(mean)), fields)
        });
    let mut truths: Vec<Truth> = Vec::new();
    for place in 0..lambda.len() {
        let walk = reference.head_start_walk(starts, place);
        truths.push(of(place, Figure::MeanWait, walk.mean()));
        truths.push(of(place, Figure::WaitWithin(0), 1.0 - walk.beyond(20.0)));
    }
    truths.push(overall(Figure::MeanWait, reference.fair()));
    Case {
        family: "head start",
        name: format!("{c} agents, {erlangs:?} erlangs, head starts {starts:?} s"),
        model: pool(json!({ "order": "head-start" }), classes.collect(), c),
        millions,
        truths,
    }
}

/// Two classes with one exponential patience. The later class: its place falls with ends of service and with those ahead
/// who give up, and rises with the other class for as long as its head start; it gives up itself. The other class follows
/// from the length of the whole line, which no order changes.
fn abandoning(
    c: u32,
    mean: f64,
    erlangs: [f64; 2],
    start: f64,
    patience: f64,
    millions: f64,
) -> Case {
    let lambda = erlangs.map(|a| a / mean);
    let (capacity, theta) = (f64::from(c) / mean, 1.0 / patience);
    let queue = BirthDeath::new(c, lambda[0] + lambda[1], 1.0 / mean, theta, 400);
    let ahead: Vec<f64> = queue.p[c as usize..].to_vec();
    let low = wait_with_abandonment(ahead, lambda[0], capacity, theta, start);
    let high = (queue.queue_length() - lambda[1] * low) / lambda[0];
    let classes = [(lambda[0], start), (lambda[1], 0.0)]
        .into_iter()
        .zip(NAMES);
    let classes = classes.map(|((lambda, start), name)| {
        let fields = json!({ "head_start_secs": start, "patience": exponential(patience) });
        with(class(name, lambda, exponential(mean)), fields)
    });
    Case {
        family: "head start with abandonment",
        name: format!(
            "{c} agents, {erlangs:?} erlangs, head start {start} s, patience {patience} s"
        ),
        model: pool(json!({ "order": "head-start" }), classes.collect(), c),
        millions,
        truths: vec![
            of(0, Figure::MeanWait, high),
            of(1, Figure::MeanWait, low),
            of(0, Figure::AbandonedShare, high * theta),
            of(1, Figure::AbandonedShare, low * theta),
            overall(Figure::Waited, queue.waited()),
        ],
    }
}

/// The mean time in line of who finds `ahead` in line with these probabilities.
fn wait_with_abandonment(ahead: Vec<f64>, up: f64, down: f64, theta: f64, until: f64) -> f64 {
    let most = ahead.len() - 1;
    // Of the number ahead: one step of the uniformised walk, which loses those served and those who give up.
    let step = |p: &[f64], up: f64, rate: f64| {
        let mut next = vec![0.0; p.len()];
        for (n, p) in p.iter().enumerate() {
            let falls = (down + n as f64 * theta) / rate;
            next[std::cmp::min(n + 1, most)] += p * up / rate;
            if n > 0 {
                next[n - 1] += p * falls;
            }
            next[n] += p * (1.0 - up / rate - falls - theta / rate);
        }
        next
    };
    let rate = up + down + (most as f64 + 1.0) * theta;
    let (mut present, mut mixed) = (ahead, vec![0.0; most + 1]);
    let (mut more, mut spent) = (1.0, 0.0);
    for weight in poisson(rate * until) {
        more -= weight;
        spent += f64::max(more, 0.0) / rate * present.iter().sum::<f64>();
        mixed
            .iter_mut()
            .zip(&present)
            .for_each(|(sum, p)| *sum += weight * p);
        present = step(&present, up, rate);
    }
    // From then on nobody passes: with n ahead the mean time is the next one's turn after another.
    let mut left = vec![0.0; most + 1];
    for n in 0..=most {
        let total = down + (n as f64 + 1.0) * theta;
        let next = if n == 0 { 0.0 } else { left[n - 1] };
        left[n] = (1.0 + (down + n as f64 * theta) * next) / total;
    }
    spent
        + mixed
            .iter()
            .zip(&left)
            .map(|(p, left)| p * left)
            .sum::<f64>()
}

#[test]
fn without_a_head_start_everybody_waits_alike() {
    let queue = BirthDeath::new(20, 20.0 / 180.0, 1.0 / 180.0, 1.0 / 240.0, 400);
    let wait = wait_with_abandonment(queue.p[20..].to_vec(), 0.04, 20.0 / 180.0, 1.0 / 240.0, 0.0);
    assert!((wait / queue.mean_wait() - 1.0).abs() < 1e-9);
    // Computed elsewhere for this centre with a head start of 120 s for 8 of the 20 erlangs.
    let low = wait_with_abandonment(
        queue.p[20..].to_vec(),
        8.0 / 180.0,
        20.0 / 180.0,
        1.0 / 240.0,
        120.0,
    );
    assert!((low - 27.465_5).abs() < 1e-3, "{low}");
}
