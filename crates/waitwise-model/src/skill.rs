//! Skills, their names, and the mapping from wrap-up codes to skills.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::{SkillId, WrapUpCodeId};

/// A skill that the tenant knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skill {
    /// Identity; survives renaming.
    pub id: SkillId,
    /// The name as the tenant spells it.
    pub name: String,
    /// Whether routing can use it.
    pub state: SkillState,
}

/// Whether routing can use a skill.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SkillState {
    /// In use.
    Active,
    /// Kept, but not to be routed on.
    Inactive,
    /// Removed; the host still lists it.
    Deleted,
    /// A state that this version does not know; treated as not active.
    Other(String),
}

impl SkillState {
    /// Returns whether routing can use the skill.
    pub fn is_active(&self) -> bool {
        *self == SkillState::Active
    }
}

impl fmt::Display for SkillState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkillState::Active => "active",
            SkillState::Inactive => "inactive",
            SkillState::Deleted => "deleted",
            SkillState::Other(text) => text,
        })
    }
}

/// A skill's name in the form in which two spellings are compared: lower case, no spaces.
///
/// ```
/// # use waitwise_model::SkillName;
/// assert_eq!(SkillName::new("Technical Support"), SkillName::new("technicalsupport"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SkillName(String);

impl SkillName {
    /// Normalises `text`: Unicode lower case, U+0020 removed; other white space stays.
    pub fn new(text: &str) -> Self {
        Self(match text.is_ascii() {
            true => plain(text),
            false => text.to_lowercase().replace(' ', ""),
        })
    }

    /// Returns the normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As for any text, in one pass.
fn plain(ascii: &str) -> String {
    let letters = ascii.chars().filter(|letter| *letter != ' ');
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

impl fmt::Display for SkillName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which skill each wrap-up code tells about. Several codes may name one skill.
pub type SkillMapping = BTreeMap<WrapUpCodeId, SkillName>;
