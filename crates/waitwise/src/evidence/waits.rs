//! How long people wait, and how long they would.

use maud::{Markup, html};
use waitwise_app::files::overview::{Portrait, Step, patience, survival_at};

use super::Page;
use super::said::{lasting, share_of};
use crate::output::bottlenecks::name;
use crate::page::chart::{self, Band, Bin, Caption, Curve};
use crate::page::table;
use crate::page::words::{self, Unit};

/// Bins of the distribution, in seconds; the last is everything above.
const BINS_SECS: [u64; 11] = [5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 3600];
/// Moments at which curves are read out in the table.
const READ_AT_SECS: [u64; 8] = [10, 30, 60, 120, 180, 300, 600, 1200];
/// How many groups have curves of their own.
const CURVES_SHOWN: usize = 4;

/// Distribution, and curves of who is still there.
pub(super) fn section(page: &Page) -> Markup {
    let all = Waits::of("all", "All", &page.overview.all);
    let shown = page.overview.groups.iter().take(CURVES_SHOWN);
    let groups: Vec<_> = shown
        .enumerate()
        .map(|(idx, group)| {
            Waits::of(
                &format!("group-{idx}"),
                &name(&group.labels),
                &group.portrait,
            )
        })
        .collect();
    html! {
        section {
            h2 { "How long people wait" }
            p.legend {
                span { span.key.share {} "served: answered, or left some other way" }
                span { span.key.with {} "gave up" }
            }
            (distribution(page))
            h3 { "How long they would wait" }
            p {
                "Who is answered would have waited longer, nobody knows how long. Patience is estimated from all of them "
                "(Kaplan–Meier): the share that would still be waiting if nobody answered. "
                @if let Some(median_ms) = all.median_patience_ms() {
                    "Half of them would give up within " (lasting(median_ms)) "."
                } @else {
                    "Fewer than half would ever have given up within the waits that were seen."
                }
            }
            p.legend {
                span { span.key.line.waiting {} "still in the queue" }
                span { span.key.line.patient {} "would still be waiting" }
                span { span.key.band {} "95% interval of that" }
            }
            (all.chart("Everybody", 240))
            div.multiples {
                @for waits in &groups {
                    div {
                        h4 { (waits.name) }
                        (waits.chart(&waits.name, 150))
                    }
                }
            }
            (read_out(&all, &groups))
        }
    }
}

fn distribution(page: &Page) -> Markup {
    let all = &page.overview.all;
    let total = all.figures.waits;
    let (served, gave_up) = (binned(&all.served), binned(&all.gave_up));
    let labels = labels();
    let used = (0..labels.len())
        .rev()
        .find(|idx| served[*idx] + gave_up[*idx] > 0)
        .map_or(0, |last| last + 1);
    let bins: Vec<_> = (0..used)
        .map(|idx| Bin {
            label: labels[idx].clone(),
            served: share_of(served[idx], total),
            gave_up: share_of(gave_up[idx], total),
        })
        .collect();
    let caption = Caption {
        id: "distribution",
        title: "How long waits were",
        description: "A column for each range of waits: its height is the share of all waits, its lower part those who gave up. \
            The numbers are in the table beneath.",
        axis: &format!(
            "share of all {} that waited no longer than this, but longer than the last",
            page.noun
        ),
    };
    let head = html! {
        th scope="col" { "Waited until" }
        th.number scope="col" { "Served" }
        th.number scope="col" { "Gave up" }
        th.number scope="col" { "Share of all" }
        th.number scope="col" { "So far" }
    };
    let mut so_far = 0;
    let rows = (0..used).map(|idx| {
        let both = served[idx] + gave_up[idx];
        so_far += both;
        html! {
            th scope="row" { (labels[idx].0) "\u{a0}" (labels[idx].1) }
            td.number { (words::count(served[idx])) }
            td.number { (words::count(gave_up[idx])) }
            td.number { (words::share(share_of(both, total))) }
            td.number { (words::share(share_of(so_far, total))) }
        }
    });
    html! {
        (chart::histogram(&caption, 180, &bins))
        (table("How long waits were, in numbers: no longer than this, but longer than the row before", &head, rows))
    }
}

/// How many waits end in each bin. A wait is known to a thousandth of itself, so one that is just a bin's end is in it.
fn binned(waits: &waitwise_app::files::Ordered) -> Vec<u64> {
    let mut bins = vec![0; BINS_SECS.len() + 1];
    for (wait_ms, n) in waits.counts() {
        let bin = BINS_SECS.partition_point(|secs| secs * 1001 < wait_ms);
        bins[bin] += n;
    }
    bins
}

/// Where each bin ends, as a number and a unit; the last has no end.
fn labels() -> Vec<(String, &'static str)> {
    let end = |secs: &u64| match secs {
        0..60 => (secs.to_string(), "s"),
        60..3600 => ((secs / 60).to_string(), "min"),
        3600.. => ((secs / 3600).to_string(), "h"),
    };
    let longer = ("longer".to_owned(), "");
    BINS_SECS.iter().map(end).chain([longer]).collect()
}

