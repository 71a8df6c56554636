//! Curves of shares over time.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Caption, Scale, drawn, finite, frame, percent};

/// A curve. It goes by steps: each value holds until the next point.
pub(crate) struct Curve {
    /// Which of the style sheet's lines it is: each has its own colour and its own dashes.
    pub(crate) class: &'static str,
    /// Place on the axis, and the share there, 0.0..=1.0; by place.
    pub(crate) points: Vec<(f64, f64)>,
}

/// What lies between two such curves.
pub(crate) struct Band {
    /// Place on the axis, and the lower and the upper share there, 0.0..=1.0; by place.
    pub(crate) points: Vec<(f64, f64, f64)>,
}

/// The plot's own coordinates: wide enough for steps finer than any screen's.
const WIDTH: f64 = 2000.0;
const HEIGHT: f64 = 1000.0;
/// Where the axis ends, in percent of the width; shares are written behind it.
const END: f64 = 90.0;
/// Points closer than this are drawn as one: a screen shows no finer ones.
const NEAR: f64 = 2.0;

/// Draws curves from 0 to `end` of the axis.
pub(crate) fn curves(
    caption: &Caption,
    height_px: usize,
    end: f64,
    band: &Band,
    curves: &[Curve],
) -> Markup {
    const TOP_PX: usize = super::TOP_PX;
    let scale = Scale::exactly(end, END);
    let body = html! {
        @for quarter in 0..=4_u8 {
            @let y = TOP_PX + (height_px * usize::from(4 - quarter)) / 4;
            line.grid x1="0" x2=(percent(END)) y1=(y) y2=(y) {}
            text.tick x=(percent(END)) dx="6" y=(y) dy="4" { (quarter * 25) }
        }
        svg.plot x="0" y=(TOP_PX) width=(percent(END)) height=(height_px) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" {
            @if !band.points.is_empty() {
                path.band d=(area(band, scale.end)) {}
            }
            @for curve in curves {
                path class={ "curve " (curve.class) } d=(line(&curve.points, scale.end)) {}
            }
        }
    };
    frame(caption, TOP_PX + height_px + 4, &scale.ticks(), &body)
}

fn line(points: &[(f64, f64)], end: f64) -> String {
    let mut path = format!("M0 {:.0}", y(1.0));
    let mut last = 0.0;
    for (place, share) in thinned(points.iter().copied(), end) {
        let _ = write!(path, "H{place:.0}V{:.0}", y(share));
        last = place;
    }
    if last < WIDTH {
        let _ = write!(path, "H{WIDTH:.0}");
    }
    path
}

/// Forth along the upper edge, back along the lower one.
fn area(band: &Band, end: f64) -> String {
    let edge = |pick: fn(&(f64, f64, f64)) -> f64| {
        let points = band.points.iter().map(move |point| (point.0, pick(point)));
        thinned(points, end)
    };
    let mut path = line(
        &band
            .points
            .iter()
            .map(|(place, _, high)| (*place, *high))
            .collect::<Vec<_>>(),
        end,
    );
    let low = edge(|point| point.1);
    let mut below = low.last().map_or(1.0, |(_, share)| *share);
    let _ = write!(path, "V{:.0}", y(below));
    for idx in (0..low.len()).rev() {
        let place = low[idx].0;
        below = idx.checked_sub(1).map_or(1.0, |before| low[before].1);
        let _ = write!(path, "H{place:.0}V{:.0}", y(below));
    }
    path + "H0Z"
}

/// Points in the plot's coordinates, those beyond its end and those too near to the last one left out; the last of near
/// ones is kept, so that the curve ends where it should.
fn thinned(points: impl Iterator<Item = (f64, f64)>, end: f64) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (at, share) in points {
        let place = drawn(at) / end * WIDTH;
        if place > WIDTH {
            break;
        }
        match kept.last_mut() {
            Some(last) if place - last.0 < NEAR => last.1 = share,
            _ => kept.push((place, share)),
        }
    }
    kept
}

fn y(share: f64) -> f64 {
    (1.0 - finite(share).clamp(0.0, 1.0)) * HEIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_by_steps_from_all_to_the_end() {
        let points = [(10.0, 0.5), (20.0, 0.25), (50.0, 0.1)];
        assert_eq!(line(&points, 40.0), "M0 0H500V500H1000V750H2000");
        assert_eq!(line(&[], 40.0), "M0 0H2000");
    }

    #[test]
    fn what_no_screen_can_show_is_left_out_but_not_its_effect() {
        let points: Vec<_> = (1..=10_000_u32)
            .map(|n| (f64::from(n) / 100.0, 1.0 - f64::from(n) / 10_000.0))
            .collect();
        let kept = thinned(points.iter().copied(), 100.0);
        assert!((900..=1001).contains(&kept.len()), "{}", kept.len());
        assert!(kept.last().unwrap().1.abs() < 1e-9);
    }

    #[test]
    fn a_band_lies_between_its_edges() {
        let band = Band {
            points: vec![(10.0, 0.4, 0.6), (20.0, 0.2, 0.3)],
        };
        assert_eq!(
            area(&band, 20.0),
            "M0 0H1000V400H2000V700V800H2000V600H1000V0H0Z"
        );
    }

    #[test]
    fn odd_numbers_are_drawn_as_something_finite() {
        for odd in [f64::NAN, f64::INFINITY, -1.0, 1e300, 0.0] {
            let caption = Caption {
                id: "c",
                title: "t",
                description: "d",
                axis: "a",
            };
            let band = Band {
                points: vec![(odd, odd, odd)],
            };
            let curve = Curve {
                class: "a",
                points: vec![(odd, odd), (1.0, odd)],
            };
            let svg = curves(&caption, 100, odd, &band, &[curve]).into_string();
            for word in ["NaN", "inf", "unknown"] {
                assert!(!svg.contains(word), "{odd} gives {word}: {svg}");
            }
        }
    }
}
