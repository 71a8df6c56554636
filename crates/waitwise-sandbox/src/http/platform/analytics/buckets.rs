//! How an interval is cut into buckets.

use std::ops::Range;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::body::{Body, invalid};
use crate::centre::TimeMs;
use crate::http::reply::Refusal;
use crate::http::state::iso;

/// More than a year of half-hours: the true limit of rows is not published.
const BUCKETS_MAX: usize = 20_000;

/// The buckets of a question: steps of its `granularity` in its `timeZone` from the interval's start, the last one cut at
/// the interval's end; without a granularity, the whole interval.
///
/// The store's grain is half an hour; whether the platform moves an odd start to it was not found, here it is kept.
pub(super) fn of(body: &Body) -> Result<Vec<Range<TimeMs>>, Refusal> {
    let interval = body.interval()?;
    let zone = match body.text("timeZone")? {
        Some(name) => TimeZone::get(name)
            .map_err(|_| invalid("timeZone", &format!("knows no zone `{name}`")))?,
        None => TimeZone::UTC,
    };
    let Some(text) = body.text("granularity")? else {
        return Ok(vec![interval]);
    };
    let step: Span = text
        .parse()
        .map_err(|_| invalid("granularity", "is no ISO-8601 period"))?;
    if step.is_zero() || step.is_negative() {
        return Err(invalid("granularity", "does not move forward"));
    }
    let mut buckets = Vec::new();
    let mut start = interval.start;
    for n in 1.. {
        if start >= interval.end {
            break;
        }
        if buckets.len() == BUCKETS_MAX {
            return Err(invalid(
                "granularity",
                "cuts the interval into too many buckets",
            ));
        }
        let end = nth(interval.start, &zone, step, n)
            .filter(|end| *end > start)
            .ok_or_else(|| invalid("granularity", "leads beyond the calendar"))?;
        buckets.push(start..std::cmp::min(end, interval.end));
        start = end;
    }
    Ok(buckets)
}

/// The end of the `n`th step from a start, by the zone's calendar.
fn nth(start: TimeMs, zone: &TimeZone, step: Span, n: i64) -> Option<TimeMs> {
    let start = Timestamp::from_millisecond(start)
        .ok()?
        .to_zoned(zone.clone());
    let end = start.checked_add(step.checked_mul(n).ok()?).ok()?;
    Some(end.timestamp().as_millisecond())
}

/// An interval as the platform writes it.
pub(super) fn interval(bucket: &Range<TimeMs>) -> String {
    format!("{}/{}", iso(bucket.start), iso(bucket.end))
}
