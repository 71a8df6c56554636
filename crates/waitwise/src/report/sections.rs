//! The report's sections, in the order in which they are read. Each chart has its numbers in a table beneath.

use maud::{Markup, html};

use super::words;
use super::{CodeLine, EffectLine, Report, RivalLine, SkillLine, Step, ToldLine, UnmappedLine};
use crate::page::chart::{self, Caption, Interval, Move, Pair, Share};
use crate::page::table;
use crate::page::words::{self as say, Unit};

/// Minutes of head start that one point of weight gives.
const MINUTES_PER_POINT: f64 = 0.1;
/// How many wrap-up codes are shown; the bottlenecks are at the top, and the rest is counted.
const CODES_SHOWN: usize = 12;

/// Returns skills with the most waiting hours first.
pub(super) fn by_waiting_hours(skills: &[SkillLine]) -> Vec<&SkillLine> {
    let mut sorted: Vec<_> = skills.iter().collect();
    sorted.sort_by(|a, b| b.waiting_hours.total_cmp(&a.waiting_hours));
    sorted
}

/// Waits per skill, without and with the change.
pub(super) fn waits(report: &Report) -> Markup {
    let lines: Vec<_> = std::iter::once(("All callers", &report.all))
        .chain(
            by_waiting_hours(&report.skills)
                .into_iter()
                .map(|skill| (skill.name.as_str(), &skill.effect)),
        )
        .collect();
    let unit = Unit::of_waits(
        lines
            .iter()
            .flat_map(|(_, effect)| [effect.without_wait_secs, effect.with_wait_secs]),
    );
    let rows: Vec<_> = lines
        .iter()
        .map(|(name, effect)| pair(name, effect, unit))
        .collect();
    let caption = Caption {
        id: "waits",
        title: "Mean wait per skill, without and with the change",
        description: "Two bars for all callers and for each skill: the mean wait without the change above, with the change below. \
            The numbers are in the table beneath.",
        axis: &format!(
            "mean wait in {}, of all callers including those who gave up",
            unit.name
        ),
    };
    html! {
        section {
            h2 { "Waits per skill, with and without the change" }
            p { "The same callers were let in twice: once with the weights as they were, once with the new ones." }
            p.legend {
                span { span.key.without {} "without the change" }
                span { span.key.with {} "with the change" }
                span { span.key.whisker {} "95% interval of the difference; where it crosses the dotted line, the difference may be chance" }
            }
            (chart::paired(&caption, &rows))
            (waits_table(&lines, unit))
        }
    }
}

fn pair(name: &str, effect: &EffectLine, unit: Unit) -> Pair {
    Pair {
        name: name.to_owned(),
        note: words::difference(effect, unit),
        without: (
            unit.of_secs(effect.without_wait_secs),
            format!("{} without", unit.said(effect.without_wait_secs)),
        ),
        with: (
            unit.of_secs(effect.with_wait_secs),
            format!("{} with", unit.said(effect.with_wait_secs)),
        ),
        half_width: unit.of_secs(effect.half_width_secs),
    }
}

fn waits_table(lines: &[(&str, &EffectLine)], unit: Unit) -> Markup {
    let in_unit = format!("({})", unit.symbol);
    let head = html! {
        th scope="col" { "Skill" }
        th.number scope="col" { "Callers" }
        th.number scope="col" { "Wait without " (in_unit) }
        th.number scope="col" { "Wait with " (in_unit) }
        th.number scope="col" { "Difference " (in_unit) }
        th.number scope="col" { "95% interval " (in_unit) }
        th scope="col" { "Waits became" }
        th.number scope="col" { "Gave up without" }
        th.number scope="col" { "Gave up with" }
    };
    let rows = lines.iter().map(|(name, effect)| {
        html! {
            th scope="row" { (name) }
            td.number { (say::count(effect.offered)) }
            td.number { (unit.bare(effect.without_wait_secs)) }
            td.number { (unit.bare(effect.with_wait_secs)) }
            td.number { (unit.signed(effect.difference_secs)) }
            td.number { (words::interval(effect, unit)) }
            td.judgement { (words::judgement(effect)) }
            td.number { (say::share(effect.without_abandon_share)) }
            td.number { (say::share(effect.with_abandon_share)) }
        }
    });
    table("Waits without and with the change, in numbers", &head, rows)
}

