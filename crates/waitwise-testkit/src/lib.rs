//! What tests share: a clock that stands still, and a sandbox with clients for it. Used as a dev-dependency only.
//!
//! Start at [`Rig`]. It knows nothing of plans, stores or commands.

mod clock;
mod rig;

pub use clock::TestClock;
pub use rig::Rig;
