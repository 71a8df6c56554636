//! Finding out what a tenant has, and proposing settings for it.

pub mod proposal;
