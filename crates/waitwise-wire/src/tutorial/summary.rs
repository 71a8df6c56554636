//! The summary query: history grouped by wrap-up code.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waitwise_model::{QueueId, RejectedGroup, Window, WrapUpCodeId, WrapUpGroup};

use crate::json::{JsonError, Members};

/// How many groups the tutorial asks for on a page.
pub const PAGE_SIZE: u32 = 100;

/// The unit of `avgWaitTime`, which the tutorial leaves unsaid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WaitUnit {
    /// Seconds: what the sandbox sends.
    #[default]
    Seconds,
    /// Milliseconds, as the published platform's timers are.
    Milliseconds,
}

/// The query's body.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryQuery {
    /// Always `conversations`.
    pub view: String,
    /// Always `wrapupCodeId`.
    pub group_by: Vec<String>,
    /// Which numbers to give per group.
    pub metrics: Vec<String>,
    /// Which queue, and when.
    pub filter: Filter,
    /// Groups on a page.
    pub page_size: u32,
    /// From the page before; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// The query's filter.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Filter {
    /// `and`.
    #[serde(rename = "type")]
    pub kind: String,
    /// All of which must hold.
    pub clauses: Vec<Clause>,
}

/// One condition.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Clause {
    /// A dimension has a value.
    Equals {
        /// Such as `queueId`.
        dimension: String,
        /// The value.
        value: String,
    },
    /// A time lies in a half-open range.
    DateRange {
        /// `conversationDate`.
        dimension: String,
        /// First instant inside, ISO 8601 UTC.
        from: String,
        /// First instant after, ISO 8601 UTC.
        to: String,
    },
}

impl SummaryQuery {
    /// Builds the tutorial's query for one queue and window.
    pub fn new(queue: &QueueId, window: Window, page_size: u32) -> Self {
        let equals = Clause::Equals {
            dimension: "queueId".to_owned(),
            value: queue.to_string(),
        };
        let range = Clause::DateRange {
            dimension: "conversationDate".to_owned(),
            from: iso(window.from),
            to: iso(window.to),
        };
        SummaryQuery {
            view: "conversations".to_owned(),
            group_by: vec!["wrapupCodeId".to_owned()],
            metrics: vec!["conversationCount".to_owned(), "avgWaitTime".to_owned()],
            filter: Filter {
                kind: "and".to_owned(),
                clauses: vec![equals, range],
            },
            page_size,
            next_page_token: None,
        }
    }
}

/// Whole seconds with `.000`, as the tutorial writes them.
fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// One page of groups.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryPage<'a> {
    /// The groups, each in the host's own text.
    #[serde(borrow, default)]
    pub entities: Vec<&'a RawValue>,
    /// Asks for the next page; absent, null or empty on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl<'a> SummaryPage<'a> {
    /// Reads one page.
    ///
    /// # Errors
    /// Not a JSON object of this shape.
    pub fn read(body: &'a str) -> Result<Self, JsonError> {
        let mut page: Self = serde_json::from_str(body)?;
        page.next_page_token = page.next_page_token.filter(|token| !token.is_empty());
        Ok(page)
    }
}

/// Reads one group. Absent or null numbers count as 0, as in the tutorial, and are named in `missing`.
///
/// # Errors
/// A number that is negative, not finite or no number at all, or a code that is no text.
pub fn read_group(entity: &str, unit: WaitUnit) -> Result<WrapUpGroup, RejectedGroup> {
    let mut group = match PlainGroup::read(entity) {
        Some(group) => group,
        None => read_any_group(entity)?,
    };
    // Seconds pass through untouched, so that weights can equal the tutorial's bit for bit.
    if unit == WaitUnit::Milliseconds {
        group.mean_wait_secs /= 1000.0;
    }
    Ok(group)
}

/// A group as nearly all are, read in one go.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainGroup<'a> {
    wrapup_code_id: &'a str,
    conversation_count: f64,
    avg_wait_time: f64,
}

impl PlainGroup<'_> {
    /// `None` if there is anything to it that needs a closer look.
    fn read(entity: &str) -> Option<WrapUpGroup> {
        let plain: PlainGroup<'_> = serde_json::from_str(entity).ok()?;
        let usable = |value: f64| value.is_finite() && value.is_sign_positive();
        (!plain.wrapup_code_id.is_empty()
            && usable(plain.conversation_count)
            && usable(plain.avg_wait_time))
        .then(|| WrapUpGroup {
            code: Some(WrapUpCodeId::new(plain.wrapup_code_id)),
            conversations: plain.conversation_count,
            mean_wait_secs: plain.avg_wait_time,
            missing: Vec::new(),
        })
    }
}

/// Reads a group whatever it looks like, or says what is wrong with it.
fn read_any_group(entity: &str) -> Result<WrapUpGroup, RejectedGroup> {
    let rejected = |code, reason| RejectedGroup { code, reason };
    let members =
        Members::of(entity).map_err(|_| rejected(None, "it is not an object".to_owned()))?;
    let code = read_code(&members).map_err(|reason| rejected(None, reason))?;
    let mut missing = Vec::new();
    let mut number = |key| {
        read_number(&members, key)
            .map(|value| {
                value.unwrap_or_else(|| {
                    missing.push(key);
                    0.0
                })
            })
            .map_err(|reason| rejected(code.clone(), reason))
    };
    let conversations = number("conversationCount")?;
    let mean_wait_secs = number("avgWaitTime")?;
    Ok(WrapUpGroup {
        code,
        conversations,
        mean_wait_secs,
        missing,
    })
}

