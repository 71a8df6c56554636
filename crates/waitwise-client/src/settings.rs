//! What the client needs to know before it starts.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use waitwise_wire::tutorial::summary::WaitUnit;

use crate::base_url::BaseUrl;

/// Everything about the host and how to treat it. Its `Debug` does not show the secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The host.
    pub base_url: BaseUrl,
    /// The host that issues the tokens; `None`: the same one.
    pub login_url: Option<BaseUrl>,
    /// What the host is taken to speak.
    pub contract: Contract,
    /// The OAuth client's id.
    pub client_id: String,
    /// The OAuth client's secret.
    pub client_secret: SecretString,
    /// A PEM file of the authorities to trust in the place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The unit in which the host gives mean waits.
    pub wait_unit: WaitUnit,
    /// Entities to ask for on a page; hosts allow 1..=500, the tutorial asks for 100. Where the platform takes fewer,
    /// fewer are asked for.
    pub page_size: u32,
    /// Conversation records to ask for on a page of a job; 1,000 is what the platform's documentation shows.
    pub job_page_size: u32,
    /// Where clients with the same id, also of other processes, share their knowledge of the rate limit; `None`: each
    /// keeps its own.
    pub state_dir: Option<PathBuf>,
    /// When to give up.
    pub limits: Limits,
    /// Seed of the small random lengthening of waits.
    pub jitter_seed: u64,
}

impl Settings {
    /// Returns the host that issues the tokens.
    pub fn login_url(&self) -> &BaseUrl {
        self.login_url.as_ref().unwrap_or(&self.base_url)
    }
}

/// Which of the two contracts a host speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Contract {
    /// The tutorial's: a summary query and routing rules.
    #[default]
    Tutorial,
    /// The published platform's.
    Platform,
}

/// Conversation records on a page of a job, where nobody says otherwise.
pub const JOB_PAGE_SIZE: u32 = 1000;

/// Bounds of tries, time and size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How often one request is tried at most, the first time included.
    pub tries: u32,
    /// How long one request may take, its body included.
    pub request_timeout: Duration,
    /// How long it may take to connect.
    pub connect_timeout: Duration,
    /// How long all requests of one client and the waits between them may take together. What passes between
    /// calls, such as a person's thinking, does not count.
    pub deadline: Duration,
    /// The longest `Retry-After` that is waited for.
    pub retry_after_cap: Duration,
    /// The largest answer that is read, in bytes.
    pub body_bytes_max: usize,
    /// The most pages that one pull reads.
    pub pages_max: u32,
}

impl Default for Limits {
    /// The tutorial's five tries; the other bounds are far above what a healthy host needs.
    fn default() -> Self {
        Limits {
            tries: 5,
            request_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(15 * 60),
            retry_after_cap: Duration::from_secs(180),
            body_bytes_max: 64 * 1024 * 1024,
            pages_max: 20_000,
        }
    }
}
