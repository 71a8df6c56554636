//! What callers meet under some weights, in the few numbers that weights are judged by.

/// What the callers of one skill, or all callers, meet.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Experience {
    /// How many came.
    pub offered: f64,
    /// Mean wait in seconds of all who came, also of those who gave up.
    pub mean_wait_secs: f64,
    /// The wait in seconds that one in ten of all who came exceeds.
    pub p90_wait_secs: f64,
    /// Share of those who came who waited at all, 0.0..=1.0.
    pub waited_share: f64,
    /// Share of those who came who gave up, 0.0..=1.0.
    pub abandoned_share: f64,
    /// Share of those who came who were answered within the target, 0.0..=1.0.
    pub service_level: f64,
    /// The service level that is aimed at, 0.0..=1.0.
    pub service_goal: f64,
}

/// What everybody meets under some weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Measures {
    /// Per skill whose weight can be moved; `None`: nobody came.
    pub skills: Vec<Option<Experience>>,
    /// Per class of other callers who share agents with them. They count for guardrails and for no objective.
    pub others: Vec<Option<Experience>>,
    /// All callers of the skills together, each counted once whatever the skills; `None`: nobody came.
    pub overall: Option<Experience>,
    /// How many days it is about, above 0.
    pub days: f64,
}

impl Measures {
    /// Returns the skills that somebody came for.
    pub fn present(&self) -> impl Iterator<Item = &Experience> {
        self.skills.iter().flatten()
    }

    /// Returns what all who may not be harmed meet: skills, then other classes.
    pub fn everybody(&self) -> impl Iterator<Item = Option<&Experience>> {
        self.skills.iter().chain(&self.others).map(Option::as_ref)
    }
}

impl Experience {
    /// Returns by how many points the service level misses its goal; 0 if it doesn't.
    pub fn shortfall_points(&self) -> f64 {
        f64::max(self.service_goal - self.service_level, 0.0) * 100.0
    }
}
