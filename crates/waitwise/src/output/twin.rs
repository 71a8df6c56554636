//! What the twin says: a prediction as JSON, a backtest as text and as JSON. A prediction's text is a plan's, `prospect`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::twin::fit::Line;
use waitwise_app::twin::outcome::Measure;
use waitwise_app::twin::prediction::{Change, LinePrediction, Verdict};
use waitwise_app::twin::trial::{Backtest, Compared, LineTrial};
use waitwise_app::twin::{Answer, Asked, Called, Judging};

use super::number::count;
use super::prospect::waits_and_shares;
use super::table::{Align, Column, table};

/// Writes a backtest for people.
pub(crate) fn backtest(found: &Backtest, judging: &Judging, called: Called<'_>) -> String {
    let mut text = format!(
        "Backtest on {} to {}, fitted to the {} days before: mean waits off by {:.0}%; {:.0}% of the figures within their intervals.\n\n",
        found.days.0,
        found.days.1,
        found.fitted_days,
        100.0 * found.mean_wait_error(),
        100.0 * found.coverage()
    );
    text += &figures(found, called);
    text += &slots(found);
    let _ = writeln!(
        text,
        "First what was predicted, ± half of the 95% interval; then what it was, with ! where that lies outside.\n\
         Service level: within {} s. Seed {}.",
        judging.target_secs, judging.seed
    );
    text
}

fn figures(found: &Backtest, called: Called<'_>) -> String {
    let waits = |line: &LineTrial| {
        let visits = [line.expected.round(), line.offered].map(count);
        let [mean, p50, p90, ..] = line.compared.map(|wait| compared(wait, 1.0).join("\n"));
        vec![called.line(&line.line), visits.join("\n"), mean, p50, p90]
    };
    let shares = |line: &LineTrial| {
        let [.., abandoned, service_level] =
            line.compared.map(|share| compared(share, 100.0).join("  "));
        vec![called.line(&line.line), abandoned, service_level]
    };
    let rows = |row: &dyn Fn(&LineTrial) -> Vec<String>| found.lines.iter().map(row).collect();
    waits_and_shares(rows(&waits), rows(&shares))
}

/// What was predicted, and what it was.
fn compared(figure: Compared, unit: f64) -> [String; 2] {
    let of = |value: f64| unit * value;
    let mark = if figure.holds() { "" } else { " !" };
    [
        format!("{:.1} ±{:.1}", of(figure.predicted), of(figure.half_width)),
        format!("{:.1}{mark}", of(figure.real)),
    ]
}

fn slots(found: &Backtest) -> String {
    const COLUMNS: [Column; 4] = [
        Column("Half-hour", Align::Left),
        Column("Visits", Align::Right),
        Column("Mean wait predicted, s", Align::Right),
        Column("as it was, s", Align::Right),
    ];
    let rows = found.slots.iter().map(|slot| {
        vec![
            format!("{:02}:{:02}", slot.slot / 2, 30 * (slot.slot % 2)),
            count(slot.offered),
            format!("{:.1}", slot.predicted_secs),
            format!("{:.1}", slot.real_secs),
        ]
    });
    table(&COLUMNS, rows.collect()) + "\n"
}

/// `waitwise-prediction/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-prediction/1")]
pub(crate) struct PredictionShape<'a> {
    #[schemars(extend("const" = "waitwise-prediction/1"))]
    format: &'static str,
    seed: u64,
    /// Futures simulated, all of them under both sets of weights.
    futures: u64,
    /// The first day predicted.
    first_day: String,
    days: usize,
    basis: BasisShape,
    /// How like the centre the twin is; null if the history is too short to tell.
    backtest: Option<BacktestShape<'a>>,
    /// By skill and queue, everybody last.
    lines: Vec<LineShape<'a>>,
    /// The same with something other than it was.
    sensitivity: Vec<VariantShape<'a>>,
    /// What spoke against predicting, where it was forced.
    doubts: &'a [String],
}

