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
        [] => text += "\nThe routing rule says all of this already: there is nothing to write.\n",
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
        Some(vec![
            evidence.name.clone(),
            count(evidence.conversations),
            secs(evidence.mean_wait_secs),
            now,
            new.to_string(),
            note,
        ])
    };
    table(
        &COLUMNS,
        plan.intent().evidence.iter().filter_map(line).collect(),
    )
}
