//! Lists of skills and rules, page by page.

use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_wire::tutorial::listing::PAGE_SIZE_DEFAULT;

use super::query;
use super::reply::{Refusal, Reply};

/// The largest page that can be asked for, of lists and of the summary query.
pub const PAGE_SIZE_MAX: u32 = 500;

/// Answers the page that `query` asks for, of entities that are served as they are written.
///
/// # Errors
/// 400 if `pageSize` or `pageNumber` is out of range.
pub(crate) fn page(entities: &[String], path: &str, query: &str) -> Result<Reply, Refusal> {
    let size = number(query, "pageSize", PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)?;
    let number = number(query, "pageNumber", 1, u32::MAX)?;
    let pages = u32::try_from(entities.len().div_ceil(size as usize)).unwrap_or(u32::MAX);
    let uri = |number: u32| format!("{path}?pageSize={size}&pageNumber={number}");
    Ok(Reply::json(&Page {
        entities: slice(entities, size as usize, number as usize),
        page_size: size,
        page_number: number,
        total: entities.len(),
        page_count: pages,
        first_uri: uri(1),
        next_uri: (number < pages).then(|| uri(number + 1)),
        self_uri: uri(number),
        last_uri: uri(std::cmp::max(pages, 1)),
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    entities: Vec<&'a RawValue>,
    page_size: u32,
    page_number: u32,
    total: usize,
    page_count: u32,
    first_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_uri: Option<String>,
    self_uri: String,
    last_uri: String,
}

fn slice(entities: &[String], size: usize, number: usize) -> Vec<&RawValue> {
    let on_page = entities
        .iter()
        .skip(size.saturating_mul(number - 1))
        .take(size);
    on_page
        .map(|entity| {
            serde_json::from_str(entity).expect("entities are checked to be JSON when stored")
        })
        .collect()
}

fn number(query: &str, key: &str, default: u32, max: u32) -> Result<u32, Refusal> {
    let Some(text) = query::value(query, key) else {
        return Ok(default);
    };
    let refusal = || {
        Refusal::invalid(
            key,
            format!("{key} is an integer from 1 to {max}, got `{text}`"),
        )
    };
    text.parse()
        .ok()
        .filter(|number| (1..=max).contains(number))
        .ok_or_else(refusal)
}
