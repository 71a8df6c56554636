//! Two processes of one OAuth client, with a folder in common, stay within the host's rate limit together, on real time.

use std::fmt::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::process::Command;
use waitwise_app::SystemClock;
use waitwise_sandbox::{Sandbox, SandboxOptions};

/// Of both together, in each window.
const ALLOWED: u32 = 30;

/// The short form's window. Whether a busy machine uses it up is chance, so that is asked of whole minutes only.
const WINDOW_DEFAULT_SECS: u64 = 2;

const MINUTE_SECS: u64 = 60;

fn window_secs() -> u64 {
    match std::env::var("WAITWISE_PULL_WINDOW_SECS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => WINDOW_DEFAULT_SECS,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_stay_within_the_limit_together() {
    let window = Duration::from_secs(window_secs());
    let options = SandboxOptions {
        now: Some("2026-03-27T12:00:00Z".parse().unwrap()),
        history_days: 2,
        requests_per_minute: ALLOWED,
        rate_window: window,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options, Arc::new(SystemClock::new())).await;
    let sandbox = sandbox.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let start = |folder: &str| {
        let mut command = pull(&sandbox, folder);
        command.current_dir(dir.path()).kill_on_drop(true);
        command.output()
    };
    let (one, other) = tokio::join!(start("one"), start("other"));
    for output in [one.unwrap(), other.unwrap()] {
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
    }

    let requests = sandbox.requests();
    let counted: Vec<_> = requests
        .iter()
        .filter(|request| request.path != "/oauth/token")
        .collect();
    let refused = counted.iter().filter(|request| request.status == Some(429));
    assert_eq!(refused.count(), 0);
    let times: Vec<Timestamp> = counted.iter().map(|request| request.service_at).collect();
    let windows = windows(&times, window);
    assert!(windows.len() >= 3, "{windows:?}");
    assert!(windows.iter().all(|n| *n <= ALLOWED), "{windows:?}");
    if window_secs() >= MINUTE_SECS {
        let used = |n: &u32| n * 100 >= ALLOWED * 95;
        let full = &windows[..windows.len() - 1];
        assert!(full.iter().all(used), "{windows:?}");
    }
    print!("{}", told(&windows));
    assert!(sandbox.violations().is_empty());
    sandbox.stop().await;
}

/// How many requests there were in each window: one begins with the first request after the last has ended.
fn windows(times: &[Timestamp], length: Duration) -> Vec<u32> {
    let length = SignedDuration::try_from(length).unwrap();
    let mut windows: Vec<(Timestamp, u32)> = Vec::new();
    for at in times {
        match windows.last_mut() {
            Some((began, n)) if at.duration_since(*began) < length => *n += 1,
            _ => windows.push((*at, 1)),
        }
    }
    windows.into_iter().map(|(_, n)| n).collect()
}

/// A pull in many small pages into a folder of its own; the state folder is common.
fn pull(sandbox: &Sandbox, folder: &str) -> Command {
    let connection = sandbox.connection();
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    command
        .args("history pull --contract platform --days 3 --page-size 50".split(' '))
        .args(["--history-dir", folder])
        .env_clear()
        .env("WAITWISE_HOST", &connection.base_url)
        .env("WAITWISE_CLIENT_ID", &connection.client_id)
        .env("WAITWISE_CLIENT_SECRET", &connection.client_secret)
        .env("WAITWISE_QUEUE", &connection.queue_id)
        .env("WAITWISE_UNTIL", sandbox.now().to_string())
        .env("WAITWISE_STATE_DIR", "state")
        .stdin(Stdio::null());
    command
}

/// What `cargo xtask prove shared` writes down.
fn told(windows: &[u32]) -> String {
    let mut text = String::from("<!-- shared -->\n| window | requests |\n|---:|---:|\n");
    for (place, n) in windows.iter().enumerate() {
        let _ = writeln!(text, "| {} | {n} |", place + 1);
    }
    let _ = writeln!(
        text,
        "\n{ALLOWED} requests were allowed in each window of {} s; {} were sent by both processes, none was refused. The \
        last window is the rest.\n<!-- /shared -->",
        window_secs(),
        windows.iter().sum::<u32>()
    );
    text
}
