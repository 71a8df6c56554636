//! `waitwise history list`

use waitwise_app::AppError;
use waitwise_app::history::History;

use crate::args::{HistoryListArgs, OutputFormat};
use crate::failure::Failure;
use crate::output;
use crate::output::kept::{self, Listed, ListedShape};
use crate::settings::File;

pub(super) fn run(args: &HistoryListArgs, file: &File) -> Result<(), Failure> {
    let folders = match &args.place.history_dir {
        Some(folder) => vec![folder.clone()],
        None => {
            let all = file.state_dir(&args.place.state)?.join("history");
            // A folder that is not there has nothing in it.
            let entries = std::fs::read_dir(all).into_iter().flatten();
            let mut folders: Vec<_> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect();
            folders.sort();
            folders
        }
    };
    let mut listed = Vec::new();
    for folder in folders {
        let history = History::at(&folder);
        let kept = history.kept().map_err(AppError::from)?;
        let outdated = history.outdated().map_err(AppError::from)?;
        listed.push(Listed {
            folder,
            kept,
            outdated,
        });
    }
    match args.output.format {
        OutputFormat::Text => output::answer(&kept::text(&listed, args.each_day)),
        OutputFormat::Json => output::json::answer(&ListedShape::of(&listed)),
    }
    Ok(())
}
