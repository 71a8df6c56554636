//! The `waitwise` command, end to end: the real binary against the sandbox over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod bench;
mod demo;
mod describing;
mod doctor;
mod doctor_platform;
mod evidence;
mod explain;
mod files;
mod history;
mod hostile;
mod init;
mod job;
mod parquet;
mod platform_job;
mod reads;
mod rules;
mod sandbox;
mod secrets;
mod settings;
mod simulate;
mod tls;
mod transcripts;
mod twin;
