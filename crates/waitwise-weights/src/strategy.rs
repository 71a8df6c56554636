//! Strategies by name, for whoever lets a person choose.

use std::collections::BTreeMap;

use waitwise_model::{SkillEvidence, Weights};

use crate::volume_wait::{NotFinite, VolumeWait};

/// A named way from evidence to weights.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Strategy {
    /// The present weights stay: nothing better has been shown.
    Keep,
    /// The tutorial's formula.
    VolumeWait(VolumeWait),
}

impl Strategy {
    /// Returns how plans and messages call it.
    pub fn name(&self) -> &'static str {
        match self {
            Strategy::Keep => "keep",
            Strategy::VolumeWait(_) => VolumeWait::NAME,
        }
    }

    /// Returns its settings by name, for the record.
    pub fn settings(&self) -> BTreeMap<String, f64> {
        match self {
            Strategy::Keep => BTreeMap::new(),
            Strategy::VolumeWait(formula) => formula.settings(),
        }
    }

    /// Returns one weight per skill, none for no evidence; `None` if the present ones are to stay.
    ///
    /// # Errors
    /// See [`VolumeWait::weights`].
    pub fn weights(&self, evidence: &[SkillEvidence]) -> Result<Option<Weights>, NotFinite> {
        match self {
            Strategy::Keep => Ok(None),
            Strategy::VolumeWait(formula) => formula.weights(evidence).map(Some),
        }
    }
}

impl From<VolumeWait> for Strategy {
    fn from(formula: VolumeWait) -> Strategy {
        Strategy::VolumeWait(formula)
    }
}
