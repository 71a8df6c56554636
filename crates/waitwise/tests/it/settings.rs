//! Settings, sign-in and the way to the host.

use waitwise_sandbox::{Fault, SandboxOptions};

use crate::bench::{Bench, Ended, ended};

#[tokio::test]
async fn a_flag_wins_over_a_variable_and_that_over_the_file() {
    let bench = Bench::start().await;
    let days = async |line: &str, variable: Option<&str>| {
        let mut command = bench.command(line);
        command.envs(variable.map(|days| ("WAITWISE_DAYS", days)));
        let analysis = ended(command).await.with(0).json();
        let at = |member: &str| -> jiff::Timestamp {
            analysis[member].as_str().unwrap().parse().unwrap()
        };
        at("to").duration_since(at("from")).as_hours() / 24
    };
    assert_eq!(days("analyze --output json", None).await, 30);
    bench.file("waitwise.toml", "days = 7\n");
    assert_eq!(days("analyze --output json", None).await, 7);
    assert_eq!(days("analyze --output json", Some("8")).await, 8);
    assert_eq!(days("analyze --output json --days 9", Some("8")).await, 9);
    bench.file("other.toml", "days = 11\n");
    assert_eq!(
        days("analyze --output json --config other.toml", None).await,
        11
    );
}

#[tokio::test]
async fn the_file_can_say_everything_but_the_secret() {
    let bench = Bench::start().await;
    let connection = bench.rig.sandbox.connection();
    bench.file("secret", &format!("{}\n", connection.client_secret));
    bench.file(
        "waitwise.toml",
        &format!(
            "host = \"{}\"\nclient_id = \"{}\"\nclient_secret_file = \"secret\"\nqueue = \"{}\"\nmap_file = \"map.json\"\nmax_step = 5\nstate_dir = \"elsewhere\"\n[map]\nc-sale = \"overruled by the map file\"\n",
            connection.base_url, connection.client_id, connection.queue_id
        ),
    );
    let mut command = bench.bare_command("run --yes --output json");
    command.env_remove("WAITWISE_STATE_DIR");
    let run = ended(command).await.with(0).json();
    assert_eq!(
        run["plan"]["weights"],
        serde_json::json!({"s-bill": 45, "s-sale": 47, "s-tech": 55})
    );
    assert!(bench.rig.dir().join("elsewhere/journal.db").exists());
}

