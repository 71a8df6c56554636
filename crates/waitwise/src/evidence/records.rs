//! How far the records can be trusted.

use jiff::Timestamp;
use maud::{Markup, html};
use waitwise_app::files::Input;

use super::Page;
use super::said::{lasting, share_of};
use crate::page::table;
use crate::page::words;

/// How many gaps are listed; the largest of them.
const GAPS_SHOWN: usize = 20;

/// What is missing, what could not be read, and what that means.
pub(super) fn section(page: &Page) -> Markup {
    html! {
        section {
            h2 { "How far the records can be trusted" }
            (checks(page))
            (troubles(page))
            (gaps(page))
        }
    }
}

fn checks(page: &Page) -> Markup {
    let quality = &page.overview.quality;
    let (answered, all) = (quality.answered, quality.visits);
    let tally = &page.analysis.tally;
    let lines = [
        (
            "Without a wrap-up code",
            quality.uncoded,
            answered,
            "answered",
            "nothing tells what they were about",
        ),
        (
            "With a reserved word for a code",
            quality.reserved,
            answered,
            "answered",
            "the agent let the time run out, or skipped it",
        ),
        (
            "Passed on by the agent",
            quality.transferred,
            answered,
            "answered",
            "the caller waits again, perhaps in another record",
        ),
        (
            "Without an agent",
            quality.without_agent,
            answered,
            "answered",
            "staffing cannot be told from them",
        ),
        (
            "Without a handle time",
            quality.without_handle,
            answered,
            "answered",
            "they are not in the mean handle time",
        ),
        (
            "Left the queue some other way",
            quality.flowed_out,
            all,
            "all",
            "a timeout, a voicemail, a flow that took them back",
        ),
        (
            "Still waiting when the record was read",
            quality.waiting,
            all,
            "all",
            "they have no wait yet",
        ),
        (
            "Without an end that the record tells",
            quality.untold,
            all,
            "all",
            "they have no wait",
        ),
        (
            "Without a skill",
            quality.without_skill,
            all,
            "all",
            "no weight can help them",
        ),
        (
            "Asked for several skills",
            quality.with_several_skills,
            all,
            "all",
            "they count under each",
        ),
        (
            "Entered in an hour that the clock showed twice",
            page.analysis.in_repeated_hour,
            all,
            "all",
            "the reading with the shorter wait was taken",
        ),
        (
            "Rows left out",
            page.analysis.left_out,
            tally.records,
            "the rows",
            "no calls, or never in a queue",
        ),
        (
            "Could not be read",
            tally.refused_records,
            tally.records,
            "the records",
            "located below",
        ),
        (
            "Could not be used",
            tally.refused_visits,
            tally.records,
            "the records",
            "located below",
        ),
    ];
    let head = html! {
        th scope="col" { "What" }
        th.number scope="col" { "Number" }
        th.number scope="col" { "Share" }
        th scope="col" { "What it means" }
    };
    let rows = lines.into_iter().map(|(what, n, of, of_what, meaning)| {
        html! {
            th scope="row" { (what) }
            td.number { (words::count(n)) }
            td.number { @if n > 0 { (words::share(share_of(n, of))) " of " (of_what) } }
            td { @if n > 0 { (meaning) } }
        }
    });
    table(
        &format!("Of {} {}", words::count(all), page.noun),
        &head,
        rows,
    )
}

fn troubles(page: &Page) -> Markup {
    let troubles = &page.analysis.tally.troubles;
    let inputs = &page.asked.inputs;
    let head = html! {
        th scope="col" { "File" }
        th.number scope="col" { "Line" }
        th.number scope="col" { "Byte" }
        th scope="col" { "Why" }
    };
    let rows = troubles.iter().map(|trouble| {
        html! {
            th scope="row" { (inputs.get(trouble.place.file).map(Input::name).unwrap_or_default()) }
            td.number { (words::count(trouble.place.line)) }
            td.number { (words::count(trouble.place.offset)) }
            td { (trouble.reason) }
        }
    });
    html! {
        @if !troubles.is_empty() {
            (table("The first records that could not be used", &head, rows))
        }
    }
}

fn gaps(page: &Page) -> Markup {
    let all = &page.overview.gaps;
    let mut gaps: Vec<_> = all.iter().collect();
    gaps.sort_by(|a, b| b.expected.total_cmp(&a.expected));
    gaps.truncate(GAPS_SHOWN);
    gaps.sort_by_key(|gap| gap.from_ms);
    let zone = &page.asked.grouping.zone;
    let local = |ms: i64| {
        let at = Timestamp::from_millisecond(ms).unwrap_or_default();
        at.to_zoned(zone.clone())
            .strftime("%a %Y-%m-%d %H:%M")
            .to_string()
    };
    let head = html! {
        th scope="col" { "From" }
        th scope="col" { "To" }
        th.number scope="col" { "For" }
        th.number scope="col" { "Expected" }
    };
    let rows = gaps.iter().map(|gap| {
        let ms = u64::try_from(gap.to_ms - gap.from_ms).unwrap_or_default();
        html! {
            th.when scope="row" { (local(gap.from_ms)) }
            td.when { (local(gap.to_ms)) }
            td.number { (lasting(ms)) }
            td.number { (words::number(gap.expected, 0)) }
        }
    });
    html! {
        @if all.is_empty() {
            p { "No gaps: whenever other weeks have " (page.noun) ", every week has some." }
        } @else {
            (table("Stretches without anybody, and how many the same hours of other weeks have: a holiday, or records that are missing", &head, rows))
            @if all.len() > gaps.len() {
                p.note { (words::count((all.len() - gaps.len()) as u64)) " smaller ones are not shown." }
            }
        }
    }
}
