//! Talks to a host that serves the tutorial's contract or the published platform's: sign-in, transport, retries,
//! paging, pace.
//!
//! It knows how to ask and when to ask again; what the answers mean is the wire crate's, what to do with them the
//! callers'. Start at [`read`] and [`platform`], everything that can be asked; then `transport`, the way of one request, which asks
//! [`retry`] what to do after a failure. [`WriteClient`] is the only type that can change anything: the read client
//! has no method that could, and nothing outside `request` can build such a request.

mod allowance;
pub mod base_url;
pub mod clock;
pub mod error;
mod exchange;
mod hints;
mod http;
mod lever;
mod list;
mod pace;
mod pages;
pub mod platform;
pub mod read;
mod redact;
pub mod region;
mod request;
pub mod retry;
pub mod settings;
mod shared;
mod token;
mod transport;

pub use base_url::{BaseUrl, BaseUrlError};
pub use clock::SystemClock;
pub use error::{ClientError, Failure, FailureKind, SendError};
pub use read::{Listing, ReadClient};
pub use region::{REGIONS, Region, UnknownRegion};
pub use request::write::WriteClient;
pub use settings::{Contract, JOB_PAGE_SIZE, Limits, Settings};
pub use waitwise_wire::lever::{Conflict, LeverError};
pub use waitwise_wire::routing_rule::RuleError;
