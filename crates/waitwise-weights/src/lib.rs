//! From evidence, or a simulated centre, to skill weights.
//!
//! [`attribute`] finds out which skill each wrap-up code tells about; a [`Strategy`] turns what was found into
//! weights; [`bound()`] holds moves back. [`mod@search`] tries weights on a simulated centre for an [`Objective`] within
//! [`Guardrails`], and [`bounds`] tells what none of them could beat. All of it is pure: same input, same bytes out. This
//! crate knows neither where the evidence and the centre came from nor what the weights are written to.

mod attribution;
mod balanced;
mod bound;
pub mod bounds;
mod cmu;
pub mod guardrail;
mod measures;
mod objective;
pub mod search;
mod strategy;
mod volume_wait;
pub mod writable;

pub use attribution::{Attribution, attribute};
pub use balanced::Balanced;
pub use bound::{Bounded, bound};
pub use cmu::{Cmu, Index, NoCost, SkillWork};
pub use guardrail::{Breach, Guardrail, Guardrails, NoGuardrail};
pub use measures::{Experience, Measures};
pub use objective::{Measure, NoObjective, Objective};
pub use strategy::{Known, NoProposal, Proposal, Strategy};
pub use volume_wait::{FactorError, NotFinite, VolumeWait};
pub use writable::Writable;
