//! What is meant: flags, then variables (clap reads those), then `waitwise.toml`, then defaults.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use waitwise_app::gather::{MIN_VOLUME_DEFAULT, Question};
use waitwise_app::init::table::TABLE_NAME;
use waitwise_app::model::{QueueId, SkillMapping, SkillName, WrapUpCodeId};
use waitwise_app::{
    BaseUrl, Contract, JOB_PAGE_SIZE, Limits, SecretString, Settings, VolumeWait, WaitUnit,
};

use crate::args::{
    ContractArg, HostArgs, LeverArg, QuestionArgs, StateArgs, StrategyArg, TableArgs, WaitUnitArg,
};
use crate::failure::Failure;
use crate::host::{Hosts, Known, Named};

/// The file's name where none is given.
const FILE_NAME: &str = "waitwise.toml";

/// How many days of history the tutorial reads.
const DAYS_DEFAULT: u32 = 30;

/// `waitwise.toml`. Every key is also a flag; a secret is not among them.
#[derive(Deserialize, JsonSchema, Debug, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "waitwise.toml")]
pub(crate) struct File {
    /// The host: `name`, `name:port` or a base URL; plain http only on this machine.
    host: Option<String>,
    /// The region of a Genesys Cloud organisation, such as `mypurecloud.ie`, in the place of a host.
    region: Option<String>,
    /// The host that answers questions, where another one issues the tokens, in the place of a host.
    api_url: Option<String>,
    /// The host that issues the tokens; the one that answers questions by default.
    login_url: Option<String>,
    /// What the host speaks; `tutorial` with a host, `platform` with a region or an `api_url` by default.
    contract: Option<ContractArg>,
    /// The OAuth client's id.
    client_id: Option<String>,
    /// A file that holds the client's secret.
    client_secret_file: Option<PathBuf>,
    /// A command that writes the client's secret to its stdout.
    client_secret_command: Option<String>,
    /// A PEM file of the authorities to trust, in the place of the system's.
    ca_file: Option<PathBuf>,
    /// Give up when requests and the waits between them have taken this many seconds together; 900 by default.
    deadline: Option<u64>,
    /// Give up on one request after this many seconds; 60 by default.
    timeout: Option<u64>,
    /// Wait for a `Retry-After` of at most this many seconds; 180 by default.
    max_retry_after: Option<u64>,
    /// The queue's id.
    queue: Option<String>,
    /// How many days of history to read; 30 by default.
    days: Option<u32>,
    /// Which skill's name each wrap-up code's id tells about.
    map: BTreeMap<String, String>,
    /// A JSON file with such a map.
    map_file: Option<PathBuf>,
    /// Flag groups with fewer interactions than this; 30 by default.
    min_volume: Option<f64>,
    /// What one interaction adds to a skill's score; 0.6 by default.
    volume_factor: Option<f64>,
    /// What one second of mean wait adds to a skill's score; 0.4 by default.
    wait_factor: Option<f64>,
    /// The unit of the host's mean waits; seconds by default.
    wait_unit: Option<WaitUnitArg>,
    /// Move no weight by more than this many points.
    max_step: Option<u8>,
    /// The folder of the journal.
    state_dir: Option<PathBuf>,
    /// How weights are found; `volume-wait` with the tutorial's contract, `keep` with the platform's by default.
    pub(crate) strategy: Option<StrategyArg>,
    /// What weights are written to; the only one that the host's contract has by default.
    pub(crate) lever: Option<LeverArg>,
    /// The data table that priorities are written to, by its name or id (platform); `Waitwise priorities` by default.
    data_table: Option<String>,
    /// How many minutes of head start a point of weight is worth (platform); 0.1 by default.
    pub(crate) minutes_per_point: Option<f64>,
    /// How many minutes of head start may lie between any two skills (platform); 10 by default.
    pub(crate) minutes_max: Option<u32>,
}

