//! What keeps the twin from answering.

use std::error::Error;

use jiff::civil::Date;
use waitwise_model::QueueId;
use waitwise_sim::Problem;
use waitwise_twin::backtest::TrialError;
use waitwise_twin::fit::FitError;
use waitwise_weights::search::NoTuning;

use super::VISITS_MIN;
use crate::error::ErrorKind;

/// Why there is no prediction.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// The history does not tell enough to fit a centre to.
    #[error("cannot fit a centre to the history")]
    Fit(#[from] FitError),
    /// The backtest could not be held.
    #[error("cannot hold the twin against the history's last days")]
    Trial(#[from] TrialError),
    /// A skill whose weight changes was hardly seen.
    #[error(
        "too few visits to predict from: {}; {VISITS_MIN} of a skill are the least", seldom(.skills)
    )]
    Thin {
        /// The skills' ids, and how many visits there are.
        skills: Vec<(String, usize)>,
    },
    /// The twin is not like the centre.
    #[error(
        "the twin mispredicts the mean waits from {} to {} by {:.0}%, more than {:.0}%",
        .days.0, .days.1, 100.0 * .error, 100.0 * .bound
    )]
    Unlike {
        /// By so much of the real waits.
        error: f64,
        /// The bound.
        bound: f64,
        /// The days of the backtest.
        days: (Date, Date),
    },
    /// Nobody of the queue was seen.
    #[error("the history has no visit to queue `{queue}` that was answered")]
    Nobody {
        /// The queue.
        queue: QueueId,
    },
    /// A cost is given for a skill that is not moved.
    #[error("skill `{skill}` has a cost, and is none whose weight can be moved")]
    NoSuchCost {
        /// The skill's id, as it was given.
        skill: String,
    },
    /// There is nothing to search for.
    #[error("no weights can be searched for")]
    Tuning(#[from] NoTuning),
    /// The fitted centre cannot be simulated.
    #[error("cannot simulate the fitted centre")]
    Model(#[from] Problem),
}

fn seldom(skills: &[(String, usize)]) -> String {
    let skills = skills.iter().map(|(id, n)| format!("skill `{id}` has {n}"));
    skills.collect::<Vec<_>>().join(", ")
}

impl TwinError {
    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            TwinError::Fit(_)
            | TwinError::Trial(TrialError::Fit { .. })
            | TwinError::Thin { .. }
            | TwinError::Unlike { .. }
            | TwinError::Nobody { .. }
            | TwinError::Tuning(_) => ErrorKind::Refused,
            TwinError::NoSuchCost { .. } => ErrorKind::Usage,
            TwinError::Trial(_) | TwinError::Model(_) => ErrorKind::Failed,
        }
    }

    /// Returns what to try.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            TwinError::Fit(_) | TwinError::Trial(TrialError::Fit { .. }) => {
                "pull or import more days: a weekday has to be seen twice, besides the days that the backtest holds out"
            }
            TwinError::Thin { .. } => {
                "pull or import more days, or leave these skills' weights as they are; --force predicts all the same"
            }
            TwinError::Unlike { .. } => {
                "`waitwise backtest` shows where it is off; --force predicts all the same, --max-error sets the bound"
            }
            TwinError::Nobody { .. } => {
                "look at the queue's id, and at what the history holds: `waitwise history list`"
            }
            TwinError::NoSuchCost { .. } => {
                "--cost takes the id of a skill that is asked for in the queue often enough"
            }
            TwinError::Tuning(_) => {
                "a search moves skills of this queue that the tenant still has and that were asked for often enough"
            }
            TwinError::Trial(_) | TwinError::Model(_) => return Vec::new(),
        };
        vec![hint.to_owned()]
    }

    /// Returns the message with its causes, in one line.
    pub(crate) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}
