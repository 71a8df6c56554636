//! Figures of files, as text, csv and JSON.

use std::fmt::Write as _;

use serde::Serialize;
use waitwise_app::files::{
    Asked, Dimension, Figure, Figures, FilesAnalysis, Input, Label, Row, Slot, Tally,
};

use super::number::{count, percent, secs};
use super::table::{Align, Column, more, table};

/// Writes rows as csv: the dimensions, then count, mean and percentiles of the waits, and the share of the abandoned.
pub(crate) fn csv(by: &[Dimension], rows: &[Row]) -> String {
    let mut text = String::new();
    for dimension in by {
        text.push_str(dimension.name());
        text.push(',');
    }
    let figures = Figure::ALL.map(Figure::name);
    let _ = writeln!(text, "count,{}", figures.join(","));
    for row in rows {
        for label in &row.labels {
            push_field(&mut text, &label_text(label));
            text.push(',');
        }
        let figures = &row.figures;
        let _ = write!(text, "{}", figures.waits);
        for figure in Figure::ALL {
            text.push(',');
            if let Some(number) = figure.of(figures) {
                let _ = write!(text, "{number}");
            }
        }
        text.push('\n');
    }
    text
}

/// A field with a comma, quote or line end is quoted.
fn push_field(text: &mut String, field: &str) {
    if field.contains([',', '"', '\n', '\r']) {
        let _ = write!(text, "\"{}\"", field.replace('"', "\"\""));
    } else {
        text.push_str(field);
    }
}

/// Writes what groups have in common: `Mon 09` for an hour of the week, `2026-03-02` for a day.
fn label_text(label: &Label) -> String {
    match label {
        Label::Text(text) => text.as_deref().unwrap_or_default().to_owned(),
        Label::Slot(Slot::Day(day)) => day.map_or_else(String::new, |day| day.to_string()),
        Label::Slot(Slot::Hour(hour)) => hour.to_string(),
    }
}

/// Writes the groups for people, the most waiting hours first.
pub(crate) fn text(asked: &Asked, analysis: &FilesAnalysis, top: usize) -> String {
    let tally = &analysis.tally;
    let mut text = format!("{} visits", count_of(tally.visits));
    if !asked.inputs.is_empty() {
        let _ = write!(text, " in {} records", count_of(tally.records));
    }
    text.push_str("\n\n");
    let by = &asked.grouping.by;
    let mut columns: Vec<_> = by
        .iter()
        .map(|dimension| Column(dimension.name(), Align::Left))
        .collect();
    columns.extend([
        Column("visits", Align::Right),
        Column("mean wait", Align::Right),
        Column("p90", Align::Right),
        Column("abandoned", Align::Right),
        Column("in target", Align::Right),
        Column("hours waited", Align::Right),
    ]);
    let mut rows: Vec<_> = analysis.rows.iter().collect();
    // Stable: groups with the same stay in the order of their labels.
    rows.sort_by_key(|row| std::cmp::Reverse(row.figures.wait_sum_ms));
    let lines = rows.iter().take(top).map(|row| line(row));
    text += &table(&columns, lines.collect());
    text += &more(std::cmp::min(top, rows.len()), rows.len());
    text
}

