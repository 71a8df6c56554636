//! `history pull` as a process of its own: killed from outside and begun again.
//!
//! The short form is a part of every test run. A variable of each study makes it long; then it prints the table that
//! `docs/proofs.md` holds.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "shared with tests that need more of it")]
#[path = "../it/bench.rs"]
mod bench;
mod kill;
mod killed;
mod large;
mod shared;
mod tenant;
