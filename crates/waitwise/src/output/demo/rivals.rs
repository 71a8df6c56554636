//! No change, the tutorial's weights and the searched ones side by side, and what the twin had said of them.

use waitwise_app::demo::{Arm, DemoResult, Effect, Searched};
use waitwise_app::plan_file::{Plan, Predicted};

use super::super::number::secs;
use super::super::table::{Align, Column, table};
use super::wrapped;

/// Writes both comparisons for people.
pub(super) fn text(result: &DemoResult) -> String {
    let mut text = String::new();
    match &result.searched {
        Searched::Tried(arm) => {
            text += "Mean waits of the same callers, once more with weights that were searched for:\n\n";
            text += &waits(result, arm);
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
    text + &prophecies(result)
}

fn waits(result: &DemoResult, searched: &Arm) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Skill", Align::Left),
        Column("No change", Align::Right),
        Column("Tutorial's", Align::Right),
        Column("Searched", Align::Right),
        Column("Weight", Align::Right),
    ];
    let mut rows: Vec<Vec<String>> = lines(&result.tutorial)
        .zip(lines(searched))
        .map(|(tutorial, searched)| {
            vec![
                tutorial.name.clone(),
                secs(tutorial.without.mean_wait_secs),
                secs(tutorial.with.mean_wait_secs),
                secs(searched.with.mean_wait_secs),
                super::weight(searched),
            ]
        })
        .collect();
    let worst = |of: &dyn Fn(&Effect) -> f64, arm: &Arm| {
        secs(arm.effects.skills.iter().map(of).fold(0.0, f64::max))
    };
    let with = |effect: &Effect| effect.with.mean_wait_secs;
    rows.push(vec![
        "worst skill".to_owned(),
        worst(&|effect| effect.without.mean_wait_secs, &result.tutorial),
        worst(&with, &result.tutorial),
        worst(&with, searched),
        String::new(),
    ]);
    table(&COLUMNS, rows)
}

fn lines(arm: &Arm) -> impl Iterator<Item = &Effect> {
    arm.effects.skills.iter().chain([&arm.effects.all])
}

/// One change of a mean wait as the twin had said and as it was.
struct Prophecy {
    name: String,
    weights: &'static str,
    predicted: Predicted,
    happened: f64,
}

impl Prophecy {
    fn holds(&self) -> bool {
        (self.happened - self.predicted.difference).abs() <= self.predicted.half_width
    }
}

fn prophecies(result: &DemoResult) -> String {
    const COLUMNS: [Column; 5] = [
        Column("Skill", Align::Left),
        Column("Weights", Align::Left),
        Column("Predicted", Align::Right),
        Column("Happened", Align::Right),
        Column("", Align::Left),
    ];
    let mut told = of_arm(&result.tutorial, "tutorial's");
    if let Searched::Tried(arm) = &result.searched {
        told.extend(of_arm(arm, "searched"));
    }
    if told.is_empty() {
        return String::new();
    }
    let held = told.iter().filter(|one| one.holds()).count();
    let summary = format!(
        "{held} of {} changes lie within the interval that the twin had given before anything was written.",
        told.len()
    );
    let row = |one: &Prophecy| {
        vec![
            one.name.clone(),
            one.weights.to_owned(),
            format!(
                "{:+.1} ±{:.1} s",
                one.predicted.difference, one.predicted.half_width
            ),
            format!("{:+.1} s", one.happened),
            if one.holds() { "" } else { "outside" }.to_owned(),
        ]
    };
    format!(
        "Changes of mean waits, as the twin had predicted and as they were:\n\n{}\n{}",
        table(&COLUMNS, told.iter().map(row).collect()),
        wrapped(&summary)
    )
}

fn of_arm(arm: &Arm, weights: &'static str) -> Vec<Prophecy> {
    let told = |effect: &Effect| {
        Some(Prophecy {
            name: effect.name.clone(),
            weights,
            predicted: predicted(&arm.plan, effect)?,
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
