//! How visits ended, as text and as JSON: those of whoever gave up are among them.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::analysis::{SkillVisits, Visits};
use waitwise_app::history::evidence::Outcomes;

use super::history::{OutcomesShape, UncodedShape, mean, n};
use super::number::percent;
use super::table::{Align, Column, more, table};

/// What waits by wrap-up code cannot say.
pub(crate) const ANSWERED_ONLY: &str = "Waits by wrap-up code are those of the answered only: they leave out everyone who gave up.\n\
     Who gave up stands by the skill asked for; who asked for two counts under both.\n";

/// Writes who gave up, by the skill that they asked for.
pub(crate) fn text(visits: &[Visits], top: usize) -> String {
    visits.iter().map(|one| of_media(one, top)).collect()
}

fn of_media(visits: &Visits, top: usize) -> String {
    const COLUMNS: [Column; 7] = [
        Column("Asked for", Align::Left),
        Column("Offered", Align::Right),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Gave up", Align::Right),
        Column("Share", Align::Right),
        Column("After", Align::Right),
    ];
    let all = SkillVisits {
        skill: None,
        name: Some(format!("all {}", visits.media)),
        outcomes: visits.all,
    };
    let shown = visits.by_skill.iter().take(top).chain([&all]);
    let mut text = table(&COLUMNS, shown.map(row).collect());
    text += &more(top, visits.by_skill.len());
    text += &besides(&visits.all);
    text.push('\n');
    text
}

fn row(row: &SkillVisits) -> Vec<String> {
    let outcomes = &row.outcomes;
    let skill = row.skill.as_ref();
    vec![
        match (&row.name, skill) {
            (Some(name), _) => name.clone(),
            (None, Some(skill)) => skill.to_string(),
            (None, None) => "(no skill)".to_owned(),
        },
        n(outcomes.offered),
        n(outcomes.answered.count),
        mean(outcomes.answered),
        n(outcomes.abandoned.count),
        row.abandoned_share().map_or("–".to_owned(), percent),
        mean(outcomes.abandoned),
    ]
}

/// What the table has no column for.
fn besides(all: &Outcomes) -> String {
    let counts = [
        (all.short_abandoned.count, "gave up within the short limit"),
        (all.flowed_out.count, "flowed out"),
        (all.waiting, "were waiting still"),
        (all.untold, "ended untold"),
    ];
    let mut said = String::new();
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        let comma = if said.is_empty() { "Besides: " } else { ", " };
        let _ = write!(said, "{comma}{} {what}", n(count));
    }
    match said.is_empty() {
        true => said,
        false => format!("{said}.\n"),
    }
}

/// The visits of one kind of contact.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VisitsShape {
    media: String,
    all: OutcomesShape,
    by_skill: Vec<SkillVisitsShape>,
    uncoded: Vec<UncodedShape>,
}

#[derive(Serialize, JsonSchema)]
struct SkillVisitsShape {
    skill: Option<String>,
    name: Option<String>,
    abandoned_share: Option<f64>,
    outcomes: OutcomesShape,
}

impl VisitsShape {
    pub(crate) fn of(visits: &Visits) -> VisitsShape {
        let by_skill = visits.by_skill.iter().map(|row| SkillVisitsShape {
            skill: row.skill.as_ref().map(ToString::to_string),
            name: row.name.clone(),
            abandoned_share: row.abandoned_share(),
            outcomes: OutcomesShape::of(&row.outcomes),
        });
        VisitsShape {
            media: visits.media.to_string(),
            all: OutcomesShape::of(&visits.all),
            by_skill: by_skill.collect(),
            uncoded: UncodedShape::all(&visits.uncoded),
        }
    }
}
