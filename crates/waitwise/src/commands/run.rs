//! `waitwise run`: the tutorial's job in one go, with its milestones.

use std::io::IsTerminal;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_app::Applied;
use waitwise_app::changing::{Changes, new_change_id};
use waitwise_app::gather::{Event, gather};
use waitwise_app::model::Clock;
use waitwise_app::plan_file::Plan;
use waitwise_app::plan_file::file::{PlanShape, to_json};
use waitwise_app::planning::{self, Planned};

use super::{Asking, NO_WEIGHTS, open_journal};
use crate::args::{OutputFormat, RunArgs};
use crate::failure::Failure;
use crate::output::change::{self, AppliedShape, Done};
use crate::output::progress::Progress;
use crate::output::{self, json};
use crate::settings::File;

/// `waitwise-run/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-run/1")]
pub(crate) struct RunShape<'a> {
    #[schemars(extend("const" = "waitwise-run/1"))]
    format: &'static str,
    outcome: &'static str,
    #[schemars(with = "Option<PlanShape>")]
    plan: Option<Box<RawValue>>,
    applied: Option<AppliedShape<'a>>,
}

pub(crate) async fn run(args: RunArgs, file: &File) -> Result<(), Failure> {
    let asking = Asking::new(file, &args.host, &args.question, args.max_step)?;
    let format = args.output.format;
    let say = |text: &str| milestone(format, text);
    let gathered = {
        let progress = Progress::start();
        let report = |event: Event| {
            progress.gathering(&event);
            if let Some(text) = milestone_of(&event) {
                progress.line(|| say(&text));
            }
        };
        gather(&asking.client, &asking.question, &*asking.clock, &report).await?
    };
    say("Calculating optimal skill weights...");
    let Planned { analysis, plan } = planning::plan(&gathered, &asking.question, &*asking.clock)?;
    // The plan says all that is needed from here on; a large tenant's history is not kept beside it.
    drop(gathered);
    let Some(plan) = plan else {
        say("Calculated weights: {}");
        say(NO_WEIGHTS);
        for warning in &analysis.warnings {
            output::note(&format!("warning: {warning}"));
        }
        answer_json(format, "no-weights", None, None);
        return Ok(());
    };
    drop(analysis);
    say(&format!("Calculated weights: {}", weights(&plan)));
    if format == OutputFormat::Text {
        output::answer(&format!("\n{}\n", output::plan::text(&plan)));
    }
    if args.dry_run {
        say("Dry run: nothing was written.");
        answer_json(format, "dry-run", Some(&plan), None);
        return Ok(());
    }
    if !plan.steps().is_empty() && !args.yes && !confirmed()? {
        say("Nothing was written.");
        answer_json(format, "declined", Some(&plan), None);
        return Ok(());
    }
    let applied = apply(&args, file, &asking, &plan, &say).await?;
    if format == OutputFormat::Text {
        change::answer(format, Done::Applied, &applied);
    }
    let outcome = if applied.change.is_some() {
        "applied"
    } else {
        "unchanged"
    };
    answer_json(format, outcome, Some(&plan), Some(&applied));
    Ok(())
}

async fn apply(
    args: &RunArgs,
    file: &File,
    asking: &Asking,
    plan: &Plan,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<Applied, Failure> {
    let store = open_journal(file, &args.state).await?;
    let changes = Changes::new(asking.client.clone(), &store, &*asking.clock);
    if !plan.steps().is_empty() {
        say("Updating routing rule...");
    }
    let progress = Progress::start();
    let report = |event| progress.applying(&event);
    let applied = changes
        .apply(
            plan,
            new_change_id(asking.clock.now()),
            asking.question.max_step,
            &report,
        )
        .await?;
    drop(progress);
    if applied.change.is_some() {
        say("Routing rule updated successfully.");
        for outcome in &applied.objects {
            say(&format!(
                "Rule ID: {}, Updated Skills: {}",
                outcome.object.as_str().trim_start_matches("routing-rule/"),
                weights(plan)
            ));
        }
    }
    Ok(applied)
}

/// The tutorial's milestones, as far as they belong to reading.
fn milestone_of(event: &Event) -> Option<String> {
    match event {
        Event::FetchingHistory => Some("Fetching historical wrap-up analytics...".to_owned()),
        Event::HistoryRead { n_groups } => {
            Some(format!("Retrieved {n_groups} wrap-up code groups."))
        }
        Event::FetchingSkills => Some("Fetching routing skills...".to_owned()),
        Event::HistoryPage(_) | Event::FetchingRule => None,
    }
}

/// Milestones are part of the answer for people; for programs they are not.
fn milestone(format: OutputFormat, text: &str) {
    match format {
        OutputFormat::Text => output::answer_line(text),
        OutputFormat::Json => output::note(text),
    }
}

fn weights(plan: &Plan) -> String {
    let weight =
        |(skill, weight): (&waitwise_app::model::SkillId, &waitwise_app::model::Weight)| {
            format!("{skill}: {weight}")
        };
    format!(
        "{{{}}}",
        plan.intent()
            .weights
            .iter()
            .map(weight)
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn answer_json(
    format: OutputFormat,
    outcome: &'static str,
    plan: Option<&Plan>,
    applied: Option<&Applied>,
) {
    if format == OutputFormat::Json {
        json::answer(&RunShape {
            format: "waitwise-run/1",
            outcome,
            plan: plan
                .and_then(|plan| RawValue::from_string(to_json(plan).trim_end().to_owned()).ok()),
            applied: applied.map(AppliedShape::of),
        });
    }
}

fn confirmed() -> Result<bool, Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(
            Failure::usage("writing needs a yes, and there is no terminal to ask on")
                .hint("--yes writes without asking, --dry-run stops before writing"),
        );
    }
    output::ask("Write these weights?")
        .map_err(|error| Failure::usage("cannot ask on the terminal").because(error))
}
