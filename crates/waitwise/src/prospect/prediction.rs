//! What would become of waits, by the twin.

use maud::{Markup, html};
use waitwise_app::plan_file::{Predicted, PredictedLine, Prediction};

use super::UNIT;
use super::said::{capital, sentence};
use crate::output::prospect::{self, NO_EVIDENCE, shows_nothing, supposed};
use crate::page::change::Change;
use crate::page::chart::{self, Caption, Interval};
use crate::page::words;
use crate::page::{table, tile};

/// Says what a prediction is about.
pub(super) fn announced(found: &Prediction) -> String {
    format!(
        "The prediction for the {} days from {}:",
        found.days, found.first_day
    )
}

/// Says what becomes of everybody, and of each skill for which that is shown.
pub(super) fn verdict(found: &Prediction) -> Vec<String> {
    /// More are in the table.
    const SAID_MAX: usize = 8;
    if shows_nothing(found) {
        return vec![NO_EVIDENCE.to_owned()];
    }
    let (shown, open): (Vec<&PredictedLine>, _) = everybody_first(found)
        .into_iter()
        .partition(|line| is_of_everybody(line) || line.mean_wait_secs.is_evidence());
    let mut told: Vec<String> = shown
        .iter()
        .take(SAID_MAX)
        .map(|line| sentence(&prospect::sentence(line)))
        .collect();
    if let more @ 1.. = shown.len().saturating_sub(SAID_MAX) {
        told.push(format!("For {more} more skills waits change as well."));
    }
    if !open.is_empty() {
        let names: Vec<&str> = open.iter().map(|line| line.name.as_str()).collect();
        told.push(format!("No evidence of a change for {}.", names.join(", ")));
    }
    told
}

/// How far it can be believed, what becomes of everybody, and what it is about.
pub(super) fn tiles(found: &Prediction) -> Markup {
    let all = found.lines.iter().find(|line| is_of_everybody(line));
    html! {
        @if let Some(all) = all {
            @let wait = change(&all.mean_wait_secs);
            (tile(
                "Change of the mean wait of all callers",
                &html! { (UNIT.signed(wait.difference_secs)) " ± " (UNIT.said(wait.half_width_secs)) },
                &format!("{}; {} with the present weights", wait.judgement().word(), UNIT.said(all.mean_wait_secs.present)),
            ))
        }
        @match &found.backtest {
            Some(judged) => (tile(
                "The twin's error in a backtest",
                &html! { (words::share(judged.mean_wait_error)) },
                &format!(
                    "of the mean waits of {} to {}; {} of the figures within their intervals. Fitted to {}",
                    judged.from, judged.to, words::share(judged.coverage), prospect::basis(&found.basis)
                ),
            )),
            None => (tile(
                "The twin's error in a backtest",
                &html! { "unknown" },
                "the history is too short for one: how like the centre the twin is, nobody knows",
            )),
        }
        (tile(
            &format!("Days predicted, from {}", found.first_day),
            &html! { (found.days) },
            &format!("{} futures, each under both sets of weights; seed {}", words::count(found.futures), found.seed),
        ))
    }
}

/// The change of each skill's waits, drawn and in numbers.
pub(super) fn section(found: &Prediction) -> Markup {
    let caption = Caption {
        id: "prediction",
        title: "Change of the mean wait, by skill",
        description: "A mark for all callers and for each skill, left of zero where waits become shorter, right of it where they \
            become longer, with its 95% interval as a line. The numbers are in the table beneath.",
        axis: "change of the mean wait in seconds, planned less present weights",
    };
    let rows: Vec<Interval> = everybody_first(found).into_iter().map(interval).collect();
    html! {
        section {
            h2 { "What would become of waits" }
            p {
                "The " (found.days) " days from " (found.first_day) " as a twin of the centre sees them: " (words::count(found.futures))
                " futures, each let happen under the present and under the planned weights."
            }
            p.legend {
                span { span.key.after {} span.key.after.worse {} "evidence of a change, for the better or the worse" }
                span { span.key.before {} "no evidence: the interval holds 0" }
                span { span.key.whisker {} "95% interval; without a stop it goes on beyond the edge" }
            }
            (chart::intervals(&caption, ["better: shorter", "worse: longer"], &rows))
            (figures(found))
            (sensitivity(found))
            p.note {
                "The intervals hold what chance does and what is not known of the callers' laws. That the twin is not the centre is in "
                "none of them: the backtest's error says how far it was off."
            }
        }
    }
}

