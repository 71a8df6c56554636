//! Neither the client's secret nor a token is shown or kept anywhere, at the highest verbosity.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::bench::{Bench, Ended, ended};

/// Every command that reads settings, in an order in which each has something to do; PLAN and CHANGE are replaced.
const COMMANDS: [&str; 16] = [
    "doctor",
    "doctor --output json",
    "analyze",
    "analyze --output json",
    "plan -o PLAN",
    "apply PLAN",
    "apply PLAN",
    "changes list",
    "changes show CHANGE",
    "resume",
    "resume CHANGE",
    "rollback",
    "run --yes",
    "run --yes --output json",
    "schema config",
    "changes show CHANGE --output json",
];

#[tokio::test]
async fn what_is_sent_is_never_shown_or_kept() {
    for format in ["text", "json"] {
        let bench = Bench::start().await;
        let wire = Wire::to(&bench).await;
        let mut said = String::new();
        for line in COMMANDS {
            let line = line
                .replace("PLAN", "plan.json")
                .replace("CHANGE", &last_change(&bench).await);
            let mut command = bench.command(&format!("{line} -vv --log-format {format}"));
            command.env("WAITWISE_HOST", format!("http://{}", wire.address));
            let Ended { stdout, stderr, .. } = ended(command).await;
            said += &(stdout + &stderr);
        }
        assert!(said.contains("/api/v2/routing/skills"), "requests are told");
        let sent = wire.secrets(&bench);
        assert!(
            sent.len() >= 6,
            "a secret, its header, and tokens: {}",
            sent.len()
        );
        check(&said, &sent);
        check_files(bench.rig.dir(), &sent);
    }
}

#[tokio::test]
async fn a_host_that_echoes_gives_nothing_away() {
    let token = "canary-token";
    let answer = format!(r#"{{"access_token":"{token}","token_type":"bearer","expires_in":3600}}"#);
    for status in [200, 400, 401, 403, 404, 429, 500, 503] {
        let bench = Bench::start().await;
        let secret = bench.rig.sandbox.connection().client_secret.clone();
        let echo = format!("you said {secret} and {token}");
        let json =
            serde_json::json!({"message": echo, "code": echo, "contextId": echo, "entities": echo});
        let mut said = String::new();
        // With a second in all, a refusal that may pass is not waited for.
        for body in [&echo, &json.to_string()] {
            for line in [
                "doctor -vv --deadline 1",
                "analyze -vv --deadline 1",
                "run --yes -vv --log-format json --deadline 1",
            ] {
                bench.rig.sandbox.clear_faults();
                bench.rig.refuse("token", 99, 200, &[], Some(&answer));
                bench
                    .rig
                    .refuse("*", 99, status, &[("retry-after", "0")], Some(body));
                let Ended { stdout, stderr, .. } = bench.waitwise(line).await;
                said += &(stdout + &stderr);
            }
            // Whoever refuses a sign-in has no token of ours to echo.
            let body = body.replace(token, "no token");
            bench.rig.sandbox.clear_faults();
            bench
                .rig
                .refuse("token", 99, status, &[("retry-after", "0")], Some(&body));
            let Ended { stdout, stderr, .. } = bench.waitwise("doctor -vv --deadline 1").await;
            said += &(stdout + &stderr);
        }
        check(&said, &[secret, token.to_owned()].into());
    }
}

#[tokio::test]
async fn a_panic_that_shows_all_it_has_shows_no_secret() {
    let bench = Bench::start().await;
    let (settings, client) = (bench.rig.settings(), bench.rig.read());
    client.sign_in().await.unwrap();
    let broken = std::panic::AssertUnwindSafe(|| panic!("{settings:?} {client:?}"));
    let panic = std::panic::catch_unwind(broken).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("base_url"), "{message}");
    check(
        message,
        &[bench.rig.sandbox.connection().client_secret.clone()].into(),
    );
}