fn read_code(members: &Members<'_>) -> Result<Option<WrapUpCodeId>, String> {
    let Some(raw) = members
        .get("wrapupCodeId")
        .filter(|raw| raw.get() != "null")
    else {
        return Ok(None);
    };
    let text: String =
        serde_json::from_str(raw.get()).map_err(|_| "`wrapupCodeId` is not a text".to_owned())?;
    Ok(Some(text)
        .filter(|text| !text.is_empty())
        .map(WrapUpCodeId::new))
}

fn read_number(members: &Members<'_>, key: &str) -> Result<Option<f64>, String> {
    let Some(token) = members
        .get(key)
        .map(|raw| raw.get())
        .filter(|token| *token != "null")
    else {
        return Ok(None);
    };
    if !token.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Err(format!("`{key}` is not a number"));
    }
    // `str::parse` rounds correctly, as Python does; serde_json's default does not always.
    let value: f64 = token
        .parse()
        .map_err(|_| format!("`{key}` is not a number"))?;
    if !value.is_finite() {
        return Err(format!("`{key}` is not finite"));
    }
    if value < 0.0 {
        return Err(format!("`{key}` is negative"));
    }
    // `+ 0.0` turns -0 into 0.
    Ok(Some(value + 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(entity: &str) -> Result<WrapUpGroup, RejectedGroup> {
        read_group(entity, WaitUnit::Seconds)
    }

    #[test]
    fn the_query_is_the_tutorials() {
        let to: Timestamp = "2026-03-30T01:02:03Z".parse().unwrap();
        let query = SummaryQuery::new(
            &QueueId::new("q1"),
            Window::days_before(to, 30).unwrap(),
            PAGE_SIZE,
        );
        let json = serde_json::to_value(&query).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "view": "conversations",
                "groupBy": ["wrapupCodeId"],
                "metrics": ["conversationCount", "avgWaitTime"],
                "filter": {"type": "and", "clauses": [
                    {"type": "equals", "dimension": "queueId", "value": "q1"},
                    {"type": "dateRange", "dimension": "conversationDate",
                     "from": "2026-02-28T01:02:03.000Z", "to": "2026-03-30T01:02:03.000Z"}]},
                "pageSize": 100
            })
        );
    }

    #[test]
    fn numbers_are_read_to_the_last_bit() {
        let read = group(
            r#"{"wrapupCodeId":"c","conversationCount":1.2E3,"avgWaitTime":34.21700000000001}"#,
        )
        .unwrap();
        assert_eq!(read.conversations.to_bits(), 1200f64.to_bits());
        assert_eq!(
            read.mean_wait_secs.to_bits(),
            34.217_000_000_000_01_f64.to_bits()
        );
    }

    #[test]
    fn absent_numbers_are_zero_and_named() {
        let read = group(r#"{"wrapupCodeId":"c","avgWaitTime":null}"#).unwrap();
        assert_eq!(read.missing, ["conversationCount", "avgWaitTime"]);
        assert_eq!(read.conversations.to_bits(), 0f64.to_bits());
    }

    #[test]
    fn impossible_numbers_are_refused_with_their_name() {
        for (entity, reason) in [
            (
                r#"{"wrapupCodeId":"c","conversationCount":-1}"#,
                "`conversationCount` is negative",
            ),
            (
                r#"{"wrapupCodeId":"c","avgWaitTime":1e999}"#,
                "`avgWaitTime` is not finite",
            ),
            (
                r#"{"wrapupCodeId":"c","avgWaitTime":"12"}"#,
                "`avgWaitTime` is not a number",
            ),
            (r#"{"wrapupCodeId":7}"#, "`wrapupCodeId` is not a text"),
            ("[]", "it is not an object"),
        ] {
            assert_eq!(group(entity).unwrap_err().reason, reason);
        }
    }

    #[test]
    fn a_code_can_be_absent() {
        for entity in [
            r#"{"conversationCount":1}"#,
            r#"{"wrapupCodeId":null}"#,
            r#"{"wrapupCodeId":""}"#,
        ] {
            assert_eq!(group(entity).unwrap().code, None);
        }
    }

    #[test]
    fn an_empty_token_ends_the_pages() {
        for body in ["{}", r#"{"nextPageToken":null}"#, r#"{"nextPageToken":""}"#] {
            assert_eq!(SummaryPage::read(body).unwrap().next_page_token, None);
        }
    }

    #[test]
    fn milliseconds_become_seconds() {
        let read = read_group(r#"{"avgWaitTime":1500}"#, WaitUnit::Milliseconds).unwrap();
        assert_eq!(read.mean_wait_secs.to_bits(), 1.5f64.to_bits());
    }
}
