//! What `doctor` finds, and with which exit code it says so.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use waitwise_app::SystemClock;
use waitwise_app::model::Clock;
use waitwise_sandbox::Fault;

use crate::bench::{Bench, Ended, ended, group};

/// Every check, in order.
const CHECKS: [&str; 15] = [
    "settings",
    "name",
    "connection",
    "tls",
    "sign-in",
    "contract",
    "history",
    "skills",
    "rules",
    "write",
    "clock",
    "rule",
    "mapping",
    "journal",
    "files",
];

/// What the checks came to, by name.
struct Found(BTreeMap<String, Value>);

impl Found {
    /// Runs `doctor`, which must end with this exit code and say so, and must not write.
    async fn by(bench: &Bench, line: &str, code: i32) -> Found {
        Found::of(bench, bench.waitwise(line).await, code)
    }

    #[track_caller]
    fn of(bench: &Bench, ended: Ended, code: i32) -> Found {
        let answer = ended.with(code).json();
        assert_eq!(answer["exit_code"], code, "{answer}");
        assert_eq!(bench.rig.sandbox.writes(), 0);
        let checks = answer["checks"].as_array().unwrap();
        let named = |check: &Value| (check["check"].as_str().unwrap().to_owned(), check.clone());
        let names: Vec<_> = checks.iter().map(|check| named(check).0).collect();
        assert_eq!(names, CHECKS);
        Found(checks.iter().map(named).collect())
    }

    /// Checks what came of one check, and that it says this.
    #[track_caller]
    fn is(self, name: &str, status: &str, found: &str) -> Found {
        let check = &self.0[name];
        assert_eq!(check["status"], status, "{check}");
        assert!(check["found"].as_str().unwrap().contains(found), "{check}");
        let has_to_do = check["to_do"]
            .as_array()
            .is_some_and(|to_do| !to_do.is_empty());
        assert_eq!(has_to_do, matches!(status, "wrong" | "warning"), "{check}");
        self
    }

    /// Checks that these, and no others, came to this.
    #[track_caller]
    fn only(self, status: &str, names: &[&str]) -> Found {
        let having = |name: &&&str| self.0[**name]["status"] == status;
        let found: Vec<_> = CHECKS.iter().filter(having).copied().collect();
        assert_eq!(found, names, "{status}");
        self
    }
}

/// The small tenant, whose clock is right: its answers say the present time.
async fn tenant() -> Bench {
    let bench = Bench::start().await;
    tell_time(&bench, SystemClock::new().now());
    bench
}

fn tell_time(bench: &Bench, now: Timestamp) {
    let ahead = now.duration_since(bench.rig.clock.now());
    bench.rig.clock.advance(ahead.unsigned_abs());
}

#[tokio::test]
async fn a_healthy_tenant_is_well() {
    let bench = tenant().await;
    Found::by(&bench, "doctor --output json", 0)
        .await
        .only("wrong", &[])
        .only("warning", &[])
        .only("skipped", &[])
        .only("unknown", &["write"])
        .is("contract", "ok", "tutorial")
        .is("mapping", "ok", "100.0% of 750 coded interactions");
    assert_eq!(
        bench.rig.requests(),
        [
            "POST token 200",
            "POST token 200",
            "POST summary 200",
            "GET skills 200",
            "GET rules 200"
        ]
    );
    let text = bench.waitwise("doctor").await.with(0);
    assert_eq!(text.stdout.lines().count(), CHECKS.len());
    assert!(!bench.rig.dir().join("state").exists());
}

#[tokio::test]
async fn settings_that_are_missing_are_told_together() {
    let bench = tenant().await;
    let mut command = bench.command("doctor --output json");
    command
        .env_remove("WAITWISE_HOST")
        .env_remove("WAITWISE_QUEUE");
    Found::of(&bench, ended(command).await, 2)
        .is("settings", "wrong", "no host to ask; no queue to ask about")
        .only("ok", &["journal", "files"]);
    let mut command = bench.command("doctor --output json");
    command.env_remove("WAITWISE_QUEUE");
    Found::of(&bench, ended(command).await, 2)
        .is("sign-in", "ok", "")
        .is("history", "skipped", "no queue");
}

