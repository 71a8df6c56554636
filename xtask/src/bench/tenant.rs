//! The host that both programs do their job against: one `waitwise sandbox --tls`, with the history to be read.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::python::Python;

/// The tutorial's program reads the first page of skills only, and a page holds 25.
const SKILLS: usize = 25;

const CONTROL: &str = include_str!("control.py");

/// A running sandbox. It ends with this value.
#[derive(Debug)]
pub(crate) struct Tenant<'a> {
    pub(crate) connection: Connection,
    python: &'a Python,
    folder: &'a Path,
    child: Child,
}

/// What `waitwise sandbox --output json` tells a client.
#[derive(Debug, Deserialize)]
pub(crate) struct Connection {
    pub(crate) host: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) queue_id: String,
    pub(crate) ca_file: PathBuf,
    control_url: String,
}

impl Drop for Tenant<'_> {
    fn drop(&mut self) {
        // An error says that it has ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl<'a> Tenant<'a> {
    /// Starts the sandbox; `folder` takes the files that are sent to it.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be started or does not say where it is.
    pub(crate) fn start(waitwise: &Path, python: &'a Python, folder: &'a Path) -> Result<Self> {
        let limit = "--requests-per-minute=1000000";
        let mut child = Command::new(waitwise)
            .args(["sandbox", "--tls", "--output=json", limit])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the sandbox")?;
        let stdout = child.stdout.take().context("the sandbox has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .context("cannot read from the sandbox")?;
        let connection =
            serde_json::from_str(&line).context("the sandbox does not say where it is");
        let tenant = connection.map(|connection| Tenant {
            connection,
            python,
            folder,
            child,
        });
        tenant.context("cannot use the sandbox")
    }

    /// Puts `n_groups` wrap-up groups of 25 skills into the history, and returns the file with their mapping.
    ///
    /// # Errors
    ///
    /// Fails if the sandbox refuses.
    pub(crate) fn fill(&self, n_groups: usize) -> Result<PathBuf> {
        self.put("/skills", &(0..SKILLS).map(skill).collect())?;
        self.put("/summary", &(0..n_groups).map(group).collect())?;
        self.put_rule()?;
        let mapping: BTreeMap<String, String> = (0..n_groups)
            .map(|idx| (code_id(idx), skill_name(idx % SKILLS)))
            .collect();
        self.file("map.json", &json!(mapping))
    }

    /// Makes the rule as at the start, so that there is something to write.
    ///
    /// # Errors
    ///
    /// Fails if the sandbox refuses.
    pub(crate) fn put_rule(&self) -> Result<()> {
        let entry = |idx| json!({"id": skill_id(idx), "weight": 50});
        let skills: Vec<Value> = (0..SKILLS).map(entry).collect();
        let queue = &self.connection.queue_id;
        let rule = json!({"id": "rule-1", "queueId": queue, "name": "Weights", "skills": skills});
        self.put("/rules", &vec![rule])
    }

    /// Returns the weights of the rule, by skill.
    ///
    /// # Errors
    ///
    /// Fails if the sandbox does not answer, or there is no rule.
    pub(crate) fn weights(&self) -> Result<BTreeMap<String, u64>> {
        let rules: Value = serde_json::from_str(&self.control(&["GET", &self.url("/rules")])?)?;
        let skills = rules[0]["skills"].as_array().context("there is no rule")?;
        let weight = |entry: &Value| {
            let id = entry["id"].as_str()?.to_owned();
            Some((id, entry["weight"].as_u64()?))
        };
        Ok(skills.iter().filter_map(weight).collect())
    }

    /// Returns how often each operation was asked for since the last call, and forgets it.
    ///
    /// # Errors
    ///
    /// Fails if the sandbox does not answer.
    pub(crate) fn take_requests(&self) -> Result<BTreeMap<String, usize>> {
        let url = self.url("/requests");
        let log: Log = serde_json::from_str(&self.control(&["GET", &url])?)?;
        self.control(&["DELETE", &url])?;
        let mut counts = BTreeMap::new();
        for request in log.requests {
            ensure!(
                request.status == Some(200),
                "{} {} was answered {:?}",
                request.method,
                request.path,
                request.status
            );
            let of = request.path.trim_end_matches("/rule-1");
            let last = of.rsplit('/').next().unwrap_or_default();
            *counts
                .entry(format!("{} {last}", request.method))
                .or_default() += 1;
        }
        Ok(counts)
    }

    fn put(&self, route: &str, body: &Vec<Value>) -> Result<()> {
        let file = self.file("body.json", &json!(body))?;
        let file = file.to_string_lossy();
        self.control(&["PUT", &self.url(route), &file]).map(drop)
    }

    fn url(&self, route: &str) -> String {
        format!("{}{route}", self.connection.control_url)
    }

    /// Through Python, which has TLS; this package has none.
    fn control(&self, args: &[&str]) -> Result<String> {
        let ca_file = self.connection.ca_file.to_string_lossy();
        let args = [&[&*ca_file], args].concat();
        self.python.answers(CONTROL, &args)
    }

    fn file(&self, name: &str, content: &Value) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, content.to_string())
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(path)
    }
}

/// What the sandbox recorded.
#[derive(Deserialize)]
struct Log {
    requests: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    method: String,
    path: String,
    status: Option<u16>,
}

fn skill(idx: usize) -> Value {
    json!({"id": skill_id(idx), "name": format!("Skill {idx:02}"), "state": "active"})
}

/// Some volume and wait: different ones for neighbours, the same ones in every run.
fn group(idx: usize) -> Value {
    let volume = 50 + idx * 7919 % 4000;
    let wait_secs = (idx * 104_729 % 30_000) as f64 / 100.0;
    json!({"wrapupCodeId": code_id(idx), "conversationCount": volume, "avgWaitTime": wait_secs})
}

fn skill_id(idx: usize) -> String {
    format!("5c111000-0000-4000-8000-{idx:012}")
}

fn code_id(idx: usize) -> String {
    format!("c0de0000-0000-4000-8000-{idx:012}")
}

/// As the tutorial's program needs it: it normalises the tenant's names, and not those of its mapping.
fn skill_name(idx: usize) -> String {
    format!("skill{idx:02}")
}
