//! A question with everything needed to ask it, whichever contract the host speaks.

use std::sync::Arc;

use waitwise_app::gather::{Event, Gathered, Question, gather, pulled};
use waitwise_app::history::{self as app_history, History, Pulled};
use waitwise_app::model::Clock as _;
use waitwise_app::planning::{self, Planned};
use waitwise_app::{Contract, ReadClient, Settings, SystemClock};

use crate::args::{HostArgs, LeverArgs, PlaceArgs, QuestionArgs};
use crate::commands::{connect, history};
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
        max_step: Option<u8>,
    ) -> Result<Lever, Failure> {
        let question = &mut self.question;
        question.strategy = lever::strategy(file, args, self.contract, question.strategy.clone());
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

    /// Finds weights, and plans to write them.
    pub(crate) async fn plan(&self, gathered: Gathered, lever: &Lever) -> Result<Planned, Failure> {
        let Self {
            question, client, ..
        } = self;
        Ok(match lever {
            Lever::RoutingRule => planning::plan(&gathered, question, &*self.clock)?,
            Lever::PriorityTable(wish) => {
                planning::plan_pulled(client, gathered, question, wish, &*self.clock).await?
            }
        })
    }
}
