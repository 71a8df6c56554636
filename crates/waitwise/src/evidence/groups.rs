//! Who waits most.

use maud::{Markup, html};
use waitwise_app::files::overview::Group;

use super::said::share_of;
use super::{GROUPS_SHOWN, Page};
use crate::output::bottlenecks::{name, whole};
use crate::page::chart::{self, Caption, Share};
use crate::page::table;
use crate::page::words;

/// Time spent waiting by group, the most first.
pub(super) fn section(page: &Page) -> Markup {
    let caption = Caption {
        id: "pareto",
        title: "Time spent waiting, by group",
        description: "A bar for each group, the most time spent waiting first; behind it, paler, the running total. \
            The numbers are in the table beneath.",
        axis: "share of all waiting hours, in percent",
    };
    let shown = || page.overview.groups.iter().take(GROUPS_SHOWN);
    let rows: Vec<_> = shown().map(|group| share(page, group)).collect();
    html! {
        section {
            h2 { "Who waits most" }
            p { "All hours spent waiting, however the wait ended. The top of the list is the bottleneck: what helps there helps most." }
            @if page.overview.quality.with_several_skills > 0 {
                p.note { "Some " (page.noun) " asked for several skills and count under each of them, so shares add up to more than 100%." }
            }
            p.legend {
                span { span.key.share {} "share of all waiting hours" }
                span { span.key.running {} "running total from the top" }
            }
            (chart::shares(&caption, &rows))
            (figures(page, shown()))
            (rest(page))
        }
    }
}

fn share(page: &Page, group: &Group) -> Share {
    let portrait = &group.portrait;
    Share {
        name: name(&group.labels),
        note: format!(
            "{} of waiting hours from {} of {}",
            whole(portrait.waiting_share(&page.overview.all)),
            whole(portrait.visits_share(&page.overview.all)),
            page.noun
        ),
        share: portrait.waiting_share(&page.overview.all),
    }
}

fn figures<'a>(page: &Page, groups: impl Iterator<Item = &'a Group>) -> Markup {
    let in_unit = format!("({})", page.unit.symbol);
    let head = html! {
        th scope="col" { "Where" }
        th.number scope="col" { "Number" }
        th.number scope="col" { "Mean wait " (in_unit) }
        th.number scope="col" { "Median " (in_unit) }
        th.number scope="col" { "p90 " (in_unit) }
        th.number scope="col" { "p99 " (in_unit) }
        th.number scope="col" { "Gave up" }
        th.number scope="col" { "In time" }
        th.number scope="col" { "Handle time (s)" }
        th.number scope="col" { "Hours waited" }
        th.number scope="col" { "Share" }
    };
    let rows = groups.map(|group| {
        let portrait = &group.portrait;
        let figures = &portrait.figures;
        let percentile = |per_mille| page.bare(figures.wait_percentile_ms(per_mille));
        let gave_up = share_of(portrait.gave_up.count(), figures.waits);
        html! {
            th scope="row" { (name(&group.labels)) }
            td.number { (words::count(portrait.visits())) }
            td.number { (page.bare(figures.mean_wait_ms())) }
            td.number { (percentile(500)) }
            td.number { (percentile(900)) }
            td.number { (percentile(990)) }
            td.number { (words::share(gave_up)) }
            td.number { (figures.service_level().map_or_else(String::new, words::share)) }
            td.number { (figures.mean_handle_ms().map_or_else(String::new, |ms| words::number(ms / 1000.0, 0))) }
            td.number { (words::hours(figures.waiting_hours())) }
            td.number { (words::share(portrait.waiting_share(&page.overview.all))) }
        }
    });
    let caption = "Groups in numbers. Percentiles are of all waits that ended; in time means answered within the target, of the offered.";
    table(caption, &head, rows)
}

fn rest(page: &Page) -> Markup {
    let rest = page.overview.groups.get(GROUPS_SHOWN..).unwrap_or_default();
    let visits: u64 = rest.iter().map(|group| group.portrait.visits()).sum();
    html! {
        @if !rest.is_empty() {
            p.note {
                (words::count(rest.len() as u64)) " more groups with " (words::count(visits)) " " (page.noun)
                " are not shown; " code { "--output csv" } " has them all."
            }
        }
    }
}
