//! Bars and marks: paired bars, shares, moves along a scale. A row's name stands above its bars, where no name is too long
//! for a column of names.

use maud::{Markup, html};

use super::{Caption, Scale, TOP_PX, Tick, drawn, finite, frame, percent};

/// Where bars may end, in percent of the width, if values are written beside them.
const END_BESIDE_VALUES: f64 = 78.0;
/// Where they may end otherwise; the last label of the axis needs the rest.
const END_ALONE: f64 = 97.0;

/// One row of [`paired`]. Values are in the axis' unit.
pub(crate) struct Pair {
    /// Whose bars these are.
    pub(crate) name: String,
    /// What follows from them, written beside the name.
    pub(crate) note: String,
    /// The upper bar and what is written at its end.
    pub(crate) without: (f64, String),
    /// The lower bar and what is written at its end.
    pub(crate) with: (f64, String),
    /// Half the width of the interval around the lower bar's end; not drawn unless finite.
    pub(crate) half_width: f64,
}

/// Draws two bars per row, with the difference's interval around the end of the lower one.
///
/// A dotted line goes down from the end of the upper bar: an interval that it crosses is no evidence of a difference.
pub(crate) fn paired(caption: &Caption, rows: &[Pair]) -> Markup {
    const ROW_PX: usize = 74;
    let scale = Scale::up_to(paired_end(rows), END_BESIDE_VALUES);
    let body = html! {
        @for (idx, row) in rows.iter().enumerate() {
            @let y = TOP_PX + idx * ROW_PX;
            (name_line(y + 14, &row.name, &row.note))
            (bar("without", y + 22, 15, scale.x(row.without.0)))
            (bar("with", y + 39, 15, scale.x(row.with.0)))
            (mark("level", [scale.x(row.without.0); 2], [y + 37, y + 57]))
            (whisker(y + 46, &scale, row))
            @let clear_of_marks = scale.x(row.without.0.max(row.with.0 + finite(row.half_width)));
            (value_label(y + 34, clear_of_marks, &row.without.1))
            (value_label(y + 51, clear_of_marks, &row.with.1))
        }
    };
    frame(caption, TOP_PX + rows.len() * ROW_PX, &scale.ticks(), &body)
}

/// Returns where the axis must reach: to the last interval's end, unless the bars would shrink to nothing beside it.
fn paired_end(rows: &[Pair]) -> f64 {
    const ROOM_FOR_INTERVALS: f64 = 1.5;
    let bars = rows
        .iter()
        .flat_map(|row| [row.without.0, row.with.0])
        .map(drawn)
        .fold(0.0, f64::max);
    let intervals = rows
        .iter()
        .map(|row| drawn(row.with.0) + finite(row.half_width))
        .fold(0.0, f64::max);
    if bars > 0.0 {
        intervals.clamp(bars, bars * ROOM_FOR_INTERVALS)
    } else {
        intervals
    }
}

/// An end that lies beyond the axis, or below zero, is cut off and has no stop.
fn whisker(y: usize, scale: &Scale, row: &Pair) -> Markup {
    let half_width = finite(row.half_width);
    let (low, high) = (
        drawn(row.with.0) - half_width,
        drawn(row.with.0) + half_width,
    );
    let ends = [(low, low >= 0.0), (high, high <= scale.end)];
    html! {
        @if half_width > 0.0 {
            (mark("whisker", [scale.x(low), scale.x(high)], [y, y]))
            @for (end, _) in ends.iter().filter(|(_, is_inside)| *is_inside) {
                (mark("whisker", [scale.x(*end); 2], [y - 5, y + 5]))
            }
        }
    }
}

/// One row of [`shares`].
pub(crate) struct Share {
    /// Whose share it is.
    pub(crate) name: String,
    /// The figures, written beside the name.
    pub(crate) note: String,
    /// In 0.0..=1.0.
    pub(crate) share: f64,
}

