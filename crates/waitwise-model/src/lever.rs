//! Levers: what weights are written to, described without saying how.
//!
//! A lever's own crate encodes and decodes [`Write::forward`] and [`Write::inverse`]; planning and storing carry
//! them as opaque text.

use crate::id::{ObjectId, SkillId};
use crate::weight::Weight;

/// One object as the host gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// Which object.
    pub object: ObjectId,
    /// The host's own text, byte for byte.
    pub document: String,
    /// The same content in a form in which equal means "nobody changed it": no white space, sorted members,
    /// numbers by value, without what the host itself counts up on every write.
    pub comparable: String,
}

/// One planned write to one object, with the way back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// Which object.
    pub object: ObjectId,
    /// What to do, in the lever's own encoding: one JSON value.
    pub forward: String,
    /// What undoes it, in the same encoding.
    pub inverse: String,
    /// The moves, for people and for checks.
    pub changes: Vec<WeightChange>,
    /// [`Observed::comparable`] of the object once the write has happened and nothing else.
    pub comparable_after: String,
}

/// One weight that a write moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WeightChange {
    /// Whose weight.
    pub skill: SkillId,
    /// The present value as the host wrote it; `None` if the skill has none there yet.
    pub before: Option<String>,
    /// The value to write.
    pub after: Weight,
    /// Where in the object, as a JSON pointer (RFC 6901).
    pub pointer: String,
}