impl File {
    /// Reads the file that was named, or `waitwise.toml` of this folder if there is one.
    pub(crate) fn read(named: Option<&Path>) -> Result<File, Failure> {
        let path = named.unwrap_or(Path::new(FILE_NAME));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(File::default());
            }
            Err(error) => {
                return Err(Failure::usage(format!(
                    "cannot read settings from {}",
                    path.display()
                ))
                .because(error));
            }
        };
        toml::from_str(&text).map_err(|error| {
            Failure::usage(format!("cannot read settings from {}", path.display()))
                .because(error)
                .hint("the keys are the names of the flags, with `_` for `-`; a secret never stands in this file")
        })
    }

    pub(crate) fn max_step(&self, flag: Option<u8>) -> Option<u8> {
        flag.or(self.max_step)
    }

    /// Returns the folder of the journal.
    pub(crate) fn state_dir(&self, args: &StateArgs) -> Result<PathBuf, Failure> {
        if let Some(directory) = args.state_dir.clone().or_else(|| self.state_dir.clone()) {
            return Ok(directory);
        }
        let of = |variable: &str| {
            std::env::var_os(variable)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        of("XDG_STATE_HOME")
            .or_else(|| Some(of("HOME")?.join(".local/state")))
            .or_else(|| of("LOCALAPPDATA"))
            .map(|directory| directory.join("waitwise"))
            .ok_or_else(|| {
                Failure::usage("no folder for the journal: neither XDG_STATE_HOME nor HOME is set")
                    .hint("name one with --state-dir")
            })
    }

    /// Returns how to reach the host and sign in. `known` is the host that a plan or a change names.
    pub(crate) fn connection(
        &self,
        args: &HostArgs,
        known: Option<Known<'_>>,
    ) -> Result<Settings, Failure> {
        let ca_file = args.ca_file.clone().or_else(|| self.ca_file.clone());
        let hosts = Hosts::meant(&Named::of(args), &self.named(), known, ca_file.is_some())?;
        let client_id = args
            .client_id
            .clone()
            .or_else(|| self.client_id.clone())
            .ok_or_else(|| {
                Failure::usage("no OAuth client to sign in as")
                    .hint("name it with --client-id or WAITWISE_CLIENT_ID")
            })?;
        Ok(Settings {
            base_url: hosts.base_url,
            login_url: hosts.login_url,
            contract: hosts.contract,
            client_id,
            client_secret: self.secret(args)?,
            ca_file,
            wait_unit: WaitUnit::Seconds,
            page_size: match hosts.contract {
                Contract::Tutorial => 100,
                // Fewer requests; what takes fewer on a page is asked for fewer.
                Contract::Platform => 500,
            },
            job_page_size: JOB_PAGE_SIZE,
            state_dir: self.shared_dir(hosts.contract),
            limits: self.limits(args),
            jitter_seed: u64::from(std::process::id()),
        })
    }

    /// Returns the host that is meant, where it is only named and not asked.
    pub(crate) fn base_url(&self, typed: &Named) -> Result<BaseUrl, Failure> {
        // Whom to trust matters when it is asked.
        Ok(Hosts::meant(typed, &self.named(), None, true)?.base_url)
    }

    fn named(&self) -> Named {
        Named {
            host: self.host.clone(),
            region: self.region.clone(),
            api_url: self.api_url.clone(),
            login_url: self.login_url.clone(),
            contract: self.contract,
        }
    }

    /// Returns where processes share what they know of the platform's rate limit; `None` without a place for it, or
    /// for other hosts. A folder that the command line names is for the command to put in its place.
    fn shared_dir(&self, contract: Contract) -> Option<PathBuf> {
        let named = std::env::var_os("WAITWISE_STATE_DIR").map(PathBuf::from);
        match contract {
            Contract::Tutorial => None,
            Contract::Platform => self.state_dir(&StateArgs { state_dir: named }).ok(),
        }
    }

    fn limits(&self, args: &HostArgs) -> Limits {
        let usual = Limits::default();
        let seconds = |flag: Option<u64>, file: Option<u64>, usual| {
            flag.or(file).map_or(usual, Duration::from_secs)
        };
        Limits {
            deadline: seconds(args.deadline, self.deadline, usual.deadline),
            request_timeout: seconds(args.timeout, self.timeout, usual.request_timeout),
            retry_after_cap: seconds(
                args.max_retry_after,
                self.max_retry_after,
                usual.retry_after_cap,
            ),
            ..usual
        }
    }

    /// The variable first, then a file, then a command; each from the flag before the settings file.
    fn secret(&self, args: &HostArgs) -> Result<SecretString, Failure> {
        if let Ok(secret) = std::env::var("WAITWISE_CLIENT_SECRET") {
            return Ok(SecretString::from(secret));
        }
        let text = if let Some(path) = args.client_secret_file.as_ref() {
            secret_of_file(path)?
        } else if let Some(command) = args.client_secret_command.as_ref() {
            secret_of_command(command)?
        } else if let Some(path) = self.client_secret_file.as_ref() {
            secret_of_file(path)?
        } else if let Some(command) = self.client_secret_command.as_ref() {
            secret_of_command(command)?
        } else {
            return Err(Failure::usage("no secret for the OAuth client").hint(
                "set WAITWISE_CLIENT_SECRET, or name a file with --client-secret-file or a command with --client-secret-command",
            ));
        };
        Ok(SecretString::from(
            text.trim_end_matches(['\r', '\n']).to_owned(),
        ))
    }

    /// Returns the queue that is meant.
    pub(crate) fn queue(&self, flag: Option<&str>) -> Result<QueueId, Failure> {
        let queue = flag.or(self.queue.as_deref()).map(QueueId::new);
        queue.ok_or_else(|| {
            Failure::usage("no queue to ask about")
                .hint("name its id with --queue or WAITWISE_QUEUE")
        })
    }

    /// Returns what is asked.
    pub(crate) fn question(
        &self,
        args: &QuestionArgs,
        max_step: Option<u8>,
    ) -> Result<Question, Failure> {
        let factors = VolumeWait::new(
            args.volume_factor.or(self.volume_factor).unwrap_or(0.6),
            args.wait_factor.or(self.wait_factor).unwrap_or(0.4),
        );
        let min_volume = args
            .min_volume
            .or(self.min_volume)
            .unwrap_or(MIN_VOLUME_DEFAULT);
        if !(min_volume.is_finite() && min_volume >= 0.0) {
            return Err(Failure::usage(format!(
                "--min-volume takes a number from 0 on, got {min_volume}"
            )));
        }
        Ok(Question {
            queue: self.queue(args.queue.as_deref())?,
            days: args.days.or(self.days).unwrap_or(DAYS_DEFAULT),
            until: args.until,
            mapping: self.mapping(args)?,
            min_volume,
            strategy: factors
                .map_err(|error| Failure::usage("cannot use these factors").because(error))?
                .into(),
            max_step: self.max_step(max_step),
        })
    }

    /// Returns the queues whose history is wanted: those that were typed, else the file's.
    pub(crate) fn queues(&self, typed: &[String]) -> Result<Vec<QueueId>, Failure> {
        let of_file = self.queue.iter().filter(|_| typed.is_empty());
        let mut queues: Vec<_> = typed.iter().chain(of_file).map(QueueId::new).collect();
        queues.sort();
        queues.dedup();
        match queues.is_empty() {
            false => Ok(queues),
            true => Err(Failure::usage("no queue to ask about")
                .hint("name one or more ids with --queue or WAITWISE_QUEUE")),
        }
    }

    /// Returns the data table of priorities, by its name or id.
    pub(crate) fn data_table(&self, args: &TableArgs) -> String {
        let named = args.data_table.as_ref().or(self.data_table.as_ref());
        named.map_or(TABLE_NAME, String::as_str).to_owned()
    }

    /// Returns how many days of history are wanted.
    pub(crate) fn days(&self, typed: Option<u32>) -> u32 {
        typed.or(self.days).unwrap_or(DAYS_DEFAULT)
    }

    /// Returns the file that holds the client's secret, if one is named.
    pub(crate) fn secret_file(&self, args: &HostArgs) -> Option<PathBuf> {
        let named = args.client_secret_file.clone();
        named.or_else(|| self.client_secret_file.clone())
    }

    /// Returns the files whose content is taken as true: the settings file of this name or the usual one, the trusted
    /// certificates, the mapping.
    pub(crate) fn trusted_files(
        &self,
        named: Option<&Path>,
        host: &HostArgs,
        asked: &QuestionArgs,
    ) -> Vec<PathBuf> {
        let ca_file = host.ca_file.as_ref().or(self.ca_file.as_ref());
        let map_file = asked.map_file.as_ref().or(self.map_file.as_ref());
        let files = [ca_file, map_file].into_iter().flatten().cloned();
        files
            .chain([named.unwrap_or(Path::new(FILE_NAME)).to_owned()])
            .collect()
    }

    pub(crate) fn wait_unit(&self, args: &QuestionArgs) -> WaitUnit {
        match args.wait_unit.or(self.wait_unit) {
            None | Some(WaitUnitArg::Seconds) => WaitUnit::Seconds,
            Some(WaitUnitArg::Milliseconds) => WaitUnit::Milliseconds,
        }
    }

    /// Later sources win code by code: the settings file's map, the map file, the flags.
    fn mapping(&self, args: &QuestionArgs) -> Result<SkillMapping, Failure> {
        let of_file = match args.map_file.as_ref().or(self.map_file.as_ref()) {
            Some(path) => map_file(path)?,
            None => Vec::new(),
        };
        let pairs = of_file.iter().chain(&args.map);
        let pairs = self
            .map
            .iter()
            .chain(pairs.map(|(code, name)| (code, name)));
        Ok(pairs
            .map(|(code, name)| (WrapUpCodeId::new(code), SkillName::new(name)))
            .collect())
    }
}

