//! Finding out what a tenant has, and proposing settings for it.
//!
//! `tenant` asks, `fit` says whether weights could do anything in a queue, `facts` tells which part of the history is on
//! disk, `proposal` which skill each code tells about, `table` finds or makes the data table, `guide` says how a flow
//! must read it.

pub mod facts;
pub mod fit;
pub mod proposal;
pub mod table;