#[tokio::test]
async fn the_station_where_the_way_ends_is_named() {
    let bench = tenant().await;
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = bench.rig.sandbox.connection().host.clone();
    for (host, station, found) in [
        (
            "nowhere.invalid".to_owned(),
            1,
            "no connection to https://nowhere.invalid",
        ),
        (free.to_string(), 2, "no connection to http://127.0.0.1"),
        (
            format!("https://{plain}"),
            3,
            "no connection to https://127.0.0.1",
        ),
    ] {
        let line = format!("doctor --output json --host {host}");
        Found::by(&bench, &line, 1)
            .await
            .is(CHECKS[station], "wrong", found)
            .only("wrong", &[CHECKS[station]])
            .only("skipped", &CHECKS[station + 1..13]);
    }
    assert_eq!(bench.rig.requests(), [""; 0]);
    // What cannot be used is found before anything is sent.
    let line = format!("doctor --output json --host https://{plain} --ca-file map.json");
    Found::by(&bench, &line, 2)
        .await
        .only("wrong", &["tls"])
        .is("tls", "wrong", "cannot use the certificates in `map.json`");
}

#[tokio::test]
async fn a_wrong_secret_and_a_missing_scope_are_told_apart() {
    let bench = tenant().await;
    let mut command = bench.command("doctor --output json");
    command.env("WAITWISE_CLIENT_SECRET", "wrong");
    Found::of(&bench, ended(command).await, 5)
        .only("wrong", &["sign-in"])
        .is("sign-in", "wrong", "the host answered 400");
    let scopes = [
        ("history", "analytics:conversation:read"),
        ("skills", "routing:skill:read"),
        ("rules", "routing:rule:read"),
    ];
    bench.rig.sandbox.set_permissions([]).unwrap();
    for (check, missing) in scopes {
        let others = scopes.into_iter().map(|(_, scope)| scope);
        bench
            .rig
            .sandbox
            .set_scopes(others.filter(|scope| *scope != missing))
            .unwrap();
        Found::by(&bench, "doctor --output json", 5)
            .await
            .only("wrong", &[check])
            .is(check, "wrong", &format!("`{missing}` is missing"))
            .is("contract", "ok", "tutorial");
    }
}

#[tokio::test]
async fn another_contract_is_recognised() {
    for (missing, found) in [
        (&["summary", "rules"][..], "platform: "),
        (&["summary", "rules", "skills"], "none that is known"),
        (&["rules"], "no routing rules"),
        (&["summary"], "no summary query"),
    ] {
        let bench = tenant().await;
        for route in missing {
            bench.rig.refuse(route, 1, 404, &[], None);
        }
        Found::by(&bench, "doctor --output json", 1)
            .await
            .is("contract", "wrong", found);
    }
    let bench = tenant().await;
    bench
        .rig
        .refuse("rules", 9, 503, &[("retry-after", "0")], None);
    Found::by(&bench, "doctor --output json --deadline 1", 1)
        .await
        .only("wrong", &["rules"])
        .is("contract", "unknown", "");
}

#[tokio::test]
async fn a_clock_that_is_off_is_seen() {
    let hour = Duration::from_secs(3600);
    let bench = Bench::start().await;
    tell_time(&bench, SystemClock::new().now() - hour);
    for (code, status, found) in [
        (1, "wrong", "s behind this machine's"),
        (0, "ok", "this machine's"),
        (1, "wrong", "s ahead of this machine's"),
    ] {
        Found::by(&bench, "doctor --output json", code)
            .await
            .is("clock", status, found);
        bench.rig.clock.advance(hour);
    }
}

