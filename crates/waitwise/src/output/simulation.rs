//! What a simulation tells, as text and as JSON.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::sim::estimate::{ClassEstimates, Estimate, Estimates};
use waitwise_app::sim::file::Described;
use waitwise_app::sim::{Extent, Plan};

use super::number::count;
use super::table::{Align, Column, table};

/// What is to be told.
pub(crate) struct Simulated {
    pub(crate) described: Described,
    pub(crate) plan: Plan,
    pub(crate) quantiles: Vec<f64>,
    pub(crate) estimates: Estimates,
}

impl Simulated {
    fn classes(&self) -> impl Iterator<Item = (&str, &ClassEstimates)> {
        let names = self.described.model.spec().classes.iter();
        names
            .map(|class| class.name.as_str())
            .zip(&self.estimates.classes)
    }

    fn groups(&self) -> impl Iterator<Item = (&str, Option<Estimate>)> {
        let names = self.described.model.spec().groups.iter();
        names
            .map(|group| group.name.as_str())
            .zip(self.estimates.occupancy.iter().copied())
    }

    fn targets(&self) -> &[f64] {
        &self.described.model.spec().targets_secs
    }

    /// What one replication is.
    fn unit(&self) -> &'static str {
        match self.plan.extent {
            Extent::Day => "day",
            Extent::Endless { .. } => "replication",
        }
    }
}

/// Writes a simulation for people.
pub(crate) fn text(simulated: &Simulated) -> String {
    let mut text = head(simulated);
    text += &waits(simulated);
    text += &ends(simulated);
    text += &quantiles(simulated);
    text += &groups(simulated);
    text += "± and the brackets are 95% intervals. Mean waits and quantiles are of everybody let in, answered or abandoned.\n";
    text
}

fn head(simulated: &Simulated) -> String {
    let estimates = &simulated.estimates;
    let total = &estimates.overall.total;
    let name = simulated.described.name.as_deref().unwrap_or("The centre");
    let mut text = format!(
        "{name}: {} interactions in {} {}{}, {} hours, seed {}\n\n",
        count(total.offered as f64),
        simulated.plan.replications,
        simulated.unit(),
        if simulated.plan.replications == 1 {
            ""
        } else {
            "s"
        },
        count((estimates.secs / 3_600.0).round()),
        simulated.plan.seed,
    );
    if total.waiting() > 0 {
        let _ = writeln!(
            text,
            "warning: {} still waited when the run was stopped: more arrive than are answered or give up\n",
            count(total.waiting() as f64)
        );
    }
    text
}

fn rows<'a>(
    simulated: &'a Simulated,
    row: impl Fn(&'a ClassEstimates) -> Vec<String> + 'a,
) -> Vec<Vec<String>> {
    let overall = ("all", &simulated.estimates.overall);
    let named = simulated.classes().chain([overall]);
    named
        .map(|(name, of)| [vec![name.to_owned()], row(of)].concat())
        .collect()
}

fn waits(simulated: &Simulated) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Class", Align::Left),
        Column("Mean wait, s", Align::Right),
        Column("Answered, s", Align::Right),
        Column("Had to wait", Align::Right),
        Column("Waiting", Align::Right),
    ];
    let row = |of: &ClassEstimates| {
        vec![
            secs(of.mean_wait_secs),
            secs(of.mean_wait_answered_secs),
            percent(of.waited_share),
            secs(of.queue_length),
        ]
    };
    table(&COLUMNS, rows(simulated, row)) + "\n"
}

fn ends(simulated: &Simulated) -> String {
    let targets: Vec<String> = simulated
        .targets()
        .iter()
        .map(|target| format!("Answered in {target} s"))
        .collect();
    let mut columns = vec![
        Column("Class", Align::Left),
        Column("Offered", Align::Right),
        Column("Answered", Align::Right),
        Column("Abandoned", Align::Right),
        Column("Blocked", Align::Right),
    ];
    columns.extend(targets.iter().map(|target| Column(target, Align::Right)));
    let row = |of: &ClassEstimates| {
        let mut row = vec![
            count(of.total.offered as f64),
            percent(of.answered_share),
            percent(of.abandoned_share),
            percent(of.blocked_share),
        ];
        row.extend(of.answered_within.iter().map(|share| percent(*share)));
        row
    };
    table(&columns, rows(simulated, row)) + "\n"
}

