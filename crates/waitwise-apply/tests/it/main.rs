//! Plans carried out and undone over real HTTP, with the journal on real files.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod bench;
mod carried_out;
mod cut_off;
mod refused;
mod table;
mod table_tokens;
mod tokens;
mod unclear;
mod undone;
