//! Reading everything that a question needs: history, skills, the queue's rule.
//!
//! A host of the tutorial's contract answers from its own history; [`pulled`] answers from one that was pulled.

pub mod pulled;

use std::collections::BTreeMap;

use jiff::Timestamp;
use waitwise_client::{Listing, ReadClient};
use waitwise_history::QueueEvidence;
use waitwise_model::{
    Clock, Evidence, Observed, Pull, QueueId, Skill, SkillMapping, Window, WindowError,
};
use waitwise_weights::Strategy;

use crate::error::AppError;

/// Groups with fewer interactions are flagged unless the question says otherwise: below some thirty waits a mean is
/// ruled by its longest one.
pub const MIN_VOLUME_DEFAULT: f64 = 30.0;

/// What is asked: about which queue and stretch of history, with which mapping, and how weights are to be found.
#[derive(Clone, Debug)]
pub struct Question {
    /// The queue.
    pub queue: QueueId,
    /// How many days of history, 24 hours each.
    pub days: u32,
    /// Where the history ends; `None`: now.
    pub until: Option<Timestamp>,
    /// Which skill each wrap-up code tells about.
    pub mapping: SkillMapping,
    /// Groups with fewer interactions are flagged.
    pub min_volume: f64,
    /// How weights are found.
    pub strategy: Strategy,
    /// How far one weight may move at once.
    pub max_step: Option<u8>,
}

impl Question {
    /// Returns the stretch of history that is asked about.
    ///
    /// # Errors
    /// It is impossible.
    pub fn window(&self, clock: &dyn Clock) -> Result<Window, WindowError> {
        let until = self.until.unwrap_or_else(|| clock.now());
        Window::days_before(until, self.days)
    }
}

/// What was read for a question.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The host's base URL.
    pub tenant: String,
    /// The history.
    pub evidence: Evidence,
    /// The tenant's skills, and entries of the list that could not be read.
    pub skills: Listing<Skill>,
    /// The queue's routing rules, of which exactly one is usable; `None` at a host that has no such thing.
    pub rules: Option<Vec<Observed>>,
    /// What queues are called, as far as it was asked.
    pub queue_names: BTreeMap<QueueId, String>,
    /// Every visit by kind of contact, also of those who gave up; empty at a host that tells of the answered alone.
    pub visits: Vec<QueueEvidence>,
    /// What a person should know about how it was read, a sentence each.
    pub notes: Vec<String>,
}

/// What a use case tells while it works.
#[derive(Clone, Debug)]
pub enum Event {
    /// The history is being read.
    FetchingHistory,
    /// A page of it has come.
    HistoryPage(Pull),
    /// It has been read to its end, with this many groups.
    HistoryRead {
        /// Groups of wrap-up codes.
        n_groups: usize,
    },
    /// A pulled history is being held against the tenant's aggregates.
    Comparing,
    /// The skills are being read.
    FetchingSkills,
    /// The routing rule is being read.
    FetchingRule,
}

/// Whoever listens to a use case.
pub type Report<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// Reads what `question` needs. Nothing here can write.
///
/// # Errors
/// The window is impossible, or something could not be read to its end.
pub async fn gather(
    client: &ReadClient,
    question: &Question,
    clock: &dyn Clock,
    report: Report<'_>,
) -> Result<Gathered, AppError> {
    let window = question.window(clock)?;
    report(Event::FetchingHistory);
    let page = |pull: Pull| report(Event::HistoryPage(pull));
    let evidence = client.history(&question.queue, window, &page).await?;
    report(Event::HistoryRead {
        n_groups: evidence.groups.len() + evidence.rejected.len(),
    });
    report(Event::FetchingSkills);
    let skills = client.skills().await?;
    report(Event::FetchingRule);
    let rules = client.rules_of(&question.queue).await?;
    Ok(Gathered {
        tenant: client.base_url().to_string(),
        evidence,
        skills,
        rules: Some(rules),
        queue_names: BTreeMap::new(),
        visits: Vec::new(),
        notes: Vec::new(),
    })
}
