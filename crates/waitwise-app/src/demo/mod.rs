//! The demo: the whole job against the embedded contact centre, what the twin had said of it, and what it did to the waits.

mod effect;
mod stage;

use std::path::Path;

use jiff::Timestamp;
use waitwise_plan::{Plan, Search};
use waitwise_store::ChangeId;
use waitwise_weights::{Guardrails, Objective, VolumeWait, search};

use crate::analysis::{Analysis, analyze};
use crate::error::AppError;
use crate::gather::Event;
use crate::planning::ahead::{Ahead, Step};
use crate::planning::{NoPlan, Planned, plan};
use crate::twin::{ERROR_MAX_DEFAULT, HELD_OUT_DEFAULT, Horizon, Judging, Seen};

pub use effect::{Effect, Effects, Estimate, WaitFigures};
use stage::{Centre, Stage};

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
    /// Single visits are being read, to fit a twin to.
    Pulling,
    /// Weights are being found, and what they do is being predicted.
    Ahead(Step),
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
    /// What the history says after as many days again, where the tutorial's weights were.
    pub after: Analysis,
    /// The tutorial's weights.
    pub tutorial: Arm,
    /// The searched ones.
    pub searched: Searched,
    /// Requests that the sandbox received.
    pub requests: usize,
    /// How many of the requests were writes.
    pub writes: usize,
}

impl DemoResult {
    /// Returns whether all rules are token for token what they were, after the roll-backs.
    pub fn is_restored(&self) -> bool {
        let other = match &self.searched {
            Searched::Tried(arm) => arm.is_restored,
            Searched::Nothing(_) | Searched::Untold(_) => true,
        };
        self.tutorial.is_restored && other
    }
}

/// One change, from plan to roll-back.
#[derive(Debug)]
pub struct Arm {
    /// The plan that was applied, with what the twin had said of it.
    pub plan: Plan,
    /// Who applied it: the change's id in the journal.
    pub change: String,
    /// What the change did to the waits.
    pub effects: Effects,
    /// Whether the rule is token for token what it was, after the roll-back.
    pub is_restored: bool,
}

/// What became of the search.
#[derive(Debug)]
pub enum Searched {
    /// It found something better, which was tried.
    Tried(Box<Arm>),
    /// It found nothing that is shown to be better.
    Nothing(Box<Search>),
    /// There is no twin to search with.
    Untold(AppError),
}

/// Does the whole job: read, plan, write, verify, let days pass, compare, undo; once with the tutorial's weights and once
/// with weights that a search has found.
///
/// A further centre of the same seed is left unchanged beside these, so that what is shown is the changes' doing.
///
/// # Errors
/// Whatever the job itself can meet. `directory` takes the journals and the history.
pub async fn demo(
    options: DemoOptions,
    directory: &Path,
    report: &(dyn Fn(DemoEvent) + Send + Sync),
) -> Result<DemoResult, AppError> {
    let nothing = || AppError::NothingToShow { seed: options.seed };
    let stage = Stage::set(options, directory).await?;
    report(DemoEvent::Ready);
    let gathered = stage
        .tutorial
        .gather(&|event| report(DemoEvent::Gathering(event)))
        .await?;
    report(DemoEvent::Pulling);
    let seen = stage.visits(directory).await?;
    let told = |step| report(DemoEvent::Ahead(step));
    let ahead = looking(options, &seen, &told);
    let found = |centre: &Centre, gathered, strategy| -> Result<Planned, AppError> {
        let question = centre.question(strategy);
        tokio::task::block_in_place(|| plan(gathered, &question, Some(&ahead), &*centre.clock))
    };
    let planned = found(&stage.tutorial, &gathered, VolumeWait::default().into())?;
    let tutorial = planned.plan.map_err(|_| nothing())?;
    let beside = stage.searched.gather(&|_| ()).await?;
    let searched = match found(&stage.searched, &beside, the_search(options)) {
        Ok(planned) => found_by(planned).ok_or_else(nothing)?,
        Err(error @ AppError::Twin(_)) => Err(Searched::Untold(error)),
        Err(error) => return Err(error),
    };
    report(DemoEvent::Planned);
    let change = stage.tutorial.apply(&tutorial).await?.ok_or_else(nothing)?;
    let other = match &searched {
        Ok(plan) => stage.searched.apply(plan).await?,
        Err(_) => None,
    };
    report(DemoEvent::Applied);
    let from = stage.tutorial.clock.now();
    stage.pass_days(options.days, report);
    let after = analyze(
        &stage.tutorial.gather(&|_| ()).await?,
        &stage.tutorial.question(VolumeWait::default().into()),
    )?;
    let ending = Ending {
        stage: &stage,
        from,
        before: &planned.analysis,
        at_first: gathered.rules.as_deref().unwrap_or_default(),
    };
    let tutorial = ending.of(&stage.tutorial, tutorial, &change).await?;
    let searched = match (searched, other) {
        (Ok(plan), Some(change)) => {
            let arm = ending.of(&stage.searched, plan, &change).await?;
            Searched::Tried(Box::new(arm))
        }
        (Ok(_), None) => return Err(nothing()),
        (Err(untried), _) => untried,
    };
    report(DemoEvent::RolledBack);
    Ok(DemoResult {
        options,
        before: planned.analysis,
        after,
        tutorial,
        searched,
        requests: stage.requests(),
        writes: stage.writes(),
    })
}

