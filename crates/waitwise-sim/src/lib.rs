//! The batch simulator: what waits a contact centre has under any set of weights, with intervals.
//!
//! A [`Model`] is a centre: classes of interactions, groups of agents, a calendar. A [`Policy`] says who of those waiting
//! goes first, and is no part of the model, so that one centre is run under many weights with the same callers. A
//! [`Simulator`] runs one replication after the other and counts; [`run()`] runs many on all cores and gives the same bytes
//! on any number of them; [`Estimates`] are what was counted, with intervals.
//!
//! This crate does not know where a model comes from, nor what its numbers are for. Same input, same bytes out: it has no
//! clock and no randomness but the seed that it is given. Look first at [`model`], then at [`engine`].

pub mod engine;
mod error;
pub mod estimate;
pub mod file;
pub mod law;
pub mod model;
pub mod policy;
mod random;
pub mod run;
mod sketch;
mod special;
mod tally;
mod ziggurat;

pub use engine::{Ended, Extent, Length, Simulator, Watch};
pub use error::Problem;
pub use estimate::Estimates;
pub use law::{Hazard, Law, Part, Patience};
pub use model::{
    AgentChoice, Arrivals, Calendar, Class, Group, Level, Model, Rate, Shift, Spec, Staffing, Trace,
};
pub use policy::{Policy, Standing};
pub use run::{Plan, run};
pub use sketch::Sketch;
pub use special::{t_quantile, t_upper_tail};
pub use tally::{Block, ClassTally, GroupTally};
