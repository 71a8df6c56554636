//! What the twin says, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::twin::fit::Line;
use waitwise_app::twin::outcome::Measure;
use waitwise_app::twin::prediction::{Change, LinePrediction, Verdict};
use waitwise_app::twin::trial::{Backtest, Compared, LineTrial};
use waitwise_app::twin::{Answer, Asked, Judging, Variant};

use super::number::count;
use super::table::{Align, Column, table};

/// What skills are called, by id.
type Names = BTreeMap<String, String>;

/// Writes a prediction for people.
pub(crate) fn prediction(asked: &Asked, answer: &Answer, names: &Names) -> String {
    let mut text = basis(answer);
    let _ = writeln!(
        text,
        "\nIn the {} days from {}, with the proposed weights in the place of the present ones:\n",
        asked.horizon.days, answer.first
    );
    for line in &answer.prediction.lines {
        let _ = writeln!(text, "  {}", sentence(line, names));
    }
    text += "\n";
    if !answer.prediction.lines.iter().any(is_evidence) {
        text += "No evidence of any change: keep the present weights.\n\n";
    }
    text += &changes(answer, names);
    text += &sensitivity(answer, names);
    let _ = writeln!(
        text,
        "± are halves of 95% intervals: {} futures with the same callers under both weights, half of them with laws fitted to days drawn\n\
         anew from the history (a bootstrap of whole days). That the twin is not the centre is in no interval: see the backtest. Seed {}.",
        answer.prediction.futures, asked.terms.judging.seed
    );
    text
}

fn basis(answer: &Answer) -> String {
    let basis = &answer.basis;
    let mut text = format!(
        "The twin is fitted to {} days, {} to {}: {} visits, {} agents; staffing {}.\n",
        basis.n_days,
        basis.days.0,
        basis.days.1,
        count(basis.n_visits as f64),
        count(basis.n_agents as f64),
        match basis.staffing_is_told {
            true => "as told",
            false => "inferred from work",
        }
    );
    let _ = match &answer.backtest {
        Some(found) => writeln!(text, "{}", judgement(found)),
        None => writeln!(
            text,
            "The history is too short for a backtest: how like the centre the twin is, nobody knows."
        ),
    };
    text
}

fn judgement(found: &Backtest) -> String {
    format!(
        "Backtest on {} to {}, fitted to the {} days before: mean waits off by {:.0}%; {:.0}% of the figures within their intervals.",
        found.days.0,
        found.days.1,
        found.fitted_days,
        100.0 * found.mean_wait_error(),
        100.0 * found.coverage()
    )
}

/// Says what happens to one line's mean wait.
fn sentence(line: &LinePrediction, names: &Names) -> String {
    let change = line.changes[0];
    let who = who(&line.line, names);
    let (secs, half) = (change.difference.abs(), change.half_width);
    match change.verdict(Measure::MeanWait) {
        Verdict::Better => format!("{who} wait {secs:.0} s less, ±{half:.0}"),
        Verdict::Worse => format!("{who} wait {secs:.0} s more, ±{half:.0}"),
        Verdict::Unclear => format!(
            "{who}: no evidence of a change ({:+.0} s ±{half:.0})",
            change.difference
        ),
    }
}

fn is_evidence(line: &LinePrediction) -> bool {
    line.changes[0].verdict(Measure::MeanWait) != Verdict::Unclear
}

fn who(line: &Line, names: &Names) -> String {
    match &line.queue {
        None => "all callers".to_owned(),
        Some(_) => format!("{} callers", name(line, names)),
    }
}

/// A name that fits a table: of what has none, the beginning of its id.
fn name(line: &Line, names: &Names) -> String {
    name_or(line, names, beginning)
}

fn name_or(line: &Line, names: &Names, unnamed: fn(&str) -> String) -> String {
    let called = |id: &String| names.get(id).cloned().unwrap_or_else(|| unnamed(id));
    match (&line.queue, &line.skill) {
        (None, _) => "all".to_owned(),
        (Some(queue), None) => called(queue),
        (Some(queue), Some(skill)) if queue == skill => called(skill),
        (Some(queue), Some(skill)) => format!("{} in {}", called(skill), called(queue)),
    }
}

fn beginning(id: &str) -> String {
    const WHOLE: usize = 12;
    const SHOWN: usize = 8;
    match id.chars().count() > WHOLE {
        true => id.chars().take(SHOWN).chain(['…']).collect(),
        false => id.to_owned(),
    }
}

fn changes(answer: &Answer, names: &Names) -> String {
    const COLUMNS: [Column; 7] = [
        Column("Skill", Align::Left),
        Column("Visits", Align::Right),
        Column("Mean wait, s", Align::Right),
        Column("p50, s", Align::Right),
        Column("p90, s", Align::Right),
        Column("Abandoned, %", Align::Right),
        Column("Service level, %", Align::Right),
    ];
    let row = |line: &LinePrediction| {
        let mut row = vec![name(&line.line, names), count(line.offered.round())];
        let cells = Measure::ALL.iter().zip(&line.changes);
        row.extend(cells.map(|(measure, change)| changed(*measure, change)));
        row
    };
    let rows = answer.prediction.lines.iter().map(row).collect();
    table(&COLUMNS, rows) + "\n"
}

