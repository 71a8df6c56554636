//! When people wait, by the hour of the week.

use maud::{Markup, html};
use waitwise_app::files::overview::{Cell, Group, HOURS};

use super::said::{lasting, share_of};
use super::{GROUPS_SHOWN, Page, share_of_sum};
use crate::output::bottlenecks::{name, two_hours};
use crate::page::chart::{self, Caption, DAYS, Heat, HeatCell, LEVELS, Strip};
use crate::page::table;
use crate::page::words;

/// Fewer visits than this in an hour of the week say nothing about it.
const VISITS_MIN: u64 = 5;

/// Mean waits that people tell apart, in seconds: a scale's steps are neighbours of this list.
const LADDER_SECS: [u64; 18] = [
    1, 2, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800,
];

/// A week of everybody, and of each group.
pub(super) fn section(page: &Page) -> Markup {
    let scale = Scale::of(&page.overview.groups);
    let shown = || page.overview.groups.iter().take(GROUPS_SHOWN);
    let all = &page.overview.all;
    let in_minutes = scale.is_in_minutes();
    let unit = if in_minutes { "minutes" } else { "seconds" };
    let caption = format!(
        "Mean wait in {unit} of all {} that entered a queue in this hour of the week; a dot where fewer than {VISITS_MIN} did.",
        page.noun
    );
    let heat = Heat {
        caption: &caption,
        hours: busy_hours(&all.hours),
        cells: all
            .hours
            .iter()
            .map(|cell| heat_cell(page, cell, &scale, in_minutes))
            .collect(),
    };
    let strips: Vec<_> = shown()
        .map(|group| strip(group, &scale, &heat.hours))
        .collect();
    let axis = format!(
        "hour of the week, Monday to Sunday, each day from {:02} to {:02}",
        heat.hours.start, heat.hours.end
    );
    let description = "A strip for each group with a field for each hour of the week, the darker (on a dark page: the brighter) the longer the mean \
        wait. The worst hours of each group are in the table beneath.";
    let caption = Caption {
        id: "weeks",
        title: "Mean wait by hour of the week and group",
        description,
        axis: &axis,
    };
    html! {
        section {
            h2 { "When people wait" }
            p { "By the local hour in which they entered the queue. The same colours mean the same waits in both maps." }
            (chart::scale(&scale.labels()))
            (chart::week(&heat))
            h3 { "Each group's week" }
            (chart::strips(&caption, &strips))
            (worst_table(page, shown()))
        }
    }
}

fn heat_cell(page: &Page, cell: &Cell, scale: &Scale, in_minutes: bool) -> HeatCell {
    let is_enough = cell.visits >= VISITS_MIN;
    let mean = cell.mean_wait_ms().filter(|_| is_enough);
    HeatCell {
        level: scale.level(cell),
        text: match mean {
            Some(ms) if in_minutes => words::number(ms / 60_000.0, 1),
            Some(ms) => words::number(ms / 1000.0, 0),
            None if cell.visits > 0 => "·".to_owned(),
            None => String::new(),
        },
        title: format!(
            "{} {}, mean wait {}, {} gave up",
            words::count(cell.visits),
            page.noun,
            page.mean(cell.mean_wait_ms()),
            words::share(cell.abandon_share().unwrap_or(0.0))
        ),
    }
}

fn strip(group: &Group, scale: &Scale, hours: &std::ops::Range<usize>) -> Strip {
    let portrait = &group.portrait;
    let note = portrait.worst().map_or_else(String::new, |worst| {
        let share = share_of_sum(worst.cell.wait_sum_ms, portrait.figures.wait_sum_ms);
        let (when, share) = (two_hours(worst.from), words::share(share));
        format!("worst {when}: {share} of its waiting hours")
    });
    let days = portrait.hours.chunks(24);
    Strip {
        name: name(&group.labels),
        note,
        levels: days
            .flat_map(|day| day.get(hours.clone()).unwrap_or_default())
            .map(|cell| scale.level(cell))
            .collect(),
    }
}

fn worst_table<'a>(page: &Page, groups: impl Iterator<Item = &'a Group>) -> Markup {
    let head = html! {
        th scope="col" { "Where" }
        th scope="col" { "Worst two hours" }
        th.number scope="col" { "Number in them" }
        th.number scope="col" { "Of its " (page.noun) }
        th.number scope="col" { "Mean wait in them (" (page.unit.symbol) ")" }
        th.number scope="col" { "Gave up" }
        th.number scope="col" { "Of its waiting hours" }
    };
    let rows = groups.filter_map(|group| {
        let portrait = &group.portrait;
        let worst = portrait.worst()?;
        let cell = worst.cell;
        Some(html! {
            th scope="row" { (name(&group.labels)) }
            td.when { (two_hours(worst.from)) }
            td.number { (words::count(cell.visits)) }
            td.number { (words::share(share_of(cell.visits, portrait.visits()))) }
            td.number { (page.bare(cell.mean_wait_ms())) }
            td.number { (words::share(cell.abandon_share().unwrap_or(0.0))) }
            td.number { (words::share(share_of_sum(cell.wait_sum_ms, portrait.figures.wait_sum_ms))) }
        })
    });
    table(
        "The two hours on end of one day in which each group spent most time waiting",
        &head,
        rows,
    )
}

