//! The `sandbox` command: a tenant for other programs.

use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use crate::bench::ended;

const NOW: &str = "2026-03-30T02:00:00Z";

#[tokio::test]
async fn the_first_line_is_all_that_a_client_needs() {
    for tls in [false, true] {
        let line = format!(
            "sandbox --output json --seed 3 --now {NOW}{}",
            if tls { " --tls" } else { "" }
        );
        let (mut child, mut lines) = served(&line).await;
        let connection: Value = serde_json::from_str(&first_line(&mut lines).await).unwrap();
        let text = |member: &str| connection[member].as_str().unwrap().to_owned();
        for origin in ["login_url", "api_url"] {
            assert_eq!(text(origin), text("base_url"));
        }
        let directory = TempDir::new().unwrap();
        let map = directory.path().join("map.json");
        std::fs::write(&map, connection["wrapup_to_skill"].to_string()).unwrap();
        let mut plan = waitwise("plan --output json --days 7");
        plan.env("WAITWISE_HOST", text("host"))
            .env("WAITWISE_CLIENT_ID", text("client_id"))
            .env("WAITWISE_CLIENT_SECRET", text("client_secret"))
            .env("WAITWISE_QUEUE", text("queue_id"))
            .env("WAITWISE_UNTIL", NOW)
            .env("WAITWISE_MAP_FILE", map);
        assert_eq!(connection["ca_file"].is_string(), tls);
        if tls {
            plan.env("WAITWISE_CA_FILE", text("ca_file"));
        }
        let plan = ended(plan).await.with(0).json();
        assert_eq!(plan["tenant"], text("base_url"));
        let n_skills = connection["wrapup_to_skill"].as_object().unwrap().len();
        assert_eq!(plan["weights"].as_object().unwrap().len(), n_skills);
        child.kill().await.unwrap();
    }
}

#[tokio::test]
async fn people_are_told_what_to_paste() {
    let (mut child, mut lines) = served(&format!("sandbox --now {NOW}")).await;
    let mut text = String::new();
    while !text.contains("lists what else can be done") {
        text += &first_line(&mut lines).await;
        text.push('\n');
    }
    for command in [
        "export WAITWISE_HOST=http://127.0.0.1:",
        "export WAITWISE_QUEUE=",
        "waitwise run --dry-run --map-file map.json\n",
        "Or as the published platform:\n\nunset WAITWISE_HOST\nexport WAITWISE_API_URL=http://127.0.0.1:",
        "waitwise plan --strategy volume-wait -o plan.json\n",
        &format!("export WAITWISE_UNTIL={NOW}\n"),
    ] {
        assert!(text.contains(command), "{text}");
    }
    assert!(text.contains(&format!("Its time is {NOW}.")), "{text}");
    child.kill().await.unwrap();
}

