//! Differences with their intervals, on either side of zero.

use maud::{Markup, html};

use super::bars::{mark, name_line};
use super::range::Range;
use super::{Caption, TOP_PX, Tick, finite, frame, percent};
use crate::page::words;

/// One row of [`intervals`]. Values are in the axis' unit.
pub(crate) struct Interval {
    /// Whose difference it is.
    pub(crate) name: String,
    /// What it means, written beside the name.
    pub(crate) note: String,
    /// The difference.
    pub(crate) difference: f64,
    /// Half the width of the interval around it; not drawn unless finite.
    pub(crate) half_width: f64,
    /// Whether the interval leaves out 0.
    pub(crate) is_evidence: bool,
}

/// Draws a difference per row, with its interval as a line: a diamond where it is evidence, a ring where it is not. `sides`
/// says what it means to lie on the left and on the right of zero.
pub(crate) fn intervals(caption: &Caption, sides: [&str; 2], rows: &[Interval]) -> Markup {
    const ROW_PX: usize = 46;
    /// Above the rows: the names of the sides.
    const FIRST_PX: usize = TOP_PX + 12;
    let range = range(rows);
    let height_px = FIRST_PX + rows.len() * ROW_PX;
    let ticks: Vec<Tick> = range
        .ticks()
        .into_iter()
        .map(|value| Tick {
            x: x(&range, value),
            text: words::signed(value, range.decimals()),
        })
        .collect();
    let zero = percent(x(&range, 0.0));
    let body = html! {
        line.zero x1=(zero) x2=(zero) y1="36" y2=(height_px) {}
        text.axis x=(zero) dx="-8" y=(TOP_PX + 2) text-anchor="end" { "← " (sides[0]) }
        text.axis x=(zero) dx="8" y=(TOP_PX + 2) { (sides[1]) " →" }
        @for (idx, row) in rows.iter().enumerate() {
            @let y = FIRST_PX + idx * ROW_PX;
            (name_line(y + 14, &row.name, &row.note))
            (whisker(y + 30, &range, row))
            (dot(y + 30, &range, row))
        }
    };
    frame(caption, height_px, &ticks, &body)
}

/// Room for a mark at either end.
fn x(range: &Range, value: f64) -> f64 {
    2.0 + range.place(value) * 94.0
}

/// Holds zero with some room on either side, every difference, and every interval unless it dwarfs the others.
fn range(rows: &[Interval]) -> Range {
    const DWARFS: f64 = 4.0;
    /// Of the other side's length.
    const ROOM: f64 = 0.25;
    let reach = |row: &Interval| finite(row.difference).abs() + finite(row.half_width);
    let mut reaches: Vec<f64> = rows.iter().map(reach).collect();
    reaches.sort_by(f64::total_cmp);
    let middle = reaches.get(reaches.len() / 2).copied().unwrap_or(0.0);
    let longest = DWARFS * middle;
    let ends = rows.iter().flat_map(|row| {
        let (difference, half_width) = (finite(row.difference), finite(row.half_width));
        let end = |end: f64| end.clamp(-longest, longest);
        [
            difference,
            end(difference - half_width),
            end(difference + half_width),
        ]
    });
    let (low, high) = ends.fold((0.0, 0.0), |(low, high), end| {
        (f64::min(low, end), f64::max(high, end))
    });
    Range::of(&[low, high, -ROOM * high, -ROOM * low])
}

/// An end that lies beyond the axis is cut off and has no stop.
fn whisker(y: usize, range: &Range, row: &Interval) -> Markup {
    let (difference, half_width) = (finite(row.difference), finite(row.half_width));
    let ends = [difference - half_width, difference + half_width];
    html! {
        @if half_width > 0.0 {
            (mark("whisker", ends.map(|end| x(range, end)), [y, y]))
            @for end in ends.iter().filter(|end| range.holds(**end)) {
                (mark("whisker", [x(range, *end); 2], [y - 5, y + 5]))
            }
        }
    }
}

fn dot(y: usize, range: &Range, row: &Interval) -> Markup {
    let x = percent(x(range, row.difference));
    html! {
        @if row.is_evidence {
            svg.point x=(x) y=(y) {
                path.after.worse[row.difference > 0.0] d="M0-8 8 0 0 8-8 0Z" {}
            }
        } @else {
            circle.before cx=(x) cy=(y) r="6" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(difference: f64, half_width: f64) -> Interval {
        Interval {
            name: "n".to_owned(),
            note: String::new(),
            difference,
            half_width,
            is_evidence: difference.abs() > half_width,
        }
    }

    fn svg(rows: &[Interval]) -> String {
        let caption = Caption {
            id: "c",
            title: "t",
            description: "d",
            axis: "a",
        };
        intervals(&caption, ["less", "more"], rows).into_string()
    }

    #[test]
    fn evidence_has_another_shape_and_lies_on_its_side_of_zero() {
        let svg = svg(&[row(-20.0, 10.0), row(20.0, 10.0), row(5.0, 10.0)]);
        for part in [
            "<line class=\"zero\" x1=\"49.00%\"",
            "x=\"17.67%\" y=\"90\"><path class=\"after\"",
            "x=\"80.33%\" y=\"136\"><path class=\"after worse\"",
            "<circle class=\"before\" cx=\"56.83%\"",
            "<line class=\"whisker\" x1=\"2.00%\" x2=\"33.33%\"",
        ] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
        assert!(svg.contains("← less") && svg.contains("more →"));
        assert_eq!(svg.matches("class=\"whisker\"").count(), 9);
    }

    #[test]
    fn one_wide_interval_does_not_dwarf_the_others() {
        let svg = svg(&[row(-2.0, 1.0), row(3.0, 1.0), row(1.0, 500.0)]);
        assert_eq!(
            svg.matches("class=\"whisker\"").count(),
            7,
            "both ends of the wide one are cut off"
        );
    }

    #[test]
    fn odd_numbers_are_drawn_as_something_finite() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -5.0, 0.0] {
            let svg = svg(&[row(odd, 1.0), row(1.0, odd), row(odd, odd)]);
            for word in ["NaN", "inf", "unknown"] {
                assert!(!svg.contains(word), "{odd} gives {word}: {svg}");
            }
        }
        assert!(svg(&[]).contains("class=\"zero\""));
    }
}
