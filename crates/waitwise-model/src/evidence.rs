//! Evidence: how many interactions there were, and how long they waited.

use crate::id::{QueueId, SkillId, WrapUpCodeId};
use crate::window::Window;

/// What a source told about one queue in one window.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// The queue.
    pub queue: QueueId,
    /// The stretch of history.
    pub window: Window,
    /// One entry per wrap-up code, in the order in which the source gave them.
    pub groups: Vec<WrapUpGroup>,
    /// Groups that the source gave with numbers that cannot be used; never silently dropped.
    pub rejected: Vec<RejectedGroup>,
    /// Shows that the source was read to its end.
    pub pull: Pull,
}

/// The interactions of one queue that ended in one wrap-up code.
///
/// Waits are those of *answered* interactions: a caller who gave up has no wrap-up code.
#[derive(Clone, PartialEq, Debug)]
pub struct WrapUpGroup {
    /// The code; `None` for interactions without one (given up, or never coded).
    pub code: Option<WrapUpCodeId>,
    /// How many interactions: finite, not negative. A source may write it as `12.0`.
    pub conversations: f64,
    /// Mean wait in seconds: finite, not negative.
    pub mean_wait_secs: f64,
    /// Numbers that were absent and are counted as 0.
    pub missing: Vec<&'static str>,
}

impl WrapUpGroup {
    /// Returns the hours that all interactions of the group waited together.
    pub fn waiting_hours(&self) -> f64 {
        self.conversations * self.mean_wait_secs / 3600.0
    }
}

/// A group that could not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RejectedGroup {
    /// Its code as far as it could be read.
    pub code: Option<WrapUpCodeId>,
    /// Why, as a fragment: "`conversationCount` is negative (-3)".
    pub reason: String,
}

/// The completeness proof of one pull: what was counted while reading to the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pull {
    /// Pages read.
    pub pages: u32,
    /// Entities read over all pages.
    pub entities: usize,
    /// Different ids among them; equal to `entities`, or the pull would have failed.
    pub unique: usize,
    /// The total that the source itself claimed, where it claims one.
    pub claimed: Option<usize>,
}

/// The evidence about one skill: its wrap-up codes pooled.
#[derive(Clone, PartialEq, Debug)]
pub struct SkillEvidence {
    /// The skill.
    pub skill: SkillId,
    /// Its name as the tenant spells it.
    pub name: String,
    /// The codes that were pooled, in the order in which the source gave them.
    pub codes: Vec<WrapUpCodeId>,
    /// Interactions over all its codes.
    pub conversations: f64,
    /// Mean wait in seconds, each code counting by its interactions; a lone code's own number, untouched.
    pub mean_wait_secs: f64,
    /// Hours that all its interactions waited together.
    pub waiting_hours: f64,
    /// Its part of the waiting hours of all groups of the window, in 0.0..=1.0; 0 if nobody waited.
    pub waiting_share: f64,
}

/// A group that no skill could be found for.
#[derive(Clone, PartialEq, Debug)]
pub struct UnmappedGroup {
    /// Its code; `None` for interactions without one.
    pub code: Option<WrapUpCodeId>,
    /// How many interactions it stands for.
    pub conversations: f64,
    /// Mean wait in seconds.
    pub mean_wait_secs: f64,
    /// Its part of the waiting hours of all groups, in 0.0..=1.0.
    pub waiting_share: f64,
    /// Why, as a fragment: "not in the mapping".
    pub reason: String,
}
