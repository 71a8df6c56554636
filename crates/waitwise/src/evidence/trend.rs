//! How it went from day to day.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use maud::{Markup, html};
use waitwise_app::files::overview::Cell;

use super::Page;
use crate::page::chart::{self, Caption, Day};
use crate::page::table;
use crate::page::words;

/// More columns than this are too narrow to be seen.
const COLUMNS_MAX: i32 = 400;
/// How many of the worst days are listed.
const WORST_SHOWN: usize = 10;

/// Mean waits and numbers by day, and the worst days.
pub(super) fn section(page: &Page) -> Markup {
    let periods = Periods::of(&page.overview.days);
    let ticks = periods.ticks();
    let per = match periods.days_each {
        1 => "day".to_owned(),
        days => format!("{days} days"),
    };
    let waits = Caption {
        id: "trend-waits",
        title: &format!("Mean wait per {per}"),
        description: "A column for each stretch of time, as high as its mean wait. The worst days are in the table beneath.",
        axis: &format!("mean wait per {per}, in {}", page.unit.name),
    };
    let numbers = Caption {
        id: "trend-numbers",
        title: &format!("Number per {per}"),
        description: "A column for each stretch of time, as high as the number of those who entered a queue; its lower part, in another \
            colour, those who gave up.",
        axis: &format!("{} per {per}", page.noun),
    };
    let wait = |cell: &Cell| Day {
        value: cell
            .mean_wait_ms()
            .map_or(0.0, |ms| page.unit.of_secs(ms / 1000.0)),
        gave_up: 0.0,
    };
    let number = |cell: &Cell| Day {
        value: as_f64(cell.visits),
        gave_up: as_f64(cell.abandoned),
    };
    html! {
        section {
            h2 { "From day to day" }
            (chart::days(&waits, 150, &periods.cells.iter().map(wait).collect::<Vec<_>>(), &ticks))
            p.legend {
                span { span.key.share {} "entered a queue" }
                span { span.key.gave-up {} "gave up" }
            }
            (chart::days(&numbers, 150, &periods.cells.iter().map(number).collect::<Vec<_>>(), &ticks))
            (worst_days(page))
        }
    }
}

fn worst_days(page: &Page) -> Markup {
    let mut days: Vec<_> = page.overview.days.iter().collect();
    // Stable: of equal days the earlier stays first.
    days.sort_by_key(|(_, cell)| std::cmp::Reverse(cell.wait_sum_ms));
    let head = html! {
        th scope="col" { "Day" }
        th.number scope="col" { "Number" }
        th.number scope="col" { "Mean wait (" (page.unit.symbol) ")" }
        th.number scope="col" { "Gave up" }
        th.number scope="col" { "Hours waited" }
    };
    let rows = days.iter().take(WORST_SHOWN).map(|(day, cell)| {
        html! {
            th.when scope="row" { (day.strftime("%a %Y-%m-%d").to_string()) }
            td.number { (words::count(cell.visits)) }
            td.number { (page.bare(cell.mean_wait_ms())) }
            td.number { (words::share(cell.abandon_share().unwrap_or(0.0))) }
            td.number { (words::hours(as_f64(cell.wait_sum_ms) / 3_600_000.0)) }
        }
    });
    table("The days on which most time was spent waiting", &head, rows)
}

/// Days put together so that there are not too many columns.
struct Periods {
    first: Date,
    days_each: i32,
    cells: Vec<Cell>,
}

impl Periods {
    fn of(days: &[(Date, Cell)]) -> Periods {
        let first = days.first().map_or(Date::ZERO, |(day, _)| *day);
        let since = |day: Date| first.until(day).map_or(0, |span| span.get_days());
        let n_days = days.last().map_or(0, |(day, _)| since(*day) + 1);
        let days_each = [1, 7, 28, 364]
            .into_iter()
            .find(|each| n_days / each <= COLUMNS_MAX);
        let days_each = days_each.unwrap_or(3640);
        let n_columns = usize::try_from((n_days + days_each - 1) / days_each).unwrap_or(0);
        let mut cells = vec![Cell::default(); n_columns];
        for (day, cell) in days {
            let column = usize::try_from(since(*day) / days_each).unwrap_or(0);
            if let Some(sum) = cells.get_mut(column) {
                sum.visits += cell.visits;
                sum.waits += cell.waits;
                sum.abandoned += cell.abandoned;
                sum.wait_sum_ms = sum.wait_sum_ms.saturating_add(cell.wait_sum_ms);
            }
        }
        Periods {
            first,
            days_each,
            cells,
        }
    }

    /// The columns in which a month begins; where there are many, a quarter or a year.
    fn ticks(&self) -> Vec<(usize, String)> {
        const TICKS_MAX: usize = 9;
        [1, 3, 12, 120]
            .into_iter()
            .map(|months_each| self.ticks_every(months_each))
            .find(|ticks| ticks.len() <= TICKS_MAX)
            .unwrap_or_default()
    }

    fn ticks_every(&self, months_each: i16) -> Vec<(usize, String)> {
        let mut ticks: Vec<(usize, String)> = Vec::new();
        for column in 0..self.cells.len() {
            let Some((from, to)) = self.span(column) else {
                continue;
            };
            let begins = |day: Date| {
                let months = day.year() * 12 + i16::from(day.month()) - 1;
                day.day() == 1 && months % months_each == 0
            };
            let mut inside = from.series(1.day()).take_while(|day| *day < to);
            if let Some(begin) = inside.find(|day| begins(*day)) {
                let format = if ticks.is_empty() || begin.month() == 1 {
                    "%b %Y"
                } else {
                    "%b"
                };
                ticks.push((column, begin.strftime(format).to_string()));
            }
        }
        ticks
    }

    fn span(&self, column: usize) -> Option<(Date, Date)> {
        let days = i32::try_from(column).ok()?.checked_mul(self.days_each)?;
        let each: Span = self.days_each.days();
        let from = self.first.checked_add(days.days()).ok()?;
        Some((from, from.checked_add(each).ok()?))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and sums far below 2^53")]
fn as_f64(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(every: i32, n: i32) -> Vec<(Date, Cell)> {
        let first: Date = "2014-01-02".parse().unwrap();
        let cell = Cell {
            visits: 1,
            ..Cell::default()
        };
        (0..n)
            .map(|idx| (first + (idx * every).days(), cell))
            .collect()
    }

    #[test]
    fn long_histories_have_wide_columns() {
        for (every, n, days_each, n_columns) in [
            (1, 180, 1, 180),
            (1, 400, 1, 400),
            (1, 800, 7, 115),
            (30, 300, 28, 321),
        ] {
            let periods = Periods::of(&days(every, n));
            assert_eq!(
                (periods.days_each, periods.cells.len()),
                (days_each, n_columns)
            );
            let visits: u64 = periods.cells.iter().map(|cell| cell.visits).sum();
            assert_eq!(visits, u64::try_from(n).unwrap());
            assert!(
                (1..=9).contains(&periods.ticks().len()),
                "{:?}",
                periods.ticks()
            );
        }
        assert!(Periods::of(&[]).ticks().is_empty());
    }

    #[test]
    fn ticks_stand_where_months_begin() {
        let ticks = Periods::of(&days(1, 90)).ticks();
        let expected = [(30, "Feb 2014"), (58, "Mar"), (89, "Apr")];
        assert_eq!(ticks, expected.map(|(day, name)| (day, name.to_owned())));
    }
}
