//! The twin: what other weights would do, asked of the history on disk.
//!
//! Start at [`what_if`]. A history is read once ([`read`]), its centre is fitted and held against its own last days
//! ([`Twin`]); only a twin that is like the centre is asked, or searched for weights ([`Tunable`]).

mod error;
mod names;
mod record;
mod tunable;
mod weights;

use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use waitwise_history::facts::{Batch, Column, Columns};
use waitwise_history::utc_day;
use waitwise_model::{QueueId, Window};
use waitwise_twin::backtest::{self, Backtest, Trial};
use waitwise_twin::fit::{Fit, Line, Supposed, Told};
use waitwise_twin::predict::{self, Prediction};
use waitwise_twin::seen::{ClassKey, Collector};
use waitwise_twin::staffing::OnQueue;

pub use self::error::TwinError;
pub use self::names::{Called, Names};
pub use self::tunable::Tunable;
pub use self::weights::WeightSet;
pub use waitwise_twin::Cores;
pub use waitwise_twin::seen::Seen;
pub use waitwise_twin::{backtest as trial, fit, outcome, predict as prediction};

use crate::error::AppError;
use crate::history::{History, HistoryError};

/// A skill with fewer visits than this tells too little of itself.
pub const VISITS_MIN: usize = 300;
/// The bound of a backtest's error unless told otherwise: by so much of the real mean wait.
pub const ERROR_MAX_DEFAULT: f64 = 0.35;
/// Fewer futures give no interval.
const FUTURES_MIN: u64 = 20;
/// So many of the last days a backtest predicts unless told otherwise.
pub const HELD_OUT_DEFAULT: usize = 14;

/// Returns the last days of a history alone, `fitted` to fit to and as many as are held out: a centre that has changed is
/// more like its last weeks than like its past.
#[must_use]
pub fn last_days(seen: &Seen, fitted: usize, held_out: usize) -> Seen {
    let all = seen.days.len();
    let first = all.saturating_sub(fitted.saturating_add(held_out));
    seen.of_days(&(first..all).collect::<Vec<_>>())
}

/// How a twin is judged.
#[derive(Clone, Copy, Debug)]
pub struct Judging {
    /// How many of the last days are predicted from those before.
    pub held_out: usize,
    /// How often these days are simulated, at least 20.
    pub futures: u64,
    /// A wait within which an answer counts for the service level, in seconds.
    pub target_secs: f64,
    /// Of everything random.
    pub seed: u64,
}

/// On which terms a twin is taken.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Weights move this queue's callers alone; `None`: those of all queues.
    pub queue: Option<QueueId>,
    /// The weights in force, now and in the history.
    pub present: WeightSet,
    /// How the twin is judged first.
    pub judging: Judging,
    /// By how much a backtest may mispredict mean waits, as a share of them.
    pub error_max: f64,
    /// Answer whatever the history's length and the backtest's error.
    pub is_forced: bool,
    /// How long agents were on queue; `None`: who was at work is inferred from work.
    pub on_queue: Option<OnQueue>,
}

impl Terms {
    fn told(&self) -> Told<'_> {
        Told {
            on_queue: self.on_queue.as_ref(),
            ..Told::default()
        }
    }
}

/// For how long ahead the twin is asked, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// For how many days after the history.
    pub days: usize,
    /// How many futures are simulated as fitted, and as many again with laws drawn anew. At least 20.
    pub futures: u64,
}

/// What is asked of the twin.
#[derive(Clone, Debug)]
pub struct Asked {
    /// On which terms.
    pub terms: Terms,
    /// Other weights than those in force.
    pub proposed: WeightSet,
    /// For how long.
    pub horizon: Horizon,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it rests on.
    pub basis: Basis,
    /// How like the centre the twin is; `None` if the history is too short to tell, and the answer was forced.
    pub backtest: Option<Backtest>,
    /// The first day of the prediction.
    pub first: Date,
    /// What the change does.
    pub prediction: Prediction,
    /// What it does if something is other than it was.
    pub sensitivity: Vec<(Variant, Prediction)>,
    /// What kept the answer from being given, had it not been forced.
    pub doubts: Vec<String>,
}

/// What an answer rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// The history's first day and last.
    pub days: (Date, Date),
    /// How many days these are.
    pub n_days: usize,
    /// How many of them nobody called on: the centre was closed, or the history lacks them.
    pub n_empty_days: usize,
    /// Visits.
    pub n_visits: usize,
    /// Visits that could not be used, since nothing tells how they ended.
    pub n_untold: usize,
    /// Visits left out, since nobody was seen to take such ones.
    pub n_unserved: usize,
    /// Agents who answered.
    pub n_agents: usize,
    /// Whether staffing was told rather than inferred from work.
    pub staffing_is_told: bool,
}

