//! The demo's report: one HTML file that needs nothing else, neither network nor script.
//!
//! [`Report`] is what it shows, in raw numbers; [`render`] is pure, so the same report gives the same bytes. The sections are in
//! `sections`; charts, and how numbers are said, it shares with other pages.

mod sections;
mod words;

use maud::{DOCTYPE, Markup, html};

use crate::page::change::Judgement;
use crate::page::words::{self as say, Unit};
use crate::page::{chart, head, tile, warnings};

/// What the report shows. Texts are shown as they are; numbers that are not finite count as unknown.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Report {
    /// The headline.
    pub(crate) title: String,
    /// Which sandbox tenant.
    pub(crate) seed: u64,
    /// The queue, as people call it.
    pub(crate) queue: String,
    /// The stretch of history that the weights come from: first day, last day.
    pub(crate) window: (String, String),
    /// What the change did, in whole sentences; the most important one first.
    pub(crate) verdict: Vec<String>,
    /// One line per skill, in any order: the report sorts by waiting hours.
    pub(crate) skills: Vec<SkillLine>,
    /// What the change did to all callers together.
    pub(crate) all: EffectLine,
    /// Mean waits under no change and under each set of weights, in seconds: skills, all callers, the worst skill.
    pub(crate) rivals: Vec<RivalLine>,
    /// What the twin had said of the changes, beside what happened.
    pub(crate) told: Vec<ToldLine>,
    /// Wrap-up codes that stand for a skill, in any order.
    pub(crate) codes: Vec<CodeLine>,
    /// Groups of history that no skill was found for.
    pub(crate) unmapped: Vec<UnmappedLine>,
    /// What a reader should know before trusting the figures.
    pub(crate) warnings: Vec<String>,
    /// What was done, in order.
    pub(crate) steps: Vec<Step>,
    /// Where the figures come from, in whole sentences.
    pub(crate) measured: String,
}

/// One skill: what history said of it, what was written, and what that did.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SkillLine {
    /// The skill's name.
    pub(crate) name: String,
    /// Interactions in the history that ended in one of its wrap-up codes.
    pub(crate) conversations: f64,
    /// Their mean wait in seconds.
    pub(crate) mean_wait_secs: f64,
    /// Hours that they waited together.
    pub(crate) waiting_hours: f64,
    /// Part of all waiting hours of the queue, in 0.0..=1.0.
    pub(crate) waiting_share: f64,
    /// The weight before, as the host wrote it; `None` if there was none.
    pub(crate) weight_before: Option<String>,
    /// The weight that was written, in 1..=100; `None` if none was.
    pub(crate) weight_after: Option<u8>,
    /// What the change did to this skill's callers.
    pub(crate) effect: EffectLine,
}

/// The waits of one group of callers, without and with the change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct EffectLine {
    /// How many called, those who gave up included.
    pub(crate) offered: u64,
    /// Mean wait in seconds without the change.
    pub(crate) without_wait_secs: f64,
    /// Mean wait in seconds with the change.
    pub(crate) with_wait_secs: f64,
    /// How many seconds longer (or, negative, shorter) the mean wait became.
    pub(crate) difference_secs: f64,
    /// Half the width of the difference's 95% interval in seconds; infinite if there are too few days.
    pub(crate) half_width_secs: f64,
    /// Whether the interval leaves out 0.
    pub(crate) is_evidence: bool,
    /// How many days stand behind the interval.
    pub(crate) n_days: usize,
    /// Part of the callers who gave up without the change, in 0.0..=1.0.
    pub(crate) without_abandon_share: f64,
    /// Part of the callers who gave up with the change, in 0.0..=1.0.
    pub(crate) with_abandon_share: f64,
}

/// Mean waits of one group of callers under every set of weights, in seconds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct RivalLine {
    /// Whose.
    pub(crate) name: String,
    /// With the weights as they were.
    pub(crate) unchanged: f64,
    /// With the tutorial's.
    pub(crate) tutorial: f64,
    /// With those that a search has found.
    pub(crate) searched: f64,
}

/// The change of one skill's mean wait as it was predicted and as it happened, in seconds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ToldLine {
    /// The skill.
    pub(crate) name: String,
    /// Whose weights: the tutorial's, or searched ones.
    pub(crate) weights: &'static str,
    /// As predicted.
    pub(crate) predicted: f64,
    /// Half the predicted 95% interval.
    pub(crate) half_width: f64,
    /// As it happened.
    pub(crate) happened: f64,
}

