//! The vendor's JSON shapes and operation tables, and how weights are encoded into its objects.
//!
//! Requests are built and answers read here, by code that cannot send anything: the client and the sandbox share
//! these shapes, so the two cannot drift apart. Start at [`operation`], what an operation is; [`tutorial`] and
//! [`platform`] are the two contracts' tables of them; then [`lever`], behind which [`routing_rule`] changes weights in
//! a rule, [`priority_table`] minutes in a data table's rows, and neither anything else. All stand on [`json`], which
//! reads JSON without losing how it was written.

pub mod error_body;
pub mod json;
pub mod lenient;
pub mod lever;
pub mod operation;
pub mod platform;
pub mod priority_table;
pub mod routing_rule;
mod splice;
pub mod tutorial;