/// `84.2 → 43.1 (−41.1 ±6.0)`
fn changed(measure: Measure, change: &Change) -> String {
    let unit = unit(measure);
    format!(
        "{:.1} → {:.1} ({:+.1} ±{:.1})",
        unit * change.present,
        unit * change.proposed,
        unit * change.difference,
        unit * change.half_width
    )
}

/// Shares are shown in percent.
fn unit(measure: Measure) -> f64 {
    match measure {
        Measure::MeanWait | Measure::P50Wait | Measure::P90Wait => 1.0,
        Measure::Abandoned | Measure::ServiceLevel => 100.0,
    }
}

fn sensitivity(answer: &Answer, names: &Names) -> String {
    let heads: Vec<String> = answer
        .sensitivity
        .iter()
        .map(|(variant, _)| in_words(*variant).to_owned())
        .collect();
    let mut columns = vec![
        Column("Change of the mean wait, s", Align::Left),
        Column("as it was", Align::Right),
    ];
    columns.extend(heads.iter().map(|head| Column(head, Align::Right)));
    let row = |line: &LinePrediction| {
        let mean = |line: &LinePrediction| {
            let change = line.changes[0];
            format!("{:+.1} ±{:.1}", change.difference, change.half_width)
        };
        let varied = answer.sensitivity.iter().map(|(_, prediction)| {
            let own = prediction.lines.iter().find(|one| one.line == line.line);
            own.map_or_else(|| "–".to_owned(), mean)
        });
        let row = [name(&line.line, names), mean(line)];
        row.into_iter().chain(varied).collect()
    };
    table(&columns, answer.prediction.lines.iter().map(row).collect()) + "\n"
}

fn in_words(variant: Variant) -> &'static str {
    match variant {
        Variant::LessLoad => "10% fewer callers",
        Variant::MoreLoad => "10% more callers",
        Variant::OneAgentFewer => "one agent fewer",
    }
}

/// Writes a backtest for people.
pub(crate) fn backtest(found: &Backtest, judging: &Judging, names: &Names) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Skill", Align::Left),
        Column("Visits: expected, were", Align::Right),
        Column("Mean wait, s", Align::Right),
        Column("p90, s", Align::Right),
        Column("Abandoned, %", Align::Right),
        Column("Service level, %", Align::Right),
    ];
    let row = |line: &LineTrial| {
        let visits = [line.expected.round(), line.offered].map(count).join(", ");
        let mut row = vec![name(&line.line, names), visits];
        for (measure, compared) in Measure::ALL.iter().zip(&line.compared) {
            if *measure != Measure::P50Wait {
                row.push(compared_cell(*measure, compared));
            }
        }
        row
    };
    let mut text = judgement(found) + "\n\n";
    text += &table(&COLUMNS, found.lines.iter().map(row).collect());
    text += "\n";
    text += &slots(found);
    let _ = writeln!(
        text,
        "Each figure: predicted ±half of its 95% interval, then as it was, with ! where that lies outside. Service level: within {} s. Seed {}.",
        judging.target_secs, judging.seed
    );
    text
}

fn compared_cell(measure: Measure, compared: &Compared) -> String {
    let unit = unit(measure);
    let mark = if compared.holds() { "" } else { " !" };
    format!(
        "{:.1} ±{:.1}, {:.1}{mark}",
        unit * compared.predicted,
        unit * compared.half_width,
        unit * compared.real
    )
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
    pub(crate) fn of(asked: &'a Asked, answer: &'a Answer, names: &Names) -> Self {
        let lines = |lines: &'a [LinePrediction]| -> Vec<LineShape<'a>> {
            lines
                .iter()
                .map(|line| LineShape::of(line, names))
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
                .map(|found| BacktestShape::of(found, names)),
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
    fn of(line: &'a Line, names: &Names) -> Self {
        WhoShape {
            queue: line.queue.as_deref(),
            skill: line.skill.as_deref(),
            name: name_or(line, names, str::to_owned),
        }
    }
}

impl<'a> LineShape<'a> {
    fn of(line: &'a LinePrediction, names: &Names) -> Self {
        let [mean, p50, p90, abandoned, service_level] = line.changes;
        LineShape {
            who: WhoShape::of(&line.line, names),
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
    pub(crate) fn of(found: &'a Backtest, names: &Names) -> Self {
        let line = |line: &'a LineTrial| {
            let [mean, p50, p90, abandoned, service_level] = line.compared;
            TrialShape {
                who: WhoShape::of(&line.line, names),
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
