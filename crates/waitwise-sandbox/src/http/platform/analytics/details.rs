//! Conversation records, the newest included, page by page.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::body::{Body, invalid};
use super::filter::Filter;
use crate::centre::TimeMs;
use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::records::{Book, Detail, Dimension, Record};

const DAY: TimeMs = 24 * 60 * 60 * 1_000;

/// Members of both kinds of question.
const MEMBERS: [&str; 8] = [
    "interval",
    "conversationFilters",
    "segmentFilters",
    "evaluationFilters",
    "surveyFilters",
    "resolutionFilters",
    "order",
    "orderBy",
];

/// The largest page.
const SIZE_MAX: usize = 100;
/// No page reaches further.
const RECORDS_MAX: usize = 100_000;
/// How long an interval may be without filters, and with some.
const DAYS_MAX: (TimeMs, TimeMs) = (7, 31);

/// What a filter of conversations may ask about.
const OF_CONVERSATION: [&str; 3] = ["conversationId", "divisionId", "originatingDirection"];
/// What a filter of segments may ask about, of what the records know.
const OF_SEGMENT: [&str; 8] = [
    "direction",
    "mediaType",
    "purpose",
    "queueId",
    "requestedRoutingSkillId",
    "segmentType",
    "userId",
    "wrapUpCode",
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    /// Absent from an empty page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conversations: Vec<Box<RawValue>>,
    total_hits: usize,
}

/// Answers one page of a query.
pub(super) fn query(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = Body::of(call, &[&MEMBERS[..], &["aggregations", "paging"]].concat())?;
    body.without(&["aggregations"])?;
    let wanted = Wanted::of(&body)?;
    let days_max = match wanted.is_filtered() {
        false => DAYS_MAX.0,
        true => DAYS_MAX.1,
    };
    if wanted.interval.end - wanted.interval.start > days_max * DAY {
        let what = format!("is longer than {days_max} days");
        return Err(invalid("interval", &what));
    }
    let (size, number) = paging(&body)?;
    if size * number > RECORDS_MAX {
        let message = format!("Pagination may not exceed {RECORDS_MAX} results.");
        return Err(Refusal::new(400, "bad.request", message));
    }
    let ids = state.ids();
    let book = ids.book(state.seed, &state.tenant.centre);
    let found = wanted.find(state, &book, Matching::StartDay, call.now);
    let page = found.iter().skip(size * (number - 1)).take(size);
    Ok(Reply::json(&Page {
        conversations: texts(&book, page, call.now, Detail::Query),
        total_hits: found.len(),
    }))
}

/// The records of these contacts as of an instant.
pub(super) fn texts<'a>(
    book: &Book<'_>,
    numbers: impl Iterator<Item = &'a u32>,
    until: TimeMs,
    detail: Detail,
) -> Vec<Box<RawValue>> {
    let records = numbers.filter_map(|number| book.record(*number as usize, until));
    records.map(|record| record.text(book, detail)).collect()
}

fn paging(body: &Body) -> Result<(usize, usize), Refusal> {
    let paging = body.get("paging");
    let whole = |name: &str, default: usize| match paging.and_then(|paging| paging.get(name)) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value
            .as_u64()
            .and_then(|value| usize::try_from(value).ok())
            .filter(|value| (1..=RECORDS_MAX).contains(value))
            .ok_or_else(|| invalid(&format!("paging/{name}"), "is no number from 1")),
    };
    let (size, number) = (whole("pageSize", 25)?, whole("pageNumber", 1)?);
    match size > SIZE_MAX {
        true => Err(invalid("paging/pageSize", &format!("is over {SIZE_MAX}"))),
        false => Ok((size, number)),
    }
}

/// Which conversations are asked for, in which order.
pub(super) struct Wanted {
    interval: Range<TimeMs>,
    of_conversation: Vec<Filter>,
    of_segment: Vec<Filter>,
    /// Asks for evaluations, surveys or resolutions: no conversation has any.
    of_nothing: bool,
    descending: bool,
    by_end: bool,
}

/// How the interval selects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
    /// What started on a UTC day that the interval touches.
    StartDay,
    /// What went on at some time in the interval.
    Overlap,
}

