//! A small tenant, and the real command beside it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::process::Command;
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

/// A tenant whose figures can be worked out on paper, and a folder to work in.
///
/// Its queue has a rule `r1` with Billing at 50, Technical Support at 50 and no Sales; its history has 100, 400 and 250
/// conversations that waited 20, 90 and 40 s. By the tutorial's formula the weights are [`WEIGHTS`].
pub(crate) struct Bench {
    pub(crate) rig: Rig,
}

/// What the tutorial's formula makes of the small tenant, by hand: scores 68, 276 and 166.
pub(crate) const WEIGHTS: [(&str, u8); 3] = [("s-bill", 1), ("s-sale", 47), ("s-tech", 100)];

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    pub(crate) async fn start() -> Bench {
        let bench = Bench::with(SandboxOptions::default()).await;
        bench.skills(&[
            ("s-bill", "Billing", "active"),
            ("s-tech", "Technical Support", "active"),
            ("s-sale", "Sales", "active"),
            ("s-fax", "Fax Orders", "inactive"),
        ]);
        bench.rules(&[bench.rule("r1", Some(TWO_AT_50))]);
        bench.history(&[
            group("c-bill", "100", "20"),
            group("c-tech", "400", "90.0"),
            group("c-sale", "250", "40"),
        ]);
        bench.map(&[
            ("c-bill", "Billing"),
            ("c-tech", "technical support"),
            ("c-sale", "SALES"),
        ]);
        bench
    }

    /// The tenant as it was generated, with its own mapping. Two days of its history are enough here.
    pub(crate) async fn with(options: SandboxOptions) -> Bench {
        Bench::of_days(2, options).await
    }

    /// The same with so many days of history.
    pub(crate) async fn of_days(history_days: u16, options: SandboxOptions) -> Bench {
        let rig = Rig::with(SandboxOptions {
            history_days,
            requests_per_minute: u32::MAX,
            ..options
        })
        .await;
        let bench = Bench { rig };
        let mapping = serde_json::to_string(&bench.rig.sandbox.connection().wrapup_to_skill);
        bench.file("map.json", &mapping.unwrap());
        bench
    }

    /// Runs a command to its end; its words are parted by spaces.
    pub(crate) async fn waitwise(&self, line: &str) -> Ended {
        ended(self.command(line)).await
    }

    /// A command with nothing of the caller's environment in it, and all it needs to reach the tenant.
    pub(crate) fn command(&self, line: &str) -> Command {
        let connection = self.rig.sandbox.connection();
        let mut command = self.bare_command(line);
        command
            .env("WAITWISE_HOST", &connection.base_url)
            .env("WAITWISE_CLIENT_ID", &connection.client_id)
            .env("WAITWISE_CLIENT_SECRET", &connection.client_secret)
            .env("WAITWISE_QUEUE", &connection.queue_id)
            .env("WAITWISE_UNTIL", self.rig.sandbox.now().to_string())
            .env("WAITWISE_MAP_FILE", "map.json");
        if let Some(ca_file) = &connection.ca_file {
            command.env("WAITWISE_CA_FILE", ca_file);
        }
        command
    }

    /// A command that knows nothing but where its journal is.
    pub(crate) fn bare_command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
        command
            .args(line.split_whitespace())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("COLUMNS", "120")
            .env("WAITWISE_STATE_DIR", "state")
            .current_dir(self.rig.dir());
        command
    }

    pub(crate) fn queue(&self) -> String {
        self.rig.queue().to_string()
    }

    /// A rule of the queue, such as the host gives it.
    pub(crate) fn rule(&self, id: &str, skills: Option<&str>) -> String {
        let queue = self.queue();
        let skills = skills.map_or(String::new(), |skills| format!(r#""skills":{skills},"#));
        format!(
            r#"{{"name":"Desk","ratio":1.10,"queueId":"{queue}",{skills}"id":"{id}","version":3}}"#
        )
    }

    pub(crate) fn rules(&self, rules: &[String]) {
        self.rig.sandbox.set_rules(rules.to_vec()).unwrap();
    }

    /// The first rule of the tenant as it stands now, without what the host counts up.
    pub(crate) fn stored(&self) -> Value {
        let mut rule: Value = serde_json::from_str(&self.rig.sandbox.rules()[0]).unwrap();
        for member in ["version", "dateModified"] {
            rule.as_object_mut().unwrap().remove(member);
        }
        rule
    }

    /// The weights in the first rule of the tenant.
    pub(crate) fn stored_weights(&self) -> BTreeMap<String, u64> {
        let rule = self.stored();
        let entries = rule["skills"].as_array().cloned().unwrap_or_default();
        let weight = |entry: &Value| {
            let id = entry["id"].as_str().unwrap().to_owned();
            (id, entry["weight"].as_u64().unwrap())
        };
        entries.iter().map(weight).collect()
    }

    /// Each skill's id, name and state.
    pub(crate) fn skills(&self, skills: &[(&str, &str, &str)]) {
        let skill = |(id, name, state): &(&str, &str, &str)| {
            format!(r#"{{"id":"{id}","name":"{name}","state":"{state}"}}"#)
        };
        let skills = skills.iter().map(skill).collect();
        self.rig.sandbox.set_skills(skills).unwrap();
    }

    pub(crate) fn history(&self, groups: &[String]) {
        let raw = |group: &String| RawValue::from_string(group.clone()).unwrap();
        self.rig
            .sandbox
            .set_summary(Some(groups.iter().map(raw).collect()));
    }

    /// Each wrap-up code and the name of its skill.
    pub(crate) fn map(&self, codes: &[(&str, &str)]) {
        let codes: BTreeMap<_, _> = codes.iter().copied().collect();
        self.file("map.json", &serde_json::to_string(&codes).unwrap());
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.rig.dir().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.rig.dir().join(name)).unwrap()
    }
}

/// The skills of the small tenant's rule.
pub(crate) const TWO_AT_50: &str =
    r#"[{"id":"s-bill","weight":50},{"weight":50,"note":"gepr\u00fcft","id":"s-tech"}]"#;

/// A group of the history; its numbers are JSON tokens.
pub(crate) fn group(code: &str, conversations: &str, mean_wait: &str) -> String {
    format!(
        r#"{{"wrapupCodeId":"{code}","conversationCount":{conversations},"avgWaitTime":{mean_wait}}}"#
    )
}

/// Weights by skill id, for comparing.
pub(crate) fn weights(of: &[(&str, u8)]) -> BTreeMap<String, u64> {
    of.iter()
        .map(|(skill, weight)| ((*skill).to_owned(), u64::from(*weight)))
        .collect()
}

/// Runs a command to its end. Whatever it may ask, nobody answers.
pub(crate) async fn ended(mut command: Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Ended {
        let Ended { stdout, stderr, .. } = &self;
        assert_eq!(self.code, code, "stdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }

    /// Checks the exit code and how the error begins.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, error: &str) -> Ended {
        let ended = self.with(code);
        let n_lines = error.lines().count();
        let begins: Vec<_> = ended.stderr.lines().take(n_lines).collect();
        assert_eq!(begins.join("\n"), error, "stderr:\n{}", ended.stderr);
        ended
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Ended {
        assert!(
            self.stdout.contains(text),
            "no {text:?} in stdout:\n{}",
            self.stdout
        );
        self
    }

    /// As `says`, of stderr.
    #[track_caller]
    pub(crate) fn notes(self, text: &str) -> Ended {
        assert!(
            self.stderr.contains(text),
            "no {text:?} in stderr:\n{}",
            self.stderr
        );
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}