/// What the twin is asked, by the centre that the demo begins with.
fn looking<'a>(
    options: DemoOptions,
    seen: &'a Seen,
    progress: &'a (dyn Fn(Step) + Sync),
) -> Ahead<'a> {
    const FUTURES: u64 = 40;
    let days = usize::try_from(options.days).unwrap_or(usize::MAX);
    Ahead {
        seen,
        zone: jiff::tz::TimeZone::UTC,
        on_queue: None,
        judging: Judging {
            held_out: HELD_OUT_DEFAULT,
            futures: FUTURES,
            target_secs: 20.0,
            seed: options.seed,
        },
        error_max: ERROR_MAX_DEFAULT,
        is_forced: false,
        horizon: Horizon {
            days,
            futures: FUTURES,
        },
        service_goal: 0.8,
        threads: cores(),
        progress,
    }
}

/// A short search: a demo is for looking at.
fn the_search(options: DemoOptions) -> waitwise_weights::Strategy {
    waitwise_weights::Strategy::Search(Box::new(search::Settings {
        objective: Objective::default(),
        guardrails: Guardrails::default(),
        seed: options.seed,
        threads: cores(),
        budget: Some(20_000_000),
    }))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The plan, or why there is none; `None` where that is no answer to a search.
fn found_by(planned: Planned) -> Option<Result<Plan, Searched>> {
    match (planned.plan, planned.search) {
        (Ok(plan), _) => Some(Ok(plan)),
        (Err(NoPlan::NothingBetter), Some(search)) => {
            Some(Err(Searched::Nothing(Box::new(search))))
        }
        (Err(_), _) => None,
    }
}

/// What is needed to see what became of a change.
struct Ending<'a> {
    stage: &'a Stage,
    from: Timestamp,
    before: &'a Analysis,
    at_first: &'a [waitwise_model::Observed],
}

impl Ending<'_> {
    async fn of(&self, centre: &Centre, plan: Plan, change: &ChangeId) -> Result<Arm, AppError> {
        let effects = self.effects(centre, &plan)?;
        Ok(Arm {
            effects,
            is_restored: centre.undo(change, self.at_first).await?,
            change: change.to_string(),
            plan,
        })
    }

    fn effects(&self, centre: &Centre, plan: &Plan) -> Result<Effects, AppError> {
        let (without, with) = self.stage.waits(centre, self.from)?;
        let mut effects = effect::effects(&without, &with);
        for effect in &mut effects.skills {
            let row = self
                .before
                .skills
                .iter()
                .find(|row| Some(&row.evidence.skill) == effect.skill.as_ref());
            effect.weight_before = row.and_then(|row| row.present.clone());
            effect.weight_after = effect
                .skill
                .as_ref()
                .and_then(|skill| plan.intent().weights.get(skill))
                .copied();
        }
        Ok(effects)
    }
}
