//! Which host is asked, as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What a host speaks.
#[derive(
    ValueEnum, Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ContractArg {
    /// The tutorial's: a summary query and routing rules
    Tutorial,
    /// The published Genesys Cloud API
    Platform,
}

/// Which host, as whom.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Host")]
pub(crate) struct HostArgs {
    /// The host: `name`, `name:port` or a base URL. Plain http only on this machine
    #[arg(long, value_name = "HOST", env = "WAITWISE_HOST")]
    pub(crate) host: Option<String>,
    /// The region of a Genesys Cloud organisation, such as `mypurecloud.ie`, in the place of a host
    #[arg(long, value_name = "DOMAIN", env = "WAITWISE_REGION")]
    pub(crate) region: Option<String>,
    /// The host that answers questions, where another one issues the tokens, in the place of a host
    #[arg(long, value_name = "URL", env = "WAITWISE_API_URL")]
    pub(crate) api_url: Option<String>,
    /// The host that issues the tokens [default: the one that answers questions]
    #[arg(long, value_name = "URL", env = "WAITWISE_LOGIN_URL")]
    pub(crate) login_url: Option<String>,
    /// What the host speaks [default: tutorial with --host, platform with --region or --api-url]
    #[arg(long, value_name = "CONTRACT", value_enum, env = "WAITWISE_CONTRACT")]
    pub(crate) contract: Option<ContractArg>,
    /// The OAuth client's id (client credentials)
    #[arg(long, value_name = "ID", env = "WAITWISE_CLIENT_ID")]
    pub(crate) client_id: Option<String>,
    /// Read the client's secret from this file
    #[arg(long, value_name = "FILE", env = "WAITWISE_CLIENT_SECRET_FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Read the client's secret from this command's output
    #[arg(long, value_name = "COMMAND", env = "WAITWISE_CLIENT_SECRET_COMMAND")]
    pub(crate) client_secret_command: Option<String>,
    /// Trust the authorities of this PEM file, in the place of the system's
    #[arg(long, value_name = "FILE", env = "WAITWISE_CA_FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Give up when requests and the waits between them have taken this many seconds together [default: 900]
    #[arg(long, value_name = "SECONDS", env = "WAITWISE_DEADLINE")]
    pub(crate) deadline: Option<u64>,
    /// Give up on one request after this many seconds [default: 60]
    #[arg(long, value_name = "SECONDS", env = "WAITWISE_TIMEOUT")]
    pub(crate) timeout: Option<u64>,
    /// Wait for a `Retry-After` of at most this many seconds [default: 180]
    #[arg(long, value_name = "SECONDS", env = "WAITWISE_MAX_RETRY_AFTER")]
    pub(crate) max_retry_after: Option<u64>,
}
