//! A question with everything needed to ask it, whichever contract the host speaks.

use std::sync::Arc;

use waitwise_app::gather::{Event, Gathered, Question, gather, pulled};
use waitwise_app::history::{self as app_history, History, Pulled};
use waitwise_app::model::Clock as _;
use waitwise_app::planning::ahead::{Ahead, Step};
use waitwise_app::planning::{self, Planned};
use waitwise_app::twin::{self, Horizon, Judging, Seen};
use waitwise_app::{Contract, ReadClient, Settings, Strategy, SystemClock};

use crate::args::{AheadArgs, HostArgs, LeverArgs, PlaceArgs, QuestionArgs};
use crate::commands::simulate::{named_zone, target_secs};
use crate::commands::{connect, history, threads};
use crate::failure::Failure;
use crate::lever::{self, Lever};
use crate::output::progress::Progress;
use crate::settings::File;

/// A question, who can be asked, and where the answer lies.
pub(crate) struct Asking {
    pub(crate) question: Question,
    pub(crate) client: ReadClient,
    pub(crate) clock: Arc<SystemClock>,
    pub(crate) contract: Contract,
    /// Where a platform's pulled history lies; `None` for a host that answers from its own.
    pub(crate) history: Option<History>,
}

impl Asking {
    pub(crate) fn new(
        file: &File,
        host: &HostArgs,
        asked: &QuestionArgs,
        place: &PlaceArgs,
    ) -> Result<Asking, Failure> {
        Asking::with(file, host, asked, place, |settings| settings)
    }

    /// As [`Asking::new`], with the time that a pull takes.
    pub(crate) fn with_time_to_pull(
        file: &File,
        host: &HostArgs,
        asked: &QuestionArgs,
        place: &PlaceArgs,
    ) -> Result<Asking, Failure> {
        Asking::with(file, host, asked, place, |settings| {
            match settings.contract {
                Contract::Tutorial => settings,
                Contract::Platform => history::patient(settings),
            }
        })
    }

    fn with(
        file: &File,
        host: &HostArgs,
        asked: &QuestionArgs,
        place: &PlaceArgs,
        limited: impl FnOnce(Settings) -> Settings,
    ) -> Result<Asking, Failure> {
        let question = file.question(asked, None)?;
        let settings = limited(file.connection(host, None)?);
        let contract = settings.contract;
        let history = match contract {
            Contract::Tutorial => None,
            Contract::Platform => Some(history::place(file, place, &settings.base_url)?),
        };
        let (client, clock) = connect(Settings {
            wait_unit: file.wait_unit(asked),
            ..settings
        })?;
        Ok(Asking {
            question,
            client,
            clock,
            contract,
            history,
        })
    }

    /// Settles how weights are to be found, and returns what they are to be written to.
    pub(crate) fn weigh(
        &mut self,
        file: &File,
        args: &LeverArgs,
        ahead: &AheadArgs,
        max_step: Option<u8>,
    ) -> Result<Lever, Failure> {
        let question = &mut self.question;
        let formula = question.strategy.clone();
        question.strategy = lever::strategy(file, args, ahead, self.contract, formula)?;
        question.max_step = file.max_step(max_step);
        Lever::meant(file, args, self.contract)
    }

    /// Lets the window end at one moment for everything that is asked: reading may take long.
    pub(crate) fn until_now(&mut self) {
        let now = self.clock.now();
        self.question.until.get_or_insert(now);
    }

    /// Pulls the history that is asked about, if it is to be pulled and was not.
    pub(crate) async fn pull_missing(
        &self,
        report: app_history::Report<'_>,
    ) -> Result<Option<Pulled>, Failure> {
        let Some(history) = &self.history else {
            return Ok(None);
        };
        let clock = &*self.clock;
        let pulled = pulled::pull_missing(&self.client, history, &self.question, clock, report);
        Ok(pulled.await?)
    }

    /// Reads what the question needs, and shows what is being done.
    pub(crate) async fn gathered(&self) -> Result<Gathered, Failure> {
        let progress = Progress::start();
        self.gather(&|event| progress.gathering(&event)).await
    }

    /// Reads what the question needs.
    pub(crate) async fn gather(
        &self,
        report: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Gathered, Failure> {
        let Self {
            question, client, ..
        } = self;
        match &self.history {
            None => Ok(gather(client, question, &*self.clock, report).await?),
            Some(history) => {
                Ok(pulled::gather(client, history, question, &*self.clock, report).await?)
            }
        }
    }

    /// Finds weights, plans to write them, and says what they would do if there are visits to tell from.
    pub(crate) async fn plan(
        &self,
        gathered: Gathered,
        lever: &Lever,
        args: &AheadArgs,
    ) -> Result<Planned, Failure> {
        let Self {
            question, client, ..
        } = self;
        let progress = Progress::start();
        let told = |step| progress.ahead(step);
        let seen = self.seen(args, &gathered, &told)?;
        let ahead = seen
            .as_ref()
            .map(|seen| ahead(args, seen, &told))
            .transpose()?;
        let (ahead, clock) = (ahead.as_ref(), &*self.clock);
        Ok(match lever {
            Lever::RoutingRule => planning::plan(&gathered, question, ahead, clock)?,
            Lever::PriorityTable(wish) => {
                planning::plan_pulled(client, gathered, question, wish, ahead, clock).await?
            }
        })
    }

    /// Reads the visits of the window; `None` if nobody tells of single visits, or nobody asks.
    fn seen(
        &self,
        args: &AheadArgs,
        gathered: &Gathered,
        told: &(dyn Fn(Step) + Sync),
    ) -> Result<Option<Seen>, Failure> {
        let named = args.facts.as_ref().map(History::at);
        let history = named.as_ref().or(self.history.as_ref());
        let (Some(history), false) = (history, self.question.strategy == Strategy::Keep) else {
            return Ok(None);
        };
        let zone = named_zone(&args.time_zone)?;
        let told = |stage, done, of| told(Step::Twin(stage, done, of));
        let window = Some(gathered.evidence.window);
        Ok(Some(twin::read(history, &zone, window, &told)?))
    }
}

/// How the days to come are looked at.
fn ahead<'a>(
    args: &AheadArgs,
    seen: &'a Seen,
    progress: &'a (dyn Fn(Step) + Sync),
) -> Result<Ahead<'a>, Failure> {
    let percent = |flag: &str, percent: f64| match (0.0..=100.0).contains(&percent) {
        true => Ok(percent / 100.0),
        false => Err(Failure::usage(format!(
            "{flag} must be from 0 to 100, in percent"
        ))),
    };
    Ok(Ahead {
        seen,
        zone: named_zone(&args.time_zone)?,
        on_queue: None,
        judging: Judging {
            held_out: usize::from(args.held_out),
            futures: args.futures,
            target_secs: target_secs(args.target_secs)?,
            seed: args.seed,
        },
        error_max: error_max(args.max_error)?,
        is_forced: args.force,
        horizon: Horizon {
            days: usize::from(args.days_ahead),
            futures: args.futures,
        },
        service_goal: percent("--service-goal", args.service_goal)?,
        threads: threads(args.threads),
        progress,
    })
}

/// A bound of a backtest's error, from percent.
fn error_max(percent: f64) -> Result<f64, Failure> {
    match percent >= 0.0 {
        true => Ok(percent / 100.0),
        false => Err(Failure::usage("--max-error must be 0 or more, in percent")),
    }
}
