//! What a client needs to know.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::tenant::Tenant;

/// Everything that a client needs to talk to the sandbox. As JSON it is one line.
///
/// The secret is good for nothing outside the sandbox; `Debug` is left out all the same.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Scheme, host and port, without a slash at the end.
    pub base_url: String,
    /// Where tokens come from, as a published region's `login` host has it: here the same origin.
    pub login_url: String,
    /// Where the API is, as a published region's `api` host has it: here the same origin.
    pub api_url: String,
    /// Host and port.
    pub host: String,
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: String,
    /// The queue that has conversations.
    pub queue_id: String,
    /// Code id → skill name (lower case, no spaces).
    pub wrapup_to_skill: BTreeMap<String, String>,
    /// The certificate authority to trust, as a PEM file; `None` without TLS.
    pub ca_file: Option<PathBuf>,
    /// Where the control routes are.
    pub control_url: String,
}

impl Connection {
    /// The connection to a tenant that is served at an address.
    pub(crate) fn new(
        tenant: &Tenant,
        address: SocketAddr,
        ca_file: Option<PathBuf>,
    ) -> Connection {
        let scheme = if ca_file.is_some() { "https" } else { "http" };
        let base_url = format!("{scheme}://{address}");
        Connection {
            host: address.to_string(),
            client_id: tenant.client_id.clone(),
            client_secret: tenant.client_secret.clone(),
            queue_id: tenant.queue_id.clone(),
            wrapup_to_skill: tenant.wrapup_to_skill(),
            ca_file,
            control_url: format!("{base_url}/sandbox"),
            login_url: base_url.clone(),
            api_url: base_url.clone(),
            base_url,
        }
    }
}
