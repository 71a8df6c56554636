//! Queueing theory written anew, with nothing from the simulator: what its answers are compared with.

pub(crate) mod chain;
pub(crate) mod day;
pub(crate) mod erlang;
pub(crate) mod line;
pub(crate) mod longest_idle;
pub(crate) mod network;
pub(crate) mod patience;
pub(crate) mod phases;
pub(crate) mod walk;
