//! Whose token it is.

use serde_json::json;

use crate::http::reply::Reply;
use crate::http::state::State;

/// `GET …/tokens/me`. A client-credentials token has no scopes of its own: its client's roles count.
pub(super) fn me(state: &State) -> Reply {
    let organisation = &state.tenant.organisation;
    let named = json!({"id": organisation.id, "name": organisation.name});
    Reply::json(&json!({
        "organization": named,
        "homeOrganization": named,
        "authorizedScope": [],
        "OAuthClient": {
            "id": state.tenant.client_id,
            "name": "Waitwise",
            "authorizedGrantType": "CLIENT-CREDENTIALS",
            "organization": named,
            "state": "active",
        },
    }))
}
