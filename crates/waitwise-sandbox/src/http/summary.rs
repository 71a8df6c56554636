//! The summary query: conversations of a queue and window, grouped by wrap-up code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;
use waitwise_wire::tutorial::summary::SummaryPage;

use super::reply::{Refusal, Reply};
pub(crate) use super::summary_query::Query;
use crate::centre::{Conversation, TimeMs};
use crate::tenant::Tenant;

impl Query {
    /// Answers one page of `groups`, which must be all of this query's.
    ///
    /// # Errors
    /// 400 if the page token is not one of this query.
    pub(crate) fn page(&self, groups: &[Box<RawValue>]) -> Result<Reply, Refusal> {
        let offset = self.offset()?;
        let entities: Vec<&RawValue> = groups
            .iter()
            .skip(offset)
            .take(self.page_size)
            .map(AsRef::as_ref)
            .collect();
        let next = offset.saturating_add(self.page_size);
        let next_page_token = (next < groups.len())
            .then(|| URL_SAFE_NO_PAD.encode(format!("{}.{next}", self.identity())));
        Ok(Reply::json(&SummaryPage {
            entities,
            next_page_token,
        }))
    }

    /// Returns whether the query asks for the tenant's queue; no other has conversations.
    pub(crate) fn is_about(&self, tenant: &Tenant) -> bool {
        self.queue == tenant.queue_id
    }

    fn offset(&self) -> Result<usize, Refusal> {
        let Some(token) = &self.token else {
            return Ok(0);
        };
        let decoded = URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let offset = decoded.as_deref().and_then(|text| {
            text.strip_prefix(&self.identity())?
                .strip_prefix('.')?
                .parse()
                .ok()
        });
        offset.ok_or_else(|| {
            Refusal::invalid(
                "/nextPageToken",
                "nextPageToken does not belong to this query",
            )
        })
    }

    /// What makes two queries the same but for the page.
    fn identity(&self) -> String {
        let Query {
            queue,
            from,
            to,
            count,
            wait,
            page_size,
            token: _,
        } = self;
        let text = format!("{from}/{to}/{count}/{wait}/{page_size}/{queue}");
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
            .simple()
            .to_string()
    }
}

/// Counts the tenant's conversations by code: codes in order of their id, then those that were never coded.
pub(crate) fn groups(query: &Query, tenant: &Tenant) -> Vec<Box<RawValue>> {
    let mut sums = vec![Sum::default(); tenant.codes.len() + 1];
    for conversation in within(tenant.centre.conversations(), query.from, query.to) {
        let place = conversation.code.map_or(tenant.codes.len(), usize::from);
        sums[place].conversations += 1;
        sums[place].wait_ms += u64::from(conversation.wait_ms);
    }
    let mut order: Vec<usize> = (0..tenant.codes.len()).collect();
    order.sort_by(|a, b| tenant.codes[*a].id.cmp(&tenant.codes[*b].id));
    order.push(tenant.codes.len());
    let seen = order
        .into_iter()
        .filter(|place| sums[*place].conversations > 0);
    let group = |place: usize| {
        sums[place].group(tenant.codes.get(place).map(|code| code.id.as_str()), query)
    };
    seen.map(|place| {
        to_raw_value(&group(place)).expect("own shapes have text keys and can be written")
    })
    .collect()
}

/// Returns the conversations that started at `from` or later and before `to`.
pub(crate) fn within(conversations: &[Conversation], from: TimeMs, to: TimeMs) -> &[Conversation] {
    let place = |at| conversations.partition_point(|conversation| conversation.start < at);
    conversations
        .get(place(from)..place(to))
        .unwrap_or_default()
}

#[derive(Clone, Copy, Default)]
struct Sum {
    conversations: u64,
    wait_ms: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    wrapup_code_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_count: Option<u64>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    avg_wait_time: Option<f64>,
}

impl Sum {
    fn group<'a>(&self, code: Option<&'a str>, query: &Query) -> Group<'a> {
        let mean_secs = self.wait_ms as f64 / self.conversations as f64 / 1000.0;
        Group {
            wrapup_code_id: code,
            conversation_count: query.count.then_some(self.conversations),
            avg_wait_time: query.wait.then_some(mean_secs),
        }
    }
}
