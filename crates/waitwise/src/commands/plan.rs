//! `waitwise plan`

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::plan_file::file::to_json;
use waitwise_app::plan_file::{Plan, Search};
use waitwise_app::planning::{NoPlan, Planned};

use super::{KEPT_HINT, check_folder, message, write_file};
use crate::args::{OutputFormat, PlanArgs};
use crate::asking::Asking;
use crate::failure::Failure;
use crate::output;
use crate::output::json::AnalysisShape;
use crate::prospect::Prospect;
use crate::settings::File;

/// The answer where there is nothing to plan: `waitwise-no-plan/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-no-plan/1")]
pub(crate) struct NoPlanShape<'a> {
    #[schemars(extend("const" = "waitwise-no-plan/1"))]
    format: &'static str,
    message: &'static str,
    weights: std::collections::BTreeMap<String, u8>,
    analysis: AnalysisShape<'a>,
    /// What a search has found, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<&'a Search>,
}

pub(crate) async fn run(args: PlanArgs, file: &File) -> Result<(), Failure> {
    for path in args.out.iter().chain(&args.html) {
        check_folder(path)?;
    }
    let mut asking = Asking::new(file, &args.host, &args.question, &args.place)?;
    let lever = asking.weigh(file, &args.lever, &args.ahead, args.max_step)?;
    let planned = asking
        .plan(asking.gathered().await?, &lever, &args.ahead)
        .await?;
    match &planned.plan {
        Ok(plan) => {
            answer(&args, plan)?;
            show(&args, &Prospect::of(plan))
        }
        Err(why) => {
            let (analysis, search) = (&planned.analysis, planned.search.as_ref());
            answer_none(args.output.format, &planned, *why);
            let strategy = asking.question.strategy.name();
            show(
                &args,
                &Prospect::of_nothing(analysis, strategy, search, message(*why)),
            )
        }
    }
}

/// Writes the page, if one is wanted.
fn show(args: &PlanArgs, prospect: &Prospect) -> Result<(), Failure> {
    if let Some(path) = &args.html {
        write_file(path, &prospect.page())?;
        output::note(&match prospect.looks_ahead() {
            true => format!("wrote {}", path.display()),
            false => format!(
                "wrote {}: it tells nothing of waits to come, since nothing was predicted or searched",
                path.display()
            ),
        });
    }
    Ok(())
}

fn answer(args: &PlanArgs, plan: &Plan) -> Result<(), Failure> {
    if let Some(path) = &args.out {
        write_file(path, &to_json(plan))?;
    }
    match args.output.format {
        OutputFormat::Text => output::answer(&output::plan::text(plan)),
        OutputFormat::Json => output::answer(&to_json(plan)),
    }
    match &args.out {
        Some(path) => output::note(&format!(
            "Plan written to {0}. To carry it out: waitwise apply {0}",
            path.display()
        )),
        None => {
            output::note("Nothing was saved; -o FILE keeps the plan for `waitwise apply FILE`.")
        }
    }
    Ok(())
}

fn answer_none(format: OutputFormat, planned: &Planned, why: NoPlan) {
    let (analysis, search) = (&planned.analysis, planned.search.as_ref());
    let message = message(why);
    match format {
        OutputFormat::Text => {
            output::answer(&output::analysis::text(analysis, 10));
            if let Some(search) = search {
                output::answer(&output::prospect::search(search));
            }
            output::answer_line(message);
        }
        OutputFormat::Json => output::json::answer(&NoPlanShape {
            format: "waitwise-no-plan/1",
            message,
            weights: std::collections::BTreeMap::new(),
            analysis: AnalysisShape::of(analysis),
            search,
        }),
    }
    if why == NoPlan::Kept {
        output::note(KEPT_HINT);
    }
}
