//! Columns: one for each day, or for each bin of a distribution.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{Caption, Scale, Tick, drawn, finite, frame, percent};

/// One column of [`days`].
pub(crate) struct Day {
    /// Its height, in the axis' unit.
    pub(crate) value: f64,
    /// How much of it stands for those who gave up, from below; in the axis' unit.
    pub(crate) gave_up: f64,
}

/// Where columns end, in percent of the width; values are written behind them.
const END: f64 = 90.0;

/// Draws a narrow column for each day, with a scale of its own height; `ticks` are days by their number, with their names.
pub(crate) fn days(
    caption: &Caption,
    height_px: usize,
    days: &[Day],
    ticks: &[(usize, String)],
) -> Markup {
    const TOP_PX: usize = super::TOP_PX;
    let largest = days.iter().map(|day| drawn(day.value)).fold(0.0, f64::max);
    let scale = Scale::up_to(largest, 100.0);
    let place = |day: usize| ratio(day, days.len()) * END;
    let ticks: Vec<_> = ticks
        .iter()
        .map(|(day, text)| Tick {
            x: place(*day),
            text: text.clone(),
        })
        .collect();
    let body = html! {
        @for step in scale.ticks() {
            @let y = y_px(step.x / 100.0, height_px);
            line.grid x1="0" x2=(percent(END)) y1=(y) y2=(y) {}
            text.tick x=(percent(END)) dx="6" y=(y) dy="4" { (step.text) }
        }
        svg.plot x="0" y=(TOP_PX) width=(percent(END)) height=(height_px) viewBox={ "0 0 " (days.len()) " 1000" } preserveAspectRatio="none" {
            path.column d=(columns(days, scale.end, |day| day.value)) {}
            path.column.gave-up d=(columns(days, scale.end, |day| day.gave_up)) {}
        }
    };
    frame(caption, TOP_PX + height_px + 4, &ticks, &body)
}

/// One column of [`histogram`].
pub(crate) struct Bin {
    /// What is counted in it: a number and, in a line of its own, its unit.
    pub(crate) label: (String, &'static str),
    /// Which part of all was served, 0.0..=1.0.
    pub(crate) served: f64,
    /// Which part of all gave up, 0.0..=1.0.
    pub(crate) gave_up: f64,
}

/// Draws how a whole is distributed: a column for each bin, who gave up below, with its share above it.
pub(crate) fn histogram(caption: &Caption, height_px: usize, bins: &[Bin]) -> Markup {
    /// Above the columns: the axis' name and the label of the highest.
    const TOP_PX: usize = 36;
    let largest = bins.iter().map(|bin| drawn(bin.served + bin.gave_up));
    let largest = f64::max(largest.fold(0.0, f64::max), f64::MIN_POSITIVE);
    let height = f64::from(u32::try_from(height_px).unwrap_or(u32::MAX));
    let ground = height + 36.0;
    let pixels = |share: f64| drawn(share) / largest * height;
    let body = html! {
        @for (idx, bin) in bins.iter().enumerate() {
            @let (left, wide) = (ratio(idx, bins.len()) * 100.0, ratio(1, bins.len()) * 100.0);
            @let (served, gave_up) = (pixels(bin.served), pixels(bin.gave_up));
            (rect("share", left, wide, ground - gave_up - served, served))
            (rect("with", left, wide, ground - gave_up, gave_up))
            text.figure x=(percent(left + wide / 2.0)) y=(format!("{:.1}", ground - gave_up - served - 5.0)) text-anchor="middle" {
                (share_said(bin.served + bin.gave_up))
            }
            @for (idx, part) in [&*bin.label.0, bin.label.1].iter().enumerate() {
                text.tick x=(percent(left + wide / 2.0)) y=(TOP_PX + height_px + 15 + 14 * idx) text-anchor="middle" { (part) }
            }
        }
        line.ground x1="0" x2="100%" y1=(TOP_PX + height_px) y2=(TOP_PX + height_px) {}
    };
    frame(caption, TOP_PX + height_px + 36, &[], &body)
}

fn rect(class: &str, left: f64, wide: f64, top_px: f64, height_px: f64) -> Markup {
    html! {
        @if height_px >= 0.5 {
            rect class={ "bar " (class) } x=(percent(left + wide * 0.1)) width=(percent(wide * 0.8))
                y=(format!("{top_px:.1}")) height=(format!("{height_px:.1}")) {}
        }
    }
}

/// Whole percent: the table has more.
fn share_said(share: f64) -> String {
    match finite(share) {
        ..=0.0 => String::new(),
        ..0.005 => "<1%".to_owned(),
        share => format!("{:.0}%", share * 100.0),
    }
}

fn columns(days: &[Day], end: f64, height: fn(&Day) -> f64) -> String {
    let mut path = String::new();
    for (idx, day) in days.iter().enumerate() {
        let top = 1000.0 - (drawn(height(day)) / end).clamp(0.0, 1.0) * 1000.0;
        if top < 999.5 {
            let _ = write!(path, "M{idx}.1 1000V{top:.0}h.8V1000z");
        }
    }
    path
}

fn y_px(share: f64, height_px: usize) -> String {
    let height = f64::from(u32::try_from(height_px).unwrap_or(u32::MAX));
    let top = f64::from(u32::try_from(super::TOP_PX).unwrap_or(u32::MAX));
    format!(
        "{:.1}",
        top + height * (1.0 - finite(share).clamp(0.0, 1.0))
    )
}

#[expect(clippy::cast_precision_loss, reason = "numbers of days")]
fn ratio(n: usize, of: usize) -> f64 {
    n as f64 / std::cmp::max(of, 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_on_the_ground() {
        let day = |value, gave_up| Day { value, gave_up };
        let days = [
            day(10.0, 5.0),
            day(0.0, 0.0),
            day(f64::NAN, -1.0),
            day(5.0, 0.0),
        ];
        let all = columns(&days, 10.0, |day| day.value);
        assert_eq!(all, "M0.1 1000V0h.8V1000zM3.1 1000V500h.8V1000z");
        let gave_up = columns(&days, 10.0, |day| day.gave_up);
        assert_eq!(gave_up, "M0.1 1000V500h.8V1000z");
    }

    #[test]
    fn a_bin_s_parts_stand_on_each_other() {
        let caption = Caption {
            id: "c",
            title: "t",
            description: "d",
            axis: "a",
        };
        let bin = |served, gave_up| Bin {
            label: ("1".to_owned(), "s"),
            served,
            gave_up,
        };
        let svg = histogram(
            &caption,
            100,
            &[bin(0.3, 0.1), bin(0.2, 0.0), bin(f64::NAN, -1.0)],
        )
        .into_string();
        for rect in [
            r#"<rect class="bar share" x="3.33%" width="26.67%" y="36.0" height="75.0">"#,
            r#"<rect class="bar with" x="3.33%" width="26.67%" y="111.0" height="25.0">"#,
            r#"<rect class="bar share" x="36.67%" width="26.67%" y="86.0" height="50.0">"#,
        ] {
            assert!(svg.contains(rect), "{rect} is not in {svg}");
        }
        assert!(svg.contains(">40%<") && svg.contains(">20%<") && !svg.contains("NaN"));
        assert_eq!(svg.matches("<rect").count(), 3);
    }

    #[test]
    fn no_days_are_no_columns() {
        let caption = Caption {
            id: "c",
            title: "t",
            description: "d",
            axis: "a",
        };
        let svg = days(&caption, 100, &[], &[]).into_string();
        assert!(!svg.contains("NaN") && svg.contains("viewBox=\"0 0 0 1000\""));
    }
}