/// Draws shares of a whole in percent, in the order given, with the running total as a pale bar behind.
pub(crate) fn shares(caption: &Caption, rows: &[Share]) -> Markup {
    const ROW_PX: usize = 46;
    let running: Vec<f64> = rows
        .iter()
        .scan(0.0, |total, row| {
            *total += drawn(row.share * 100.0);
            Some(total.min(100.0))
        })
        .collect();
    let scale = Scale::up_to(running.last().copied().unwrap_or(0.0), END_ALONE);
    let body = html! {
        @for (idx, (row, running)) in rows.iter().zip(&running).enumerate() {
            @let y = TOP_PX + idx * ROW_PX;
            (name_line(y + 14, &row.name, &row.note))
            (bar("running", y + 22, 14, scale.x(*running)))
            (bar("share", y + 22, 14, scale.x(row.share * 100.0)))
        }
    };
    frame(caption, TOP_PX + rows.len() * ROW_PX, &scale.ticks(), &body)
}

/// One row of [`moves`].
pub(crate) struct Move {
    /// What moves.
    pub(crate) name: String,
    /// The figures, written beside the name.
    pub(crate) note: String,
    /// Where it stood, if anywhere on the scale.
    pub(crate) before: Option<f64>,
    /// Where it stands.
    pub(crate) after: Option<f64>,
}

/// Draws moves along the scale of weights: a ring where each stood before, a diamond where it stands after.
pub(crate) fn moves(caption: &Caption, rows: &[Move], ticks: &[(f64, String)]) -> Markup {
    const ROW_PX: usize = 46;
    let ticks: Vec<_> = ticks
        .iter()
        .map(|(value, text)| Tick {
            x: weight_x(*value),
            text: text.clone(),
        })
        .collect();
    let body = html! {
        @for (idx, row) in rows.iter().enumerate() {
            @let y = TOP_PX + idx * ROW_PX;
            @let (before, after) = (row.before.map(weight_x), row.after.map(weight_x));
            (name_line(y + 14, &row.name, &row.note))
            line.rail x1=(percent(weight_x(1.0))) x2=(percent(weight_x(100.0))) y1=(y + 30) y2=(y + 30) {}
            @if let (Some(before), Some(after)) = (before, after) {
                line.move x1=(percent(before)) x2=(percent(after)) y1=(y + 30) y2=(y + 30) {}
            }
            @if let Some(before) = before {
                circle.before cx=(percent(before)) cy=(y + 30) r="6" {}
            }
            @if let Some(after) = after {
                // A percentage cannot be a point of a path, but a nested drawing can stand at one.
                svg.point x=(percent(after)) y=(y + 30) {
                    path.after d="M0-8 8 0 0 8-8 0Z" {}
                }
            }
        }
    };
    frame(caption, TOP_PX + rows.len() * ROW_PX, &ticks, &body)
}

/// Returns the place of a weight in 1..=100, in percent of the width, with room for a mark at either end.
fn weight_x(weight: f64) -> f64 {
    2.0 + (weight.clamp(1.0, 100.0) - 1.0) / 99.0 * 94.0
}

/// The name is cut where a narrow page ends; its whole is in the tooltip and in the table.
pub(super) fn name_line(y: usize, name: &str, note: &str) -> Markup {
    const SHOWN_CHARS: usize = 40;
    let is_cut = name.chars().count() > SHOWN_CHARS;
    html! {
        text x="0" y=(y) {
            @if is_cut {
                title { (name) }
                tspan.name { (name.chars().take(SHOWN_CHARS - 1).collect::<String>()) "…" }
            } @else {
                tspan.name { (name) }
            }
            tspan.note dx="10" { (note) }
        }
    }
}

fn bar(class: &str, y: usize, height_px: usize, end: f64) -> Markup {
    html! {
        rect class={ "bar " (class) } x="0" y=(y) width=(percent(end)) height=(height_px) {}
    }
}

/// A line that can be seen on a bar of any colour: it lies on a wider one in the page's.
pub(super) fn mark(class: &str, [x1, x2]: [f64; 2], [y1, y2]: [usize; 2]) -> Markup {
    html! {
        @for class in ["halo", class] {
            line class=(class) x1=(percent(x1)) x2=(percent(x2)) y1=(y1) y2=(y2) {}
        }
    }
}

