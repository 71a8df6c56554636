//! The client against real HTTP: the sandbox with its faults, and a few hosts odder than that.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broken_connections;
mod odd_host;
mod pace;
mod paging;
mod platform;
mod rate_limit;
mod scopes;
mod secrets;
mod server_errors;
mod sign_in;
mod support;
mod tls;
mod writes;
