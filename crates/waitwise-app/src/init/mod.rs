//! Finding out what a tenant has, and proposing settings for it.
//!
//! `tenant` asks, `fit` says whether weights could do anything in a queue, `facts` tells which part of the history is on
//! disk, `proposal` which skill each code tells about, `draft` makes a mapping of that, `table` finds or makes the data
//! table.

pub mod draft;
mod error;
pub mod facts;
pub mod fit;
pub mod proposal;
pub mod table;
pub mod tenant;

pub use error::InitError;
