//! How faults are written in JSON: `{"status": 503}`, `{"reset": "after"}` and so on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultError, FurtherPages, RetryAfter, Staleness, When};
use super::second_writer::Edit;

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
    too_many: Option<RetryAfter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_after: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_in_body: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_page_token: Option<True>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endless_pages: Option<FurtherPages>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_entity: Option<True>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_entities: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_off: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_tokens: Option<True>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_life_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_rules: Option<Staleness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_rows: Option<Staleness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs_behind_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edit: Option<Edit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_jump_secs: Option<i64>,
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
            shape.too_many.map(Fault::TooMany),
            shape.status_after.map(Fault::StatusAfter),
            shape.body_after.map(Fault::Body),
            shape.reset.map(|when| match when {
                When::Before => Fault::ResetBefore,
                When::After => Fault::ResetAfter,
            }),
            shape.reset_in_body.map(Fault::ResetInBody),
            shape.truncate.map(Fault::Truncate),
            shape.repeat_page_token.map(|True| Fault::RepeatPageToken),
            shape.endless_pages.map(Fault::EndlessPages),
            shape.duplicate_entity.map(|True| Fault::DuplicateEntity),
            shape.short_page.map(Fault::ShortPage),
            shape.missing_entities.map(Fault::MissingEntities),
            shape.total_off.map(Fault::TotalOff),
            shape.latency_ms.map(Fault::Latency),
            shape.hold.map(Fault::Hold),
            shape.expire_tokens.map(|True| Fault::ExpireTokens),
            shape.token_life_secs.map(Fault::TokenLife),
            shape.stale_rules.map(Fault::StaleRules),
            shape.stale_rows.map(Fault::StaleRows),
            shape.jobs_behind_secs.map(Fault::JobsBehind),
            shape.edit.map(Fault::Edit),
            shape.clock_jump_secs.map(Fault::ClockJump),
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
            Fault::TooMany(retry_after) => shape.too_many = Some(retry_after),
            Fault::StatusAfter(status) => shape.status_after = Some(status),
            Fault::Body(text) => shape.body_after = Some(text),
            Fault::ResetBefore => shape.reset = Some(When::Before),
            Fault::ResetAfter => shape.reset = Some(When::After),
            Fault::ResetInBody(bytes) => shape.reset_in_body = Some(bytes),
            Fault::Truncate(bytes) => shape.truncate = Some(bytes),
            Fault::RepeatPageToken => shape.repeat_page_token = Some(True),
            Fault::EndlessPages(pages) => shape.endless_pages = Some(pages),
            Fault::DuplicateEntity => shape.duplicate_entity = Some(True),
            Fault::ShortPage(size) => shape.short_page = Some(size),
            Fault::MissingEntities(n) => shape.missing_entities = Some(n),
            Fault::TotalOff(by) => shape.total_off = Some(by),
            Fault::Latency(ms) => shape.latency_ms = Some(ms),
            Fault::Hold(when) => shape.hold = Some(when),
            Fault::ExpireTokens => shape.expire_tokens = Some(True),
            Fault::TokenLife(secs) => shape.token_life_secs = Some(secs),
            Fault::StaleRules(staleness) => shape.stale_rules = Some(staleness),
            Fault::StaleRows(staleness) => shape.stale_rows = Some(staleness),
            Fault::JobsBehind(secs) => shape.jobs_behind_secs = Some(secs),
            Fault::Edit(edit) => shape.edit = Some(edit),
            Fault::ClockJump(secs) => shape.clock_jump_secs = Some(secs),
        }
        shape
    }
}
