//! The page of `waitwise analyze --html`: who waits, when, how long, and how far the records can be trusted.
//!
//! [`page`] is pure: the same overview gives the same bytes. Sections are in `groups`, `hours`, `waits`, `trend` and
//! `records`, in the order in which they are read; each chart has its numbers in a table beneath.

mod groups;
mod hours;
mod records;
mod said;
mod trend;
mod waits;

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};
use waitwise_app::files::overview::{Cell, Overview};
use waitwise_app::files::{Asked, FilesAnalysis};

use crate::output::bottlenecks::{name, noun, sources, two_hours};
use crate::page::words::{self, Unit};
use crate::page::{chart, head, tile};
use said::{lasting, share_of};

/// What the page shows.
struct Page<'a> {
    asked: &'a Asked,
    analysis: &'a FilesAnalysis,
    overview: &'a Overview,
    /// What records are called: "calls".
    noun: &'static str,
    /// The unit of mean waits all over the page.
    unit: Unit,
}

/// How many groups a chart shows; tables show them too, and the rest is counted.
const GROUPS_SHOWN: usize = 12;

/// Returns the page.
pub(crate) fn page(asked: &Asked, analysis: &FilesAnalysis, overview: &Overview) -> String {
    let means = overview
        .groups
        .iter()
        .filter_map(|group| group.portrait.figures.mean_wait_ms());
    let page = Page {
        asked,
        analysis,
        overview,
        noun: noun(asked),
        unit: Unit::of_waits(means.map(|ms| ms / 1000.0)),
    };
    page.markup().into_string()
}

impl Page<'_> {
    fn markup(&self) -> Markup {
        let title = format!("Where people wait: {}", sources(&self.asked.inputs));
        html! {
            (DOCTYPE)
            html lang="en" {
                (head(&title))
                body {
                    (chart::patterns())
                    main.evidence {
                        (self.opening())
                        @if self.overview.all.visits() > 0 {
                            (groups::section(self))
                            (hours::section(self))
                            (waits::section(self))
                            (trend::section(self))
                        }
                        (records::section(self))
                    }
                }
            }
        }
    }

    /// The first screen: what is most to be known, in words and in figures.
    fn opening(&self) -> Markup {
        let days = &self.overview.days;
        let zone = self.asked.grouping.zone.iana_name().unwrap_or("local");
        html! {
            header {
                p.kicker { "Waitwise · evidence from recorded " (self.noun) }
                h1 { "Where people wait" }
                p.meta {
                    strong { (sources(&self.asked.inputs)) }
                    @if let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) {
                        " · " (first) " to " (last) " · hours and days of " (zone)
                    }
                }
            }
            section.verdict aria-label="Verdict" {
                @for (idx, sentence) in self.verdict().iter().enumerate() {
                    p.lead[idx == 0] { (sentence) }
                }
            }
            @if self.overview.all.visits() > 0 {
                (self.tiles())
            }
        }
    }

    fn verdict(&self) -> Vec<String> {
        let all = &self.overview.all;
        let mut said = Vec::new();
        match self
            .overview
            .groups
            .first()
            .filter(|group| group.portrait.figures.wait_sum_ms > 0)
        {
            Some(group) => said.push(format!(
                "Most time is spent waiting for {}: {} of {}, {} of the waiting hours.",
                name(&group.labels),
                words::share(group.portrait.visits_share(all)),
                self.noun,
                words::share(group.portrait.waiting_share(all))
            )),
            None if all.visits() > 0 => said.push("Nobody waited.".to_owned()),
            None => said.push("Nothing in these files entered a queue.".to_owned()),
        }
        if let Some(worst) = all.worst() {
            said.push(format!(
                "The worst two hours of the week are {}: {} of {}, {} of the waiting hours, mean wait {}.",
                two_hours(worst.from),
                words::share(share_of(worst.cell.visits, all.visits())),
                self.noun,
                words::share(share_of_sum(worst.cell.wait_sum_ms, all.figures.wait_sum_ms)),
                self.mean(worst.cell.mean_wait_ms())
            ));
        }
        let waited = |(_, cell): &&(Date, Cell)| cell.wait_sum_ms;
        // From the end, since the last of several equal ones is taken.
        let worst = self.overview.days.iter().rev().max_by_key(waited);
        if let Some((day, cell)) = worst.filter(|day| waited(day) > 0) {
            said.push(format!(
                "The worst day was {day}, a {:?}: {} {}, mean wait {}, {} gave up.",
                day.weekday(),
                words::count(cell.visits),
                self.noun,
                self.mean(cell.mean_wait_ms()),
                words::share(cell.abandon_share().unwrap_or(0.0))
            ));
        }
        said
    }

    fn tiles(&self) -> Markup {
        let all = &self.overview.all;
        let figures = &all.figures;
        let target = lasting(self.asked.grouping.target_ms);
        let p90 = figures
            .wait_percentile_ms(900)
            .map(|ms| self.unit.said(ms / 1000.0));
        let abandoned = self.overview.all.gave_up.count();
        html! {
            div.tiles {
                (tile(
                    "Entered a queue",
                    &html! { (words::count(all.visits())) },
                    &format!("{} answered", words::count(figures.answered)),
                ))
                (tile(
                    "Time spent waiting, however it ended",
                    &html! { (words::hours(figures.waiting_hours())) },
                    &format!("mean {}, one in ten longer than {}", self.mean(figures.mean_wait_ms()), p90.unwrap_or_default()),
                ))
                (tile(
                    "Gave up",
                    &html! { (words::share(share_of(abandoned, figures.waits))) },
                    &format!("{} {}", words::count(abandoned), self.noun),
                ))
                (tile(
                    "Answered in time, of the offered",
                    &html! { (figures.service_level().map_or_else(|| "unknown".to_owned(), words::share)) },
                    &format!("within {target}"),
                ))
            }
        }
    }

    /// A mean of milliseconds, in the page's unit.
    fn mean(&self, ms: Option<f64>) -> String {
        ms.map_or_else(|| "none".to_owned(), |ms| self.unit.said(ms / 1000.0))
    }

    /// The same without the unit, for a table whose head names it.
    fn bare(&self, ms: Option<f64>) -> String {
        ms.map_or_else(String::new, |ms| self.unit.bare(ms / 1000.0))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of milliseconds far below 2^53"
)]
fn share_of_sum(part: u64, of: u128) -> f64 {
    if of == 0 {
        0.0
    } else {
        part as f64 / of as f64
    }
}

#[cfg(test)]
mod tests;
