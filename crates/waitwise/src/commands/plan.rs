//! `waitwise plan`

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::plan_file::file::to_json;
use waitwise_app::planning;

use super::{Asking, NO_WEIGHTS, check_folder, write_file};
use crate::args::{OutputFormat, PlanArgs};
use crate::failure::Failure;
use crate::output;
use crate::output::json::AnalysisShape;
use crate::settings::File;

/// The answer where there is nothing to plan: `waitwise-no-plan/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-no-plan/1")]
pub(crate) struct NoPlan<'a> {
    #[schemars(extend("const" = "waitwise-no-plan/1"))]
    format: &'static str,
    message: &'static str,
    weights: std::collections::BTreeMap<String, u8>,
    analysis: AnalysisShape<'a>,
}

pub(crate) async fn run(args: PlanArgs, file: &File) -> Result<(), Failure> {
    if let Some(path) = &args.out {
        check_folder(path)?;
    }
    let asking = Asking::new(file, &args.host, &args.question, args.max_step)?;
    let planned = planning::plan(&asking.gather().await?, &asking.question, &*asking.clock)?;
    let Some(plan) = planned.plan else {
        match args.output.format {
            OutputFormat::Text => {
                output::answer(&output::analysis::text(&planned.analysis, 10));
                output::answer_line(NO_WEIGHTS);
            }
            OutputFormat::Json => output::json::answer(&NoPlan {
                format: "waitwise-no-plan/1",
                message: NO_WEIGHTS,
                weights: std::collections::BTreeMap::new(),
                analysis: AnalysisShape::of(&planned.analysis),
            }),
        }
        return Ok(());
    };
    if let Some(path) = &args.out {
        write_file(path, &to_json(&plan))?;
    }
    match args.output.format {
        OutputFormat::Text => output::answer(&output::plan::text(&plan)),
        OutputFormat::Json => output::answer(&to_json(&plan)),
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
