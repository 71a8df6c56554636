//! Charts as inline SVG, of our own.
//!
//! Widths are percentages and heights are pixels, so a chart fills its column at any width while its letters keep their size. Lines and
//! areas, whose points cannot be percentages, lie in drawings of their own that are stretched to their place. Colours and
//! patterns come from the page's style sheet; no chart says anything by colour alone.

mod bars;
mod curves;
mod days;
mod heat;
mod intervals;
mod range;
mod scatter;

use maud::{Markup, html};

pub(crate) use self::bars::{Move, Pair, Share, moves, paired, shares};
pub(crate) use self::curves::{Band, Curve, curves};
pub(crate) use self::days::{Bin, Day, days, histogram};
pub(crate) use self::heat::{DAYS, Heat, HeatCell, LEVELS, Strip, scale, strips, week};
pub(crate) use self::intervals::{Interval, intervals};
pub(crate) use self::scatter::{Shape, Spot, scatter, spot};
use super::words;

/// Top of the first row: above it are the axis' name and its labels.
const TOP_PX: usize = 48;
/// No value is drawn larger than this; it keeps every sum of positions finite.
const DRAWN_MAX: f64 = 1e15;

/// What every chart tells about itself.
pub(crate) struct Caption<'a> {
    /// Different for each chart of a page.
    pub(crate) id: &'a str,
    /// Its name.
    pub(crate) title: &'a str,
    /// What is to be seen, for those who cannot see it.
    pub(crate) description: &'a str,
    /// What the axis measures, with its unit.
    pub(crate) axis: &'a str,
}

/// Returns what the bars' patterns are made of; a page with charts holds it once.
pub(crate) fn patterns() -> Markup {
    html! {
        svg.defs aria-hidden="true" {
            pattern id="hatch" patternUnits="userSpaceOnUse" width="6" height="6" patternTransform="rotate(45)" {
                rect.hatch width="6" height="6" {}
                line.hatch-line x1="0" x2="0" y1="0" y2="6" {}
            }
        }
    }
}

pub(super) fn frame(caption: &Caption, height_px: usize, ticks: &[Tick], body: &Markup) -> Markup {
    let (title_id, description_id) = (
        format!("{}-title", caption.id),
        format!("{}-description", caption.id),
    );
    html! {
        div.chart {
            svg role="img" aria-labelledby={ (title_id) " " (description_id) } width="100%" height=(height_px) {
                title id=(title_id) { (caption.title) }
                desc id=(description_id) { (caption.description) }
                text.axis x="0" y="12" { (caption.axis) }
                @for tick in ticks {
                    line.grid x1=(percent(tick.x)) x2=(percent(tick.x)) y1="36" y2=(height_px) {}
                    text.tick x=(percent(tick.x)) y="30" text-anchor=(anchor(tick.x)) { (tick.text) }
                }
                (body)
            }
        }
    }
}

/// Labels at the edges stay inside.
fn anchor(x: f64) -> &'static str {
    match x {
        ..3.0 => "start",
        ..95.0 => "middle",
        _ => "end",
    }
}

/// A label of an axis.
pub(super) struct Tick {
    /// In percent of the width.
    pub(super) x: f64,
    pub(super) text: String,
}

/// An axis from 0 to `end`, labelled at every `step`.
pub(super) struct Scale {
    /// Where the axis ends, in percent of the width.
    pub(super) end_x: f64,
    pub(super) end: f64,
    pub(super) step: f64,
}

impl Scale {
    /// Returns a scale of round steps (1, 2 or 5 times a power of ten) that holds `largest`.
    pub(super) fn up_to(largest: f64, end_x: f64) -> Scale {
        let largest = if drawn(largest) > 0.0 {
            drawn(largest)
        } else {
            1.0
        };
        let step = round_step(largest);
        Scale {
            end_x,
            end: (largest / step).ceil() * step,
            step,
        }
    }

    /// Returns a scale that ends where it is told to, with round steps before.
    pub(super) fn exactly(end: f64, end_x: f64) -> Scale {
        let scale = Scale::up_to(end, end_x);
        match drawn(end) > 0.0 {
            true => Scale {
                end: drawn(end),
                ..scale
            },
            false => scale,
        }
    }

    /// Returns the place of a value in percent of the width, never beyond the axis.
    pub(super) fn x(&self, value: f64) -> f64 {
        drawn(value).clamp(0.0, self.end) / self.end * self.end_x
    }

    pub(super) fn ticks(&self) -> Vec<Tick> {
        let decimals = decimals(self.step);
        let values = std::iter::successors(Some(0.0), |value| Some(value + self.step));
        let shown = values.take_while(|value| *value <= self.end + self.step / 1000.0);
        shown
            .map(|value| Tick {
                x: self.x(value),
                text: words::number(value, decimals),
            })
            .collect()
    }
}

/// Returns 1, 2 or 5 times a power of ten, of which this length has six at most.
fn round_step(length: f64) -> f64 {
    const STEPS_MAX: f64 = 6.0;
    let steps = std::iter::successors(Some(0.001), |power| Some(power * 10.0))
        .flat_map(|power| [power, 2.0 * power, 5.0 * power]);
    steps
        .into_iter()
        .find(|step| step * STEPS_MAX >= length)
        .unwrap_or(length)
}

/// Returns how many decimals tell labels apart that are a step from each other.
fn decimals(step: f64) -> usize {
    [1.0, 0.1, 0.01]
        .iter()
        .position(|unit| step >= *unit)
        .unwrap_or(3)
}

pub(super) fn drawn(value: f64) -> f64 {
    finite(value).clamp(0.0, DRAWN_MAX)
}

/// What cannot be drawn has no length.
pub(super) fn finite(value: f64) -> f64 {
    if value.is_finite() {
        value.clamp(-DRAWN_MAX, DRAWN_MAX)
    } else {
        0.0
    }
}

pub(super) fn percent(x: f64) -> String {
    debug_assert!(x.is_finite(), "a place in a chart is a number, got {x}");
    format!("{x:.2}%")
}
