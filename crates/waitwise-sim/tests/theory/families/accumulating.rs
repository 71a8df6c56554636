//! Priority that accumulates: score = slope × wait.

use serde_json::{Value, json};

use super::{NAMES, class, exponential, of, overall, pool, with};
use crate::case::{Case, Figure, Truth};
use crate::reference::line::{Pool, accumulating};

pub(crate) fn cases() -> Vec<Case> {
    let gamma = |mean: f64| json!({ "law": "gamma", "mean_secs": mean, "cv": 0.7 });
    vec![
        case(20, 180.0, &[8.0, 10.0], &[3.0, 1.0], 22.0),
        case(20, 180.0, &[8.0, 10.0], &[100.0, 1.0], 22.0),
        case(8, 90.0, &[2.0, 2.0, 2.5], &[4.0, 2.0, 1.0], 5.0),
        case(5, 60.0, &[1.0, 1.0, 1.0, 1.0], &[0.5, 8.0, 1.0, 2.0], 5.0),
        single(
            &[
                (0.004, 60.0, gamma(60.0), 0.7),
                (0.003, 120.0, gamma(120.0), 0.7),
            ],
            &[3.0, 1.0],
            4.0,
        ),
        single(
            &[
                (
                    0.010,
                    20.0,
                    json!({ "law": "deterministic", "secs": 20 }),
                    0.0,
                ),
                (0.002, 100.0, exponential(100.0), 1.0),
                (
                    0.004,
                    70.0,
                    json!({ "law": "lognormal", "mean_secs": 70, "cv": 1.2 }),
                    1.2,
                ),
            ],
            &[1.0, 2.0, 6.0],
            6.0,
        ),
    ]
}

fn sloped(of_class: Value, slope: f64) -> Value {
    with(of_class, json!({ "slope": slope }))
}

fn case(c: u32, mean: f64, erlangs: &[f64], slopes: &[f64], millions: f64) -> Case {
    let lambda: Vec<f64> = erlangs.iter().map(|a| a / mean).collect();
    let reference = Pool {
        c,
        mu: 1.0 / mean,
        lambda: lambda.clone(),
    };
    let classes = lambda.iter().zip(slopes).zip(NAMES);
    let classes = classes
        .map(|((lambda, slope), name)| sloped(class(name, *lambda, exponential(mean)), *slope));
    let waits = reference.accumulating(slopes);
    let lowest = (0..slopes.len())
        .min_by(|a, b| slopes[*a].total_cmp(&slopes[*b]))
        .unwrap();
    let walk = reference.accumulating_walk(slopes, lowest);
    let mut truths = means(&waits);
    truths.push(of(lowest, Figure::WaitWithin(0), 1.0 - walk.beyond(20.0)));
    truths.push(overall(Figure::MeanWait, reference.fair()));
    Case {
        family: "accumulating priority",
        name: format!("{c} agents, {erlangs:?} erlangs, slopes {slopes:?}"),
        model: pool(json!({ "order": "accumulating" }), classes.collect(), c),
        millions,
        truths,
    }
}

fn means(waits: &[f64]) -> Vec<Truth> {
    let means = waits.iter().enumerate();
    means
        .map(|(place, wait)| of(place, Figure::MeanWait, *wait))
        .collect()
}

/// One agent and any service laws: rate, mean, law, spread of the law relative to its mean.
fn single(of_classes: &[(f64, f64, Value, f64)], slopes: &[f64], millions: f64) -> Case {
    let rho: Vec<f64> = of_classes
        .iter()
        .map(|(lambda, mean, ..)| lambda * mean)
        .collect();
    let w0: f64 = of_classes
        .iter()
        .map(|(lambda, mean, _, cv)| lambda * mean * mean * (1.0 + cv * cv) / 2.0)
        .sum();
    let classes = of_classes.iter().zip(slopes).zip(NAMES);
    let classes = classes.map(|(((lambda, _, law, _), slope), name)| {
        sloped(class(name, *lambda, law.clone()), *slope)
    });
    let waits = accumulating(&rho, slopes, w0);
    let mut truths = means(&waits);
    truths.push(overall(Figure::Waited, rho.iter().sum()));
    Case {
        family: "accumulating priority",
        name: format!(
            "one agent, {} service laws, slopes {slopes:?}",
            slopes.len()
        ),
        model: pool(json!({ "order": "accumulating" }), classes.collect(), 1),
        millions,
        truths,
    }
}
