//! What no weights can beat, so that a result can be told with its distance to it.

pub mod erlang;
pub mod fluid;
pub mod moments;
pub mod pools;
pub mod region;
pub(crate) mod simplex;
