//! The demo's story: progress while it runs, and what came of it.

mod rivals;

use std::fmt::Write as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_app::demo::{DemoEvent, DemoResult, Effect, Effects, Searched};
use waitwise_app::model::Scale;
use waitwise_app::model::SkillEvidence;
use waitwise_app::plan_file::Search;
use waitwise_app::plan_file::file::{PlanShape, to_json};
use waitwise_app::planning::ahead::Step as Ahead;
use waitwise_app::twin::Stage;

use super::json::AnalysisShape;
use super::number::{count, percent, secs, signed_secs};
use super::table::{Align, Column, table};
use crate::args::OutputFormat;
use crate::report::{CodeLine, EffectLine, Report, SkillLine, Step, UnmappedLine};

/// Tells what the demo is doing: milestones as lines, passing days as a bar.
pub(crate) struct DemoProgress {
    bar: ProgressBar,
    format: OutputFormat,
}

impl DemoProgress {
    pub(crate) fn start(format: OutputFormat) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} days")
        {
            bar.set_style(style);
        }
        let progress = DemoProgress { bar, format };
        progress.milestone("Starting a contact centre with its history…");
        progress
    }

    pub(crate) fn event(&self, event: &DemoEvent) {
        match event {
            DemoEvent::Ready => {
                self.milestone("It answers on 127.0.0.1. Reading its history by wrap-up code…")
            }
            DemoEvent::Pulling => {
                self.milestone("Reading single conversations, and fitting a twin to them…")
            }
            DemoEvent::Ahead(Ahead::Twin(Stage::Judging, 1, _)) => {
                self.bar.set_message("asking the twin");
            }
            DemoEvent::Planned => {
                self.milestone("Weights are calculated, searched for and planned. Writing them…")
            }
            DemoEvent::Applied => {
                self.milestone("Written, and verified by reading back. Letting the days pass…")
            }
            DemoEvent::Day { passed, of } => {
                self.bar.set_length(u64::from(*of));
                self.bar.set_position(u64::from(*passed));
            }
            DemoEvent::RolledBack => self.milestone("Rolled back."),
            DemoEvent::Gathering(_) | DemoEvent::Ahead(_) => {}
        }
    }

    fn milestone(&self, text: &str) {
        self.bar.suspend(|| match self.format {
            OutputFormat::Text => super::answer_line(text),
            OutputFormat::Json => super::note(text),
        });
    }
}

impl Drop for DemoProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Writes what came of the demo for people.
pub(crate) fn text(result: &DemoResult) -> String {
    let mut text = String::from("\n");
    if let Some(row) = result.before.skills.first() {
        let _ = writeln!(
            text,
            "The history named {} the bottleneck: {} of all waiting hours.\n",
            row.evidence.name,
            percent(row.evidence.waiting_share)
        );
    }
    text += "Mean waits of the same callers without and with the new weights:\n\n";
    text += &effects(&result.tutorial.effects);
    text += "\n";
    for sentence in verdict(result) {
        text += &wrapped(&sentence);
    }
    text += "\n";
    text += &rivals::text(result);
    text += "\n";
    text += &wrapped(&measured(result));
    text += &wrapped(&format!(
        "{} requests, {} of them writes: one to apply each change, one to roll it back. {}",
        result.requests,
        result.writes,
        restored(result)
    ));
    text
}

fn effects(effects: &Effects) -> String {
    const COLUMNS: [Column; 6] = [
        Column("Skill", Align::Left),
        Column("Weight", Align::Right),
        Column("Without", Align::Right),
        Column("With", Align::Right),
        Column("Difference", Align::Right),
        Column("Gave up", Align::Right),
    ];
    let line = |effect: &Effect| {
        vec![
            effect.name.clone(),
            weight(effect),
            secs(effect.without.mean_wait_secs),
            secs(effect.with.mean_wait_secs),
            difference(effect),
            format!(
                "{} → {}",
                percent(effect.without.abandon_share()),
                percent(effect.with.abandon_share())
            ),
        ]
    };
    table(
        &COLUMNS,
        effects
            .skills
            .iter()
            .chain([&effects.all])
            .map(line)
            .collect(),
    )
}

