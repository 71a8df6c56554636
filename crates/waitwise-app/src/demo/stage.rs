//! The contact centres that the demo is played on, and what can be done at each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use waitwise_client::clock::SystemClock;
use waitwise_client::{BaseUrl, Contract, JOB_PAGE_SIZE, Limits, ReadClient, Settings};
use waitwise_model::{
    BoxFuture, Clock, Observed, QueueId, SkillMapping, SkillName, Window, WrapUpCodeId,
};
use waitwise_plan::Plan;
use waitwise_sandbox::{Sandbox, SandboxOptions, SkillWaits};
use waitwise_store::{ChangeId, Store};
use waitwise_weights::Strategy;
use waitwise_wire::tutorial::summary::WaitUnit;

use super::{DemoEvent, DemoOptions};
use crate::changing::{Changes, Target, new_change_id};
use crate::error::AppError;
use crate::gather::{Gathered, MIN_VOLUME_DEFAULT, Question, Report, gather};
use crate::history::{self, History, Wanted};
use crate::twin::{self, Seen};

/// A twin needs so many days of history, however few the demo is about.
const TWIN_DAYS: u32 = 30;

/// Contact centres of one seed.
pub(super) struct Stage {
    /// Gets the tutorial's weights.
    pub(super) tutorial: Centre,
    /// Gets the searched ones.
    pub(super) searched: Centre,
    unchanged: Sandbox,
}

/// A contact centre, and everything needed to do the job there.
pub(super) struct Centre {
    sandbox: Arc<Sandbox>,
    pub(super) clock: Arc<dyn Clock>,
    read: ReadClient,
    store: Store,
    days: u32,
}

impl Stage {
    pub(super) async fn set(options: DemoOptions, directory: &Path) -> Result<Stage, AppError> {
        Ok(Stage {
            tutorial: Centre::set(options, &directory.join("tutorial.db")).await?,
            searched: Centre::set(options, &directory.join("searched.db")).await?,
            unchanged: start(options).await?,
        })
    }

    /// Pulls the conversations of all queues with these agents, by the published platform's contract, and reads them.
    pub(super) async fn visits(&self, directory: &Path) -> Result<Seen, AppError> {
        let centre = &self.searched;
        let clock: Arc<dyn Clock> = Arc::new(TenantTime {
            sandbox: Arc::clone(&centre.sandbox),
            real: SystemClock::new(),
            longest_nap: NAP,
        });
        let settings = Settings {
            contract: Contract::Platform,
            ..settings(&centre.sandbox)?
        };
        let client = ReadClient::connect(settings, Arc::clone(&clock))?;
        let history = History::at(directory.join("history"));
        let queues = client.queues().await?.items.into_iter();
        let wanted = Wanted {
            queues: queues.map(|queue| queue.id).collect(),
            window: Window::days_before(clock.now(), std::cmp::max(centre.days, TWIN_DAYS))?,
        };
        history::pull(&client, &*clock, &history, &wanted, &|_| ()).await?;
        twin::read(&history, &TimeZone::UTC, Some(wanted.window), &|_, _, _| ())
    }

    pub(super) fn pass_days(&self, days: u32, report: &(dyn Fn(DemoEvent) + Send + Sync)) {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        for passed in 1..=days {
            tokio::task::block_in_place(|| {
                self.unchanged.advance(DAY);
                self.tutorial.sandbox.advance(DAY);
                self.searched.sandbox.advance(DAY);
            });
            report(DemoEvent::Day { passed, of: days });
        }
    }

    /// Returns the waits since `from` without a change, and at a changed centre.
    pub(super) fn waits(
        &self,
        centre: &Centre,
        from: Timestamp,
    ) -> Result<(Vec<SkillWaits>, Vec<SkillWaits>), AppError> {
        let to = centre.sandbox.now();
        let without = self.unchanged.waits(from, to)?.skills;
        Ok((without, centre.sandbox.waits(from, to)?.skills))
    }

    /// Returns how many requests all of it took.
    pub(super) fn requests(&self) -> usize {
        self.tutorial.sandbox.requests().len() + self.searched.sandbox.requests().len()
    }

    /// Returns how many of them could change something.
    pub(super) fn writes(&self) -> usize {
        self.tutorial.sandbox.writes() + self.searched.sandbox.writes()
    }
}