fn value_label(y: usize, x: f64, text: &str) -> Markup {
    html! {
        text.figure x=(percent(x)) dx="7" y=(y) { (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTION: Caption = Caption {
        id: "c",
        title: "t",
        description: "d",
        axis: "a",
    };

    fn pair(without: f64, with: f64, half_width: f64) -> Pair {
        Pair {
            name: "n".to_owned(),
            note: String::new(),
            without: (without, String::new()),
            with: (with, String::new()),
            half_width,
        }
    }

    fn widths(svg: &str, class: &str) -> Vec<f64> {
        let bars = svg
            .split("<rect ")
            .filter(|bar| bar.contains(&format!("\"bar {class}\"")));
        bars.map(|bar| {
            bar.split("width=\"")
                .nth(1)
                .unwrap()
                .split('%')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect()
    }

    #[test]
    fn steps_are_round_and_hold_the_largest() {
        for (largest, step, end) in [
            (0.0, 0.2, 1.0),
            (7.0, 2.0, 8.0),
            (60.0, 10.0, 60.0),
            (61.0, 20.0, 80.0),
            (123_456.0, 50_000.0, 150_000.0),
        ] {
            let scale = Scale::up_to(largest, END_BESIDE_VALUES);
            assert!(
                (scale.step - step).abs() < 1e-9 * step && (scale.end - end).abs() < 1e-9 * end,
                "{largest}: {} {}",
                scale.step,
                scale.end
            );
            assert!((2..=8).contains(&scale.ticks().len()), "{largest}");
        }
    }

    #[test]
    fn bars_are_in_proportion() {
        let svg = paired(&CAPTION, &[pair(100.0, 50.0, 0.0), pair(25.0, 0.0, 0.0)]).into_string();
        let (without, with) = (widths(&svg, "without"), widths(&svg, "with"));
        assert!(
            (without[0] - END_BESIDE_VALUES).abs() < 0.01
                && (with[0] - END_BESIDE_VALUES / 2.0).abs() < 0.01
        );
        assert!((without[1] - END_BESIDE_VALUES / 4.0).abs() < 0.01 && with[1].abs() < 0.01);
        assert!(!svg.contains("whisker"));
    }

    #[test]
    fn an_interval_may_not_dwarf_the_bars() {
        let svg = paired(&CAPTION, &[pair(100.0, 90.0, 1e12)]).into_string();
        assert!(widths(&svg, "without")[0] > END_BESIDE_VALUES / 2.0 - 0.01);
        assert_eq!(
            svg.matches("class=\"whisker\"").count(),
            1,
            "both ends are cut off"
        );
        let svg = paired(&CAPTION, &[pair(100.0, 90.0, 5.0)]).into_string();
        assert_eq!(
            svg.matches("class=\"whisker\"").count(),
            3,
            "both ends have a stop"
        );
    }

    #[test]
    fn odd_numbers_are_drawn_as_something_finite() {
        let odd = [
            0.0,
            -5.0,
            1e-300,
            1e300,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        for value in odd {
            let svg = paired(
                &CAPTION,
                &[pair(value, 1.0, value), pair(value, value, value)],
            )
            .into_string()
                + &shares(
                    &CAPTION,
                    &[Share {
                        name: String::new(),
                        note: String::new(),
                        share: value,
                    }],
                )
                .into_string();
            for word in ["NaN", "inf", "%%", "unknown"] {
                assert!(!svg.contains(word), "{value} gives {word}: {svg}");
            }
            assert!(
                widths(&svg, "without")
                    .iter()
                    .all(|width| (0.0..=END_BESIDE_VALUES).contains(width))
            );
        }
    }

    #[test]
    fn long_names_are_cut_between_letters_and_kept_whole_in_the_tooltip() {
        let name = "ü".repeat(50);
        let line = name_line(0, &name, "note").into_string();
        assert!(line.contains(&format!("<title>{name}</title>")));
        assert!(line.contains(&format!(">{}…<", "ü".repeat(39))));
    }
}
