//! `waitwise doctor`

use std::path::Path;
use std::sync::Arc;

use waitwise_app::doctor::{self, Complaint, Subject};
use waitwise_app::history::History;
use waitwise_app::{Settings, SystemClock};

use super::journal_path;
use crate::args::DoctorArgs;
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Progress;
use crate::settings::File;

pub(crate) async fn run(
    args: DoctorArgs,
    file: &File,
    config: Option<&Path>,
) -> Result<(), Failure> {
    let checks = {
        let progress = Progress::start();
        progress.say("looking at settings, host, journal and files");
        doctor::examine(subject(&args, file, config), Arc::new(SystemClock::new())).await
    };
    output::doctor::answer(args.output.format, &checks);
    match doctor::worst(&checks) {
        None => Ok(()),
        Some(kind) => Err(Failure::new(kind, "not all is well")
            .hint("each check that is wrong says above what to do; mend the first one first")),
    }
}

fn subject(args: &DoctorArgs, file: &File, config: Option<&Path>) -> Subject {
    let settings = file.connection(&args.host, None).map(|settings| Settings {
        wait_unit: file.wait_unit(&args.question),
        ..settings
    });
    let complaint = |failure: Failure| -> Complaint { failure.into_complaint() };
    let settings = settings.map_err(complaint);
    Subject {
        question: file.question(&args.question, None).map_err(complaint),
        table: file.data_table(&args.table),
        history: history(&settings, args, file),
        journal: journal_path(file, &args.place.state).map_err(complaint),
        private: file.secret_file(&args.host).into_iter().collect(),
        trusted: file.trusted_files(config, &args.host, &args.question),
        settings,
    }
}

fn history(
    settings: &Result<Settings, Complaint>,
    args: &DoctorArgs,
    file: &File,
) -> Result<History, Complaint> {
    let base_url = &settings.as_ref().map_err(Clone::clone)?.base_url;
    super::history::place(file, &args.place, base_url).map_err(Failure::into_complaint)
}