/// Something that may be other than it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// A tenth fewer callers.
    LessLoad,
    /// A tenth more callers.
    MoreLoad,
    /// One agent fewer at any time, of the largest group.
    OneAgentFewer,
}

impl Variant {
    const ALL: [Variant; 3] = [Variant::LessLoad, Variant::MoreLoad, Variant::OneAgentFewer];

    /// Returns how answers call it.
    pub fn name(self) -> &'static str {
        match self {
            Variant::LessLoad => "less-load",
            Variant::MoreLoad => "more-load",
            Variant::OneAgentFewer => "one-agent-fewer",
        }
    }

    fn supposed(self) -> Supposed {
        let nothing = Supposed::NOTHING;
        match self {
            Variant::LessLoad => Supposed {
                load: 0.9,
                ..nothing
            },
            Variant::MoreLoad => Supposed {
                load: 1.1,
                ..nothing
            },
            Variant::OneAgentFewer => Supposed {
                fewer_agents: 1,
                ..nothing
            },
        }
    }
}

/// Where a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading facts: done and all, in files.
    Reading,
    /// Holding the twin against the past, in futures.
    Judging,
    /// Simulating the days to come, in futures.
    Predicting,
    /// The same with something other than it was, in futures.
    Varying,
}

/// Is told how much of a stage is done, and of how much.
pub type Progress<'a> = &'a (dyn Fn(Stage, u64, u64) + Sync);

/// Reads the facts of a history, by the local days of `zone`: all of them, or those of the days that lie in `window`.
///
/// # Errors
/// There are no facts, or a file of them cannot be used.
pub fn read(
    history: &History,
    zone: &TimeZone,
    asked: Option<Window>,
    progress: Progress<'_>,
) -> Result<Seen, AppError> {
    const COLUMNS: Columns = Columns::NONE
        .with(Column::QueueId)
        .with(Column::Skills)
        .with(Column::OfferedAt)
        .with(Column::Outcome)
        .with(Column::WaitMs)
        .with(Column::HandleMs)
        .with(Column::AgentKey);
    let mut files: Vec<(QueueId, Date)> = Vec::new();
    for queue in history.queues()? {
        let days = history.days(&queue)?.into_iter();
        let days = days.filter(|day| asked.is_none_or(|asked| touches(*day, asked)));
        files.extend(days.map(|day| (queue.clone(), day)));
    }
    let nothing = || HistoryError::Empty {
        dir: PathBuf::from(history.dir()),
    };
    let on_disk = window(&files, history)?.ok_or_else(nothing)?;
    let window = asked.map_or(on_disk, |asked| Window {
        from: std::cmp::max(asked.from, on_disk.from),
        to: std::cmp::min(asked.to, on_disk.to),
    });
    let mut collector = Collector::new(window, zone.clone());
    let mut batch = Batch::default();
    for (number, (queue, day)) in (0..).zip(&files) {
        (progress)(Stage::Reading, number, files.len() as u64);
        history.read_visits(queue, *day, COLUMNS, &mut batch, |visit| {
            collector.add(visit);
        })?;
    }
    Ok(collector.finish())
}

/// Whether a UTC day has a moment in common with a window.
fn touches(day: Date, window: Window) -> bool {
    utc_day(window.from) <= day && day <= utc_day(window.to)
}

/// From the first day's beginning to the last one's end, or to where its facts reach if they say so.
fn window(files: &[(QueueId, Date)], history: &History) -> Result<Option<Window>, AppError> {
    let (Some(first), Some(last)) = (
        files.iter().map(|(_, day)| *day).min(),
        files.iter().map(|(_, day)| *day).max(),
    ) else {
        return Ok(None);
    };
    let mut to = None;
    for (queue, day) in files.iter().filter(|(_, day)| *day == last) {
        if let Some(head) = history.head(queue, *day)? {
            let covered = head.coverage.to;
            let is_told = head.coverage.from < covered;
            to = std::cmp::max(to, is_told.then_some(covered));
        }
    }
    let begins = |day: Date| day.to_zoned(TimeZone::UTC).map(|at| at.timestamp()).ok();
    let end = last.tomorrow().ok().and_then(begins);
    Ok(begins(first)
        .zip(to.or(end))
        .map(|(from, to)| Window { from, to }))
}