impl Wanted {
    /// Names of the members that say so.
    pub(super) fn members() -> &'static [&'static str] {
        &MEMBERS
    }

    /// Reads the question.
    pub(super) fn of(body: &Body) -> Result<Wanted, Refusal> {
        let mut of_nothing = false;
        for name in ["evaluationFilters", "surveyFilters", "resolutionFilters"] {
            of_nothing |= !body.list(name)?.is_empty();
        }
        let descending = match body.text("order")? {
            None | Some("asc" | "unordered") => false,
            Some("desc") => true,
            Some(_) => return Err(invalid("order", "is neither asc, desc nor unordered")),
        };
        let by_end = match body.text("orderBy")? {
            None | Some("conversationStart" | "segmentStart") => false,
            Some("conversationEnd" | "segmentEnd") => true,
            Some(_) => return Err(invalid("orderBy", "is no time by which can be ordered")),
        };
        Ok(Wanted {
            interval: body.interval()?,
            of_conversation: Filter::list(body, "conversationFilters", &OF_CONVERSATION)?,
            of_segment: Filter::list(body, "segmentFilters", &OF_SEGMENT)?,
            of_nothing,
            descending,
            by_end,
        })
    }

    fn is_filtered(&self) -> bool {
        !self.of_conversation.is_empty() || !self.of_segment.is_empty() || self.of_nothing
    }

    /// The numbers of the contacts asked for, in order, as known at `until`: those that the client may see.
    pub(super) fn find(
        &self,
        state: &State,
        book: &Book<'_>,
        matching: Matching,
        until: TimeMs,
    ) -> Vec<u32> {
        let Range { start, end } = self.interval;
        let started = match matching {
            Matching::StartDay => {
                let first = start.div_euclid(DAY) * DAY;
                let after = (end + DAY - 1).div_euclid(DAY) * DAY;
                book.started(first, after, until)
            }
            // Whatever was going on then had started at most a day before.
            Matching::Overlap => book.started(start - DAY, end, until),
        };
        let hidden = &state.setup.planted.hidden_divisions;
        let is_hidden = |number: usize| {
            let divisions = book.divisions(number);
            divisions.iter().any(|division| hidden.contains(division))
        };
        let mut found: Vec<(TimeMs, u32)> = Vec::new();
        for number in started.filter(|number| !is_hidden(*number)) {
            let Some(record) = book.record(number, until) else {
                continue;
            };
            let ended = record.end.unwrap_or(TimeMs::MAX);
            let goes_on = matching == Matching::StartDay || ended > start;
            if goes_on && self.matches(book, &record) {
                let at = if self.by_end { ended } else { record.start };
                found.push((at, u32::try_from(number).unwrap_or(u32::MAX)));
            }
        }
        found.sort_unstable();
        if self.descending {
            found.reverse();
        }
        found.into_iter().map(|(_, number)| number).collect()
    }

    fn matches(&self, book: &Book<'_>, record: &Record) -> bool {
        let conversation = |dimension: Dimension| match record.parties.first() {
            Some(party) => strings(book.values(&party.facts, dimension)),
            None => Vec::new(),
        };
        let of_segment = |filter: &Filter| {
            record.parties.iter().any(|party| {
                party.segments.iter().any(|segment| {
                    filter.matches(&|dimension| match dimension {
                        Dimension::SegmentType => vec![segment.kind.as_str().to_owned()],
                        Dimension::WrapUpCode => {
                            let code = segment.coding.and_then(|coding| book.code(coding));
                            code.into_iter().map(str::to_owned).collect()
                        }
                        Dimension::Conversation
                        | Dimension::Direction
                        | Dimension::Division
                        | Dimension::Media
                        | Dimension::Priority
                        | Dimension::Purpose
                        | Dimension::Queue
                        | Dimension::RequestedSkill
                        | Dimension::User => strings(book.values(&party.facts, dimension)),
                    })
                })
            })
        };
        !self.of_nothing
            && self
                .of_conversation
                .iter()
                .all(|filter| filter.matches(&conversation))
            && self.of_segment.iter().all(of_segment)
    }
}

fn strings(values: Vec<std::borrow::Cow<'_, str>>) -> Vec<String> {
    values.into_iter().map(String::from).collect()
}
