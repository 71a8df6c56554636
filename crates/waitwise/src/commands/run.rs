//! `waitwise run`: the tutorial's job in one go, with its milestones; on the published platform too.

use std::io::IsTerminal;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_app::changing::{Changes, new_change_id};
use waitwise_app::gather::Event;
use waitwise_app::model::Clock;
use waitwise_app::plan_file::Plan;
use waitwise_app::plan_file::file::{PlanShape, to_json};
use waitwise_app::planning::{NoPlan, Planned};
use waitwise_app::{Applied, Strategy};

use super::{KEPT_HINT, message, open_journal};
use crate::args::{OutputFormat, RunArgs};
use crate::asking::Asking;
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
    let mut asking = Asking::with_time_to_pull(file, &args.host, &args.question, &args.place)?;
    let lever = asking.weigh(file, &args.lever, &args.ahead, args.max_step)?;
    let format = args.output.format;
    let say = |text: &str| milestone(format, text);
    if asking.question.strategy == Strategy::Keep {
        say(message(NoPlan::Kept));
        output::note(KEPT_HINT);
        answer_json(format, "kept", None, None);
        return Ok(());
    }
    pull(&mut asking, &say).await?;
    let gathered = {
        let progress = Progress::start();
        let report = |event: Event| {
            progress.gathering(&event);
            if let Some(text) = milestone_of(&event) {
                progress.line(|| say(&text));
            }
        };
        asking.gather(&report).await?
    };
    say("Calculating optimal skill weights...");
    // The plan says all that is needed from here on; a large tenant's history is not kept beside it.
    let Planned {
        analysis,
        search,
        plan,
    } = asking.plan(gathered, &lever, &args.ahead).await?;
    let plan = match plan {
        Ok(plan) => plan,
        Err(why) => {
            say("Calculated weights: {}");
            say(message(why));
            for sentence in search.iter().flat_map(|search| &search.said) {
                say(sentence);
            }
            warn(&analysis.warnings);
            let outcome = match why {
                NoPlan::NothingBetter => "nothing-better",
                NoPlan::NoWeights | NoPlan::Kept => "no-weights",
            };
            answer_json(format, outcome, None, None);
            return Ok(());
        }
    };
    drop(analysis);
    say(&format!("Calculated weights: {}", weights(&plan)));
    if format == OutputFormat::Text {
        output::answer(&format!("\n{}\n", output::plan::text(&plan)));
    }
    carry_out(&args, file, &asking, &plan, &say).await
}

/// Writes what is planned, if that is wanted.
async fn carry_out(
    args: &RunArgs,
    file: &File,
    asking: &Asking,
    plan: &Plan,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<(), Failure> {
    let format = args.output.format;
    if args.dry_run {
        say("Dry run: nothing was written.");
        answer_json(format, "dry-run", Some(plan), None);
        return Ok(());
    }
    if !plan.steps().is_empty() && !args.yes && !confirmed()? {
        say("Nothing was written.");
        answer_json(format, "declined", Some(plan), None);
        return Ok(());
    }
    let applied = apply(args, file, asking, plan, say).await?;
    if format == OutputFormat::Text {
        change::answer(format, Done::Applied, &applied);
    }
    let outcome = if applied.change.is_some() {
        "applied"
    } else {
        "unchanged"
    };
    answer_json(format, outcome, Some(plan), Some(&applied));
    Ok(())
}

/// Pulls the history that is asked about, where the host does not answer from its own and it is not there yet.
async fn pull(asking: &mut Asking, say: &(dyn Fn(&str) + Send + Sync)) -> Result<(), Failure> {
    asking.until_now();
    let pulled = {
        let progress = Progress::start();
        asking
            .pull_missing(&|event| progress.pulling(&event))
            .await?
    };
    let Some(pulled) = pulled else {
        return Ok(());
    };
    let n_records: usize = pulled.days.iter().map(|day| day.records).sum();
    say(&format!(
        "Pulled {n_records} conversation records of {} days.",
        pulled.days.len()
    ));
    let rejected = pulled.days.iter().flat_map(|day| &day.rejected);
    warn(rejected.map(output::history::left_out));
    Ok(())
}

async fn apply(
    args: &RunArgs,
    file: &File,
    asking: &Asking,
    plan: &Plan,
    say: &(dyn Fn(&str) + Send + Sync),
) -> Result<Applied, Failure> {
    let store = open_journal(file, &args.place.state).await?;
    let changes = Changes::new(asking.client.clone(), &store, &*asking.clock);
    let (lever, capital) = match plan.place().is_table() {
        true => ("data table", "Data table"),
        false => ("routing rule", "Routing rule"),
    };
    if !plan.steps().is_empty() {
        say(&format!("Updating {lever}..."));
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
        say(&format!("{capital} updated successfully."));
        if let [only] = applied.objects.as_slice()
            && let Some(rule) = only.object.as_str().strip_prefix("routing-rule/")
        {
            say(&format!(
                "Rule ID: {rule}, Updated Skills: {}",
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
        Event::HistoryPage(_) | Event::Comparing | Event::FetchingRule => None,
    }
}

fn warn(warnings: impl IntoIterator<Item = impl std::fmt::Display>) {
    for warning in warnings {
        output::note(&format!("warning: {warning}"));
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
