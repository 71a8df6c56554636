//! How faults are written in JSON: `{"status": 503}`, `{"reset": "after"}` and so on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::faults::{Fault, FaultError};

/// Exactly one member says which fault it is; `headers` and `body` go with `status`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FaultShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_page_token: Option<True>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_tokens: Option<True>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_after: Option<u16>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum When {
    Before,
    After,
}

/// A member that can only be `true`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
struct True;

impl TryFrom<bool> for True {
    type Error = FaultError;

    fn try_from(value: bool) -> Result<True, FaultError> {
        if value {
            Ok(True)
        } else {
            Err(FaultError::Kind)
        }
    }
}

impl From<True> for bool {
    fn from(True: True) -> bool {
        true
    }
}

impl TryFrom<FaultShape> for Fault {
    type Error = FaultError;

    fn try_from(shape: FaultShape) -> Result<Fault, FaultError> {
        let FaultShape {
            status,
            headers,
            body,
            ..
        } = shape;
        if status.is_none() && (!headers.is_empty() || body.is_some()) {
            return Err(FaultError::Extras);
        }
        let kinds = [
            status.map(|status| Fault::Status {
                status,
                headers,
                body,
            }),
            shape.latency_ms.map(Fault::Latency),
            shape.reset.map(|when| match when {
                When::Before => Fault::ResetBefore,
                When::After => Fault::ResetAfter,
            }),
            shape.truncate.map(Fault::Truncate),
            shape.repeat_page_token.map(|True| Fault::RepeatPageToken),
            shape.expire_tokens.map(|True| Fault::ExpireTokens),
            shape.status_after.map(Fault::StatusAfter),
        ];
        let mut given = kinds.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(fault), None) => Ok(fault),
            _ => Err(FaultError::Kind),
        }
    }
}

impl From<Fault> for FaultShape {
    fn from(fault: Fault) -> FaultShape {
        let mut shape = FaultShape::default();
        match fault {
            Fault::Status {
                status,
                headers,
                body,
            } => {
                shape = FaultShape {
                    status: Some(status),
                    headers,
                    body,
                    ..shape
                };
            }
            Fault::Latency(ms) => shape.latency_ms = Some(ms),
            Fault::ResetBefore => shape.reset = Some(When::Before),
            Fault::ResetAfter => shape.reset = Some(When::After),
            Fault::Truncate(bytes) => shape.truncate = Some(bytes),
            Fault::RepeatPageToken => shape.repeat_page_token = Some(True),
            Fault::ExpireTokens => shape.expire_tokens = Some(True),
            Fault::StatusAfter(status) => shape.status_after = Some(status),
        }
        shape
    }
}