/// Mean waits under every set of weights; nothing if no other one was tried.
pub(super) fn rivals(lines: &[RivalLine]) -> Markup {
    let all = lines
        .iter()
        .flat_map(|line| [line.unchanged, line.tutorial, line.searched]);
    let unit = Unit::of_waits(all);
    let in_unit = format!("({})", unit.symbol);
    let head = html! {
        th scope="col" { "Skill" }
        th.number scope="col" { "No change " (in_unit) }
        th.number scope="col" { "Tutorial's weights " (in_unit) }
        th.number scope="col" { "Searched weights " (in_unit) }
    };
    let rows = lines.iter().map(|line| {
        html! {
            th scope="row" { (line.name) }
            td.number { (unit.bare(line.unchanged)) }
            td.number { (unit.bare(line.tutorial)) }
            td.number { (unit.bare(line.searched)) }
        }
    });
    html! {
        @if !lines.is_empty() {
            section {
                h2 { "Weights that were searched for" }
                p {
                    "A search on a twin of the centre looked for weights that shorten the worst skill's wait without harming any skill beyond a bound. "
                    "The same callers were let in a third time, with these."
                }
                (table("Mean waits of the same callers", &head, rows))
            }
        }
    }
}

/// What the twin had said before anything was written, beside what happened; nothing if it had said nothing.
pub(super) fn told(lines: &[ToldLine]) -> Markup {
    let unit = Unit::SECONDS;
    let rows: Vec<_> = lines
        .iter()
        .map(|line| Interval {
            name: format!("{}, {}", line.name, line.weights),
            note: format!("happened: {}\u{a0}s", unit.signed(line.happened)),
            difference: line.predicted,
            half_width: line.half_width,
            is_evidence: line.predicted.abs() > line.half_width,
        })
        .collect();
    let caption = Caption {
        id: "told",
        title: "Changes of mean waits as they were predicted",
        description: "A row for each skill and set of weights: the predicted change of the mean wait with its 95% interval. \
            What happened is written beside it, and the numbers are in the table beneath.",
        axis: "predicted change of the mean wait in seconds, with its 95% interval",
    };
    let head = html! {
        th scope="col" { "Skill" }
        th scope="col" { "Weights" }
        th.number scope="col" { "Predicted (s)" }
        th.number scope="col" { "95% interval (s)" }
        th.number scope="col" { "Happened (s)" }
        th scope="col" { "Within the interval" }
    };
    let cells = lines.iter().map(|line| {
        html! {
            th scope="row" { (line.name) }
            td { (line.weights) }
            td.number { (unit.signed(line.predicted)) }
            td.number { "± " (unit.bare(line.half_width)) }
            td.number { (unit.signed(line.happened)) }
            td.judgement { @if line.holds() { "yes" } @else { "no" } }
        }
    });
    let held = lines.iter().filter(|line| line.holds()).count();
    html! {
        @if !lines.is_empty() {
            section {
                h2 { "What the twin had said" }
                p {
                    "Before anything was written, a twin was fitted to the single conversations of the history and asked what each set of weights would do. "
                    (held) " of " (lines.len()) " changes lie within its intervals."
                }
                (chart::intervals(&caption, ["waits become shorter", "longer"], &rows))
                (table("As predicted and as it happened", &head, cells))
            }
        }
    }
}

/// Where people waited before the change.
pub(super) fn bottlenecks(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Where people waited" }
            p {
                "All hours spent waiting in the history, " (report.window.0) " to " (report.window.1)
                ", before the change. The top of each list is the bottleneck."
            }
            p.legend {
                span { span.key.share {} "share of all waiting hours" }
                span { span.key.running {} "running total from the top" }
            }
            (skill_shares(&report.skills))
            (code_shares(&report.codes))
            (unmapped(&report.unmapped))
        }
    }
}