fn interval(line: &PredictedLine) -> Interval {
    let wait = change(&line.mean_wait_secs);
    Interval {
        name: called(line),
        note: wait.said(UNIT, "it came in too few futures"),
        difference: wait.difference_secs,
        half_width: wait.half_width_secs,
        is_evidence: wait.is_evidence,
    }
}

fn figures(found: &Prediction) -> Markup {
    let target = format!(
        "Answered within {}",
        UNIT.said(found.target_secs).replace(".0", "")
    );
    let head = html! {
        th scope="col" { "Skill" }
        th.number scope="col" { "Visits" }
        th.number scope="col" { "Mean wait (s)" }
        th scope="col" { "Waits become" }
        th.number scope="col" { "p90 (s)" }
        th.number scope="col" { "Gave up (%)" }
        th.number scope="col" { (target) " (%)" }
    };
    let rows = everybody_first(found).into_iter().map(|line| {
        html! {
            th scope="row" { (called(line)) }
            td.number { (words::number(line.offered, 0)) }
            (cell(&line.mean_wait_secs, 1.0))
            td.judgement { (change(&line.mean_wait_secs).judgement().word()) }
            (cell(&line.p90_wait_secs, 1.0))
            (cell(&line.abandoned_share, 100.0))
            (cell(&line.service_level, 100.0))
        }
    });
    let caption = "Under the present → under the planned weights, and the difference with half of its 95% interval";
    table(caption, &head, rows)
}

fn cell(figure: &Predicted, unit: f64) -> Markup {
    let number = |value: f64| words::number(unit * value, 1);
    html! {
        td.number {
            (number(figure.present)) " → " (number(figure.proposed))
            br;
            (difference(unit * figure.difference, unit * figure.half_width, figure.is_evidence()))
        }
    }
}

/// What is no evidence stands in brackets.
fn difference(value: f64, half_width: f64, is_evidence: bool) -> Markup {
    let said = format!(
        "{} ± {}",
        words::signed(value, 1),
        words::number(half_width, 1)
    );
    html! {
        @if is_evidence { (said) } @else { span.quiet { "(" (said) ")" } }
    }
}

/// The same if something is other than it was.
fn sensitivity(found: &Prediction) -> Markup {
    let head = html! {
        th scope="col" { "Skill" }
        th.number scope="col" { "As it was" }
        @for variant in &found.sensitivity {
            th.number scope="col" { (capital(supposed(&variant.supposed))) }
        }
    };
    let rows = everybody_first(found).into_iter().map(|line| {
        let wait = &line.mean_wait_secs;
        let varied = found.sensitivity.iter();
        let varied = varied.map(|variant| variant.of(line));
        html! {
            th scope="row" { (called(line)) }
            td.number { (difference(wait.difference, wait.half_width, wait.is_evidence())) }
            @for one in varied {
                td.number {
                    @if let Some(one) = one {
                        @let (secs, half_width) = (one.difference_secs, one.half_width_secs);
                        (difference(secs, half_width, secs.abs() > half_width))
                    } @else {
                        "–"
                    }
                }
            }
        }
    });
    let caption = "Change of the mean wait in seconds; in brackets where it is no evidence";
    html! {
        h3 { "If something is other than it was" }
        (table(caption, &head, rows))
    }
}

fn change(wait: &Predicted) -> Change {
    Change {
        difference_secs: wait.difference,
        half_width_secs: wait.half_width,
        is_evidence: wait.is_evidence(),
    }
}

/// Records have everybody last; a reader looks for them first.
fn everybody_first(found: &Prediction) -> Vec<&PredictedLine> {
    let (all, skills): (Vec<_>, Vec<_>) =
        found.lines.iter().partition(|line| is_of_everybody(line));
    all.into_iter().chain(skills).collect()
}

fn is_of_everybody(line: &PredictedLine) -> bool {
    line.queue.is_none()
}

fn called(line: &PredictedLine) -> String {
    match is_of_everybody(line) {
        true => "All callers".to_owned(),
        false => line.name.clone(),
    }
}
