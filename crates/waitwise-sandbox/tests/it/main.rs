//! The sandbox over real HTTP, as its clients meet it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]

mod analytics;
mod contract;
mod control;
mod determinism;
mod export;
mod fault_kinds;
mod faults;
mod listing;
mod platform;
mod put_rule;
mod rate_limit;
mod rig;
mod sign_in;
mod start;
mod summary;
mod tls;