/// Holds the twin against the last days of a history.
///
/// # Errors
/// Too little is left to fit to, nobody called the queue, or the fitted centre cannot be simulated.
pub fn judge(
    seen: &Seen,
    terms: &Terms,
    threads: usize,
    progress: Progress<'_>,
) -> Result<Backtest, TwinError> {
    Twin::of(seen, terms, threads)?.held_against_the_past(progress)
}

/// Says what other weights would do.
///
/// # Errors
/// [`TwinError::Thin`] and [`TwinError::Unlike`] unless forced; the history tells nothing, or cannot be simulated.
pub fn what_if(
    seen: &Seen,
    asked: &Asked,
    threads: usize,
    progress: Progress<'_>,
) -> Result<Answer, TwinError> {
    let twin = Twin::of(seen, &asked.terms, threads)?;
    // Cheap, so that nobody waits for a backtest to hear of it.
    twin.thin(&asked.proposed)
        .map_or(Ok(()), |thin| twin.doubt(thin).map(drop))?;
    twin.judged(progress)?
        .what_if(&asked.proposed, asked.horizon, progress)
}

/// A centre fitted to a history, to be asked once it has been judged.
pub struct Twin<'a> {
    seen: &'a Seen,
    terms: &'a Terms,
    threads: usize,
    fit: Fit,
    backtest: Option<Backtest>,
    doubts: Vec<String>,
}

