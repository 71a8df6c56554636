//! What a plan or a twin that was asked says of the days to come, as text.

use std::fmt::Write as _;

use waitwise_app::plan_file::{Basis, FrontPoint, Predicted, PredictedLine, Prediction, Search};

use super::number::count;
use super::table::{Align, Column, table};

/// Says what the weights would do to waits: a sentence for each skill, then the figures.
pub(crate) fn prediction(found: &Prediction) -> String {
    let mut text = format!(
        "In the {} days from {}, with the proposed weights in the place of the present ones, by the twin:\n",
        found.days, found.first_day
    );
    for line in &found.lines {
        let _ = writeln!(text, "  {}", sentence(line));
    }
    if shows_nothing(found) {
        let _ = writeln!(text, "{NO_EVIDENCE}");
    }
    text += "\n";
    text += &figures(found);
    text += &sensitivity(found);
    let _ = writeln!(text, "The twin is fitted to {}.", basis(&found.basis));
    let _ = match &found.backtest {
        Some(judged) => writeln!(
            text,
            "Backtest on {} to {}: mean waits off by {:.0}%; {:.0}% of the figures within their intervals.",
            judged.from,
            judged.to,
            100.0 * judged.mean_wait_error,
            100.0 * judged.coverage
        ),
        None => writeln!(
            text,
            "The history is too short for a backtest: how like the centre the twin is, nobody knows."
        ),
    };
    let _ = writeln!(
        text,
        "± are halves of 95% intervals: {} futures with the same callers under both weights, half of them with laws fitted to days drawn\n\
         anew from the history (a bootstrap of whole days). That the twin is not the centre is in no interval: see the backtest.\n\
         Service level: within {} s. Seed {}.",
        found.futures, found.target_secs, found.seed
    );
    text
}

/// What is said where [`shows_nothing`].
pub(crate) const NO_EVIDENCE: &str = "No evidence of any change: keep the present weights.";

/// Whether nobody's mean wait is shown to change.
pub(crate) fn shows_nothing(found: &Prediction) -> bool {
    let mut waits = found.lines.iter().map(|line| line.mean_wait_secs);
    !waits.any(|wait| wait.is_evidence())
}

/// Says what becomes of one line's mean wait.
pub(crate) fn sentence(line: &PredictedLine) -> String {
    let who = match &line.queue {
        None => "all callers".to_owned(),
        Some(_) => format!("{} callers", line.name),
    };
    let wait = line.mean_wait_secs;
    let (secs, half) = (wait.difference.abs(), wait.half_width);
    match (wait.is_evidence(), wait.difference < 0.0) {
        (true, true) => format!("{who} wait {secs:.0} s less, ±{half:.0}"),
        (true, false) => format!("{who} wait {secs:.0} s more, ±{half:.0}"),
        (false, _) => {
            let change = format!("{:+.0}", wait.difference);
            // Less than half a second has no sign.
            let change = match change.as_str() {
                "+0" | "-0" => "0",
                change => change,
            };
            format!("{who}: no evidence of a change ({change} s ±{half:.0})")
        }
    }
}

fn figures(found: &Prediction) -> String {
    let waits = |line: &PredictedLine| {
        let wait = |figure| changed(figure, 1.0).join("\n");
        vec![
            line.name.clone(),
            count(line.offered.round()),
            wait(line.mean_wait_secs),
            wait(line.p50_wait_secs),
            wait(line.p90_wait_secs),
        ]
    };
    let shares = |line: &PredictedLine| {
        let share = |figure| changed(figure, 100.0).join("  ");
        vec![
            line.name.clone(),
            share(line.abandoned_share),
            share(line.service_level),
        ]
    };
    let rows = |row: &dyn Fn(&PredictedLine) -> Vec<String>| found.lines.iter().map(row).collect();
    waits_and_shares(rows(&waits), rows(&shares))
}

/// Two tables, since all figures side by side fit no terminal: each skill's visits, mean wait, p50 and p90; then its share who
/// give up, and its service level.
pub(crate) fn waits_and_shares(waits: Vec<Vec<String>>, shares: Vec<Vec<String>>) -> String {
    const WAITS: [Column; 5] = [
        Column("Skill", Align::Left),
        Column("Visits", Align::Right),
        Column("Mean wait, s", Align::Right),
        Column("p50, s", Align::Right),
        Column("p90, s", Align::Right),
    ];
    const SHARES: [Column; 3] = [
        Column("Skill", Align::Left),
        Column("Abandoned, %", Align::Right),
        Column("Service level, %", Align::Right),
    ];
    format!("{}\n{}\n", table(&WAITS, waits), table(&SHARES, shares))
}