#[tokio::test]
async fn what_the_file_cannot_mean_is_refused() {
    let bench = Bench::start().await;
    for (text, key) in [
        ("hots = \"x\"\n", "hots"),
        ("client_secret = \"x\"\n", "client_secret"),
    ] {
        bench.file("waitwise.toml", text);
        let ended = bench.waitwise("analyze").await;
        ended
            .failed(2, "error: cannot read settings from waitwise.toml")
            .notes(&format!("unknown field `{key}`"))
            .notes("hint: the keys are the names of the flags, with `_` for `-`; a secret never stands in this file\n");
    }
    bench.file("waitwise.toml", "");
    let ended = bench.waitwise("analyze --config nowhere.toml").await;
    ended.failed(2, "error: cannot read settings from nowhere.toml");
    assert_eq!(bench.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn a_mapping_is_one_json_object_of_texts() {
    let bench = Bench::start().await;
    for text in ["[]", "{\"c\": 1}", "c = d"] {
        bench.file("map.json", text);
        let ended = bench.waitwise("plan").await;
        ended
            .failed(2, "error: cannot read the mapping map.json")
            .notes("hint: expected one JSON object: {\"wrap-up code id\": \"skill name\", …}\n");
    }
    bench
        .waitwise("plan --map-file nowhere.json")
        .await
        .failed(2, "error: cannot read the mapping nowhere.json");
    bench
        .waitwise("plan --map c-tech")
        .await
        .with(2)
        .notes("expected CODE=SKILL");
}

#[tokio::test]
async fn what_is_missing_is_asked_for() {
    let bench = Bench::start().await;
    for (missing, error) in [
        (
            "WAITWISE_HOST",
            "error: no host to ask\nhint: name it with --host or WAITWISE_HOST, or the region with --region or WAITWISE_REGION",
        ),
        (
            "WAITWISE_QUEUE",
            "error: no queue to ask about\nhint: name its id with --queue or WAITWISE_QUEUE",
        ),
        (
            "WAITWISE_CLIENT_ID",
            "error: no OAuth client to sign in as\nhint: name it with --client-id or WAITWISE_CLIENT_ID",
        ),
        (
            "WAITWISE_CLIENT_SECRET",
            "error: no secret for the OAuth client\nhint: set WAITWISE_CLIENT_SECRET, or name a file with --client-secret-file or a command with --client-secret-command",
        ),
    ] {
        let mut command = bench.command("plan");
        command.env_remove(missing);
        ended(command).await.failed(2, error);
    }
    assert_eq!(bench.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn impossible_values_are_refused() {
    let bench = Bench::start().await;
    for (line, error) in [
        (
            "plan --days 0",
            "error: a window needs at least 1 day, got 0\nhint: --days takes a number of days from 1 on\n",
        ),
        (
            "plan --min-volume=-1",
            "error: --min-volume takes a number from 0 on, got -1\n",
        ),
        (
            "plan --min-volume NaN",
            "error: --min-volume takes a number from 0 on, got NaN",
        ),
        (
            "plan --volume-factor inf",
            "error: cannot use these factors",
        ),
        (
            "plan --days=-3",
            "error: invalid value '-3' for '--days <N>'",
        ),
        (
            "plan --max-step 256",
            "error: invalid value '256' for '--max-step <N>'",
        ),
        (
            "plan --wait-unit hours",
            "error: invalid value 'hours' for '--wait-unit <UNIT>'",
        ),
    ] {
        bench.waitwise(line).await.with(2).notes(error);
    }
    assert_eq!(bench.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn a_secret_is_no_flag_but_comes_from_a_file_or_a_command() {
    let bench = Bench::start().await;
    bench
        .waitwise("plan --client-secret x")
        .await
        .with(2)
        .notes("unexpected argument '--client-secret'");
    let secret = &bench.rig.sandbox.connection().client_secret;
    bench.file("secret", &format!("{secret}\r\n"));
    for source in [
        "--client-secret-file=secret",
        "--client-secret-command=cat\u{a0}secret",
    ] {
        let mut command = bench.command("analyze");
        command
            .arg(source.replace('\u{a0}', " "))
            .env_remove("WAITWISE_CLIENT_SECRET");
        ended(command).await.with(0);
    }
    let mut command = bench.command("analyze");
    command
        .args(["--client-secret-command", "echo hush; exit 3"])
        .env_remove("WAITWISE_CLIENT_SECRET");
    let failed = ended(command).await;
    let failed = failed.failed(2, "error: cannot get the client's secret from the command");
    assert!(!failed.stderr.contains("hush"), "{}", failed.stderr);
    let mut command = bench.command("analyze --client-secret-file nowhere");
    command.env_remove("WAITWISE_CLIENT_SECRET");
    ended(command)
        .await
        .failed(2, "error: cannot read the client's secret from nowhere");
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let bench = Bench::start().await;
    let mut command = bench.command("analyze");
    command.env("WAITWISE_CLIENT_SECRET", "wrong-secret-canary");
    let ended = ended(command).await.with(5);
    let ended = ended.notes("hint: check the client id and the client secret: they must belong to one OAuth client of this host\n");
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    assert_eq!(bench.rig.requests().len(), 1);
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named() {
    let all = [
        "analytics:conversation:read",
        "routing:skill:read",
        "routing:rule:read",
        "routing:rule:write",
    ];
    for missing in all {
        let bench = Bench::start().await;
        let scopes = all.into_iter().filter(|scope| *scope != missing);
        bench.rig.sandbox.set_permissions([]).unwrap();
        bench.rig.sandbox.set_scopes(scopes).unwrap();
        let ended = bench.waitwise("run --yes").await.with(5);
        ended.notes(&format!(
            "hint: give the OAuth client the scope `{missing}`; "
        ));
        let puts = usize::from(missing == "routing:rule:write");
        assert_eq!(bench.rig.sandbox.writes(), puts);
        assert_eq!(bench.stored_weights()["s-tech"], 50);
    }
}

#[tokio::test]
async fn a_secret_goes_over_plain_http_to_this_machine_only() {
    let bench = Bench::start().await;
    for host in ["http://api.example.com", "http://127.0.0.1.example.com"] {
        let ended = bench.waitwise(&format!("analyze --host {host}")).await;
        ended
            .failed(2, &format!("error: cannot use `{host}` as a host"))
            .notes("over plain http\n")
            .notes("hint: ");
    }
}

#[tokio::test]
async fn an_authority_that_nobody_knows_must_be_named() {
    let bench = Bench::with(SandboxOptions {
        tls: true,
        ..SandboxOptions::default()
    })
    .await;
    let mut command = bench.command("analyze");
    command.env_remove("WAITWISE_CA_FILE");
    let unknown = ended(command).await.with(1);
    unknown.notes(
        "hint: give the certificate of the authority that signed the host's with --ca-file; ",
    );
    assert_eq!(bench.rig.requests(), [""; 0]);
    bench.waitwise("analyze").await.with(0);
    let mut command = bench.command("analyze");
    command.env("WAITWISE_CA_FILE", "map.json");
    ended(command)
        .await
        .with(2)
        .notes("hint: the file must hold certificates in PEM form");
}

#[tokio::test]
async fn a_pause_that_is_too_long_is_reported_at_once() {
    let bench = Bench::start().await;
    bench
        .rig
        .refuse("summary", 1, 429, &[("retry-after", "7200")], None);
    let ended = bench.waitwise("run --yes").await.with(7);
    ended
        .notes("; the host asks to come back at 2")
        .notes("hint: the host lets requests through again at 2");
    assert_eq!(bench.rig.requests(), ["POST token 200", "POST summary 429"]);
    bench
        .rig
        .refuse("summary", 1, 429, &[("retry-after", "2")], None);
    let ended = bench.waitwise("analyze --max-retry-after 1").await;
    ended.with(7);
}

#[tokio::test]
async fn a_host_that_serves_another_contract_is_told_apart() {
    let bench = Bench::start().await;
    bench.rig.refuse("summary", 1, 404, &[], Some("<html>"));
    let ended = bench.waitwise("analyze").await.with(1);
    ended.notes("hint: this host does not serve the tutorial's contract: ");
}

#[tokio::test]
async fn no_secret_is_ever_shown_or_kept() {
    let bench = Bench::start().await;
    let secret = bench.rig.sandbox.connection().client_secret.clone();
    let mut said = String::new();
    for line in [
        "analyze -vv",
        "analyze -vv --output json",
        "plan -vv -o plan.json",
        "apply -vv plan.json",
        "apply -vv plan.json",
        "changes list -vv",
        "rollback -vv",
        "run --yes -vv",
        "run --yes -vv --output json",
        "analyze -vv --help",
    ] {
        let Ended { stdout, stderr, .. } = bench.waitwise(line).await;
        said += &(stdout + &stderr);
    }
    let echo = format!(r#"{{"message":"bad secret {secret}","code":"x"}}"#);
    for status in [400, 401, 500] {
        bench
            .rig
            .refuse("token", 1, status, &[("retry-after", "0")], Some(&echo));
        let Ended { stdout, stderr, .. } = bench.waitwise("analyze -vv").await;
        said += &(stdout + &stderr);
    }
    assert!(
        said.contains("bad secret"),
        "the host's words are shown:\n{said}"
    );
    for file in ["plan.json", "state/journal.db"] {
        said += &String::from_utf8_lossy(&std::fs::read(bench.rig.dir().join(file)).unwrap());
    }
    assert!(!said.contains(&secret), "{said}");
    assert!(!said.contains("Basic "), "{said}");
}

#[tokio::test]
async fn no_token_is_ever_shown() {
    let bench = Bench::start().await;
    let token = r#"{"access_token":"token-canary","token_type":"bearer","expires_in":3600}"#;
    bench.rig.refuse("token", 9, 200, &[], Some(token));
    let ended = bench.waitwise("analyze -vv").await.with(5);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    ended.notes("401");
}

#[tokio::test]
async fn help_says_no_variables_value() {
    let bench = Bench::start().await;
    let mut command = bench.command("plan --help");
    command.env("WAITWISE_CLIENT_SECRET_COMMAND", "echo canary");
    let help = ended(command)
        .await
        .with(0)
        .says("[env: WAITWISE_CLIENT_SECRET_COMMAND]");
    assert!(!help.stdout.contains("canary"), "{}", help.stdout);
}

#[tokio::test]
async fn a_host_in_trouble_is_asked_again_and_its_answer_shown() {
    let bench = Bench::start().await;
    bench
        .rig
        .refuse("skills", 1, 503, &[("retry-after", "0")], None);
    bench.waitwise("analyze").await.with(0);
    let requests = bench.rig.requests();
    assert!(
        requests.contains(&"GET skills 503".to_owned()),
        "{requests:?}"
    );
}

#[tokio::test]
async fn time_is_bounded() {
    let bench = Bench::start().await;
    bench.rig.fault("summary", 9, Fault::Latency(60_000));
    bench
        .waitwise("analyze --timeout 1 --deadline 2")
        .await
        .with(1);
    let tries = bench.rig.requests().len();
    assert!(tries < 4, "{tries} requests in two seconds of one each");
}