fn line(row: &Row) -> Vec<String> {
    let figures = &row.figures;
    let seconds = |ms: Option<f64>| ms.map_or_else(String::new, |ms| secs(ms / 1000.0));
    let share = |share: Option<f64>| share.map_or_else(String::new, percent);
    let mut line: Vec<_> = row.labels.iter().map(label_text).collect();
    line.extend([
        count_of(figures.waits),
        seconds(figures.mean_wait_ms()),
        seconds(figures.wait_percentile_ms(900)),
        share(figures.abandon_share()),
        share(figures.service_level()),
        count(figures.waiting_hours()),
    ]);
    line
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn count_of(n: u64) -> String {
    count(n as f64)
}

/// Writes everything that is known, in a versioned shape.
pub(crate) fn json(asked: &Asked, analysis: &FilesAnalysis) -> String {
    let shape = AnswerShape::of(asked, analysis);
    let mut text = serde_json::to_string_pretty(&shape).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct AnswerShape {
    version: u32,
    group_by: Vec<&'static str>,
    target_ms: u64,
    records: u64,
    refused_records: u64,
    visits: u64,
    refused_visits: u64,
    rows: Vec<RowShape>,
}

#[derive(Serialize)]
struct RowShape {
    #[serde(flatten)]
    labels: std::collections::BTreeMap<&'static str, Option<String>>,
    #[serde(flatten)]
    figures: FiguresShape,
}

#[derive(Serialize)]
struct FiguresShape {
    offered: u64,
    answered: u64,
    abandoned: u64,
    short_abandoned: u64,
    flowed_out: u64,
    waiting: u64,
    untold: u64,
    service_level_of_offered: Option<f64>,
    count: u64,
    mean_wait_ms: Option<f64>,
    p50_wait_ms: Option<f64>,
    p90_wait_ms: Option<f64>,
    p99_wait_ms: Option<f64>,
    max_wait_ms: Option<u64>,
    abandon_share: Option<f64>,
    mean_handle_ms: Option<f64>,
    waiting_hours: f64,
}

impl AnswerShape {
    fn of(asked: &Asked, analysis: &FilesAnalysis) -> AnswerShape {
        let by = &asked.grouping.by;
        let tally = &analysis.tally;
        let row = |row: &Row| RowShape {
            labels: by
                .iter()
                .zip(&row.labels)
                .map(|(dimension, label)| {
                    (
                        dimension.name(),
                        Some(label_text(label)).filter(|text| !text.is_empty()),
                    )
                })
                .collect(),
            figures: figures(&row.figures),
        };
        AnswerShape {
            version: 1,
            group_by: by.iter().map(|dimension| dimension.name()).collect(),
            target_ms: asked.grouping.target_ms,
            records: tally.records,
            refused_records: tally.refused_records,
            visits: tally.visits,
            refused_visits: tally.refused_visits,
            rows: analysis.rows.iter().map(row).collect(),
        }
    }
}

fn figures(figures: &Figures) -> FiguresShape {
    FiguresShape {
        offered: figures.offered,
        answered: figures.answered,
        abandoned: figures.abandoned,
        short_abandoned: figures.short_abandoned,
        flowed_out: figures.flowed_out,
        waiting: figures.waiting,
        untold: figures.untold,
        service_level_of_offered: figures.service_level(),
        count: figures.waits,
        mean_wait_ms: figures.mean_wait_ms(),
        p50_wait_ms: figures.wait_percentile_ms(500),
        p90_wait_ms: figures.wait_percentile_ms(900),
        p99_wait_ms: figures.wait_percentile_ms(990),
        max_wait_ms: figures.wait_max_ms,
        abandon_share: figures.abandon_share(),
        mean_handle_ms: figures.mean_handle_ms(),
        waiting_hours: figures.waiting_hours(),
    }
}

/// Says what could not be read, one line each; empty if all could.
pub(crate) fn troubles(tally: &Tally, inputs: &[Input]) -> Vec<String> {
    let mut lines: Vec<_> = tally
        .troubles
        .iter()
        .map(|trouble| {
            let place = trouble.place;
            let name = inputs.get(place.file).map(Input::name).unwrap_or_default();
            format!(
                "warning: {name}, line {}, byte {}: {}",
                place.line, place.offset, trouble.reason
            )
        })
        .collect();
    let all = tally.refused_records + tally.refused_visits;
    if all > 0 {
        lines.push(format!(
            "warning: {} of {} records and {} visits cannot be used and are left out",
            count_of(tally.refused_records),
            count_of(tally.records),
            count_of(tally.refused_visits)
        ));
    }
    lines
}