/// One group's curves.
struct Waits {
    id: String,
    name: String,
    /// The share whose wait is longer, by milliseconds.
    longer: Vec<(u64, f64)>,
    patience: Vec<Step>,
    /// Where the curves are cut: beyond, hardly anybody is left to tell.
    end_ms: u64,
}

impl Waits {
    fn of(id: &str, name: &str, portrait: &Portrait) -> Waits {
        let figures = &portrait.figures;
        let mut left = figures.waits;
        let longer = figures.ordered.counts().map(|(wait_ms, n)| {
            left = left.saturating_sub(n);
            (wait_ms, share_of(left, figures.waits))
        });
        Waits {
            id: id.to_owned(),
            name: name.to_owned(),
            longer: longer.collect(),
            patience: patience(&portrait.gave_up, &portrait.served),
            end_ms: end_ms(portrait),
        }
    }

    fn median_patience_ms(&self) -> Option<u64> {
        let median = self.patience.iter().find(|step| step.share <= 0.5);
        median.map(|step| step.at_ms)
    }

    fn longer_at(&self, at_ms: u64) -> f64 {
        let after = self
            .longer
            .partition_point(|(wait_ms, _)| *wait_ms <= at_ms);
        let last = after.checked_sub(1).and_then(|idx| self.longer.get(idx));
        last.map_or(1.0, |(_, share)| *share)
    }

    fn chart(&self, of: &str, height_px: usize) -> Markup {
        let unit = Unit::of_waits([seconds(self.end_ms)]);
        let place = |ms: u64| unit.of_secs(seconds(ms));
        let waiting = Curve {
            class: "waiting",
            points: self
                .longer
                .iter()
                .map(|(ms, share)| (place(*ms), *share))
                .collect(),
        };
        let patient = Curve {
            class: "patient",
            points: self
                .patience
                .iter()
                .map(|step| (place(step.at_ms), step.share))
                .collect(),
        };
        let band = self
            .patience
            .iter()
            .map(|step| (place(step.at_ms), step.low, step.high));
        let band = Band {
            points: band.collect(),
        };
        let caption = Caption {
            id: &self.id,
            title: &format!("{of}: who is still there"),
            description: "Two falling curves over the time waited: the share still in the queue, and, above it, the share that would still be \
                waiting if nobody had answered, with its interval. Both are read out in the table beneath.",
            axis: &format!("share in percent, by time waited in {}", unit.name),
        };
        chart::curves(
            &caption,
            height_px,
            place(self.end_ms),
            &band,
            &[waiting, patient],
        )
    }
}

/// Where at most one in two hundred is still in the queue, but at least a minute, on the ladder of bins.
fn end_ms(portrait: &Portrait) -> u64 {
    let p = portrait.figures.wait_percentile_ms(995).unwrap_or(0.0);
    let ladder = [
        60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 86_400,
    ];
    let reaches = |secs: &&u64| seconds(**secs * 1000) * 1000.0 >= p;
    let end = ladder.iter().find(reaches);
    end.map_or(7 * 86_400_000, |secs| secs * 1000)
}

fn read_out(all: &Waits, groups: &[Waits]) -> Markup {
    let read_at: Vec<u64> = READ_AT_SECS
        .iter()
        .map(|secs| secs * 1000)
        .filter(|ms| *ms <= all.end_ms)
        .collect();
    let head = html! {
        th scope="col" { "After" }
        th.number scope="col" { "Still in the queue" }
        th.number scope="col" { "Would still wait" }
        th.number scope="col" { "95% interval" }
        th.number scope="col" { "Waiting then" }
        @for waits in groups {
            th.number scope="col" { (waits.name) " would" }
        }
    };
    let rows = read_at.iter().map(|at_ms| {
        let step = survival_at(&all.patience, *at_ms);
        let share = |step: Option<&Step>| words::share(step.map_or(1.0, |step| step.share));
        html! {
            th scope="row" { (lasting(*at_ms)) }
            td.number { (words::share(all.longer_at(*at_ms))) }
            td.number { (share(step)) }
            td.number {
                @if let Some(step) = step { (words::share(step.low)) " to " (words::share(step.high)) }
            }
            td.number { @if let Some(step) = step { (words::count(step.at_risk)) } }
            @for waits in groups {
                td.number { (share(survival_at(&waits.patience, *at_ms))) }
            }
        }
    });
    let caption = "Who is still there, in numbers: everybody, and how many of the groups above would still wait. \
        Intervals suppose that people decide independently, and that whom an agent reaches does not depend on how patient he is.";
    table(caption, &head, rows)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "waits far below 2^53 milliseconds"
)]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}
