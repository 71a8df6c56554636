//! A plan as text.

use std::fmt::Write as _;

use waitwise_app::plan_file::{Plan, PriorityTable, Step};

use super::number::{count, secs};
use super::prospect;
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
    text += &match &intent.priority_table {
        Some(table) => spread(plan, table),
        None => String::new(),
    };
    text += &intent
        .search
        .as_ref()
        .map(prospect::search)
        .unwrap_or_default();
    text += &intent
        .prediction
        .as_ref()
        .map(prospect::prediction)
        .unwrap_or_default();
    text += &writes(plan);
    for warning in &intent.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

/// How far apart the written minutes are, and how far they may be.
fn spread(plan: &Plan, table: &PriorityTable) -> String {
    let minutes: Vec<u32> = plan
        .head_starts()
        .values()
        .map(|worth| worth.written_minutes())
        .collect();
    let lowest = minutes.iter().min().copied().unwrap_or_default();
    let highest = minutes.iter().max().copied().unwrap_or_default();
    format!(
        "\nA point of weight is worth {} minutes of head start. Now and Written are minutes\n\
         in the table: {lowest} to {highest}; any two skills may be {} apart at most.\n",
        table.scale.minutes_per_point(),
        table.minutes_max,
    )
}

fn writes(plan: &Plan) -> String {
    let table = plan.intent().priority_table.as_ref();
    match (plan.steps(), table) {
        ([], _) => {
            let lever = match table {
                Some(table) => format!("table `{}`", table.name),
                None => "routing rule".to_owned(),
            };
            format!("\nThe {lever} says all of this already: there is nothing to write.\n")
        }
        (steps, Some(table)) => format!(
            "\nWould write {} {} of table `{}` ({}).\n",
            steps.len(),
            if steps.len() == 1 { "row" } else { "rows" },
            table.name,
            table.id
        ),
        (steps, None) => steps.iter().map(of_rule).collect(),
    }
}

fn of_rule(step: &Step) -> String {
    let n_changes = step.write.changes.len();
    let weights = if n_changes == 1 { "weight" } else { "weights" };
    format!(
        "\nWould write {n_changes} {weights} into {}.\n",
        step.write.object
    )
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
        Column("Now", Align::Right),
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
            (None, None) if worth.is_empty() => "unchanged".to_owned(),
            (None, _) => String::new(),
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