fn weight(effect: &Effect) -> String {
    match (&effect.weight_before, effect.weight_after) {
        (_, None) => String::new(),
        (None, Some(after)) => format!("– → {after}"),
        (Some(before), Some(after)) => format!("{before} → {after}"),
    }
}

fn difference(effect: &Effect) -> String {
    let estimate = effect.difference_secs;
    format!("{} ±{:.1}", signed_secs(estimate.mean), estimate.half_width)
}

/// Says in plain words whom the weights helped, and whom they cost.
pub(crate) fn verdict(result: &DemoResult) -> Vec<String> {
    let Effects { skills, all } = &result.tutorial.effects;
    let with_evidence = |sign: f64| {
        skills
            .iter()
            .filter(move |effect| {
                effect.difference_secs.is_evidence() && effect.difference_secs.mean * sign > 0.0
            })
            .collect::<Vec<_>>()
    };
    let (longer, shorter) = (with_evidence(1.0), with_evidence(-1.0));
    let unclear: Vec<_> = skills
        .iter()
        .filter(|effect| !effect.difference_secs.is_evidence())
        .collect();
    let mut sentences = vec![headline(&shorter, &longer, all)];
    for (what, effects) in [("wait less", &shorter), ("wait longer", &longer)] {
        if !effects.is_empty() {
            let each = |effect: &&Effect| {
                format!(
                    "{} {} ±{:.1}",
                    effect.name,
                    signed_secs(effect.difference_secs.mean),
                    effect.difference_secs.half_width
                )
            };
            sentences.push(format!(
                "These {what}: {}.",
                effects.iter().map(each).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    if !unclear.is_empty() {
        let names: Vec<_> = unclear.iter().map(|effect| effect.name.as_str()).collect();
        sentences.push(format!("No evidence of a change for {}.", names.join(", ")));
    }
    sentences
}

fn headline(shorter: &[&Effect], longer: &[&Effect], all: &Effect) -> String {
    let skills = |n: usize| {
        if n == 1 {
            "1 skill".to_owned()
        } else {
            format!("{n} skills")
        }
    };
    let split = match (shorter.len(), longer.len()) {
        (0, 0) => "The weights changed nobody's wait for certain".to_owned(),
        (helped, 0) => format!("The weights helped {} and harmed none", skills(helped)),
        (0, harmed) => format!("The weights helped nobody and harmed {}", skills(harmed)),
        (helped, harmed) => format!(
            "The weights helped {} at the cost of {}",
            skills(helped),
            skills(harmed)
        ),
    };
    let estimate = all.difference_secs;
    let together = match estimate.is_evidence() {
        false => "for all callers together there is no evidence of a change".to_owned(),
        true if estimate.mean < 0.0 => format!(
            "all callers together wait {:.1} s less, ±{:.1}",
            -estimate.mean, estimate.half_width
        ),
        true => format!(
            "all callers together wait {:.1} s longer, ±{:.1}: worse",
            estimate.mean, estimate.half_width
        ),
    };
    format!("{split}; {together}.")
}

fn measured(result: &DemoResult) -> String {
    format!(
        "Measured in the sandbox, seed {}, never at a live tenant: the same {} callers over {} days, \
         once without and once with the change; 95% intervals by leaving out one day at a time.",
        result.options.seed,
        count(offered(result)),
        result.options.days,
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a month's callers are far below 2^53"
)]
fn offered(result: &DemoResult) -> f64 {
    result.tutorial.effects.all.without.offered as f64
}

/// Breaks a sentence into lines of at most 78 columns.
fn wrapped(sentence: &str) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > 78 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

/// Fills the report's view of the demo.
pub(crate) fn report(result: &DemoResult) -> Report {
    let Effects { skills, all } = &result.tutorial.effects;
    Report {
        title: "What the weights did".to_owned(),
        seed: result.options.seed,
        queue: result.before.queue.to_string(),
        window: (day(result.before.window.from), day(result.before.window.to)),
        verdict: verdict(result),
        skills: skills
            .iter()
            .map(|effect| skill_line(result, effect))
            .collect(),
        all: effect_line(all),
        rivals: rivals::lines(result),
        told: rivals::told(result),
        codes: result.before.codes.iter().map(code_line).collect(),
        unmapped: result.before.unmapped.iter().map(unmapped_line).collect(),
        warnings: result.tutorial.plan.intent().warnings.clone(),
        steps: steps(result),
        measured: measured(result),
    }
}

/// A skill that called only after the change has no line in the history before it: its past is empty.
fn skill_line(result: &DemoResult, effect: &Effect) -> SkillLine {
    let rows = &result.before.skills;
    let row = rows
        .iter()
        .find(|row| Some(&row.evidence.skill) == effect.skill.as_ref());
    let past = |of: fn(&SkillEvidence) -> f64| row.map_or(0.0, |row| of(&row.evidence));
    SkillLine {
        name: effect.name.clone(),
        conversations: past(|evidence| evidence.conversations),
        mean_wait_secs: past(|evidence| evidence.mean_wait_secs),
        waiting_hours: past(|evidence| evidence.waiting_hours),
        waiting_share: past(|evidence| evidence.waiting_share),
        weight_before: effect.weight_before.clone(),
        weight_after: effect.weight_after.map(|weight| weight.get()),
        effect: effect_line(effect),
    }
}

fn effect_line(effect: &Effect) -> EffectLine {
    EffectLine {
        offered: effect.without.offered,
        without_wait_secs: effect.without.mean_wait_secs,
        with_wait_secs: effect.with.mean_wait_secs,
        difference_secs: effect.difference_secs.mean,
        half_width_secs: effect.difference_secs.half_width,
        is_evidence: effect.difference_secs.is_evidence(),
        n_days: effect.difference_secs.n_days,
        without_abandon_share: effect.without.abandon_share(),
        with_abandon_share: effect.with.abandon_share(),
    }
}

fn code_line(row: &waitwise_app::analysis::CodeRow) -> CodeLine {
    CodeLine {
        code: row
            .group
            .code
            .as_ref()
            .map_or(String::new(), |code| code.to_string()),
        skill: row.skill_name.to_string(),
        conversations: row.group.conversations,
        mean_wait_secs: row.group.mean_wait_secs,
        waiting_hours: row.group.waiting_hours(),
        waiting_share: row.waiting_share,
    }
}

fn unmapped_line(group: &waitwise_app::model::UnmappedGroup) -> UnmappedLine {
    UnmappedLine {
        code: group
            .code
            .as_ref()
            .map_or("(no code)".to_owned(), |code| code.to_string()),
        conversations: group.conversations,
        mean_wait_secs: group.mean_wait_secs,
        waiting_share: group.waiting_share,
        reason: group.reason.clone(),
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn restored(result: &DemoResult) -> &'static str {
    match result.is_restored() {
        true => "The rules are again what they were.",
        false => "The rules are NOT what they were.",
    }
}

/// What was done. Ids and durations are left out: the same seed gives the same report, byte for byte.
fn steps(result: &DemoResult) -> Vec<Step> {
    let step = |title: &str, detail: String| Step {
        title: title.to_owned(),
        detail,
    };
    let pull = &result.before.pull;
    let pages = if pull.pages == 1 { "page" } else { "pages" };
    let n_weights = result.tutorial.plan.moves().count();
    let strategy = &result.tutorial.plan.intent().strategy.name;
    vec![
        step(
            "Read",
            format!(
                "{} wrap-up groups of {} days, read to the end on {} {pages}.",
                pull.unique, result.options.days, pull.pages
            ),
        ),
        step(
            "Planned",
            format!(
                "{n_weights} weights by {strategy}; one point is {} minutes of head start.",
                Scale::DEFAULT.minutes_per_point()
            ),
        ),
        step(
            "Written and verified",
            "The rule was read again just before the write, and once more after it.".to_owned(),
        ),
        step(
            "Waited",
            format!(
                "{} days passed, beside a second centre with the same callers that was left unchanged.",
                result.options.days
            ),
        ),
        step("Rolled back", restored(result).to_owned()),
    ]
}

/// `waitwise-demo/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-demo/1")]
pub(crate) struct DemoShape<'a> {
    #[schemars(extend("const" = "waitwise-demo/1"))]
    format: &'static str,
    seed: u64,
    verdict: Vec<String>,
    effects: Vec<EffectShape<'a>>,
    all_callers: EffectShape<'a>,
    before: AnalysisShape<'a>,
    after: AnalysisShape<'a>,
    #[schemars(with = "Option<PlanShape>")]
    plan: Option<Box<RawValue>>,
    change: &'a str,
    searched: SearchedShape<'a>,
    is_restored: bool,
    requests: usize,
    writes: usize,
}

/// What became of the search, and of the weights that it found.
#[derive(Serialize, JsonSchema)]
struct SearchedShape<'a> {
    /// `tried`, `nothing-better`, or `no-twin`.
    outcome: &'static str,
    /// Why there is no twin.
    reason: Option<String>,
    effects: Vec<EffectShape<'a>>,
    all_callers: Option<EffectShape<'a>>,
    #[schemars(with = "Option<PlanShape>")]
    plan: Option<Box<RawValue>>,
    search: Option<&'a Search>,
}

impl<'a> SearchedShape<'a> {
    fn of(searched: &'a Searched) -> Self {
        let nothing = SearchedShape {
            outcome: "nothing-better",
            reason: None,
            effects: Vec::new(),
            all_callers: None,
            plan: None,
            search: None,
        };
        match searched {
            Searched::Tried(arm) => SearchedShape {
                outcome: "tried",
                effects: arm.effects.skills.iter().map(effect_shape).collect(),
                all_callers: Some(effect_shape(&arm.effects.all)),
                plan: RawValue::from_string(to_json(&arm.plan).trim_end().to_owned()).ok(),
                search: arm.plan.intent().search.as_ref(),
                ..nothing
            },
            Searched::Nothing(search) => SearchedShape {
                search: Some(search),
                ..nothing
            },
            Searched::Untold(error) => SearchedShape {
                outcome: "no-twin",
                reason: Some(error.to_string()),
                ..nothing
            },
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct EffectShape<'a> {
    /// `null` for all callers together.
    skill: Option<&'a str>,
    name: &'a str,
    weight_before: Option<&'a str>,
    weight_after: Option<u8>,
    offered: u64,
    wait_without_secs: f64,
    wait_with_secs: f64,
    difference_secs: f64,
    half_width_secs: f64,
    is_evidence: bool,
    abandon_share_without: f64,
    abandon_share_with: f64,
}

impl<'a> DemoShape<'a> {
    pub(crate) fn of(result: &'a DemoResult) -> Self {
        DemoShape {
            format: "waitwise-demo/1",
            seed: result.options.seed,
            verdict: verdict(result),
            effects: result
                .tutorial
                .effects
                .skills
                .iter()
                .map(effect_shape)
                .collect(),
            all_callers: effect_shape(&result.tutorial.effects.all),
            before: AnalysisShape::of(&result.before),
            after: AnalysisShape::of(&result.after),
            plan: RawValue::from_string(to_json(&result.tutorial.plan).trim_end().to_owned()).ok(),
            change: &result.tutorial.change,
            searched: SearchedShape::of(&result.searched),
            is_restored: result.is_restored(),
            requests: result.requests,
            writes: result.writes,
        }
    }
}

fn effect_shape(effect: &Effect) -> EffectShape<'_> {
    EffectShape {
        skill: effect.skill.as_ref().map(|skill| skill.as_str()),
        name: &effect.name,
        weight_before: effect.weight_before.as_deref(),
        weight_after: effect.weight_after.map(|weight| weight.get()),
        offered: effect.without.offered,
        wait_without_secs: effect.without.mean_wait_secs,
        wait_with_secs: effect.with.mean_wait_secs,
        difference_secs: effect.difference_secs.mean,
        half_width_secs: effect.difference_secs.half_width,
        is_evidence: effect.difference_secs.is_evidence(),
        abandon_share_without: effect.without.abandon_share(),
        abandon_share_with: effect.with.abandon_share(),
    }
}