impl ToldLine {
    /// Returns whether what happened lies in the interval.
    pub(crate) fn holds(&self) -> bool {
        (self.happened - self.predicted).abs() <= self.half_width
    }
}

/// One wrap-up code that stands for a skill.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct CodeLine {
    /// The code, as people or the host call it.
    pub(crate) code: String,
    /// The skill it stands for.
    pub(crate) skill: String,
    /// Interactions that ended in it.
    pub(crate) conversations: f64,
    /// Their mean wait in seconds.
    pub(crate) mean_wait_secs: f64,
    /// Hours that they waited together.
    pub(crate) waiting_hours: f64,
    /// Part of all waiting hours of the queue, in 0.0..=1.0.
    pub(crate) waiting_share: f64,
}

/// One group of history without a skill.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct UnmappedLine {
    /// The code, or what stands in its place: "without a code".
    pub(crate) code: String,
    /// Interactions.
    pub(crate) conversations: f64,
    /// Their mean wait in seconds.
    pub(crate) mean_wait_secs: f64,
    /// Part of all waiting hours of the queue, in 0.0..=1.0.
    pub(crate) waiting_share: f64,
    /// Why it has no skill: "not in the mapping".
    pub(crate) reason: String,
}

/// One thing that was done.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Step {
    /// What, in a few words.
    pub(crate) title: String,
    /// What came of it.
    pub(crate) detail: String,
}

/// Returns the report as an HTML page that opens offline.
pub(crate) fn render(report: &Report) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&report.title))
            body {
                (chart::patterns())
                main {
                    (opening(report))
                    (sections::waits(report))
                    (sections::rivals(&report.rivals))
                    (sections::told(&report.told))
                    (sections::bottlenecks(report))
                    (sections::weights(report))
                    (warnings(&report.warnings))
                    (sections::steps(&report.steps))
                    (sections::method(report))
                }
            }
        }
    };
    page.into_string()
}

/// The first screen: what happened, in words and in four figures.
fn opening(report: &Report) -> Markup {
    html! {
        header {
            p.kicker { "Waitwise demo · the sandbox of seed " (report.seed) ", never a live tenant" }
            h1 { (report.title) }
            p.meta {
                "Queue " strong { (report.queue) } " · weights from the history of " (report.window.0) " to " (report.window.1)
            }
        }
        section.verdict aria-label="Verdict" {
            @for (idx, sentence) in report.verdict.iter().enumerate() {
                p.lead[idx == 0] { (sentence) }
            }
        }
        div.tiles {
            (mean_wait_tile(&report.all))
            (skills_tile(report))
            (abandoned_tile(&report.all))
            (bottleneck_tile(report))
        }
    }
}

fn mean_wait_tile(all: &EffectLine) -> Markup {
    let unit = Unit::of_waits([all.without_wait_secs, all.with_wait_secs]);
    let change = html! { (unit.bare(all.without_wait_secs)) " → " (unit.said(all.with_wait_secs)) };
    tile(
        "Mean wait of all callers, without → with the change",
        &change,
        &words::difference(all, unit),
    )
}

fn skills_tile(report: &Report) -> Markup {
    let judged = |judgement| {
        report
            .skills
            .iter()
            .filter(|line| words::judged(&line.effect) == Some(judgement))
            .count()
    };
    let (shorter, longer) = (judged(Judgement::Shorter), judged(Judgement::Longer));
    let rest = report.skills.len() - shorter - longer;
    tile(
        "Skills by what happened to their waits",
        &html! { (shorter) " shorter, " (longer) " longer" },
        &format!(
            "no evidence either way for {rest} of {}",
            report.skills.len()
        ),
    )
}

fn abandoned_tile(all: &EffectLine) -> Markup {
    let change = html! { (say::share(all.without_abandon_share)) " → " (say::share(all.with_abandon_share)) };
    tile(
        "Callers who gave up, without → with the change",
        &change,
        &format!("of {} callers", say::count(all.offered)),
    )
}

fn bottleneck_tile(report: &Report) -> Markup {
    match sections::by_waiting_hours(&report.skills).first() {
        Some(skill) => tile(
            "Where most time was spent waiting",
            &html! { (skill.name) },
            &format!(
                "{} of all waiting hours before the change",
                say::share(skill.waiting_share)
            ),
        ),
        None => tile(
            "Where most time was spent waiting",
            &html! { "nowhere" },
            "the history names no skill",
        ),
    }
}

#[cfg(test)]
mod tests;
