//! From evidence to skill weights.
//!
//! [`attribute`] finds out which skill each wrap-up code tells about; a [`Strategy`] turns what was found into
//! weights; [`bound()`] holds moves back. All of it is pure: same input, same bytes out. This crate knows neither
//! where the evidence came from nor what the weights are written to.

mod attribution;
mod bound;
mod strategy;
mod volume_wait;

pub use attribution::{Attribution, attribute};
pub use bound::{Bounded, bound};
pub use strategy::Strategy;
pub use volume_wait::{FactorError, NotFinite, VolumeWait};
