//! `waitwise sandbox`

mod export;

use std::fmt::Write as _;
use std::sync::Arc;

use waitwise_app::{AppError, ErrorKind, SystemClock};
use waitwise_sandbox::{
    Api, Connection, FLOW_TABLE, Sandbox, SandboxOptions, Size, Trouble, Troubles,
};

use crate::args::{ApiChoice, OutputFormat, SandboxArgs, SandboxCommand, ServeArgs, TroubleChoice};
use crate::failure::Failure;
use crate::output;

pub(crate) use self::export::ExportShape;

pub(crate) async fn run(args: SandboxArgs) -> Result<(), Failure> {
    match args.command {
        Some(SandboxCommand::Export(args)) => export::run(&args),
        None => serve(args.serve).await,
    }
}

async fn serve(args: ServeArgs) -> Result<(), Failure> {
    let make_flow_table = args.flow_table.is_some();
    let options = SandboxOptions {
        api: match args.api {
            ApiChoice::Tutorial => Api::Tutorial,
            ApiChoice::Platform => Api::Platform,
            ApiChoice::Both => Api::Both,
        },
        flow_table: args.flow_table.unwrap_or_else(|| FLOW_TABLE.to_owned()),
        make_flow_table,
        seed: args.seed,
        now: args.now,
        port: args.port,
        tls: args.tls,
        speed: args.speed,
        calls: args.calls,
        calls_mapping: args.calls_mapping,
        size: args
            .skills
            .zip(args.codes)
            .map(|(skills, codes)| Size { skills, codes }),
        calls_a_day: args.calls_a_day,
        troubles: troubles(&args.trouble),
        requests_per_minute: args.requests_per_minute,
        check_contract: args.check_contract || cfg!(debug_assertions),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options, Arc::new(SystemClock::new()))
        .await
        .map_err(AppError::from)?;
    // Before anything is said: whoever reads the answer may ask for the end at once.
    let stopped = stopped().map_err(|error| {
        Failure::new(ErrorKind::Failed, "cannot wait for a signal").because(error)
    })?;
    match args.output.format {
        OutputFormat::Text => output::answer(&text(&sandbox, args.api, args.now.is_some())),
        OutputFormat::Json => {
            output::answer_line(&serde_json::to_string(sandbox.connection()).unwrap_or_default())
        }
    }
    stopped.await;
    sandbox.stop().await;
    Ok(())
}

fn troubles(choices: &[TroubleChoice]) -> Troubles {
    let troubles = choices.iter().flat_map(|choice| match choice {
        TroubleChoice::Redials => vec![Trouble::Redials],
        TroubleChoice::Breaks => vec![Trouble::Breaks],
        TroubleChoice::Speeds => vec![Trouble::Speeds],
        TroubleChoice::UnusualDays => vec![Trouble::UnusualDays],
        TroubleChoice::All => Trouble::ALL.to_vec(),
    });
    troubles.collect()
}

/// Listens from now on, and returns what ends when a person or a supervisor asks for the end.
#[cfg(unix)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens from now on, and returns what ends when a person asks for the end.
#[cfg(windows)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

fn text(sandbox: &Sandbox, api: ApiChoice, is_now_told: bool) -> String {
    let connection = sandbox.connection();
    let mut text = format!(
        "A fake tenant is served at {} until Ctrl-C. Its time is {}.\n\nIn another terminal:\n\n{}",
        connection.base_url,
        sandbox.now(),
        common(sandbox, is_now_told),
    );
    if api != ApiChoice::Platform {
        text += &as_the_tutorial(connection);
    }
    if api == ApiChoice::Both {
        text += "\nOr as the published platform:\n\nunset WAITWISE_HOST\n";
    }
    if api != ApiChoice::Tutorial {
        text += &as_the_platform(connection);
    }
    let _ = writeln!(
        text,
        "\ncurl {} lists what else can be done with it: time, faults, requests.",
        connection.control_url
    );
    text
}

/// What both contracts need. A time of its own is one that commands would not guess.
fn common(sandbox: &Sandbox, is_now_told: bool) -> String {
    let connection = sandbox.connection();
    let mut text = String::new();
    for (variable, value) in [
        ("WAITWISE_CLIENT_ID", connection.client_id.as_str()),
        ("WAITWISE_CLIENT_SECRET", &connection.client_secret),
        ("WAITWISE_QUEUE", &connection.queue_id),
    ] {
        export(&mut text, variable, value);
    }
    if is_now_told {
        export(&mut text, "WAITWISE_UNTIL", &sandbox.now().to_string());
    }
    if let Some(ca_file) = &connection.ca_file {
        export(
            &mut text,
            "WAITWISE_CA_FILE",
            &ca_file.display().to_string(),
        );
    }
    text
}

fn as_the_tutorial(connection: &Connection) -> String {
    let mut text = String::new();
    export(&mut text, "WAITWISE_HOST", &connection.base_url);
    let mapping = serde_json::to_string(&connection.wrapup_to_skill).unwrap_or_default();
    let _ = writeln!(text, "echo '{mapping}' > map.json");
    for command in [
        "analyze",
        "plan -o plan.json",
        "apply plan.json",
        "rollback",
        "run --dry-run",
    ] {
        let asks = !command.starts_with("apply") && command != "rollback";
        let map = if asks { " --map-file map.json" } else { "" };
        let _ = writeln!(text, "waitwise {command}{map}");
    }
    text
}

/// `init` finds the mapping by itself.
fn as_the_platform(connection: &Connection) -> String {
    let mut text = String::new();
    export(&mut text, "WAITWISE_API_URL", &connection.api_url);
    export(&mut text, "WAITWISE_LOGIN_URL", &connection.login_url);
    for command in [
        "history pull",
        "init --yes --create-table",
        "analyze",
        "plan --strategy volume-wait -o plan.json",
        "apply plan.json",
        "explain",
        "rollback",
    ] {
        let _ = writeln!(text, "waitwise {command}");
    }
    text
}

fn export(text: &mut String, variable: &str, value: &str) {
    let _ = writeln!(text, "export {variable}={value}");
}
