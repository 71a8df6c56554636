//! The cases by family.

mod accumulating;
mod days;
mod erlang;
mod head_start;
mod networks;
mod patience;
mod priority;
mod service;

use serde_json::{Value, json};

use crate::case::{Case, Figure, Truth};

pub(crate) fn all() -> Vec<Case> {
    [
        erlang::cases(),
        patience::cases(),
        priority::cases(),
        head_start::cases(),
        accumulating::cases(),
        service::cases(),
        networks::cases(),
        days::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A figure of a class and its truth.
fn of(class: usize, figure: Figure, value: f64) -> Truth {
    Truth {
        figure,
        class: Some(class),
        value,
    }
}

/// A figure of all classes together and its truth.
fn overall(figure: Figure, value: f64) -> Truth {
    Truth {
        figure,
        class: None,
        value,
    }
}

fn exponential(mean_secs: f64) -> Value {
    json!({ "law": "exponential", "mean_secs": mean_secs })
}

/// A class with Poisson arrivals.
fn class(name: &str, per_sec: f64, service: Value) -> Value {
    json!({ "name": name, "arrivals": { "per_hour": per_sec * 3_600.0 }, "service": service })
}

/// The same with more fields.
fn with(mut class: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut class, more) else {
        panic!("fields are objects");
    };
    fields.extend(more);
    class
}

/// One group that takes all classes.
fn pool(routing: Value, classes: Vec<Value>, agents: u32) -> Value {
    let names: Vec<&Value> = classes.iter().map(|class| &class["name"]).collect();
    let group = json!({ "name": "pool", "skills": names, "agents": agents });
    json!({
        "format": "waitwise-model/1",
        "routing": routing,
        "classes": classes,
        "groups": [group],
    })
}

/// Names for classes.
const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
