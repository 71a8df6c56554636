//! `waitwise analyze`

mod files;

pub(super) use files::cores;

use waitwise_app::analysis::analyze;

use crate::args::{AnalyzeArgs, AnalyzeFormat};
use crate::asking::Asking;
use crate::failure::Failure;
use crate::output;
use crate::settings::File;

pub(crate) async fn run(args: AnalyzeArgs, file: &File) -> Result<(), Failure> {
    if let Some(folder) = &args.files.facts {
        return files::run_facts(folder, &args.files, args.output, args.top);
    }
    if !args.files.input.is_empty() {
        return files::run(&args.files, args.output, args.top);
    }
    let asking = Asking::new(file, &args.host, &args.question, &args.place)?;
    let analysis = analyze(&asking.gathered().await?, &asking.question)?;
    match args.output {
        AnalyzeFormat::Csv => {
            return Err(Failure::usage("csv is for files")
                .hint("name them with --input, or write --output json"));
        }
        AnalyzeFormat::Text => output::answer(&output::analysis::text(&analysis, args.top)),
        AnalyzeFormat::Json => output::json::answer(&output::json::AnalysisShape::of(&analysis)),
    }
    Ok(())
}
