//! What the engine does, interaction by interaction, and that it does it again.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]
#![expect(
    clippy::float_cmp,
    reason = "times of small days are whole seconds, which no arithmetic rounds"
)]

mod draws;
mod routing;
mod staffing;
mod support;
mod ties;