fn quantiles(simulated: &Simulated) -> String {
    let names: Vec<String> = simulated
        .quantiles
        .iter()
        .map(|q| format!("p{}, s", (q * 1e6).round() / 1e4))
        .collect();
    let mut columns = vec![Column("Class", Align::Left)];
    columns.extend(names.iter().map(|name| Column(name, Align::Right)));
    let bracketed = |of: &Option<Estimate>| match of {
        None => "–".to_owned(),
        Some(Estimate {
            value,
            interval: None,
        }) => figure(*value),
        Some(Estimate {
            value,
            interval: Some((low, high)),
        }) => format!("{} [{}, {}]", figure(*value), figure(*low), figure(*high)),
    };
    let row = |of: &ClassEstimates| of.wait_quantiles_secs.iter().map(bracketed).collect();
    table(&columns, rows(simulated, row)) + "\n"
}

fn groups(simulated: &Simulated) -> String {
    const COLUMNS: [Column; 2] = [
        Column("Group", Align::Left),
        Column("Occupancy", Align::Right),
    ];
    let row =
        |(name, occupancy): (&str, Option<Estimate>)| vec![name.to_owned(), percent(occupancy)];
    table(&COLUMNS, simulated.groups().map(row).collect()) + "\n"
}

fn secs(of: Option<Estimate>) -> String {
    with_half(of, figure)
}

fn percent(of: Option<Estimate>) -> String {
    let percent = |share: f64| format!("{:.2}", 100.0 * share);
    match of {
        None => "–".to_owned(),
        of => with_half(of, percent) + "%",
    }
}

fn with_half(of: Option<Estimate>, write: impl Fn(f64) -> String) -> String {
    let Some(Estimate { value, interval }) = of else {
        return "–".to_owned();
    };
    let half = |(low, high): (f64, f64)| format!(" ±{}", write((high - low) / 2.0));
    format!("{}{}", write(value), interval.map_or(String::new(), half))
}

/// Few decimals for large numbers, more for small ones.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        large if large >= 100.0 => 1,
        middle if middle >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

/// `waitwise-simulation/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-simulation/1")]
pub(crate) struct SimulationShape<'a> {
    #[schemars(extend("const" = "waitwise-simulation/1"))]
    format: &'static str,
    /// What the model file calls the centre.
    name: Option<&'a str>,
    seed: u64,
    replications: u64,
    /// From how many parts, replications or batches of a single one, the intervals come.
    parts: u64,
    /// Measured time, all replications together.
    hours: f64,
    /// All classes together.
    overall: ClassShape<'a>,
    classes: Vec<ClassShape<'a>>,
    groups: Vec<GroupShape<'a>>,
}

/// A figure with its 95% interval; null where there is too little for one.
#[derive(Serialize, JsonSchema)]
struct EstimateShape {
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct ClassShape<'a> {
    name: &'a str,
    /// Counts of all replications together.
    counts: CountsShape,
    /// Arrivals in one replication.
    offered: EstimateShape,
    /// Answered of the arrivals of one replication.
    answered: EstimateShape,
    /// Abandoned, likewise.
    abandoned: EstimateShape,
    /// Blocked, likewise.
    blocked: EstimateShape,
    /// The answered, of the offered.
    answered_share: Option<EstimateShape>,
    /// The abandoned, of the offered.
    abandoned_share: Option<EstimateShape>,
    /// The blocked, of the offered.
    blocked_share: Option<EstimateShape>,
    /// P(wait > 0), of those let in: answered or abandoned.
    waited_share: Option<EstimateShape>,
    /// The mean wait of those let in.
    mean_wait_secs: Option<EstimateShape>,
    /// The mean wait of the answered.
    mean_wait_answered_secs: Option<EstimateShape>,
    /// The mean wait of the abandoned.
    mean_wait_abandoned_secs: Option<EstimateShape>,
    /// How many wait at a time, on average.
    queue_length: Option<EstimateShape>,
    targets: Vec<TargetShape>,
    quantiles: Vec<QuantileShape>,
}