fn skill_shares(skills: &[SkillLine]) -> Markup {
    let skills = by_waiting_hours(skills);
    let rows: Vec<_> = skills
        .iter()
        .map(|skill| share(skill.name.clone(), skill.waiting_share, skill.waiting_hours))
        .collect();
    let caption = Caption {
        id: "skill-shares",
        title: "Share of all waiting hours per skill",
        description: "One bar per skill, the largest share first. The numbers are in the table beneath.",
        axis: "percent of all waiting hours",
    };
    let unit = Unit::of_waits(skills.iter().map(|skill| skill.mean_wait_secs));
    let running = running_totals(skills.iter().map(|skill| skill.waiting_share));
    let cells = skills.iter().zip(running).map(|(skill, running)| {
        html! {
            th scope="row" { (skill.name) }
            (history_cells(skill.conversations, skill.mean_wait_secs, unit))
            (hours_cells(skill.waiting_hours, skill.waiting_share, running))
        }
    });
    html! {
        h3 { "By skill" }
        (chart::shares(&caption, &rows))
        (table("Waiting hours per skill, in numbers", &html! { th scope="col" { "Skill" } (history_head(unit)) (hours_head()) }, cells))
    }
}

fn code_shares(codes: &[CodeLine]) -> Markup {
    let mut sorted: Vec<_> = codes.iter().collect();
    sorted.sort_by(|a, b| b.waiting_hours.total_cmp(&a.waiting_hours));
    let shown = &sorted[..std::cmp::min(sorted.len(), CODES_SHOWN)];
    let rows: Vec<_> = shown
        .iter()
        .map(|code| {
            let share = share(code.code.clone(), code.waiting_share, code.waiting_hours);
            Share {
                note: format!("{} · {}", share.note, code.skill),
                ..share
            }
        })
        .collect();
    let caption = Caption {
        id: "code-shares",
        title: "Share of all waiting hours per wrap-up code",
        description: "One bar per wrap-up code, the largest share first. The numbers are in the table beneath.",
        axis: "percent of all waiting hours",
    };
    let unit = Unit::of_waits(shown.iter().map(|code| code.mean_wait_secs));
    let running = running_totals(shown.iter().map(|code| code.waiting_share));
    let cells = shown.iter().zip(running).map(|(code, running)| {
        html! {
            th scope="row" { (code.code) }
            td { (code.skill) }
            (history_cells(code.conversations, code.mean_wait_secs, unit))
            (hours_cells(code.waiting_hours, code.waiting_share, running))
        }
    });
    let head = html! { th scope="col" { "Wrap-up code" } th scope="col" { "Skill" } (history_head(unit)) (hours_head()) };
    html! {
        @if !shown.is_empty() {
            h3 { "By wrap-up code" }
            (chart::shares(&caption, &rows))
            (table("Waiting hours per wrap-up code, in numbers", &head, cells))
            @if shown.len() < sorted.len() {
                p.note { "and " (sorted.len() - shown.len()) " more wrap-up codes with fewer waiting hours" }
            }
        }
    }
}

fn unmapped(lines: &[UnmappedLine]) -> Markup {
    let unit = Unit::of_waits(lines.iter().map(|line| line.mean_wait_secs));
    let head = html! {
        th scope="col" { "Wrap-up code" }
        (history_head(unit))
        th.number scope="col" { "Share" }
        th scope="col" { "Why" }
    };
    let cells = lines.iter().map(|line| {
        html! {
            th scope="row" { (line.code) }
            (history_cells(line.conversations, line.mean_wait_secs, unit))
            td.number { (say::share(line.waiting_share)) }
            td { (line.reason) }
        }
    });
    html! {
        @if !lines.is_empty() {
            h3 { "Left out: no skill to give a weight to" }
            (table("History that stands for no skill", &head, cells))
        }
    }
}

fn share(name: String, share: f64, hours: f64) -> Share {
    Share {
        name,
        note: format!("{} · {}", say::share(share), say::hours(hours)),
        share,
    }
}

fn history_head(unit: Unit) -> Markup {
    html! {
        th.number scope="col" { "Interactions" }
        th.number scope="col" { "Mean wait (" (unit.symbol) ")" }
    }
}

fn history_cells(conversations: f64, mean_wait_secs: f64, unit: Unit) -> Markup {
    html! {
        td.number { (say::number(conversations, 0)) }
        td.number { (unit.bare(mean_wait_secs)) }
    }
}

fn hours_head() -> Markup {
    html! {
        th.number scope="col" { "Waiting hours" }
        th.number scope="col" { "Share" }
        th.number scope="col" { "Running total" }
    }
}

fn hours_cells(waiting_hours: f64, waiting_share: f64, running_share: f64) -> Markup {
    html! {
        td.number { (say::hours(waiting_hours)) }
        td.number { (say::share(waiting_share)) }
        td.number { (say::share(running_share)) }
    }
}

