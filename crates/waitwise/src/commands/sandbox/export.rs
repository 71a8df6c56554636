//! `waitwise sandbox export`

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::ErrorKind;
use waitwise_sandbox::Size;
use waitwise_sandbox::export::{ExportError, ExportSpec, Exported, Extent, to_file};

use crate::args::{OutputFormat, SandboxExportArgs};
use crate::commands::check_folder;
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Progress;

/// As much history as a sandbox is served with.
const DAYS: u16 = waitwise_sandbox::DEFAULT_HISTORY_DAYS;

pub(super) fn run(args: &SandboxExportArgs) -> Result<(), Failure> {
    check_folder(&args.file)?;
    let spec = spec(args);
    let progress = Progress::start();
    progress.say(format!("simulating {}", args.file.display()));
    let exported = to_file(&spec, &args.file, &mut |so_far| {
        progress.exporting(&so_far, spec.extent);
    });
    drop(progress);
    let exported = exported.map_err(failure)?;
    let shape = ExportShape::of(args, &exported);
    match args.output.format {
        OutputFormat::Text => output::answer_line(&shape.text()),
        OutputFormat::Json => output::json::answer(&shape),
    }
    Ok(())
}

fn spec(args: &SandboxExportArgs) -> ExportSpec {
    ExportSpec {
        seed: args.seed,
        tenants: args.tenants,
        size: args
            .skills
            .zip(args.codes)
            .map(|(skills, codes)| Size { skills, codes }),
        calls_a_day: args.calls_a_day,
        troubles: super::troubles(&args.trouble),
        from: args.from,
        extent: match args.size {
            Some(bytes) => Extent::Bytes(bytes),
            None => Extent::Days(args.days.unwrap_or(DAYS)),
        },
    }
}

fn failure(error: ExportError) -> Failure {
    let kind = match matches!(error, ExportError::Option { .. }) {
        true => ErrorKind::Usage,
        false => ErrorKind::Failed,
    };
    Failure::new(kind, "cannot export the history").because(error)
}

/// `waitwise-sandbox-export/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-sandbox-export/1")]
pub(crate) struct ExportShape {
    #[schemars(extend("const" = "waitwise-sandbox-export/1"))]
    format: &'static str,
    file: String,
    /// Each further tenant has the next one.
    seed: u64,
    tenants: u16,
    /// The first day.
    from: String,
    /// Days that have been begun.
    days: u32,
    conversations: u64,
    /// Before compression.
    bytes: u64,
}

impl ExportShape {
    fn of(args: &SandboxExportArgs, exported: &Exported) -> ExportShape {
        ExportShape {
            format: "waitwise-sandbox-export/1",
            file: args.file.display().to_string(),
            seed: args.seed,
            tenants: args.tenants,
            from: args.from.to_string(),
            days: exported.days,
            conversations: exported.records,
            bytes: exported.bytes,
        }
    }

    fn text(&self) -> String {
        let days = if self.days == 1 { "day" } else { "days" };
        format!(
            "{}: {} conversations of {} {days} from {}, {} bytes before compression.",
            self.file, self.conversations, self.days, self.from, self.bytes
        )
    }
}
