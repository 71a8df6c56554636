//! The demo: the whole job against the embedded contact centre, and what it did to the waits.

mod effect;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use waitwise_apply::Applied;
use waitwise_client::clock::SystemClock;
use waitwise_client::{BaseUrl, Contract, JOB_PAGE_SIZE, Limits, ReadClient, Settings};
use waitwise_model::{
    BoxFuture, Clock, Observed, QueueId, SkillMapping, SkillName, Weights, WrapUpCodeId,
};
use waitwise_plan::Plan;
use waitwise_sandbox::{Sandbox, SandboxOptions};
use waitwise_store::{ChangeId, Store};
use waitwise_weights::VolumeWait;
use waitwise_wire::tutorial::summary::WaitUnit;

use crate::analysis::{Analysis, analyze};
use crate::changing::{Changes, Target, new_change_id};
use crate::error::AppError;
use crate::gather::{Event, Gathered, Question, Report, gather};
use crate::planning;

pub use effect::{Effect, Effects, Estimate, WaitFigures};

/// What to show.
#[derive(Clone, Copy, Debug)]
pub struct DemoOptions {
    /// Which tenant: every seed is another contact centre.
    pub seed: u64,
    /// When the sandbox's clock starts.
    pub now: Timestamp,
    /// How many days of history to read, and to let pass after the change.
    pub days: u32,
}

/// What the demo tells while it works.
#[derive(Clone, Debug)]
pub enum DemoEvent {
    /// The contact centre and its history stand.
    Ready,
    /// The history is being read.
    Gathering(Event),
    /// Weights have been calculated.
    Planned,
    /// The weights have been written and read back.
    Applied,
    /// Time passes.
    Day {
        /// How many have passed.
        passed: u32,
        /// Of how many.
        of: u32,
    },
    /// The change has been undone.
    RolledBack,
}

/// All that the demo did and saw.
#[derive(Debug)]
pub struct DemoResult {
    /// As asked for.
    pub options: DemoOptions,
    /// What the history said before the change.
    pub before: Analysis,
    /// The plan that was applied.
    pub plan: Plan,
    /// Who applied it: the change's id in the journal.
    pub change: String,
    /// Milliseconds between the last look at the rule and the write, in which a change could not have been seen.
    pub unseen_window: Option<Duration>,
    /// What the history says after as many days again.
    pub after: Analysis,
    /// What the change did to the waits.
    pub effects: Effects,
    /// Whether the rule is token for token what it was, after the roll-back.
    pub is_restored: bool,
    /// Requests that the sandbox received, and how many of them could change something.
    pub requests: usize,
    /// How many of the requests were writes.
    pub writes: usize,
}

/// Does the whole job: read, plan, write, verify, let days pass, compare, undo.
///
/// A second centre of the same seed is left unchanged beside it, so that what is shown is the change's doing.
///
/// # Errors
/// Whatever the job itself can meet. `directory` takes the journal.
pub async fn demo(
    options: DemoOptions,
    directory: &Path,
    report: &(dyn Fn(DemoEvent) + Send + Sync),
) -> Result<DemoResult, AppError> {
    let nothing = AppError::NothingToShow { seed: options.seed };
    let stage = Stage::set(options, directory).await?;
    report(DemoEvent::Ready);
    let gathered = stage
        .gather(&|event| report(DemoEvent::Gathering(event)))
        .await?;
    let planned = planning::plan(&gathered, &stage.question, None, &*stage.clock)?;
    let Ok(plan) = planned.plan else {
        return Err(nothing);
    };
    report(DemoEvent::Planned);
    let applied = stage.apply(&plan).await?;
    let Some(change) = applied.change else {
        return Err(nothing);
    };
    report(DemoEvent::Applied);
    let from = stage.clock.now();
    stage.pass_days(options.days, report);
    let after = analyze(&stage.gather(&|_| ()).await?, &stage.question)?;
    let effects = stage.effects(from, &planned.analysis, &plan.intent().weights)?;
    let is_restored = stage.undo(&change, &gathered).await?;
    report(DemoEvent::RolledBack);
    Ok(DemoResult {
        options,
        before: planned.analysis,
        plan,
        change: change.to_string(),
        unseen_window: applied
            .objects
            .first()
            .and_then(|outcome| outcome.unseen_window),
        after,
        effects,
        is_restored,
        requests: stage.changed.requests().len(),
        writes: stage.changed.writes(),
    })
}

