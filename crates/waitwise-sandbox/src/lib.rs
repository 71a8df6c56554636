//! A fake Genesys Cloud with a live simulated contact centre behind it.
//!
//! Start at [`tenant`]: a tenant is a [`centre`] with names, ids and routing rules around it. Its history is either
//! simulated or taken from real call records by [`calls`]. [`http`] serves it to clients, over [`tls`] if asked; [`export`]
//! writes a simulated history of any length to a file.
//! Nothing here reads a clock, and nothing here knows the client.

pub mod calls;
pub mod centre;
pub mod contract;
pub mod export;
pub mod http;
pub mod records;
pub mod tenant;
pub mod tls;

pub use centre::{Trouble, Troubles};
pub use tenant::{DEFAULT_HISTORY_DAYS, Size};

pub use http::{
    Api, Connection, ControlError, Edit, EditedPart, FLOW_TABLE, Fault, FaultError, FaultRule,
    FurtherPages, JobTrouble, RecordedRequest, RetryAfter, Sandbox, SandboxError, SandboxOptions,
    SkillWaits, Staleness, WaitSums, Waits, When,
};