/// What is printed to be pasted works as it stands: a shell carries it out, contract after contract.
#[cfg(unix)]
#[tokio::test]
async fn what_people_paste_works() {
    for api in ["tutorial", "platform", "both"] {
        let line = format!("sandbox --api {api} --requests-per-minute 100000");
        let (mut child, mut lines) = served(&line).await;
        let mut pasted = Vec::new();
        loop {
            let line = first_line(&mut lines).await;
            if line.contains("lists what else can be done") {
                break;
            }
            let words = ["export ", "unset ", "echo ", "waitwise "];
            if words.iter().any(|word| line.starts_with(word)) {
                pasted.push(line);
            }
        }
        let n_applied = if api == "both" { 2 } else { 1 };
        let applies = pasted
            .iter()
            .filter(|line| *line == "waitwise apply plan.json");
        assert_eq!(applies.count(), n_applied, "{pasted:#?}");
        let folder = TempDir::new().unwrap();
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_waitwise"));
        let path = std::env::var("PATH").unwrap();
        let mut shell = Command::new("sh");
        shell
            .args(["-e", "-c", &pasted.join("\n")])
            .env_clear()
            .env(
                "PATH",
                format!("{}:{path}", binary.parent().unwrap().display()),
            )
            .env("HOME", folder.path())
            .env("WAITWISE_DAYS", "3")
            .current_dir(folder.path());
        let ended = ended(shell).await.with(0);
        assert_eq!(ended.stdout.matches("Rolled back").count(), n_applied);
        child.kill().await.unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_ends_well_when_it_is_told_to() {
    let (mut child, mut lines) = served("sandbox --output json --tls").await;
    let connection: Value = serde_json::from_str(&first_line(&mut lines).await).unwrap();
    let ca_file = connection["ca_file"].as_str().unwrap();
    assert!(std::path::Path::new(ca_file).exists());
    let id = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .arg(id)
            .status()
            .await
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    let mut rest = String::new();
    lines.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "");
    assert!(
        !std::path::Path::new(ca_file).exists(),
        "the authority's file is left behind"
    );
}

#[tokio::test]
async fn a_contract_can_be_served_alone() {
    for (api, queues, rules) in [("platform", 401, 404), ("tutorial", 404, 401)] {
        let line = format!("sandbox --output json --now {NOW} --api {api} --flow-table");
        let (mut child, mut lines) = served(&line).await;
        let connection: Value = serde_json::from_str(&first_line(&mut lines).await).unwrap();
        let address = connection["host"].as_str().unwrap();
        assert_eq!(status(address, "/api/v2/routing/queues").await, queues);
        assert_eq!(status(address, "/api/v2/routing/rules").await, rules);
        child.kill().await.unwrap();
    }
}

/// The status of a GET without a token.
async fn status(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_cannot_be_served_is_refused() {
    ended(waitwise("sandbox --speed -1")).await.with(2);
    ended(waitwise("sandbox --calls nowhere.csv"))
        .await
        .with(1)
        .notes("nowhere.csv");
    ended(waitwise("sandbox --calls-mapping x.toml"))
        .await
        .with(2);
}

#[tokio::test]
async fn a_history_is_exported_as_it_is_described() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("details.ndjson");
    let line = format!("sandbox export {} --size 300KB --seed 3", file.display());
    let told = ended(waitwise(&format!("{line} --output json")))
        .await
        .with(0)
        .json();
    let first = std::fs::read_to_string(&file).unwrap();
    assert_eq!(told["bytes"], first.len());
    assert!((300_000..400_000).contains(&first.len()));
    assert_eq!(told["conversations"], first.lines().count());
    assert_eq!(
        (&told["days"], &told["from"]),
        (&1.into(), &"2025-01-06".into())
    );
    let schema = ended(waitwise("schema sandbox-export"))
        .await
        .with(0)
        .json();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&told));

    // A file that was there is replaced, and whole days are as good as a size.
    ended(waitwise(&format!(
        "sandbox export {} --days 1 --seed 3",
        file.display()
    )))
    .await
    .with(0)
    .says(" conversations of 1 day from 2025-01-06, ");
    let day = std::fs::read_to_string(&file).unwrap();
    assert!(day.len() > first.len() && day.starts_with(&first));
}

#[tokio::test]
async fn an_export_that_cannot_be_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("details.ndjson");
    let export = |options: &str| {
        let line = format!("sandbox export {} {options}", file.display());
        ended(waitwise(&line))
    };
    for (options, why) in [
        ("--days 3 --size 1MB", "cannot be used with"),
        ("--size 1.5MB", "such as 500MB"),
        ("--tenants 0", "there are 1 to 100"),
        ("--skills 5 --codes 3", "there are 2 to 56 skills"),
        ("--from 2025-02-30", "--from"),
    ] {
        export(options).await.with(2).notes(why);
    }
    let nowhere = format!("sandbox export {}/none/details", folder.path().display());
    ended(waitwise(&nowhere))
        .await
        .with(2)
        .notes("make the folder");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    ended(waitwise("sandbox --port 1 export x")).await.with(2);
}

pub(crate) fn waitwise(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    command.args(line.split_whitespace()).env_clear();
    command
}

async fn served(line: &str) -> (Child, BufReader<ChildStdout>) {
    let mut command = waitwise(line);
    let mut child = command
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

async fn first_line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    assert_ne!(
        lines.read_line(&mut line).await.unwrap(),
        0,
        "the sandbox said nothing more"
    );
    line.trim_end().to_owned()
}