impl Centre {
    async fn set(options: DemoOptions, journal: &Path) -> Result<Centre, AppError> {
        let sandbox = Arc::new(start(options).await?);
        let clock: Arc<dyn Clock> = Arc::new(TenantTime {
            sandbox: Arc::clone(&sandbox),
            real: SystemClock::new(),
            longest_nap: Duration::MAX,
        });
        Ok(Centre {
            read: ReadClient::connect(settings(&sandbox)?, Arc::clone(&clock))?,
            store: Store::open(journal).await?,
            days: options.days,
            sandbox,
            clock,
        })
    }

    pub(super) async fn gather(&self, report: Report<'_>) -> Result<Gathered, AppError> {
        // What is read does not depend on how weights are found.
        let question = self.question(Strategy::Keep);
        gather(&self.read, &question, &*self.clock, report).await
    }

    /// Applies a plan; `None` if there was nothing to write.
    pub(super) async fn apply(&self, plan: &Plan) -> Result<Option<ChangeId>, AppError> {
        let changes = Changes::new(self.read.clone(), &self.store, &*self.clock);
        let id = new_change_id(self.clock.now());
        Ok(changes.apply(plan, id, None, &|_| ()).await?.change)
    }

    /// Rolls the change back, and returns whether the rules are what they were at first.
    pub(super) async fn undo(
        &self,
        change: &ChangeId,
        at_first: &[Observed],
    ) -> Result<bool, AppError> {
        let changes = Changes::new(self.read.clone(), &self.store, &*self.clock);
        let target = Target::Change(change.clone());
        changes
            .roll_back(target, new_change_id(self.clock.now()), false, &|_| ())
            .await?;
        let queue = QueueId::new(&self.sandbox.connection().queue_id);
        let rules = self.read.rules_of(&queue).await?;
        let comparable = |rule: &Observed| rule.comparable.clone();
        Ok(rules
            .iter()
            .map(comparable)
            .eq(at_first.iter().map(comparable)))
    }

    pub(super) fn question(&self, strategy: Strategy) -> Question {
        let connection = self.sandbox.connection();
        let mapping: SkillMapping = connection
            .wrapup_to_skill
            .iter()
            .map(|(code, name)| (WrapUpCodeId::new(code), SkillName::new(name)))
            .collect();
        Question {
            queue: QueueId::new(&connection.queue_id),
            days: self.days,
            until: None,
            mapping,
            min_volume: MIN_VOLUME_DEFAULT,
            strategy,
            max_step: None,
        }
    }
}

async fn start(options: DemoOptions) -> Result<Sandbox, AppError> {
    let sandbox = SandboxOptions {
        seed: options.seed,
        now: Some(options.now),
        // A month of conversations is read in a moment.
        requests_per_minute: u32::MAX,
        ..SandboxOptions::default()
    };
    Ok(Sandbox::start(sandbox, Arc::new(SystemClock::new())).await?)
}

fn settings(sandbox: &Sandbox) -> Result<Settings, AppError> {
    let connection = sandbox.connection();
    Ok(Settings {
        base_url: BaseUrl::parse(&connection.base_url, false)?,
        login_url: None,
        contract: Contract::Tutorial,
        client_id: connection.client_id.clone(),
        client_secret: SecretString::from(connection.client_secret.clone()),
        ca_file: None,
        wait_unit: WaitUnit::Seconds,
        page_size: 100,
        job_page_size: JOB_PAGE_SIZE,
        state_dir: None,
        limits: Limits::default(),
        jitter_seed: 0,
    })
}

/// The sandbox's jobs are done as soon as it is asked for them, so that nobody has to wait between two looks.
const NAP: Duration = Duration::from_millis(5);

/// The tenant's time: what the sandbox says it is. Naps, of limited length, and measurements are real.
struct TenantTime {
    sandbox: Arc<Sandbox>,
    real: SystemClock,
    longest_nap: Duration,
}

impl Clock for TenantTime {
    fn now(&self) -> Timestamp {
        self.sandbox.now()
    }

    fn monotonic(&self) -> Duration {
        self.real.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.real.sleep(std::cmp::min(duration, self.longest_nap))
    }
}