fn map_file(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let failure = || Failure::usage(format!("cannot read the mapping {}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failure().because(error))?;
    let pairs: Result<Pairs, _> = serde_json::from_str(&text);
    pairs.map(|pairs| pairs.0).map_err(|error| {
        failure()
            .because(error)
            .hint(r#"expected one JSON object: {"wrap-up code id": "skill name", …}"#)
    })
}

/// An object's members in their order: a map of ten thousand is sorted once, at the end.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn secret_of_file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the client's secret from {}",
            path.display()
        ))
        .because(error)
    })
}

/// The command's own words may hold a secret, so a failure names its exit status only.
fn secret_of_command(command: &str) -> Result<String, Failure> {
    let failure = || Failure::usage("cannot get the client's secret from the command");
    let output = std::process::Command::new("sh")
        .args(["-c", command])
        .env_remove("WAITWISE_CLIENT_SECRET")
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| failure().because(error))?;
    match String::from_utf8(output.stdout) {
        Ok(text) if output.status.success() => Ok(text),
        Ok(_) => Err(failure().hint(format!("it ended with {}", output.status))),
        Err(_) => Err(failure().hint("it wrote something that is no UTF-8 text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_and_a_secret_in_the_file_are_refused() {
        for text in ["hots = \"x\"", "client_secret = \"x\""] {
            assert!(toml::from_str::<File>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn flags_win_over_the_file_code_by_code() {
        let file: File =
            toml::from_str("queue = \"q\"\ndays = 7\n[map]\na = \"one\"\nb = \"two\"").unwrap();
        let args = QuestionArgs {
            queue: None,
            days: Some(9),
            until: None,
            map: vec![("b".to_owned(), "Three".to_owned())],
            map_file: None,
            min_volume: None,
            volume_factor: None,
            wait_factor: None,
            wait_unit: None,
        };
        let question = file.question(&args, None).unwrap();
        assert_eq!((question.queue.as_str(), question.days), ("q", 9));
        let names: Vec<_> = question.mapping.values().map(SkillName::as_str).collect();
        assert_eq!(names, ["one", "three"]);
    }
}
