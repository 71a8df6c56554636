//! The levers behind one door: whatever an object is, how it is read, what an operation makes of it, and which request
//! carries that out. Which lever it is stands at the beginning of the object's id.

use waitwise_model::{ObjectId, Observed, SkillId};

use crate::operation::Operation;
use crate::priority_table::{self, RowError};
use crate::routing_rule::{self, RuleError};
use crate::tutorial::PUT_RULE;

/// What weights are written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lever {
    /// A queue's routing rule, in which the weights themselves stand.
    RoutingRule,
    /// A data table with a row per skill, in which whole minutes stand.
    PriorityTable,
}

impl Lever {
    /// Returns the lever's name, as plans say it and as its objects' ids begin.
    pub fn name(self) -> &'static str {
        match self {
            Lever::RoutingRule => "routing-rule",
            Lever::PriorityTable => "priority-table",
        }
    }

    /// Returns the lever that an object belongs to.
    ///
    /// # Errors
    /// It is none that this version knows.
    pub fn of(object: &ObjectId) -> Result<Lever, LeverError> {
        let name = object.as_str().split('/').next().unwrap_or_default();
        [Lever::RoutingRule, Lever::PriorityTable]
            .into_iter()
            .find(|lever| lever.name() == name)
            .ok_or_else(|| LeverError::Unknown {
                object: object.clone(),
            })
    }
}

/// An object or an operation that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeverError {
    /// A routing rule, or an operation on one.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A row of a data table, or an operation on one.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A lever of a later version, or a damaged id.
    #[error("`{object}` belongs to no lever that this version knows")]
    Unknown {
        /// The object.
        object: ObjectId,
    },
}

/// A skill's place in an object that is not as an operation expects it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// Whose place.
    pub skill: SkillId,
    /// What the operation expects, in words: "weight 50", "without weight", "not in the rule", "priority 6".
    pub expected: String,
    /// What the object says, in the same words.
    pub found: String,
}

/// A request that changes one object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sending {
    /// The operation of the contract.
    pub operation: &'static Operation,
    /// What stands in its path's places, in their order.
    pub ids: Vec<String>,
    /// The body, a JSON text; `None`: none is sent.
    pub body: Option<String>,
}

/// Reads an object's own text as the host gave it.
///
/// # Errors
/// The text is not one of such an object.
pub fn observe(object: &ObjectId, document: &str) -> Result<Observed, LeverError> {
    Ok(match Lever::of(object)? {
        Lever::RoutingRule => routing_rule::observe(document)?,
        Lever::PriorityTable => priority_table::observe(object, document)?,
    })
}

/// Returns the object as it reads once `operation` (a `Write`'s `forward` or `inverse`) has been carried out on
/// `current` and nothing else has happened.
///
/// # Errors
/// As [`encode`].
pub fn preview(operation: &str, current: &Observed, force: bool) -> Result<Observed, LeverError> {
    Ok(match Lever::of(&current.object)? {
        Lever::RoutingRule => {
            let put = routing_rule::encode_put(operation, &current.document, force)?;
            routing_rule::observe(&put.body)?
        }
        Lever::PriorityTable => priority_table::preview(operation, current, force)?,
    })
}

/// Returns the request that carries out `operation` on the object as it is now.
///
/// With `force`, places that are not as the operation expects them are written all the same.
///
/// # Errors
/// The operation cannot be read, the object is another one, or (without `force`) a place is not as the operation
/// expects it.
pub fn encode(operation: &str, current: &Observed, force: bool) -> Result<Sending, LeverError> {
    Ok(match Lever::of(&current.object)? {
        Lever::RoutingRule => {
            let put = routing_rule::encode_put(operation, &current.document, force)?;
            Sending {
                operation: &PUT_RULE,
                ids: vec![put.rule_id],
                body: Some(put.body),
            }
        }
        Lever::PriorityTable => priority_table::encode(operation, current, force)?,
    })
}

/// Returns each place of `current` that is not as `operation` expects to find it. Empty: it can be carried out without
/// force, whatever else changed in the object.
///
/// # Errors
/// The operation cannot be read, or is for another object.
pub fn conflicts(operation: &str, current: &Observed) -> Result<Vec<Conflict>, LeverError> {
    Ok(match Lever::of(&current.object)? {
        Lever::RoutingRule => routing_rule::conflicts(operation, &current.document)?,
        Lever::PriorityTable => priority_table::conflicts(operation, current)?,
    })
}

/// Returns the outermost members that do not count when an object is compared.
///
/// # Errors
/// The object belongs to no lever.
pub fn not_compared(object: &ObjectId) -> Result<&'static [&'static str], LeverError> {
    Ok(match Lever::of(object)? {
        Lever::RoutingRule => &routing_rule::SERVER_MANAGED,
        Lever::PriorityTable => &priority_table::NOT_COMPARED,
    })
}