/// The command that gives the secret is the only child.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_process_carries_the_secret_in_its_arguments_or_its_environment() {
    let bench = Bench::start().await;
    let secret = bench.rig.sandbox.connection().client_secret.clone();
    bench.file("secret", &secret);
    bench.file(
        "secret.sh",
        "cat /proc/self/environ /proc/$$/environ /proc/$$/cmdline /proc/$PPID/environ /proc/$PPID/cmdline > seen\ncat secret\n",
    );
    let mut command = bench.command("analyze -vv");
    command
        .env_remove("WAITWISE_CLIENT_SECRET")
        .env("WAITWISE_CLIENT_SECRET_COMMAND", "sh secret.sh");
    let Ended { stdout, stderr, .. } = ended(command).await.with(0);
    let seen = bench.read("seen");
    assert!(seen.contains("WAITWISE_QUEUE"), "{seen}");
    check(&(seen + &stdout + &stderr), &[secret].into());
}

/// Only their owner can read what commands write, whatever the usual mode is.
#[cfg(unix)]
#[tokio::test]
async fn what_is_written_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::start().await;
    let own = files(bench.rig.dir());
    for line in [
        "plan -o plan.json",
        "apply plan.json",
        "rollback",
        "demo --days 2 --report demo.html",
    ] {
        let mut command = tokio::process::Command::new("sh");
        command
            .args([
                "-c",
                &format!("umask 0; exec \"$0\" {line}"),
                env!("CARGO_BIN_EXE_waitwise"),
            ])
            .env_clear()
            .envs(
                bench
                    .command(line)
                    .as_std()
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(bench.rig.dir());
        ended(command).await.with(0);
    }
    let written: Vec<_> = files(bench.rig.dir()).difference(&own).cloned().collect();
    for expected in ["plan.json", "demo.html", "state", "state/journal.db"] {
        assert!(
            written.contains(&bench.rig.dir().join(expected)),
            "{written:?}"
        );
    }
    for path in written {
        let meta = path.metadata().unwrap();
        let expected = if meta.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(
            meta.permissions().mode() & 0o777,
            expected,
            "{}",
            path.display()
        );
    }
}

/// Everything in a folder and below.
fn files(folder: &Path) -> BTreeSet<std::path::PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.insert(path);
    }
    found
}

#[track_caller]
fn check_files(folder: &Path, secrets: &BTreeSet<String>) {
    let files = files(folder);
    assert!(
        files.iter().any(
            |path| path.ends_with("state/journal.db-wal") || path.ends_with("state/journal.db")
        )
    );
    for path in files.into_iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(&path).unwrap();
        check(&String::from_utf8_lossy(&bytes), secrets);
    }
}

#[track_caller]
fn check(text: &str, secrets: &BTreeSet<String>) {
    for secret in secrets {
        let around = text
            .find(secret)
            .map(|at| text.get(at.saturating_sub(200)..at));
        assert_eq!(around, None, "{secret} is shown");
    }
}

async fn last_change(bench: &Bench) -> String {
    let list = bench.waitwise("changes list --output json").await.json();
    let change = list["changes"][0]["change"].as_str();
    change.unwrap_or("none").to_owned()
}

/// The way to the sandbox, listened to: it knows what was really sent and answered.
struct Wire {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    _server: JoinSet<()>,
}

impl Wire {
    async fn to(bench: &Bench) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = bench.rig.sandbox.connection().host.clone();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = heard.clone();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&host).await.unwrap();
                connections.spawn(pass_on(near, far, all.clone()));
            }
        });
        Wire {
            address,
            heard,
            _server: server,
        }
    }

    /// The client's secret, and everything that stood in an `Authorization` header.
    fn secrets(&self, bench: &Bench) -> BTreeSet<String> {
        let heard = String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned();
        let shown = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            let is_ours = name.eq_ignore_ascii_case("authorization");
            is_ours.then(|| value.split_once(' ').unwrap().1.to_owned())
        };
        let mut secrets: BTreeSet<_> = heard.lines().filter_map(shown).collect();
        secrets.insert(bench.rig.sandbox.connection().client_secret.clone());
        secrets
    }
}

async fn pass_on(near: TcpStream, far: TcpStream, heard: Arc<Mutex<Vec<u8>>>) {
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let ask = async {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = near_read.read(&mut buffer).await {
            heard.lock().unwrap().extend_from_slice(&buffer[..n]);
            if far_write.write_all(&buffer[..n]).await.is_err() {
                break;
            }
        }
    };
    let answer = tokio::io::copy(&mut far_read, &mut near_write);
    tokio::select! {
        () = ask => {}
        _ = answer => {}
    }
}