/// What a prediction rests on.
#[derive(Serialize, JsonSchema)]
struct BasisShape {
    from: String,
    to: String,
    days: usize,
    /// Days on which nobody called.
    empty_days: usize,
    visits: usize,
    /// Visits left out, since nothing tells how they ended.
    untold: usize,
    /// Visits left out, since nobody was seen to take such ones.
    unserved: usize,
    agents: usize,
    /// Whether staffing was told rather than inferred from work.
    staffing_is_told: bool,
}

/// Whose figures they are.
#[derive(Serialize, JsonSchema)]
struct WhoShape<'a> {
    /// The queue's id; null: everybody.
    queue: Option<&'a str>,
    /// The skill's id; null: who asked for none, or everybody.
    skill: Option<&'a str>,
    name: String,
}

/// What becomes of callers under both sets of weights.
#[derive(Serialize, JsonSchema)]
struct LineShape<'a> {
    #[serde(flatten)]
    who: WhoShape<'a>,
    /// Expected visits.
    offered: f64,
    mean_wait_secs: ChangeShape,
    p50_wait_secs: ChangeShape,
    p90_wait_secs: ChangeShape,
    /// 0 to 1.
    abandoned_share: ChangeShape,
    /// 0 to 1, of all who entered.
    service_level: ChangeShape,
}

/// A figure under both sets of weights.
#[derive(Serialize, JsonSchema)]
struct ChangeShape {
    present: f64,
    proposed: f64,
    /// Proposed less present.
    difference: f64,
    /// The 95% interval of the difference over the days predicted.
    interval: (f64, f64),
    verdict: VerdictShape,
}

/// What the interval allows to say.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum VerdictShape {
    Better,
    Worse,
    /// The interval holds 0.
    NoEvidence,
}

/// What a change does if something is other than it was.
#[derive(Serialize, JsonSchema)]
struct VariantShape<'a> {
    /// `less-load`, `more-load`: a tenth; `one-agent-fewer`: of the largest group.
    supposed: &'static str,
    lines: Vec<LineShape<'a>>,
}

/// `waitwise-backtest/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-backtest/1")]
pub(crate) struct BacktestShape<'a> {
    #[schemars(extend("const" = "waitwise-backtest/1"))]
    format: &'static str,
    from: String,
    to: String,
    fitted_days: usize,
    /// By how much mean waits were mispredicted, as a share of them, each skill counting by its visits.
    mean_wait_error: f64,
    /// Share of the figures within their intervals.
    coverage: f64,
    lines: Vec<TrialShape<'a>>,
    half_hours: Vec<SlotShape>,
}

/// Predicted figures beside real ones.
#[derive(Serialize, JsonSchema)]
struct TrialShape<'a> {
    #[serde(flatten)]
    who: WhoShape<'a>,
    expected: f64,
    offered: f64,
    mean_wait_secs: ComparedShape,
    p50_wait_secs: ComparedShape,
    p90_wait_secs: ComparedShape,
    abandoned_share: ComparedShape,
    service_level: ComparedShape,
}

/// A figure as predicted and as it was.
#[derive(Serialize, JsonSchema)]
struct ComparedShape {
    predicted: f64,
    interval: (f64, f64),
    real: f64,
}

/// Mean waits of a half-hour of the day.
#[derive(Serialize, JsonSchema)]
struct SlotShape {
    /// As in `09:30`.
    begins: String,
    offered: f64,
    predicted_secs: f64,
    real_secs: f64,
}

