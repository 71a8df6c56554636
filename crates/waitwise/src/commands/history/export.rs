//! `waitwise history export`

use std::io::{self, BufWriter, ErrorKind};

use waitwise_app::AppError;
use waitwise_app::history::{Export, ExportFormat, Exported, FactsError, History, HistoryError};
use waitwise_app::model::QueueId;

use super::whose;
use crate::args::{ExportFormatArg, HistoryExportArgs};
use crate::commands::check_folder;
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Progress;
use crate::settings::File;

pub(super) fn run(args: &HistoryExportArgs, file: &File) -> Result<(), Failure> {
    let history = whose(file, &args.whose)?;
    if let Some(path) = &args.out {
        check_folder(path)?;
    }
    let export = Export {
        queues: args.queues.iter().map(QueueId::new).collect(),
        first: args.from,
        last: args.to,
        format: match args.format {
            ExportFormatArg::Csv => ExportFormat::Csv,
            ExportFormatArg::Ndjson => ExportFormat::Ndjson,
            ExportFormatArg::Parquet => ExportFormat::Parquet,
        },
    };
    let progress = Progress::start();
    progress.say("writing what is kept");
    let done = write(&history, &export, args);
    drop(progress);
    match done {
        Ok(Exported { files, visits }) => {
            output::note(&format!("{visits} visits of {files} files of facts"));
            Ok(())
        }
        // A reader that has seen enough (`| head`) is no failure.
        Err(HistoryError::Export {
            source: FactsError::Io(error),
        }) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(AppError::from(error).into()),
    }
}

fn write(
    history: &History,
    export: &Export,
    args: &HistoryExportArgs,
) -> Result<Exported, HistoryError> {
    match &args.out {
        Some(path) => history.export_to(export, path),
        None => history.export(export, BufWriter::new(io::stdout())),
    }
}
