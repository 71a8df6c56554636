//! An analysis as text.

use std::fmt::Write as _;

use waitwise_app::analysis::{Analysis, CodeRow, SkillRow};
use waitwise_app::model::UnmappedGroup;

use super::number::{count, percent, secs};
use super::table::{Align, Column, more, table};
use super::visits;

/// Writes an analysis for people: skills, wrap-up codes, what could not be mapped; the bottleneck first. Where it is
/// known who gave up, that stands beside it.
pub(crate) fn text(analysis: &Analysis, top: usize) -> String {
    let tells_of_all = !analysis.visits.is_empty();
    let mut text = head(analysis);
    text += &skills(&analysis.skills, top, !tells_of_all);
    text += &visits::text(&analysis.visits, top);
    text += &codes(&analysis.codes, top);
    text += &unmapped(&analysis.unmapped, top);
    if tells_of_all {
        text += visits::ANSWERED_ONLY;
    }
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn head(analysis: &Analysis) -> String {
    let pull = &analysis.pull;
    let (one, several) = match analysis.visits.is_empty() {
        true => ("page", "pages"),
        false => ("daily file", "daily files"),
    };
    let mut text = format!(
        "Queue {} at {}\nHistory {} to {}, read whole: {} groups on {} {}\n\n",
        analysis.queue,
        analysis.tenant,
        analysis.window.from,
        analysis.window.to,
        pull.unique,
        pull.pages,
        if pull.pages == 1 { one } else { several },
    );
    if let Some(row) = analysis
        .skills
        .first()
        .filter(|row| row.evidence.waiting_hours > 0.0)
    {
        let _ = writeln!(
            text,
            "Bottleneck: {}, {} of all waiting hours at a mean wait of {}.\n",
            row.evidence.name,
            percent(row.evidence.waiting_share),
            secs(row.evidence.mean_wait_secs),
        );
    }
    if analysis.skills.is_empty() && analysis.unmapped.is_empty() {
        text += "The history of this window is empty.\n\n";
    }
    text
}

/// Weights stand in a routing rule, so only where there may be one.
fn skills(rows: &[SkillRow], top: usize, has_weights: bool) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Skill", Align::Left),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Hours waited", Align::Right),
        Column("Share", Align::Right),
        Column("Weight now", Align::Right),
    ];
    if rows.is_empty() {
        return String::new();
    }
    let line = |row: &SkillRow| {
        vec![
            flagged(&row.evidence.name, row.is_thin),
            count(row.evidence.conversations),
            secs(row.evidence.mean_wait_secs),
            format!("{:.1}", row.evidence.waiting_hours),
            percent(row.evidence.waiting_share),
            row.present.clone().unwrap_or_else(|| "none".to_owned()),
        ]
    };
    let columns = match has_weights {
        true => &COLUMNS[..],
        false => &COLUMNS[..5],
    };
    let lines = rows.iter().take(top).map(line).collect();
    format!("{}{}\n", table(columns, lines), more(top, rows.len()))
}

fn codes(rows: &[CodeRow], top: usize) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Wrap-up code", Align::Left),
        Column("Skill", Align::Left),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Share", Align::Right),
    ];
    if rows.is_empty() {
        return String::new();
    }
    let line = |row: &CodeRow| {
        let code = row.group.code.as_ref().map_or("", |code| code.as_str());
        vec![
            flagged(code, row.is_thin),
            row.skill_name.to_string(),
            count(row.group.conversations),
            secs(row.group.mean_wait_secs),
            percent(row.waiting_share),
        ]
    };
    let lines = rows.iter().take(top).map(line).collect();
    format!("{}{}\n", table(&COLUMNS, lines), more(top, rows.len()))
}

fn unmapped(groups: &[UnmappedGroup], top: usize) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Without a skill", Align::Left),
        Column("Why", Align::Left),
        Column("Number", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Share", Align::Right),
    ];
    if groups.is_empty() {
        return String::new();
    }
    let line = |group: &UnmappedGroup| {
        vec![
            group
                .code
                .as_ref()
                .map_or("(no code)", |code| code.as_str())
                .to_owned(),
            group.reason.clone(),
            count(group.conversations),
            secs(group.mean_wait_secs),
            percent(group.waiting_share),
        ]
    };
    let lines = groups.iter().take(top).map(line).collect();
    format!("{}{}\n", table(&COLUMNS, lines), more(top, groups.len()))
}

/// Marks what has too few interactions to be trusted.
fn flagged(name: &str, is_thin: bool) -> String {
    if is_thin {
        format!("{name} (few)")
    } else {
        name.to_owned()
    }
}
