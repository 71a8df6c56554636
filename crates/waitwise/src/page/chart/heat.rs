//! Heat maps: a week as a table with a number in each cell, and many weeks as strips.
//!
//! Colours are steps of one scale whose lightness runs one way, so that order is seen without telling colours apart, and in
//! print. Where there is room, the number stands in the cell.

use maud::{Markup, html};

use super::bars::name_line;
use super::{Caption, Tick, frame, percent};

/// How many colours there are.
pub(crate) const LEVELS: usize = 8;

/// A cell of [`week`].
pub(crate) struct HeatCell {
    /// Its colour, from 0 to below [`LEVELS`]; `None`: there is nothing to colour.
    pub(crate) level: Option<usize>,
    /// What is written in it.
    pub(crate) text: String,
    /// What it says in words.
    pub(crate) title: String,
}

/// A week by days and hours.
pub(crate) struct Heat<'a> {
    /// What is to be seen.
    pub(crate) caption: &'a str,
    /// The hours that are shown.
    pub(crate) hours: std::ops::Range<usize>,
    /// 168 of them, from Monday midnight.
    pub(crate) cells: Vec<HeatCell>,
}

pub(crate) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Draws a week as a table: a row for each day, a column for each hour.
pub(crate) fn week(heat: &Heat) -> Markup {
    html! {
        div.table {
            // Each field keeps room for three digits; where the page is narrower, the table scrolls.
            table.heat style=(format!("min-width:{:.1}rem", wide_rem(heat.hours.len()))) {
                caption { span { (heat.caption) } }
                thead {
                    tr {
                        th scope="col" { "Hour" }
                        @for hour in heat.hours.clone() {
                            th scope="col" { (format!("{hour:02}")) }
                        }
                    }
                }
                tbody {
                    @for (day, cells) in DAYS.iter().zip(heat.cells.chunks(24)) {
                        tr {
                            th scope="row" { (day) }
                            @for cell in cells.get(heat.hours.clone()).unwrap_or_default() {
                                td class=(class(cell.level)) title=(cell.title) { (cell.text) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn wide_rem(n_hours: usize) -> f64 {
    3.0 + 1.65 * f64::from(u32::try_from(n_hours).unwrap_or(24))
}

/// One row of [`strips`].
pub(crate) struct Strip {
    /// Whose week it is.
    pub(crate) name: String,
    /// The figures, written beside the name.
    pub(crate) note: String,
    /// One for each hour shown of each day, from Monday's first; as [`HeatCell::level`].
    pub(crate) levels: Vec<Option<usize>>,
}

/// Draws weeks as strips below each other, an hour being a column. Every day has the same number of them.
pub(crate) fn strips(caption: &Caption, rows: &[Strip]) -> Markup {
    const ROW_PX: usize = 46;
    const TOP_PX: usize = super::TOP_PX;
    let ticks: Vec<_> = (0_u8..)
        .zip(DAYS)
        .map(|(day, name)| Tick {
            x: f64::from(day) / 7.0 * 100.0,
            text: name.to_owned(),
        })
        .collect();
    let body = html! {
        @for (idx, row) in rows.iter().enumerate() {
            @let y = TOP_PX + idx * ROW_PX;
            (name_line(y + 14, &row.name, &row.note))
            svg.strip x="0" y=(y + 21) width="100%" height="18" viewBox={ "0 0 " (row.levels.len()) " 1" } preserveAspectRatio="none" {
                rect.empty width=(row.levels.len()) height="1" {}
                @for level in 0..LEVELS {
                    @let cells = runs(&row.levels, level);
                    @if !cells.is_empty() {
                        path class=(class(Some(level))) d=(cells) {}
                    }
                }
            }
            @for day in 1..7_u8 {
                @let x = percent(f64::from(day) / 7.0 * 100.0);
                line.day x1=(x) x2=(x) y1=(y + 21) y2=(y + 39) {}
            }
        }
    };
    frame(caption, TOP_PX + rows.len() * ROW_PX, &ticks, &body)
}

/// The cells of one colour as a path: neighbours are drawn as one.
fn runs(levels: &[Option<usize>], level: usize) -> String {
    let mut path = String::new();
    let mut at = 0;
    for run in levels.chunk_by(|a, b| a == b) {
        if run.first() == Some(&Some(level)) {
            path += &format!("M{at} 0h{}v1h-{}z", run.len(), run.len());
        }
        at += run.len();
    }
    path
}

fn class(level: Option<usize>) -> String {
    level.map_or_else(|| "empty".to_owned(), |level| format!("level{level}"))
}

/// Draws the scale: each colour with what it stands for.
pub(crate) fn scale(labels: &[String]) -> Markup {
    html! {
        p.legend {
            @for (level, label) in labels.iter().enumerate() {
                span { span class={ "key " (class(Some(level))) } {} (label) }
            }
            span { span.key.empty {} "hardly anybody" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_colour_are_one_piece() {
        let levels = [Some(1), Some(1), None, Some(2), Some(1)];
        assert_eq!(runs(&levels, 1), "M0 0h2v1h-2zM4 0h1v1h-1z");
        assert_eq!(runs(&levels, 2), "M3 0h1v1h-1z");
        assert_eq!(runs(&levels, 3), "");
    }

    #[test]
    fn a_week_is_seven_rows_of_the_hours_shown() {
        let cell = |number: usize| HeatCell {
            level: number.is_multiple_of(2).then_some(number % LEVELS),
            text: format!("<{number}>"),
            title: String::new(),
        };
        let heat = Heat {
            caption: "c",
            hours: 8..10,
            cells: (0..168).map(cell).collect(),
        };
        let table = week(&heat).into_string();
        assert_eq!(table.matches("<tr>").count(), 8);
        assert_eq!(table.matches("<td ").count(), 14);
        assert!(table.contains(r#"<td class="level0" title="">&lt;8&gt;</td>"#));
        assert!(table.contains(r#"<td class="empty" title="">&lt;153&gt;</td>"#));
    }
}
