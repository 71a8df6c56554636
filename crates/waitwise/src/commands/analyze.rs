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
    let is_for_people = match args.output {
        AnalyzeFormat::Text => true,
        AnalyzeFormat::Json => false,
        AnalyzeFormat::Csv | AnalyzeFormat::Parquet => {
            return Err(Failure::usage("csv and parquet are for files and facts")
                .hint("name files with --input, a history with --facts, or write --output json"));
        }
    };
    let asking = Asking::new(file, &args.host, &args.question, &args.place)?;
    let analysis = analyze(&asking.gathered().await?, &asking.question)?;
    match is_for_people {
        true => output::answer(&output::analysis::text(&analysis, args.top)),
        false => output::json::answer(&output::json::AnalysisShape::of(&analysis)),
    }
    Ok(())
}
