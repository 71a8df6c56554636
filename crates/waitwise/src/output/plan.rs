//! A plan as text.

use std::fmt::Write as _;

use waitwise_app::model::{HeadStart, SkillEvidence, Weight};
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
        .map(|found| format!("\n{}", prospect::prediction(found)))
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

/// Says how much would be written, and into what.
pub(crate) fn writes(plan: &Plan) -> String {
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

/// A skill with evidence, and what would be written for it.
pub(crate) struct SkillLine<'a> {
    pub(crate) evidence: &'a SkillEvidence,
    pub(crate) weight: Weight,
    /// What stands there, as the host says it: a weight, or the minutes of a lever that takes these.
    pub(crate) now: String,
    /// What the weight is worth, for a lever that takes minutes.
    pub(crate) minutes: Option<HeadStart>,
    /// What else there is to know.
    pub(crate) note: String,
}

/// Minutes with as many decimals as they need, three at most.
pub(crate) fn minutes(minutes: f64) -> String {
    let text = format!("{minutes:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns what would be written, by skill, the bottleneck first.
pub(crate) fn lines(plan: &Plan) -> Vec<SkillLine<'_>> {
    let evidence = plan.intent().evidence.iter();
    evidence
        .filter_map(|evidence| line(plan, evidence))
        .collect()
}

fn line<'a>(plan: &'a Plan, evidence: &'a SkillEvidence) -> Option<SkillLine<'a>> {
    let skill = &evidence.skill;
    let weight = *plan.intent().weights.get(skill)?;
    let minutes = plan.head_starts().get(skill).copied();
    let planned = plan.moves().find(|(moved, _, _)| *moved == skill);
    let note = match (plan.intent().held_back.get(skill), planned) {
        (Some(wanted), _) => format!("held back from {wanted}"),
        (None, None) if minutes.is_none() => "unchanged".to_owned(),
        (None, _) => String::new(),
    };
    let written = || {
        minutes.map_or_else(
            || weight.to_string(),
            |worth| worth.written_minutes().to_string(),
        )
    };
    let now = planned.map_or_else(written, |(_, before, _)| {
        before.unwrap_or("none").to_owned()
    });
    Some(SkillLine {
        evidence,
        weight,
        now,
        minutes,
        note,
    })
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
    let row = |line: SkillLine| {
        let mut cells = vec![
            line.evidence.name.clone(),
            count(line.evidence.conversations),
            secs(line.evidence.mean_wait_secs),
        ];
        match line.minutes {
            None => cells.extend([line.now, line.weight.to_string()]),
            Some(worth) => cells.extend([
                line.weight.to_string(),
                line.now,
                minutes(worth.wanted_minutes()),
                worth.written_minutes().to_string(),
            ]),
        }
        cells.push(line.note);
        cells
    };
    let columns: &[Column] = match plan.intent().priority_table {
        None => &COLUMNS,
        Some(_) => &TABLE_COLUMNS,
    };
    table(columns, lines(plan).into_iter().map(row).collect())
}
