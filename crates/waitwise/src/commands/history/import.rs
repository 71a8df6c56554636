//! `waitwise history import`

use std::sync::Arc;

use waitwise_app::AppError;
use waitwise_app::call_records::{self, CallFiles, Chosen};
use waitwise_app::files::{Input, Progress};
use waitwise_app::history::{Import, ImportFrom, Imported, ReadFiles, import};

use super::whose;
use crate::args::{HistoryImportArgs, OutputFormat};
use crate::commands::analyze::cores;
use crate::commands::{bad_share, input, unusable};
use crate::failure::Failure;
use crate::output;
use crate::output::imported;
use crate::output::progress::{Days, Reading};
use crate::settings::File;

pub(super) fn run(args: &HistoryImportArgs, file: &File) -> Result<(), Failure> {
    match args.records.dry_run {
        true => rehearse(args),
        false => keep(args, file),
    }
}

fn keep(args: &HistoryImportArgs, file: &File) -> Result<(), Failure> {
    let history = whose(file, &args.whose)?;
    let wanted = Import {
        from: from(args)?,
        covers: args.covers,
        threads: args.threads.unwrap_or_else(cores),
        memory_bytes: usize::from(args.memory) << 20,
    };
    let inputs = inputs(args);
    let reading = Reading::start(inputs.iter().map(Input::bytes).sum());
    let days = Days::default();
    let read: Progress = {
        let reading = reading.clone();
        Arc::new(move |n| reading.read(n))
    };
    let done = import(&history, &wanted, &read, &|event| {
        reading.end();
        days.importing(event);
    });
    reading.end();
    days.end();
    let done = done.map_err(|error| unusable(&inputs, error))?;
    tell(&inputs, &done);
    match args.output.format {
        OutputFormat::Text => output::answer(&imported::text(history.dir(), &done, args.top)),
        OutputFormat::Json => {
            output::json::answer(&imported::ImportedShape::of(history.dir(), &done));
        }
    }
    Ok(())
}

fn tell(inputs: &[Input], done: &Imported) {
    match &done.read {
        ReadFiles::Conversations(tally) => {
            output::note_lines(&output::files::troubles(tally, inputs));
        }
        ReadFiles::Calls(files) => {
            for read in files {
                for bad in &read.tally.located {
                    let (name, place) = (&read.name, bad.place);
                    let (line, offset, reason) = (place.line, place.offset, &bad.reason);
                    output::note(&format!(
                        "warning: {name}, line {line}, byte {offset}: {reason}"
                    ));
                }
            }
        }
    }
}

fn from(args: &HistoryImportArgs) -> Result<ImportFrom, Failure> {
    Ok(match args.records.calls.is_empty() {
        true => ImportFrom::Conversations {
            inputs: inputs(args),
            max_bad_share: bad_share(args.max_bad)?,
        },
        false => ImportFrom::Calls(call_files(args)?),
    })
}

/// Returns the files, of whichever kind.
fn inputs(args: &HistoryImportArgs) -> Vec<Input> {
    let all = args.files.iter().chain(&args.records.calls);
    all.map(|path| input(path)).collect()
}

fn call_files(args: &HistoryImportArgs) -> Result<CallFiles, Failure> {
    let mapping = args.records.mapping.clone();
    Ok(CallFiles {
        inputs: inputs(args),
        mapping: mapping.map_or(Chosen::ByHeader, Chosen::Given),
        max_bad_share: bad_share(args.max_bad)?,
    })
}

fn rehearse(args: &HistoryImportArgs) -> Result<(), Failure> {
    let files = call_files(args)?;
    let rehearsal = Reading::of(&files.inputs, |progress| {
        call_records::rehearse(&files, args.top, progress)
    });
    let rehearsal = rehearsal.map_err(AppError::from)?;
    match args.output.format {
        OutputFormat::Text => output::answer(&output::call_records::text(&rehearsal, args.top)),
        OutputFormat::Json => {
            output::json::answer(&output::call_records::RehearsalShape::of(&rehearsal));
        }
    }
    Ok(())
}
