//! The vendor's JSON shapes and operation tables, and how weights are encoded into its objects.
//!
//! Requests are built and answers read here, by code that cannot send anything: the client and the sandbox share
//! these shapes, so the two cannot drift apart. Start at [`tutorial`], the contract's table of operations; then
//! [`routing_rule`], which changes weights in a rule and nothing else; both stand on [`json`], which reads JSON
//! without losing how it was written.

pub mod error_body;
pub mod json;
pub mod routing_rule;
pub mod tutorial;
