//! The twin: a centre's own model, fitted from its visits, and what it says of weights that were never tried.
//!
//! [`seen`] is a history in short; [`fit`] makes of it a centre that the batch simulator runs; [`predict`] says what other
//! weights would do to the callers of the days to come; [`backtest`] says how like the centre the twin is. What is fitted,
//! and how, is each module's own page: [`arrivals`], [`service`], [`patience`], [`staffing`].
//!
//! This crate does not know where a history comes from nor what weights are written to: a class of callers has a head start in
//! seconds. Same input, same bytes out, on any number of threads. Look first at [`fit`].

pub mod arrivals;
pub mod backtest;
mod cores;
#[cfg(test)]
mod dice;
pub mod fit;
pub mod outcome;
#[cfg(test)]
mod past;
pub mod patience;
pub mod predict;
pub mod seen;
pub mod service;
pub mod staffing;

pub use cores::Cores;