impl<'a> Twin<'a> {
    /// Fits a centre.
    ///
    /// # Errors
    /// The history tells too little.
    pub fn of(seen: &'a Seen, terms: &'a Terms, threads: usize) -> Result<Twin<'a>, TwinError> {
        let fit = Fit::of(seen, terms.told())?;
        let is_there = |queue: &QueueId| {
            let mut classes = fit.classes.iter();
            classes.any(|class| class.key.queue == queue.as_str())
        };
        if let Some(queue) = terms.queue.as_ref().filter(|queue| !is_there(queue)) {
            return Err(TwinError::Nobody {
                queue: queue.clone(),
            });
        }
        Ok(Twin {
            fit,
            seen,
            terms,
            threads,
            backtest: None,
            doubts: Vec::new(),
        })
    }

    /// Holds it against the history's last days.
    ///
    /// # Errors
    /// [`TwinError::Unlike`] unless forced; too little is left to fit to, or the centre cannot be simulated.
    pub fn judged(mut self, progress: Progress<'_>) -> Result<Twin<'a>, TwinError> {
        match self.held_against_the_past(progress) {
            Ok(backtest) => {
                let unlike = unlike(&backtest, self.terms.error_max);
                let doubt = unlike.map(|unlike| self.doubt(unlike)).transpose()?;
                self.doubts.extend(doubt);
                self.backtest = Some(backtest);
            }
            Err(error @ TwinError::Trial(backtest::TrialError::Fit { .. })) => {
                let doubt = self.doubt(error)?;
                self.doubts.push(doubt);
            }
            Err(error) => return Err(error),
        }
        Ok(self)
    }

    fn held_against_the_past(&self, progress: Progress<'_>) -> Result<Backtest, TwinError> {
        let (judging, queue) = (&self.terms.judging, self.terms.queue.as_ref());
        let trial = Trial {
            held_out: judging.held_out,
            head_start_secs: &|key| self.terms.present.head_start_secs(key, queue),
            target_secs: judging.target_secs,
            futures: judging.futures,
            seed: judging.seed,
        };
        let told = |done, of| (progress)(Stage::Judging, done, of);
        let cores = self.cores(&told);
        let mut found = backtest::backtest(self.seen, self.terms.told(), trial, cores)?;
        found.lines.sort_by_key(|trial| self.rank(&trial.line));
        Ok(found)
    }

    /// Says what other weights would do.
    ///
    /// # Errors
    /// [`TwinError::Thin`] unless forced; the centre cannot be simulated.
    pub fn what_if(
        &self,
        proposed: &WeightSet,
        horizon: Horizon,
        progress: Progress<'_>,
    ) -> Result<Answer, TwinError> {
        let mut doubts = self.doubts.clone();
        if let Some(thin) = self.thin(proposed) {
            doubts.push(self.doubt(thin)?);
        }
        let question = self.question(proposed, horizon);
        let predicting = |done, of| (progress)(Stage::Predicting, done, of);
        let prediction = self.predicted(&self.fit, &question, &predicting)?;
        let varied = predict::Question {
            futures: std::cmp::max(horizon.futures.div_ceil(2), FUTURES_MIN),
            ..question.clone()
        };
        let varying = |done, of| (progress)(Stage::Varying, done, of);
        let vary = |variant: Variant| -> Result<(Variant, Prediction), TwinError> {
            let fit = self.fit.supposing(variant.supposed());
            Ok((variant, self.predicted(&fit, &varied, &varying)?))
        };
        Ok(Answer {
            basis: Basis::of(self.seen, &self.fit),
            backtest: self.backtest.clone(),
            first: question.first,
            prediction,
            sensitivity: Variant::ALL
                .into_iter()
                .map(vary)
                .collect::<Result<_, _>>()?,
            doubts,
        })
    }

    fn predicted(
        &self,
        fit: &Fit,
        question: &predict::Question,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Prediction, TwinError> {
        let mut found = predict::predict(fit, self.seen, question, self.cores(progress))?;
        found
            .lines
            .sort_by_key(|predicted| self.rank(&predicted.line));
        Ok(found)
    }

    /// The queue that is asked about comes first, everybody last.
    fn rank(&self, line: &Line) -> u8 {
        let named = self.terms.queue.as_ref().map(QueueId::as_str);
        match &line.queue {
            Some(queue) if Some(queue.as_str()) == named => 0,
            Some(_) => 1,
            None => 2,
        }
    }

    /// Returns what spoke against it, where it was forced.
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    fn cores<'b>(&self, progress: &'b (dyn Fn(u64, u64) + Sync)) -> Cores<'b> {
        Cores {
            threads: self.threads,
            progress,
        }
    }

    /// What speaks against an answer: an error, or what to warn of if it is forced.
    fn doubt(&self, doubt: TwinError) -> Result<String, TwinError> {
        match self.terms.is_forced {
            true => Ok(doubt.with_causes()),
            false => Err(doubt),
        }
    }

    fn question(&self, proposed: &WeightSet, horizon: Horizon) -> predict::Question {
        let last = self.seen.days.last().map(|day| day.date);
        let next = last.and_then(|day| day.tomorrow().ok());
        predict::Question {
            // A fitted history has days, and none of them is the calendar's last.
            first: next.unwrap_or(Date::ZERO),
            days: horizon.days,
            present_secs: self.head_starts_secs(&self.terms.present),
            proposed_secs: self.head_starts_secs(proposed),
            target_secs: self.terms.judging.target_secs,
            futures: horizon.futures,
            seed: self.terms.judging.seed,
        }
    }

    fn head_starts_secs(&self, set: &WeightSet) -> Vec<f64> {
        let classes = self.fit.classes.iter();
        let queue = self.terms.queue.as_ref();
        classes
            .map(|class| set.head_start_secs(&class.key, queue))
            .collect()
    }

    /// Skills whose weights are to change must have been seen often enough.
    fn thin(&self, proposed: &WeightSet) -> Option<TwinError> {
        let queue = self.terms.queue.as_ref();
        // Its own weight counts: that of a skill asked for beside it may move, though it stays itself.
        let moves = |line: &Line| {
            let Some(of_queue) = &line.queue else {
                return false;
            };
            let key = ClassKey {
                queue: of_queue.clone(),
                skills: line.skill.iter().cloned().collect(),
            };
            let secs = |set: &WeightSet| set.head_start_secs(&key, queue);
            (secs(&self.terms.present) - secs(proposed)).abs() > 0.0
        };
        let thin: Vec<(String, usize)> = self
            .fit
            .lines()
            .iter()
            .filter(|line| moves(line) && self.fit.n_seen(line) < VISITS_MIN)
            .map(|line| {
                (
                    line.skill.clone().unwrap_or_default(),
                    self.fit.n_seen(line),
                )
            })
            .collect();
        (!thin.is_empty()).then_some(TwinError::Thin { skills: thin })
    }
}

fn unlike(backtest: &Backtest, bound: f64) -> Option<TwinError> {
    let error = backtest.mean_wait_error();
    (error > bound).then_some(TwinError::Unlike {
        error,
        bound,
        days: backtest.days,
    })
}

impl Basis {
    fn of(seen: &Seen, fit: &Fit) -> Basis {
        let first = seen.days.first().map_or(Date::ZERO, |day| day.date);
        let last = seen.days.last().map_or(Date::ZERO, |day| day.date);
        Basis {
            days: (first, last),
            n_days: seen.days.len(),
            n_empty_days: seen.days.iter().filter(|day| day.visits.is_empty()).count(),
            n_visits: seen.visits().count(),
            n_untold: seen.n_untold,
            n_unserved: fit.n_unserved,
            n_agents: seen.agents.len(),
            staffing_is_told: fit.staffing_is_told,
        }
    }
}
