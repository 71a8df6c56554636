//! What would be written.

use maud::{Markup, html};
use waitwise_app::analysis::{Analysis, SkillRow};
use waitwise_app::plan_file::Plan;

use super::{Outcome, UNIT};
use crate::output::plan::{SkillLine, lines, minutes, writes};
use crate::page::table;
use crate::page::words;

/// The weights, by skill.
pub(super) fn section(outcome: Outcome) -> Markup {
    html! {
        section {
            @match outcome {
                Outcome::Planned(plan) => (planned(plan)),
                Outcome::Nothing(analysis, _) => (present(analysis)),
            }
        }
    }
}

fn planned(plan: &Plan) -> Markup {
    let is_in_minutes = plan.intent().priority_table.is_some();
    let lines = lines(plan);
    let has_notes = lines.iter().any(|line| !line.note.is_empty());
    let head = html! {
        (head())
        @if is_in_minutes {
            th.number scope="col" { "Weight" }
            th.number scope="col" { "Minutes now" }
            th.number scope="col" { "Wanted" }
            th.number scope="col" { "Written" }
        } @else {
            th.number scope="col" { "Weight now" }
            th.number scope="col" { "Planned" }
        }
        @if has_notes {
            th scope="col" { "Note" }
        }
    };
    let caption = match is_in_minutes {
        true => "Weights, and the minutes of head start that are written for them",
        false => "Weights",
    };
    html! {
        h2 { "What would be written" }
        p { (writes(plan).trim()) }
        (table(caption, &head, lines.iter().map(|one| line(one, has_notes))))
        p.note { "Plan " code { (plan.id()) } "." }
    }
}

fn line(line: &SkillLine, has_notes: bool) -> Markup {
    let evidence = line.evidence;
    html! {
        (cells(&evidence.name, evidence.conversations, evidence.mean_wait_secs))
        @if let Some(worth) = line.minutes {
            td.number { (line.weight) }
            td.number { (line.now) }
            td.number { (minutes(worth.wanted_minutes())) }
            td.number { (worth.written_minutes()) }
        } @else {
            td.number { (line.now) }
            td.number { (line.weight) }
        }
        @if has_notes {
            td { (line.note) }
        }
    }
}

fn present(analysis: &Analysis) -> Markup {
    let has_weights = analysis.skills.iter().any(|skill| skill.present.is_some());
    let head = html! {
        (head())
        @if has_weights {
            th.number scope="col" { "Weight now" }
        }
    };
    let row = |skill: &SkillRow| {
        let evidence = &skill.evidence;
        html! {
            (cells(&evidence.name, evidence.conversations, evidence.mean_wait_secs))
            @if has_weights {
                td.number { (skill.present.as_deref().unwrap_or("none")) }
            }
        }
    };
    html! {
        h2 { "What stays as it is" }
        p { "Nothing would be written." }
        (table("The history's evidence, by skill", &head, analysis.skills.iter().map(row)))
    }
}

fn head() -> Markup {
    html! {
        th scope="col" { "Skill" }
        th.number scope="col" { "Answered" }
        th.number scope="col" { "Mean wait (" (UNIT.symbol) ")" }
    }
}

fn cells(name: &str, conversations: f64, mean_wait_secs: f64) -> Markup {
    html! {
        th scope="row" { (name) }
        td.number { (words::number(conversations, 0)) }
        td.number { (UNIT.bare(mean_wait_secs)) }
    }
}
