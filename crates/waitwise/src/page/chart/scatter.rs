//! Marks at two values each.

use maud::{Markup, html};

use super::range::Range;
use super::{Caption, Tick, frame, percent};
use crate::page::words;

/// How a mark looks: each has its own colour as well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    Circle,
    Diamond,
    Square,
    Triangle,
}

/// One mark of [`scatter`].
pub(crate) struct Spot {
    pub(crate) shape: Shape,
    /// Whether only its edge is drawn.
    pub(crate) is_hollow: bool,
    /// Its value from left to right, in that axis' unit.
    pub(crate) across: f64,
    /// Its value from below, in that axis' unit.
    pub(crate) up: f64,
    /// What is written beside it.
    pub(crate) label: String,
    /// Whether that is written even where it covers others.
    pub(crate) is_always_labelled: bool,
    /// What a pointer is told.
    pub(crate) tooltip: String,
}

/// Where the plot begins and ends, in percent of the width; labels of the axis are written behind it.
const BEGIN: f64 = 2.0;
const LONG: f64 = 88.0;
/// Above the plot: both axes' names and labels.
const TOP_PX: f64 = 68.0;

/// Draws marks; the axis that goes up is called `up`. Later marks lie on top of earlier ones.
pub(crate) fn scatter(caption: &Caption, up: &str, height_px: u16, spots: &[Spot]) -> Markup {
    let height = f64::from(height_px);
    let of = |value: fn(&Spot) -> f64| -> Vec<f64> { spots.iter().map(value).collect() };
    let (across, upward) = (
        Range::of(&of(|spot| spot.across)),
        Range::of(&of(|spot| spot.up)),
    );
    let x = |value: f64| BEGIN + across.place(value) * LONG;
    let y = |value: f64| TOP_PX + (1.0 - upward.place(value)) * height;
    let places: Vec<(f64, f64)> = spots
        .iter()
        .map(|spot| (x(spot.across), y(spot.up)))
        .collect();
    let ticks: Vec<Tick> = across
        .ticks()
        .into_iter()
        .map(|value| Tick {
            x: x(value),
            text: words::number(value, across.decimals()),
        })
        .collect();
    let body = html! {
        text.axis x="0" y="50" { (up) }
        @for value in upward.ticks() {
            @let y = pixels(y(value));
            line.grid x1=(percent(BEGIN)) x2=(percent(BEGIN + LONG)) y1=(y) y2=(y) {}
            text.tick x=(percent(BEGIN + LONG)) dx="10" y=(y) dy="4" { (words::number(value, upward.decimals())) }
        }
        @for (spot, (x, y)) in spots.iter().zip(&places) {
            svg.point x=(percent(*x)) y=(pixels(*y)) {
                title { (spot.tooltip) }
                (mark(spot.shape, spot.is_hollow))
            }
        }
        @for (spot, place) in labels(spots, &places) {
            text.figure x=(percent(place.x)) y=(pixels(place.y)) dx=(place.side.dx()) dy=(place.side.dy()) text-anchor=(place.side.anchor()) {
                (spot.label)
            }
        }
    };
    frame(caption, usize::from(height_px) + 86, &ticks, &body)
}

/// A mark as legends show it.
pub(crate) fn spot(shape: Shape, is_hollow: bool) -> Markup {
    html! {
        svg.icon width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true" { (mark(shape, is_hollow)) }
    }
}

fn mark(shape: Shape, is_hollow: bool) -> Markup {
    let (class, path) = match shape {
        Shape::Circle => ("circle", "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z"),
        Shape::Diamond => ("diamond", "M0-9 9 0 0 9-9 0Z"),
        Shape::Square => ("square", "M-6-6H6V6H-6Z"),
        Shape::Triangle => ("triangle", "M0-7 7 6H-7Z"),
    };
    html! {
        path class={ "spot " (class) @if is_hollow { " hollow" } } d=(path) {}
    }
}

/// On which side of its mark a label stands.
#[derive(Clone, Copy)]
enum Side {
    Right,
    Left,
    Above,
    Below,
}

impl Side {
    const ALL: [Side; 4] = [Side::Right, Side::Left, Side::Above, Side::Below];

    fn dx(self) -> i8 {
        match self {
            Side::Right => 13,
            Side::Left => -13,
            Side::Above | Side::Below => 0,
        }
    }

    fn dy(self) -> i8 {
        match self {
            Side::Right | Side::Left => 5,
            Side::Above => -13,
            Side::Below => 23,
        }
    }

    fn anchor(self) -> &'static str {
        match self {
            Side::Right => "start",
            Side::Left => "end",
            Side::Above | Side::Below => "middle",
        }
    }
}

/// Where a label stands: its mark's place, in percent and in pixels, and the side.
struct Place {
    x: f64,
    y: f64,
    side: Side,
}

/// Left, right, top and bottom, in pixels.
type Area = [f64; 4];

