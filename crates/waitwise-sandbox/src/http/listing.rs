//! Lists, page by page.

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
    let list = List {
        path,
        query,
        size_max: PAGE_SIZE_MAX,
        totals: true,
    };
    list.page(entities)
}

/// A list, and which page of it is asked for.
pub(crate) struct List<'a> {
    /// Where it is, for the addresses of its pages.
    pub(crate) path: &'a str,
    /// The request's query string.
    pub(crate) query: &'a str,
    /// The largest page that can be asked for.
    pub(crate) size_max: u32,
    /// Whether its pages tell how much there is in all.
    pub(crate) totals: bool,
}

impl List<'_> {
    /// Answers the page of entities that is asked for.
    ///
    /// # Errors
    /// 400 if `pageSize` or `pageNumber` is out of range.
    pub(crate) fn page(&self, entities: &[String]) -> Result<Reply, Refusal> {
        let size = number(self.query, "pageSize", PAGE_SIZE_DEFAULT, self.size_max)?;
        let number = number(self.query, "pageNumber", 1, u32::MAX)?;
        let pages = u32::try_from(entities.len().div_ceil(size as usize)).unwrap_or(u32::MAX);
        // Filters stand in the addresses as well, so that whoever follows them stays on the list asked for.
        let more = query::without(self.query, &["pageSize", "pageNumber"]);
        let uri = |number: u32| {
            let path = self.path;
            format!("{path}?pageSize={size}&pageNumber={number}{more}")
        };
        Ok(Reply::json(&Page {
            entities: slice(entities, size as usize, number as usize),
            page_size: size,
            page_number: number,
            total: self.totals.then_some(entities.len()),
            page_count: self.totals.then_some(pages),
            first_uri: uri(1),
            next_uri: (number < pages).then(|| uri(number + 1)),
            previous_uri: (1 < number && number <= pages).then(|| uri(number - 1)),
            self_uri: uri(number),
            last_uri: self.totals.then(|| uri(std::cmp::max(pages, 1))),
        }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    entities: Vec<&'a RawValue>,
    page_size: u32,
    page_number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_count: Option<u32>,
    first_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_uri: Option<String>,
    self_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_uri: Option<String>,
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