impl<'a> PredictionShape<'a> {
    pub(crate) fn of(asked: &'a Asked, answer: &'a Answer, called: Called<'_>) -> Self {
        let lines = |lines: &'a [LinePrediction]| -> Vec<LineShape<'a>> {
            lines
                .iter()
                .map(|line| LineShape::of(line, called))
                .collect()
        };
        let basis = &answer.basis;
        PredictionShape {
            format: "waitwise-prediction/1",
            seed: asked.terms.judging.seed,
            futures: answer.prediction.futures,
            first_day: answer.first.to_string(),
            days: asked.horizon.days,
            basis: BasisShape {
                from: basis.days.0.to_string(),
                to: basis.days.1.to_string(),
                days: basis.n_days,
                empty_days: basis.n_empty_days,
                visits: basis.n_visits,
                untold: basis.n_untold,
                unserved: basis.n_unserved,
                agents: basis.n_agents,
                staffing_is_told: basis.staffing_is_told,
            },
            backtest: answer
                .backtest
                .as_ref()
                .map(|found| BacktestShape::of(found, called)),
            lines: lines(&answer.prediction.lines),
            sensitivity: answer
                .sensitivity
                .iter()
                .map(|(variant, prediction)| VariantShape {
                    supposed: variant.name(),
                    lines: lines(&prediction.lines),
                })
                .collect(),
            doubts: &answer.doubts,
        }
    }
}

impl<'a> WhoShape<'a> {
    fn of(line: &'a Line, called: Called<'_>) -> Self {
        WhoShape {
            queue: line.queue.as_deref(),
            skill: line.skill.as_deref(),
            name: called.line(line),
        }
    }
}

impl<'a> LineShape<'a> {
    fn of(line: &'a LinePrediction, called: Called<'_>) -> Self {
        let [mean, p50, p90, abandoned, service_level] = line.changes;
        LineShape {
            who: WhoShape::of(&line.line, called),
            offered: line.offered,
            mean_wait_secs: ChangeShape::of(mean, Measure::MeanWait),
            p50_wait_secs: ChangeShape::of(p50, Measure::P50Wait),
            p90_wait_secs: ChangeShape::of(p90, Measure::P90Wait),
            abandoned_share: ChangeShape::of(abandoned, Measure::Abandoned),
            service_level: ChangeShape::of(service_level, Measure::ServiceLevel),
        }
    }
}

impl ChangeShape {
    fn of(change: Change, measure: Measure) -> Self {
        ChangeShape {
            present: change.present,
            proposed: change.proposed,
            difference: change.difference,
            interval: change.interval(),
            verdict: match change.verdict(measure) {
                Verdict::Better => VerdictShape::Better,
                Verdict::Worse => VerdictShape::Worse,
                Verdict::Unclear => VerdictShape::NoEvidence,
            },
        }
    }
}

impl<'a> BacktestShape<'a> {
    pub(crate) fn of(found: &'a Backtest, called: Called<'_>) -> Self {
        let line = |line: &'a LineTrial| {
            let [mean, p50, p90, abandoned, service_level] = line.compared;
            TrialShape {
                who: WhoShape::of(&line.line, called),
                expected: line.expected,
                offered: line.offered,
                mean_wait_secs: ComparedShape::of(mean),
                p50_wait_secs: ComparedShape::of(p50),
                p90_wait_secs: ComparedShape::of(p90),
                abandoned_share: ComparedShape::of(abandoned),
                service_level: ComparedShape::of(service_level),
            }
        };
        BacktestShape {
            format: "waitwise-backtest/1",
            from: found.days.0.to_string(),
            to: found.days.1.to_string(),
            fitted_days: found.fitted_days,
            mean_wait_error: found.mean_wait_error(),
            coverage: found.coverage(),
            lines: found.lines.iter().map(line).collect(),
            half_hours: found
                .slots
                .iter()
                .map(|slot| SlotShape {
                    begins: format!("{:02}:{:02}", slot.slot / 2, 30 * (slot.slot % 2)),
                    offered: slot.offered,
                    predicted_secs: slot.predicted_secs,
                    real_secs: slot.real_secs,
                })
                .collect(),
        }
    }
}

impl ComparedShape {
    fn of(compared: Compared) -> Self {
        ComparedShape {
            predicted: compared.predicted,
            interval: (
                compared.predicted - compared.half_width,
                compared.predicted + compared.half_width,
            ),
            real: compared.real,
        }
    }
}
