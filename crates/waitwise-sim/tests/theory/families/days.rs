//! Rates and staffing that change in the course of the day.

use serde_json::{Value, json};

use super::{exponential, of, with};
use crate::case::{Case, Figure, Truth};
use crate::reference::day::{Day, Stretch, Sums, gamma_points};

pub(crate) fn cases() -> Vec<Case> {
    let rising = [
        (1.0, 40.0, 3),
        (1.0, 90.0, 6),
        (1.0, 130.0, 8),
        (1.0, 70.0, 5),
    ];
    let sudden = [
        (0.5, 60.0, 2),
        (0.5, 20.0, 2),
        (1.0, 100.0, 7),
        (0.5, 100.0, 4),
        (0.5, 10.0, 2),
    ];
    let mut sudden_for_long = sudden;
    sudden_for_long[4].0 = 1.5;
    let steady = [(3.0, 75.0, 5)];
    let night = [
        (6.0, 4.0, 1),
        (6.0, 60.0, 4),
        (6.0, 80.0, 5),
        (6.0, 20.0, 2),
    ];
    vec![
        closing("four hours", &rising, 200.0, Some(150.0), 0.0, 1.0),
        closing("sudden changes", &sudden, 180.0, Some(240.0), 0.0, 1.0),
        closing("without patience", &rising, 180.0, None, 0.0, 4.0),
        closing(
            "steady, then drained",
            &steady,
            220.0,
            Some(300.0),
            0.0,
            1.0,
        ),
        closing(
            "busy and quiet days",
            &rising,
            200.0,
            Some(150.0),
            0.35,
            4.0,
        ),
        never_closing("round the clock", &night, 180.0, 200.0, 1.0),
        two_kinds(&rising, &sudden_for_long, 190.0, 200.0, 1.0),
    ]
}

/// Hours, arrivals an hour, agents.
type Plan = [(f64, f64, usize)];

fn reference(plan: &Plan, mean: f64, patience: Option<f64>, factor: f64) -> Day {
    let stretch = |(hours, per_hour, agents): &(f64, f64, usize)| Stretch {
        secs: hours * 3_600.0,
        lambda: per_hour * factor / 3_600.0,
        agents: *agents,
    };
    Day {
        stretches: plan.iter().map(stretch).collect(),
        mu: 1.0 / mean,
        theta: patience.map_or(0.0, |patience| 1.0 / patience),
        most: if patience.is_some() { 80 } else { 150 },
    }
}

fn starts(plan: &Plan) -> Vec<f64> {
    let mut start = 0.0;
    plan.iter()
        .map(|(hours, ..)| {
            start += hours * 3_600.0;
            start - hours * 3_600.0
        })
        .collect()
}

fn length(plan: &Plan) -> f64 {
    plan.iter().map(|(hours, ..)| hours * 3_600.0).sum()
}

fn rates(plan: &Plan, from: f64) -> Vec<Value> {
    let pieces = plan.iter().zip(starts(plan));
    pieces
        .map(|((_, per_hour, _), start)| json!({ "from_secs": from + start, "per_hour": per_hour }))
        .collect()
}

fn staffing(plan: &Plan, from: f64) -> Vec<Value> {
    let pieces = plan.iter().zip(starts(plan));
    pieces
        .map(|((_, _, agents), start)| json!({ "from_secs": from + start, "agents": agents }))
        .collect()
}

fn file(
    calendar: Value,
    rates: Vec<Value>,
    staffing: Vec<Value>,
    mean: f64,
    patience: Option<f64>,
) -> Value {
    let mut class =
        json!({ "name": "A", "arrivals": { "rates": rates }, "service": exponential(mean) });
    if let Some(patience) = patience {
        class = with(class, json!({ "patience": exponential(patience) }));
    }
    json!({
        "format": "waitwise-model/1",
        "calendar": calendar,
        "classes": [class],
        "groups": [{ "name": "pool", "skills": ["A"], "staffing": staffing }],
    })
}

fn truths(sums: Sums, has_patience: bool) -> Vec<Truth> {
    let mut truths = vec![
        of(0, Figure::MeanWait, sums.wait_secs / sums.offered),
        of(0, Figure::Waited, sums.waited / sums.offered),
    ];
    if has_patience {
        truths.push(of(0, Figure::AbandonedShare, sums.abandoned / sums.offered));
    }
    truths
}

fn closing(
    name: &str,
    plan: &Plan,
    mean: f64,
    patience: Option<f64>,
    cv: f64,
    millions: f64,
) -> Case {
    let sums = if cv > 0.0 {
        let points = gamma_points(cv, 40).into_iter();
        points.fold(Sums::default(), |sums, (factor, weight)| {
            sums.plus(reference(plan, mean, patience, factor).sums(), weight)
        })
    } else {
        reference(plan, mean, patience, 1.0).sums()
    };
    let model = file(
        json!({ "day_secs": length(plan) }),
        rates(plan, 0.0),
        staffing(plan, 0.0),
        mean,
        patience,
    );
    Case {
        family: "days",
        name: name.to_owned(),
        model: with(model, json!({ "busyness_cv": cv })),
        millions,
        truths: truths(sums, patience.is_some()),
    }
}

fn never_closing(name: &str, plan: &Plan, mean: f64, patience: f64, millions: f64) -> Case {
    let sums = reference(plan, mean, Some(patience), 1.0).for_ever();
    Case {
        family: "days",
        name: name.to_owned(),
        model: file(
            json!({ "cycle_secs": length(plan) }),
            rates(plan, 0.0),
            staffing(plan, 0.0),
            mean,
            Some(patience),
        ),
        millions,
        truths: truths(sums, true),
    }
}

/// A cycle of two days, which are equally long: a model's last rate goes on to the end of the day.
fn two_kinds(one: &Plan, other: &Plan, mean: f64, patience: f64, millions: f64) -> Case {
    let of_kind = |plan: &Plan| reference(plan, mean, Some(patience), 1.0).sums();
    let sums = of_kind(one).plus(of_kind(other), 1.0);
    let day_secs = length(one);
    assert!((day_secs - length(other)).abs() < 1e-9);
    let join = |pieces: &dyn Fn(&Plan, f64) -> Vec<Value>| {
        [pieces(one, 0.0), pieces(other, day_secs)].concat()
    };
    Case {
        family: "days",
        name: "two kinds of day".to_owned(),
        model: file(
            json!({ "day_secs": day_secs, "cycle_secs": 2.0 * day_secs }),
            join(&rates),
            join(&staffing),
            mean,
            Some(patience),
        ),
        millions,
        truths: truths(sums, true),
    }
}
