//! The vendor's JSON shapes and operation tables, and how weights are encoded into its objects.
//!
//! Requests are built and answers read here, by code that cannot send anything: the client and the sandbox share
//! these shapes, so the two cannot drift apart. Start at [`operation`], what an operation is; [`tutorial`] and
//! [`platform`] are the two contracts' tables of them; then [`routing_rule`], which changes weights in a rule and
//! nothing else. All stand on [`json`], which reads JSON without losing how it was written.

pub mod error_body;
pub mod json;
pub mod lenient;
pub mod operation;
pub mod platform;
pub mod routing_rule;
pub mod tutorial;
