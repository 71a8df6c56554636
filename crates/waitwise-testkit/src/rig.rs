//! A sandbox and clients for it, all by one clock.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use waitwise_client::{
    BaseUrl, Contract, JOB_PAGE_SIZE, Limits, ReadClient, Settings, WriteClient,
};
use waitwise_model::{Clock, QueueId, Window};
use waitwise_sandbox::{Fault, FaultRule, RecordedRequest, Sandbox, SandboxOptions};
use waitwise_wire::tutorial::summary::{PAGE_SIZE, WaitUnit};

use crate::clock::TestClock;

/// A served tenant for one test. Everything in it panics where it cannot do its work, as tests do.
pub struct Rig {
    /// The tenant. Its own time stands still; rate limits go by [`Rig::clock`].
    pub sandbox: Sandbox,
    /// The time of clients and of rate limits.
    pub clock: Arc<TestClock>,
    dir: TempDir,
}

impl Rig {
    /// Starts the tenant of seed 1 with a week of history.
    pub async fn start() -> Rig {
        let history_days = 7;
        Rig::with(SandboxOptions {
            history_days,
            ..SandboxOptions::default()
        })
        .await
    }

    /// Starts another tenant.
    pub async fn with(options: SandboxOptions) -> Rig {
        let now = "2026-03-30T12:00:00Z";
        let clock = TestClock::at(now.parse().expect("a timestamp"));
        let sandbox = Sandbox::start(options, clock.clone()).await;
        Rig {
            sandbox: sandbox.expect("the sandbox starts"),
            clock,
            dir: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// Returns settings for the tenant, with the tutorial's page size and the default limits.
    pub fn settings(&self) -> Settings {
        let connection = self.sandbox.connection();
        let tls = connection.ca_file.is_some();
        Settings {
            base_url: BaseUrl::parse(&connection.host, tls).expect("the sandbox's host"),
            login_url: None,
            contract: Contract::Tutorial,
            client_id: connection.client_id.clone(),
            client_secret: connection.client_secret.clone().into(),
            ca_file: connection.ca_file.clone(),
            wait_unit: WaitUnit::Seconds,
            page_size: PAGE_SIZE,
            job_page_size: JOB_PAGE_SIZE,
            state_dir: None,
            limits: Limits::default(),
            jitter_seed: 1,
        }
    }

    /// Returns settings for the tenant as the published platform.
    pub fn platform_settings(&self) -> Settings {
        let contract = Contract::Platform;
        Settings {
            contract,
            ..self.settings()
        }
    }

    /// Returns a new read client with [`Rig::settings`].
    pub fn read(&self) -> ReadClient {
        self.read_with(self.settings())
    }

    /// Returns a new read client with other settings.
    pub fn read_with(&self, settings: Settings) -> ReadClient {
        ReadClient::connect(settings, self.clock.clone()).expect("usable settings")
    }

    /// Returns a new write client with [`Rig::settings`].
    pub fn write(&self) -> WriteClient {
        WriteClient::new(self.read())
    }

    /// Returns the queue that has conversations.
    pub fn queue(&self) -> QueueId {
        QueueId::new(&self.sandbox.connection().queue_id)
    }

    /// Returns the week that ends at the clock's time.
    pub fn window(&self) -> Window {
        Window::days_before(self.clock.now(), 7).expect("a week")
    }

    /// Lets the next `times` requests of a route (`token`, `summary`, `skills`, `rules`, `put_rule`, `*`) fail.
    pub fn fault(&self, route: &str, times: u32, fault: Fault) {
        let rule = FaultRule::times(route, times, fault);
        self.sandbox.add_fault(rule).expect("a fault that can be");
    }

    /// Lets the next `times` requests of a route be answered with `status`, these headers and this body.
    pub fn refuse(
        &self,
        route: &str,
        times: u32,
        status: u16,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let body = body.map(str::to_owned);
        let fault = Fault::Status {
            status,
            headers,
            body,
        };
        self.fault(route, times, fault);
    }

    /// Returns each request so far as "GET skills 200": method, what for (`token`, `summary`, `skills`, `rules`,
    /// `rule`), and the status or "cut".
    pub fn requests(&self) -> Vec<String> {
        let shown = |request: RecordedRequest| {
            let status = request.status.map_or("cut".to_owned(), |s| s.to_string());
            format!("{} {} {status}", request.method, purpose(&request.path))
        };
        self.sandbox.requests().into_iter().map(shown).collect()
    }

    /// Returns a directory that is removed with the rig.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Rig {
    /// A request that no contract knows fails its test, whatever the test itself looked at.
    fn drop(&mut self) {
        let violations = self.sandbox.violations();
        assert!(
            std::thread::panicking() || violations.is_empty(),
            "requests or answers departed from the contract: {violations:#?}"
        );
    }
}

fn purpose(path: &str) -> &str {
    match path.split('/').collect::<Vec<_>>()[..] {
        [.., "summary", "query"] => "summary",
        [.., "rules", _id] => "rule",
        [.., last] => last,
        [] => path,
    }
}