/// Finds a side for each label where it covers neither a mark nor another label, those that must be written first.
fn labels<'a>(spots: &'a [Spot], places: &[(f64, f64)]) -> Vec<(&'a Spot, Place)> {
    let mut taken: Vec<Area> = places.iter().map(|place| around(*place)).collect();
    let mut order: Vec<usize> = (0..spots.len()).collect();
    order.sort_by_key(|idx| !spots[*idx].is_always_labelled);
    let mut found = Vec::new();
    for idx in order {
        let (spot, (x, y)) = (&spots[idx], places[idx]);
        let area = |side: Side| label_area(&spot.label, (x, y), side);
        let free = Side::ALL
            .into_iter()
            .find(|side| is_free(&area(*side), &taken));
        let kept = match spot.is_always_labelled {
            true => free.or(Some(Side::Right)),
            false => free,
        };
        if let Some(side) = kept {
            taken.push(area(side));
            found.push((spot, Place { x, y, side }));
        }
    }
    found
}

/// How wide the drawing is taken to be where labels are placed: as on a narrow page, since more width only parts them more.
const WIDTH_PX: f64 = 480.0;

fn around((x, y): (f64, f64)) -> Area {
    const HALF: f64 = 9.0;
    let x = x / 100.0 * WIDTH_PX;
    [x - HALF, x + HALF, y - HALF, y + HALF]
}

fn label_area(label: &str, (x, y): (f64, f64), side: Side) -> Area {
    const LETTER_PX: f64 = 7.0;
    const UP_PX: f64 = 11.0;
    const DOWN_PX: f64 = 3.0;
    let wide = LETTER_PX * f64::from(u16::try_from(label.chars().count()).unwrap_or(u16::MAX));
    let x = x / 100.0 * WIDTH_PX + f64::from(side.dx());
    let y = y + f64::from(side.dy());
    let left = match side {
        Side::Right => x,
        Side::Left => x - wide,
        Side::Above | Side::Below => x - wide / 2.0,
    };
    [left, left + wide, y - UP_PX, y + DOWN_PX]
}

fn is_free(area: &Area, taken: &[Area]) -> bool {
    let [left, right, top, bottom] = area;
    let is_inside = *left >= 0.0 && *right <= WIDTH_PX * (BEGIN + LONG) / 100.0;
    let is_apart = |other: &Area| {
        *right < other[0] || other[1] < *left || *bottom < other[2] || other[3] < *top
    };
    is_inside && taken.iter().all(is_apart)
}

fn pixels(y: f64) -> String {
    debug_assert!(y.is_finite(), "a place in a chart is a number, got {y}");
    format!("{y:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(across: f64, up: f64, label: &str) -> Spot {
        Spot {
            shape: Shape::Diamond,
            is_hollow: label == "hollow",
            across,
            up,
            label: label.to_owned(),
            is_always_labelled: label.len() > 2,
            tooltip: label.to_owned(),
        }
    }

    fn svg(spots: &[Spot]) -> String {
        let caption = Caption {
            id: "c",
            title: "t",
            description: "d",
            axis: "a",
        };
        scatter(&caption, "up", 300, spots).into_string()
    }

    #[test]
    fn more_lies_further_right_and_further_up() {
        let svg = svg(&[at(10.0, 100.0, "hollow"), at(60.0, 160.0, "filled")]);
        for part in [
            "x=\"2.00%\" y=\"368.0\"><title>hollow</title><path class=\"spot diamond hollow\"",
            "x=\"90.00%\" y=\"68.0\"><title>filled</title><path class=\"spot diamond\"",
        ] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
    }

    #[test]
    fn labels_cover_nothing_and_give_way_to_those_that_must_be_written() {
        let crowd: Vec<Spot> = (0..10_u8)
            .map(|idx| at(50.0 + f64::from(idx) / 10.0, 50.0, &idx.to_string()))
            .chain([at(0.0, 0.0, "far"), at(50.5, 50.0, "present")])
            .chain([at(100.0, 100.0, "edge")])
            .collect();
        let spots = svg(&crowd);
        let written = spots.matches("class=\"figure\"").count();
        assert!((3..13).contains(&written), "{written} labels in {spots}");
        assert!(
            ["far", "present", "edge"]
                .iter()
                .all(|name| spots.contains(&format!(">{name}</text>")))
        );
        let two = [at(0.0, 0.0, "middle"), at(0.0, 0.0, "edge")];
        let found = labels(&two, &[(50.0, 200.0), (88.0, 200.0)]);
        assert!(matches!(found[0].1.side, Side::Right));
        assert!(
            matches!(found[1].1.side, Side::Left),
            "it would be beyond the edge"
        );
    }

    #[test]
    fn odd_numbers_and_a_single_place_are_drawn_as_something_finite() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 0.0] {
            let svg = svg(&[at(odd, 1.0, "a"), at(1.0, odd, "b"), at(odd, odd, "c")]);
            for word in ["NaN", "inf\"", "inf%", "unknown"] {
                assert!(!svg.contains(word), "{odd} gives {word}: {svg}");
            }
        }
        assert!(!svg(&[]).contains("NaN"));
    }
}
