//! A plan as text.

use std::fmt::Write as _;

use waitwise_app::plan_file::Plan;

use super::number::{count, secs};
use super::table::{Align, Column, table};

/// Writes what a plan would change, for people.
pub(crate) fn text(plan: &Plan) -> String {
    let intent = &plan.intent();
    let mut text = format!(
        "Plan {} for queue {} at {}\nStrategy {}, history {} to {}\n\n",
        plan.id(),
        intent.queue,
        intent.tenant,
        intent.strategy.name,
        intent.window.from,
        intent.window.to,
    );
    text += &weights(plan);
    match plan.steps() {
        [] => {
            let lever = match &intent.priority_table {
                Some(table) => format!("table `{}`", table.name),
                None => "routing rule".to_owned(),
            };
            let _ = writeln!(
                text,
                "\nThe {lever} says all of this already: there is nothing to write."
            );
        }
        steps => {
            for step in steps {
                let n_changes = step.write.changes.len();
                let weights = if n_changes == 1 { "weight" } else { "weights" };
                let _ = writeln!(
                    text,
                    "\nWould write {n_changes} {weights} into {}.",
                    step.write.object
                );
            }
        }
    }
    for warning in &intent.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn weights(plan: &Plan) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Skill", Align::Left),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Weight now", Align::Right),
        Column("New", Align::Right),
        Column("", Align::Left),
    ];
    const TABLE_COLUMNS: [Column; 8] = [
        Column("Skill", Align::Left),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Weight", Align::Right),
        Column("Minutes now", Align::Right),
        Column("Wanted", Align::Right),
        Column("Written", Align::Right),
        Column("", Align::Left),
    ];
    let worth = plan.head_starts();
    let moves: Vec<_> = plan.moves().collect();
    let line = |evidence: &waitwise_app::model::SkillEvidence| {
        let new = plan.intent().weights.get(&evidence.skill)?;
        let planned = moves.iter().find(|(skill, _, _)| **skill == evidence.skill);
        let now = planned.map_or_else(
            || new.to_string(),
            |(_, before, _)| before.unwrap_or("none").to_owned(),
        );
        let note = match (plan.intent().held_back.get(&evidence.skill), planned) {
            (Some(wanted), _) => format!("held back from {wanted}"),
            (None, None) => "unchanged".to_owned(),
            (None, Some(_)) => String::new(),
        };
        let mut cells = vec![
            evidence.name.clone(),
            count(evidence.conversations),
            secs(evidence.mean_wait_secs),
        ];
        match worth.get(&evidence.skill) {
            None => cells.extend([now, new.to_string()]),
            Some(worth) => {
                let written = worth.written_minutes().to_string();
                let wanted = format!("{:.3}", worth.wanted_minutes());
                let wanted = wanted.trim_end_matches('0').trim_end_matches('.');
                let now = planned.map_or_else(|| written.clone(), |_| now);
                cells.extend([new.to_string(), now, wanted.to_owned(), written]);
            }
        }
        cells.push(note);
        Some(cells)
    };
    let columns: &[Column] = match worth.is_empty() {
        true => &COLUMNS,
        false => &TABLE_COLUMNS,
    };
    table(
        columns,
        plan.intent().evidence.iter().filter_map(line).collect(),
    )
}