#[tokio::test]
async fn what_the_mapping_misses_is_counted_and_named() {
    let bench = tenant().await;
    for (map, code, status, found) in [
        (
            &[("c-bill", "Billing"), ("c-tech", "Technical Support")][..],
            0,
            "warning",
            "66.7% of 750 coded interactions come to a skill; codes not in the mapping: `c-sale`",
        ),
        (&[], 2, "wrong", "no wrap-up code is mapped"),
        (
            &[("c-bill", "Billing"), ("c-tech", "Tecnical")],
            2,
            "wrong",
            "names of no skill, or of several: `tecnical`",
        ),
        (
            &[("c-bill", "Fax Orders")],
            4,
            "wrong",
            "skills that are not active: `Fax Orders`",
        ),
        (
            &[("c-bill", "Billing"), ("c-gone", "Billing")],
            0,
            "warning",
            "mapped codes not in this history: `c-gone`",
        ),
        (&[("c-gone", "Billing")], 2, "wrong", "0.0% of 750"),
    ] {
        bench.map(map);
        Found::by(&bench, "doctor --output json", code)
            .await
            .is("mapping", status, found);
    }
    bench.map(&[("c-bill", "Billing")]);
    bench.history(&[group("c-bill", "0", "0")]);
    Found::by(&bench, "doctor --output json", 0).await.is(
        "mapping",
        "warning",
        "no coded interactions",
    );
}

#[tokio::test]
async fn a_queue_needs_exactly_one_rule() {
    let bench = tenant().await;
    bench.rules(&[]);
    Found::by(&bench, "doctor --output json", 1)
        .await
        .is("rule", "wrong", "no routing rule found");
    bench.rules(&[bench.rule("r1", None), bench.rule("r2", None)]);
    Found::by(&bench, "doctor --output json", 4)
        .await
        .is("rule", "wrong", "has 2 routing rules");
    bench.rules(&[bench.rule("r1", Some("7"))]);
    Found::by(&bench, "doctor --output json", 4)
        .await
        .is("rules", "wrong", "cannot read a routing rule")
        .is("rule", "skipped", "");
}

#[tokio::test]
async fn a_change_that_was_cut_off_is_named() {
    let bench = tenant().await;
    bench.rig.fault("put_rule", 1, Fault::Latency(600_000));
    let mut command = bench.command("run --yes");
    let mut child = command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let sent = async {
        let mut look = tokio::time::interval(Duration::from_millis(10));
        while bench.rig.sandbox.writes() == 0 {
            look.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), sent)
        .await
        .unwrap();
    child.kill().await.unwrap();
    bench.rig.sandbox.clear_requests();
    let list = bench.waitwise("changes list --output json").await.json();
    let change = list["changes"][0]["change"].as_str().unwrap().to_owned();
    Found::by(&bench, "doctor --output json", 1)
        .await
        .only("wrong", &["journal"])
        .is("journal", "wrong", &change);
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_is_told() {
    let bench = tenant().await;
    std::fs::create_dir(bench.rig.dir().join("state")).unwrap();
    bench.file("state/journal.db", "no database, whatever its name says");
    Found::by(&bench, "doctor --output json", 1)
        .await
        .is("journal", "wrong", "journal.db");
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_others_can_read_or_change_are_named() {
    use std::os::unix::fs::PermissionsExt;
    let bench = tenant().await;
    let mode = |name: &str, mode| {
        let path = bench.rig.dir().join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    bench.file("secret", "x");
    bench.file("waitwise.toml", "client_secret_file = \"secret\"\n");
    bench.waitwise("changes list").await.with(0);
    for (name, open, closed) in [
        ("secret", 0o640, 0o600),
        ("waitwise.toml", 0o620, 0o644),
        ("map.json", 0o602, 0o600),
        ("state", 0o755, 0o700),
        ("state/journal.db", 0o604, 0o600),
    ] {
        mode("secret", 0o600);
        mode(name, open);
        Found::by(&bench, "doctor --output json", 1)
            .await
            .only("wrong", &["files"])
            .is("files", "wrong", name);
        mode(name, closed);
        Found::by(&bench, "doctor --output json", 0).await;
    }
}