/// The hours of the day in which anybody comes on any day.
fn busy_hours(hours: &[Cell]) -> std::ops::Range<usize> {
    let is_busy = |hour: &usize| {
        let days = (0..DAYS.len()).filter_map(|day| hours.get(day * 24 + hour));
        days.map(|cell| cell.visits).sum::<u64>() > 0
    };
    let mut busy = (0..24).filter(is_busy);
    let first = busy.next().unwrap_or(0);
    first..busy.next_back().unwrap_or(first) + 1
}

/// Which mean waits share a colour.
struct Scale {
    /// Where each colour but the first begins, in milliseconds.
    bounds_ms: Vec<u64>,
}

impl Scale {
    /// The steps end below the longest mean wait of any hour of any group.
    fn of(groups: &[Group]) -> Scale {
        let cells = groups.iter().flat_map(|group| &group.portrait.hours);
        let means = cells
            .filter(|cell| cell.visits >= VISITS_MIN)
            .filter_map(Cell::mean_wait_ms);
        let longest_ms = means.fold(0.0, f64::max);
        let n_bounds = LEVELS - 1;
        let is_reached = |secs: &&u64| {
            f64::from(u32::try_from(**secs).unwrap_or(u32::MAX)) * 1000.0 < longest_ms
        };
        let n_reached = LADDER_SECS.iter().filter(is_reached).count();
        let end = std::cmp::max(n_reached, n_bounds);
        let bounds = LADDER_SECS[end - n_bounds..end].iter();
        Scale {
            bounds_ms: bounds.map(|secs| secs * 1000).collect(),
        }
    }

    /// `None` where hardly anybody came.
    fn level(&self, cell: &Cell) -> Option<usize> {
        let is_below = |bound: &u64| cell.wait_sum_ms >= bound.saturating_mul(cell.waits);
        if cell.visits < VISITS_MIN || cell.waits == 0 {
            return None;
        }
        Some(self.bounds_ms.partition_point(is_below))
    }

    /// Numbers of four digits do not fit into a field.
    fn is_in_minutes(&self) -> bool {
        self.bounds_ms.last().is_some_and(|last| *last >= 900_000)
    }

    fn labels(&self) -> Vec<String> {
        let bounds = &self.bounds_ms;
        let first = bounds
            .first()
            .map(|first| format!("below {}", lasting(*first)));
        let last = bounds
            .last()
            .map(|last| format!("{} or longer", lasting(*last)));
        let between = bounds
            .windows(2)
            .map(|pair| format!("{}–{}", lasting(pair[0]), lasting(pair[1])));
        first.into_iter().chain(between).chain(last).collect()
    }
}

const _: () = assert!(HOURS == DAYS.len() * 24);

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(visits: u64, mean_secs: u64) -> Cell {
        Cell {
            visits,
            waits: visits,
            abandoned: 0,
            wait_sum_ms: visits * mean_secs * 1000,
        }
    }

    #[test]
    fn a_colour_begins_at_its_bound() {
        let scale = Scale {
            bounds_ms: [20, 30, 60, 90, 120, 180, 300]
                .map(|secs| secs * 1000)
                .to_vec(),
        };
        for (mean_secs, level) in [
            (0, 0),
            (19, 0),
            (20, 1),
            (59, 2),
            (60, 3),
            (299, 6),
            (300, 7),
            (9999, 7),
        ] {
            assert_eq!(
                scale.level(&cell(5, mean_secs)),
                Some(level),
                "{mean_secs} s"
            );
        }
        assert_eq!(scale.level(&cell(4, 100)), None, "too few to tell");
        let labels = scale.labels();
        assert_eq!(labels.len(), LEVELS);
        assert_eq!(labels[0].replace('\u{a0}', " "), "below 20 s");
        assert_eq!(labels[3].replace('\u{a0}', " "), "1 min–1 min 30 s");
    }

    #[test]
    fn hours_in_which_nobody_ever_comes_are_left_out() {
        let mut hours = vec![Cell::default(); HOURS];
        assert_eq!(busy_hours(&hours), 0..1);
        hours[24 + 8] = cell(1, 1);
        hours[48 + 17] = cell(1, 1);
        assert_eq!(busy_hours(&hours), 8..18);
    }
}
