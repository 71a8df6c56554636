//! Patience of other laws than the exponential.

use serde_json::{Value, json};

use super::{class, exponential, of, pool, with};
use crate::case::{Case, Figure};
use crate::reference::patience::{Answers, Patience, answers};

pub(crate) fn cases() -> Vec<Case> {
    let weibull = |scale: f64, shape: f64| move |x: f64| libm::exp(-libm::pow(x / scale, shape));
    let scale = 120.0 / libm::tgamma(1.5);
    let mixed = |x: f64| 0.6 * libm::exp(-x / 30.0) + 0.4 * libm::exp(-x / 400.0);
    let patient = |x: f64| 0.3 + 0.7 * libm::exp(-x / 90.0);
    let hazard = |x: f64| match x {
        x if x < 10.0 => libm::exp(-x / 50.0),
        x if x < 60.0 => libm::exp(-0.2),
        x => libm::exp(-0.2 - (x - 60.0) / 100.0),
    };
    let erlang_2 = |x: f64| (1.0 + x / 75.0) * libm::exp(-x / 75.0);
    let pieces = json!([
        { "from_secs": 0, "per_hour": 72 },
        { "from_secs": 10, "per_hour": 0 },
        { "from_secs": 60, "per_hour": 36 },
    ]);
    let parts = json!([{ "share": 0.6, "mean_secs": 30 }, { "share": 0.4, "mean_secs": 400 }]);
    let constant = |x: f64| if x < 60.0 { 1.0 } else { 0.0 };
    vec![
        case(
            "always 60 s",
            19.0,
            json!({ "law": "deterministic", "secs": 60 }),
            &constant,
            &[60.0],
            6.0,
        ),
        case(
            "Weibull, shape 2",
            20.0,
            json!({ "law": "weibull", "mean_secs": 120, "shape": 2 }),
            &weibull(scale, 2.0),
            &[],
            5.0,
        ),
        case(
            "Weibull, shape 0.8",
            21.0,
            json!({ "law": "weibull", "scale_secs": 150, "shape": 0.8 }),
            &weibull(150.0, 0.8),
            &[1e-6, 1e-3, 0.1, 2.0],
            2.0,
        ),
        case(
            "hyperexponential",
            20.0,
            json!({ "law": "hyperexponential", "parts": parts }),
            &mixed,
            &[],
            3.0,
        ),
        case(
            "30% never give up",
            19.0,
            with(exponential(90.0), json!({ "never_share": 0.3 })),
            &patient,
            &[],
            5.0,
        ),
        case(
            "piecewise hazard",
            22.0,
            json!({ "law": "piecewise-hazard", "pieces": pieces }),
            &hazard,
            &[10.0, 60.0],
            2.0,
        ),
        case(
            "Erlang's of two phases",
            24.0,
            json!({ "law": "gamma", "mean_secs": 150, "shape": 2 }),
            &erlang_2,
            &[],
            2.0,
        ),
    ]
}

/// 20 agents at 180 s.
fn case(
    name: &str,
    erlangs: f64,
    patience: Value,
    survival: &dyn Fn(f64) -> f64,
    bends: &[f64],
    millions: f64,
) -> Case {
    let mean = 180.0;
    let lambda = erlangs / mean;
    let law = Patience { survival, bends };
    let Answers {
        waited,
        abandoned,
        mean_wait,
        mean_wait_served,
        within,
    } = answers(20, lambda, 1.0 / mean, &law, &[20.0]);
    let of_class = with(
        class("A", lambda, exponential(mean)),
        json!({ "patience": patience }),
    );
    Case {
        family: "any patience",
        name: format!("{name}, {erlangs} erlangs"),
        model: pool(json!({}), vec![of_class], 20),
        millions,
        truths: vec![
            of(0, Figure::Waited, waited),
            of(0, Figure::AbandonedShare, abandoned),
            of(0, Figure::MeanWait, mean_wait),
            of(0, Figure::MeanWaitAnswered, mean_wait_served),
            of(0, Figure::WaitWithin(0), within[0].0),
            of(0, Figure::AnsweredWithin(0), within[0].1),
        ],
    }
}
