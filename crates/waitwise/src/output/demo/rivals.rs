//! No change, the tutorial's weights and the searched ones side by side, and what the twin had said of them.

use waitwise_app::demo::{Arm, DemoResult, Effect, Searched};
use waitwise_app::plan_file::{Plan, Predicted};

use super::super::number::secs;
use super::super::table::{Align, Column, table};
use super::wrapped;
use crate::report::{RivalLine, ToldLine};

/// Writes both comparisons for people.
pub(super) fn text(result: &DemoResult) -> String {
    let mut text = String::new();
    match &result.searched {
        Searched::Tried(arm) => {
            text += "Mean waits of the same callers, once more with weights that were searched for:\n\n";
            text += &waits(&lines(result), arm);
            text += "\n";
        }
        Searched::Nothing(_) => {
            text += "A search on the twin found nothing better than the present weights.\n\n";
        }
        Searched::Untold(error) => {
            text += &wrapped(&format!("No weights were searched for: {error}."));
            text += "\n";
        }
    }
    text + &prophecies(&told(result))
}

fn waits(lines: &[RivalLine], searched: &Arm) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Skill", Align::Left),
        Column("No change", Align::Right),
        Column("Tutorial's", Align::Right),
        Column("Searched", Align::Right),
        Column("Weight", Align::Right),
    ];
    let weights = effects(searched).map(super::weight);
    let row = |(line, weight): (&RivalLine, String)| {
        vec![
            line.name.clone(),
            secs(line.unchanged),
            secs(line.tutorial),
            secs(line.searched),
            weight,
        ]
    };
    // The worst skill has no weight of its own.
    let weights = weights.chain([String::new()]);
    table(&COLUMNS, lines.iter().zip(weights).map(row).collect())
}

/// Mean waits under every set of weights; none if no other one was tried.
pub(super) fn lines(result: &DemoResult) -> Vec<RivalLine> {
    let Searched::Tried(searched) = &result.searched else {
        return Vec::new();
    };
    let both = effects(&result.tutorial).zip(effects(searched));
    let mut lines: Vec<RivalLine> = both
        .map(|(tutorial, searched)| RivalLine {
            name: tutorial.name.clone(),
            unchanged: tutorial.without.mean_wait_secs,
            tutorial: tutorial.with.mean_wait_secs,
            searched: searched.with.mean_wait_secs,
        })
        .collect();
    let skills = &lines[..result.tutorial.effects.skills.len()];
    let worst = |of: fn(&RivalLine) -> f64| skills.iter().map(of).fold(0.0, f64::max);
    lines.push(RivalLine {
        name: "worst skill".to_owned(),
        unchanged: worst(|line| line.unchanged),
        tutorial: worst(|line| line.tutorial),
        searched: worst(|line| line.searched),
    });
    lines
}

fn effects(arm: &Arm) -> impl Iterator<Item = &Effect> {
    arm.effects.skills.iter().chain([&arm.effects.all])
}

fn prophecies(told: &[ToldLine]) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Skill", Align::Left),
        Column("Weights", Align::Left),
        Column("Predicted", Align::Right),
        Column("Happened", Align::Right),
        Column("", Align::Left),
    ];
    if told.is_empty() {
        return String::new();
    }
    let held = told.iter().filter(|line| line.holds()).count();
    let summary = format!(
        "{held} of {} changes lie within the interval that the twin had given before anything was written.",
        told.len()
    );
    let row = |line: &ToldLine| {
        vec![
            line.name.clone(),
            line.weights.to_owned(),
            format!("{:+.1} ±{:.1} s", line.predicted, line.half_width),
            format!("{:+.1} s", line.happened),
            if line.holds() { "" } else { "outside" }.to_owned(),
        ]
    };
    format!(
        "Changes of mean waits, as the twin had predicted and as they were:\n\n{}\n{}",
        table(&COLUMNS, told.iter().map(row).collect()),
        wrapped(&summary)
    )
}

/// What the twin had said of each skill's mean wait, beside what happened.
pub(super) fn told(result: &DemoResult) -> Vec<ToldLine> {
    let mut told = of_arm(&result.tutorial, "tutorial's");
    if let Searched::Tried(arm) = &result.searched {
        told.extend(of_arm(arm, "searched"));
    }
    told
}

fn of_arm(arm: &Arm, weights: &'static str) -> Vec<ToldLine> {
    let told = |effect: &Effect| {
        let predicted = predicted(&arm.plan, effect)?;
        Some(ToldLine {
            name: effect.name.clone(),
            weights,
            predicted: predicted.difference,
            half_width: predicted.half_width,
            happened: effect.difference_secs.mean,
        })
    };
    arm.effects.skills.iter().filter_map(told).collect()
}

fn predicted(plan: &Plan, effect: &Effect) -> Option<Predicted> {
    let skill = effect.skill.as_ref()?.as_str();
    let queue = plan.intent().queue.as_str();
    let lines = &plan.intent().prediction.as_ref()?.lines;
    let own = lines
        .iter()
        .find(|line| line.queue.as_deref() == Some(queue) && line.skill.as_deref() == Some(skill));
    Some(own?.mean_wait_secs)
}