/// Two contact centres of one seed, and everything needed to do the job at the first one.
struct Stage {
    changed: Arc<Sandbox>,
    unchanged: Sandbox,
    clock: Arc<dyn Clock>,
    read: ReadClient,
    question: Question,
    store: Store,
}

impl Stage {
    async fn set(options: DemoOptions, directory: &Path) -> Result<Stage, AppError> {
        let changed = Arc::new(start(options).await?);
        let real = SystemClock::new();
        let clock: Arc<dyn Clock> = Arc::new(TenantTime {
            sandbox: Arc::clone(&changed),
            real,
        });
        Ok(Stage {
            unchanged: start(options).await?,
            read: ReadClient::connect(settings(&changed)?, Arc::clone(&clock))?,
            question: question(&changed, options.days),
            store: Store::open(&directory.join("journal.db")).await?,
            changed,
            clock,
        })
    }

    async fn gather(&self, report: Report<'_>) -> Result<Gathered, AppError> {
        gather(&self.read, &self.question, &*self.clock, report).await
    }

    async fn apply(&self, plan: &Plan) -> Result<Applied, AppError> {
        let changes = Changes::new(self.read.clone(), &self.store, &*self.clock);
        changes
            .apply(plan, new_change_id(self.clock.now()), None, &|_| ())
            .await
    }

    fn pass_days(&self, days: u32, report: &(dyn Fn(DemoEvent) + Send + Sync)) {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        for passed in 1..=days {
            tokio::task::block_in_place(|| {
                self.changed.advance(DAY);
                self.unchanged.advance(DAY);
            });
            report(DemoEvent::Day { passed, of: days });
        }
    }

    fn effects(
        &self,
        from: Timestamp,
        before: &Analysis,
        weights: &Weights,
    ) -> Result<Effects, AppError> {
        let to = self.changed.now();
        let without = self.unchanged.waits(from, to)?.skills;
        let mut effects = effect::effects(&without, &self.changed.waits(from, to)?.skills);
        for effect in &mut effects.skills {
            let row = before
                .skills
                .iter()
                .find(|row| Some(&row.evidence.skill) == effect.skill.as_ref());
            effect.weight_before = row.and_then(|row| row.present.clone());
            effect.weight_after = effect
                .skill
                .as_ref()
                .and_then(|skill| weights.get(skill))
                .copied();
        }
        Ok(effects)
    }

    /// Rolls the change back, and returns whether the rule is what it was at first.
    async fn undo(&self, change: &ChangeId, at_first: &Gathered) -> Result<bool, AppError> {
        let changes = Changes::new(self.read.clone(), &self.store, &*self.clock);
        let target = Target::Change(change.clone());
        changes
            .roll_back(target, new_change_id(self.clock.now()), false, &|_| ())
            .await?;
        let rules = self.read.rules_of(&self.question.queue).await?;
        let comparable = |rule: &Observed| rule.comparable.clone();
        Ok(rules
            .iter()
            .map(comparable)
            .eq(at_first.rules.iter().flatten().map(comparable)))
    }
}

async fn start(options: DemoOptions) -> Result<Sandbox, AppError> {
    let sandbox = SandboxOptions {
        seed: options.seed,
        now: Some(options.now),
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

fn question(sandbox: &Sandbox, days: u32) -> Question {
    let connection = sandbox.connection();
    let mapping: SkillMapping = connection
        .wrapup_to_skill
        .iter()
        .map(|(code, name)| (WrapUpCodeId::new(code), SkillName::new(name)))
        .collect();
    Question {
        queue: QueueId::new(&connection.queue_id),
        days,
        until: None,
        mapping,
        min_volume: crate::gather::MIN_VOLUME_DEFAULT,
        strategy: VolumeWait::default().into(),
        max_step: None,
    }
}

/// The tenant's time: what the sandbox says it is. Naps and measurements are real.
struct TenantTime {
    sandbox: Arc<Sandbox>,
    real: SystemClock,
}

impl Clock for TenantTime {
    fn now(&self) -> Timestamp {
        self.sandbox.now()
    }

    fn monotonic(&self) -> Duration {
        self.real.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.real.sleep(duration)
    }
}