fn running_totals(shares: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
    shares.scan(0.0, |total, share| {
        *total += share;
        Some(*total)
    })
}

/// Weights before and after.
pub(super) fn weights(report: &Report) -> Markup {
    let skills = by_waiting_hours(&report.skills);
    let rows: Vec<_> = skills.iter().map(|skill| weight_move(skill)).collect();
    let ticks = [1.0, 25.0, 50.0, 75.0, 100.0]
        .map(|weight| (weight, format!("{weight:.0}: {}", head_start(weight))));
    let caption = Caption {
        id: "weights",
        title: "Weight per skill, before and after",
        description: "One line per skill from 1 to 100: a ring at the weight before, a diamond at the weight after. \
            The numbers are in the table beneath.",
        axis: "weight, 1 to 100: head start in minutes",
    };
    let head = html! {
        th scope="col" { "Skill" }
        th.number scope="col" { "Weight before" }
        th.number scope="col" { "Weight after" }
        th.number scope="col" { "Head start before" }
        th.number scope="col" { "Head start after" }
    };
    let cells = skills.iter().map(|skill| weight_cells(skill));
    html! {
        section {
            h2 { "Weights" }
            p {
                "A weight is a head start: a free agent takes the caller with the most minutes waited plus weight × "
                (say::number(MINUTES_PER_POINT, 1)) " minutes. More for one skill is always less for the others."
            }
            p.legend {
                span { span.key.before {} "before" }
                span { span.key.after {} "after" }
            }
            (chart::moves(&caption, &rows, &ticks))
            (table("Weights before and after, in numbers", &head, cells))
        }
    }
}

fn weight_move(skill: &SkillLine) -> Move {
    let after = skill.weight_after.map(f64::from);
    Move {
        name: skill.name.clone(),
        note: match (&skill.weight_before, skill.weight_after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(after)) => format!("none → {after}"),
            (Some(before), None) => format!("{before}, left alone"),
            (None, None) => "no weight".to_owned(),
        },
        before: weight_before(skill),
        after,
    }
}

fn weight_cells(skill: &SkillLine) -> Markup {
    let said = |weight: Option<f64>| weight.map_or("–".to_owned(), head_start);
    html! {
        th scope="row" { (skill.name) }
        td.number { (skill.weight_before.as_deref().unwrap_or("none")) }
        td.number { (skill.weight_after.map_or("left alone".to_owned(), |weight| weight.to_string())) }
        td.number { (said(weight_before(skill))) }
        td.number { (said(skill.weight_after.map(f64::from))) }
    }
}

/// Returns the weight before as a number, if what the host wrote is one on the scale.
fn weight_before(skill: &SkillLine) -> Option<f64> {
    let weight = skill.weight_before.as_deref()?.parse::<f64>().ok()?;
    (1.0..=100.0).contains(&weight).then_some(weight)
}

fn head_start(weight: f64) -> String {
    format!("{}\u{a0}min", say::number(weight * MINUTES_PER_POINT, 1))
}

/// What was done, in order.
pub(super) fn steps(steps: &[Step]) -> Markup {
    html! {
        section {
            h2 { "What was done, step by step" }
            ol.steps {
                @for step in steps {
                    li {
                        strong { (step.title) }
                        p { (step.detail) }
                    }
                }
            }
        }
    }
}

/// How the figures came about, and what they do not show.
pub(super) fn method(report: &Report) -> Markup {
    html! {
        section {
            h2 { "How this was measured" }
            p { (report.measured) }
            ul {
                li {
                    "Two simulated contact centres of seed " (report.seed) " meet the same callers: the same arrivals, the same needs, the same "
                    "patience. Only one of them got the new weights, so the difference between them is the change's doing and not the season's."
                }
                li {
                    "A wait counts from entering the queue to the answer, or to giving up. The mean is over everybody who called."
                }
                li {
                    "The 95% interval of a difference comes from leaving out one day at a time (the jackknife, with Student's t) over "
                    (report.all.n_days) " days. “Shorter” and “longer” are only said where it leaves out 0."
                }
                li {
                    "In the history by skill and wrap-up code, callers who gave up have no code and so count for no skill."
                }
                li { "A simulated centre says nothing certain about yours. The same seed gives the same figures again." }
            }
        }
    }
}