/// From what to what, and by how much.
fn changed(figure: Predicted, unit: f64) -> [String; 2] {
    let of = |value: f64| unit * value;
    [
        format!("{:.1} → {:.1}", of(figure.present), of(figure.proposed)),
        format!(
            "({:+.1} ±{:.1})",
            of(figure.difference),
            of(figure.half_width)
        ),
    ]
}

fn sensitivity(found: &Prediction) -> String {
    let heads: Vec<&str> = found
        .sensitivity
        .iter()
        .map(|variant| supposed(&variant.supposed))
        .collect();
    let mut columns = vec![
        Column("Change of the mean wait, s", Align::Left),
        Column("as it was", Align::Right),
    ];
    columns.extend(heads.iter().map(|head| Column(head, Align::Right)));
    let row = |line: &PredictedLine| {
        let cell = |difference: f64, half: f64| format!("{difference:+.1} ±{half:.1}");
        let wait = line.mean_wait_secs;
        let varied = found.sensitivity.iter().map(|variant| {
            variant.of(line).map_or_else(
                || "–".to_owned(),
                |one| cell(one.difference_secs, one.half_width_secs),
            )
        });
        let row = [line.name.clone(), cell(wait.difference, wait.half_width)];
        row.into_iter().chain(varied).collect()
    };
    table(&columns, found.lines.iter().map(row).collect()) + "\n"
}

/// What is other than it was, in words.
pub(crate) fn supposed(name: &str) -> &str {
    match name {
        "less-load" => "10% fewer callers",
        "more-load" => "10% more callers",
        "one-agent-fewer" => "one agent fewer",
        other => other,
    }
}

/// Says what a search has found, then the weights that are good for other things.
pub(crate) fn search(found: &Search) -> String {
    let mut text = format!("\nSearched for a small {}:\n", found.objective);
    for sentence in &found.said {
        let _ = writeln!(text, "  {sentence}");
    }
    text += "\n";
    text += &front(found);
    let _ = writeln!(
        text,
        "{} interactions simulated. Seed {}.",
        count(found.simulated as f64),
        found.seed
    );
    text
}

fn front(found: &Search) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Weights", Align::Left),
        Column("Worst wait, s", Align::Right),
        Column("Mean wait, s", Align::Right),
        Column("Abandoned, %", Align::Right),
        Column("Ahead, min", Align::Left),
        Column("", Align::Left),
    ];
    let row = |point: &FrontPoint| {
        let value = |measure: &str| {
            let value = point.values.get(measure);
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
        };
        vec![
            point.label.clone(),
            value("worst-wait"),
            value("mean-wait"),
            value("abandonment"),
            head_starts(point),
            match point.keeps_guardrails {
                true => String::new(),
                false => "breaks a guardrail".to_owned(),
            },
        ]
    };
    table(&COLUMNS, found.front.iter().map(row).collect())
}

/// Who is ahead of those with the least head start, and by how much.
fn head_starts(point: &FrontPoint) -> String {
    let all = &point.head_starts_minutes;
    let least = all.values().copied().fold(f64::INFINITY, f64::min);
    let ahead = all.iter().filter(|(_, minutes)| **minutes > least);
    let said: Vec<String> = ahead
        .map(|(skill, minutes)| format!("{skill} +{}", tenths(minutes - least)))
        .collect();
    match said.is_empty() {
        true => "all alike".to_owned(),
        false => said.join(", "),
    }
}

fn tenths(minutes: f64) -> String {
    let text = format!("{minutes:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Says what a twin is fitted to.
pub(crate) fn basis(basis: &Basis) -> String {
    format!(
        "{} to {}: {} visits, {} agents; who was at work is {}",
        basis.from,
        basis.to,
        count(basis.visits as f64),
        count(basis.agents as f64),
        match basis.staffing_is_told {
            true => "as the platform tells it",
            false => "inferred from who answered",
        }
    )
}
