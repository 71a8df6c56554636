//! Small days as model files, and what became of each interaction.

use serde_json::{Value, json};
use waitwise_sim::file::{Described, from_json};
use waitwise_sim::{Block, Ended, Extent, Length, Simulator, Watch};

/// Per class and interaction: how long it waited, and how that ended; `None`: it never did.
pub(crate) type Fates = Vec<Vec<Option<(f64, Ended)>>>;

/// Keeps what it is told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) fates: Fates,
    /// Of each, in the order in which they left the queue: class, number, and when they arrived.
    pub(crate) arrived: Vec<(usize, u32, f64)>,
}

impl Watch for Told {
    fn left(&mut self, class: usize, number: u32, arrived_secs: f64, wait_secs: f64, ended: Ended) {
        let classes = std::cmp::max(self.fates.len(), class + 1);
        self.fates.resize(classes, Vec::new());
        let fates = &mut self.fates[class];
        fates.resize(std::cmp::max(fates.len(), number as usize + 1), None);
        let before = fates[number as usize].replace((wait_secs, ended));
        assert_eq!(before, None, "an interaction ends once");
        self.arrived.push((class, number, arrived_secs));
    }
}

pub(crate) fn described(model: &Value) -> Described {
    from_json(&model.to_string()).unwrap_or_else(|error| panic!("{error}\n{model:#}"))
}

/// One day of 10,000 s.
pub(crate) fn day(routing: Value, classes: Value, groups: Value) -> Fates {
    day_with(json!({ "routing": routing, "classes": classes, "groups": groups })).0
}

/// The same with more of the file said, and with what was counted.
pub(crate) fn day_with(model: Value) -> (Fates, Block) {
    let (told, block) = told(model);
    (told.fates, block)
}

/// The same with all that the watcher was told.
pub(crate) fn told(mut model: Value) -> (Told, Block) {
    let fields = model.as_object_mut().unwrap();
    fields.insert("format".to_owned(), json!("waitwise-model/1"));
    fields
        .entry("calendar")
        .or_insert(json!({ "day_secs": 10_000 }));
    let described = described(&model);
    let mut told = Told::default();
    let mut simulator = Simulator::new(&described.model, &described.policy);
    let mut blocks = simulator.run_watched(1, 0, Extent::Day, &mut told);
    (told, blocks.remove(0))
}

/// A class whose interactions arrive at these times and take so long, each with patience; infinite patience: null.
pub(crate) fn class(name: &str, calls: &[(f64, f64, Option<f64>)]) -> Value {
    let at: Vec<f64> = calls.iter().map(|call| call.0).collect();
    let service: Vec<f64> = calls.iter().map(|call| call.1).collect();
    let patience: Vec<Option<f64>> = calls.iter().map(|call| call.2).collect();
    json!({
        "name": name,
        "arrivals": { "at_secs": at, "service_secs": service, "patience_secs": patience },
    })
}

pub(crate) fn with(mut of: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    of.as_object_mut().unwrap().extend(more);
    of
}

/// Waits of the answered, in order; −1: gave up; −2: blocked.
pub(crate) fn waits(fates: &Fates, class: usize) -> Vec<f64> {
    let wait = |fate: &Option<(f64, Ended)>| match fate {
        Some((wait, Ended::Answered(_))) => *wait,
        Some((_, Ended::Abandoned)) => -1.0,
        Some((_, Ended::Blocked)) => -2.0,
        None => f64::INFINITY,
    };
    fates[class].iter().map(wait).collect()
}

/// Which agents answered.
pub(crate) fn agents(fates: &Fates, class: usize) -> Vec<u32> {
    let agent = |fate: &Option<(f64, Ended)>| match fate {
        Some((_, Ended::Answered(agent))) => *agent,
        other => panic!("{other:?} was not answered"),
    };
    fates[class].iter().map(agent).collect()
}

pub(crate) fn endless(measured: u64, batches: u32) -> Extent {
    Extent::Endless {
        warmup: Length::Interactions(measured / 10),
        measured: Length::Interactions(measured),
        batches,
    }
}