#[derive(Serialize, JsonSchema)]
struct CountsShape {
    offered: u64,
    answered: u64,
    abandoned: u64,
    blocked: u64,
    /// Still waiting when the run was stopped; 0 unless more arrive than leave.
    waiting: u64,
}

#[derive(Serialize, JsonSchema)]
struct TargetShape {
    secs: f64,
    /// P(wait ≤ target), of those let in.
    wait_within: Option<EstimateShape>,
    /// P(answered within target), of the offered: the service level.
    answered_within: Option<EstimateShape>,
}

#[derive(Serialize, JsonSchema)]
struct QuantileShape {
    q: f64,
    /// Of the waits of those let in.
    wait_secs: Option<EstimateShape>,
    /// Of the waits of the answered.
    answered_wait_secs: Option<EstimateShape>,
}

#[derive(Serialize, JsonSchema)]
struct GroupShape<'a> {
    name: &'a str,
    /// Time with interactions and the work after them, of the time at work.
    occupancy: Option<EstimateShape>,
}

impl SimulationShape<'_> {
    pub(crate) fn of(simulated: &Simulated) -> SimulationShape<'_> {
        let estimates = &simulated.estimates;
        let class = |(name, of)| ClassShape::of(simulated, name, of);
        SimulationShape {
            format: "waitwise-simulation/1",
            name: simulated.described.name.as_deref(),
            seed: simulated.plan.seed,
            replications: simulated.plan.replications,
            parts: estimates.parts,
            hours: estimates.secs / 3_600.0,
            overall: ClassShape::of(simulated, "all", &estimates.overall),
            classes: simulated.classes().map(class).collect(),
            groups: simulated
                .groups()
                .map(|(name, occupancy)| GroupShape {
                    name,
                    occupancy: occupancy.map(EstimateShape::of),
                })
                .collect(),
        }
    }
}

impl EstimateShape {
    fn of(estimate: Estimate) -> EstimateShape {
        EstimateShape {
            value: estimate.value,
            low: estimate.interval.map(|(low, _)| low),
            high: estimate.interval.map(|(_, high)| high),
        }
    }
}

impl ClassShape<'_> {
    fn of<'a>(simulated: &Simulated, name: &'a str, of: &ClassEstimates) -> ClassShape<'a> {
        let shape = |estimate: Option<Estimate>| estimate.map(EstimateShape::of);
        let total = &of.total;
        let targets = simulated.targets().iter().zip(&of.wait_within);
        let quantiles = simulated.quantiles.iter().zip(&of.wait_quantiles_secs);
        ClassShape {
            name,
            counts: CountsShape {
                offered: total.offered,
                answered: total.answered(),
                abandoned: total.abandoned,
                blocked: total.blocked,
                waiting: total.waiting(),
            },
            offered: EstimateShape::of(of.offered),
            answered: EstimateShape::of(of.answered),
            abandoned: EstimateShape::of(of.abandoned),
            blocked: EstimateShape::of(of.blocked),
            answered_share: shape(of.answered_share),
            abandoned_share: shape(of.abandoned_share),
            blocked_share: shape(of.blocked_share),
            waited_share: shape(of.waited_share),
            mean_wait_secs: shape(of.mean_wait_secs),
            mean_wait_answered_secs: shape(of.mean_wait_answered_secs),
            mean_wait_abandoned_secs: shape(of.mean_wait_abandoned_secs),
            queue_length: shape(of.queue_length),
            targets: targets
                .zip(&of.answered_within)
                .map(|((secs, wait), answered)| TargetShape {
                    secs: *secs,
                    wait_within: shape(*wait),
                    answered_within: shape(*answered),
                })
                .collect(),
            quantiles: quantiles
                .zip(&of.answered_wait_quantiles_secs)
                .map(|((q, wait), answered)| QuantileShape {
                    q: *q,
                    wait_secs: shape(*wait),
                    answered_wait_secs: shape(*answered),
                })
                .collect(),
        }
    }
}
