//! What other weights would be good for.

use std::collections::BTreeSet;

use maud::{Markup, html};
use waitwise_app::plan_file::{FrontPoint, Search};
use waitwise_app::weights::Measure;

use crate::page::chart::{self, Caption, Shape, Spot, spot};
use crate::page::table;
use crate::page::words;

/// As many as the labels of a picture of small differences.
const DECIMALS: usize = 2;

/// Weights of a search's front, with what they are called on the page.
struct Named<'a> {
    name: String,
    kind: Kind,
    point: &'a FrontPoint,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Present,
    Proposed,
    Equal,
    Other,
}

impl Kind {
    /// A label that a later version may add is one of the others.
    fn of(label: &str) -> Kind {
        match label {
            "present" => Kind::Present,
            "proposed" => Kind::Proposed,
            "equal" => Kind::Equal,
            _ => Kind::Other,
        }
    }

    fn shape(self) -> Shape {
        match self {
            Kind::Present => Shape::Circle,
            Kind::Proposed => Shape::Diamond,
            Kind::Equal => Shape::Square,
            Kind::Other => Shape::Triangle,
        }
    }
}

/// What each of the weights is good for, drawn and in numbers.
pub(super) fn section(found: &Search) -> Markup {
    let named = named(found);
    let caption = Caption {
        id: "front",
        title: "Mean wait of all against the mean wait of the skill that waits longest",
        description: "A mark for each set of weights: further left, callers wait less on the whole; further down, those of the skill that \
            waits longest wait less. The numbers are in the table beneath.",
        axis: "→ mean wait of all callers, in seconds",
    };
    html! {
        section {
            h2 { "What other weights would do" }
            p {
                "Weights that the search has looked at and that none of the others beats in everything; the further down and to the left, "
                "the better. They stand beside the present weights and all weights equal."
            }
            p.note {
                "All of them on the same simulated days, but on far fewer than the verdict's: small differences may be chance here."
            }
            p.legend {
                span { (spot(Shape::Circle, false)) "present weights" }
                span { (spot(Shape::Diamond, false)) "proposed" }
                span { (spot(Shape::Square, false)) "all equal" }
                span { (spot(Shape::Triangle, false)) "others, by the number in the table" }
                span { (spot(Shape::Triangle, true)) (spot(Shape::Diamond, true)) "hollow: breaks a guardrail" }
            }
            (chart::scatter(&caption, "↑ mean wait of the skill that waits longest, in seconds", 300, &spots(&named)))
            (measures(&named))
            (head_starts(&named))
        }
    }
}

fn named(found: &Search) -> Vec<Named<'_>> {
    let mut others = 0;
    let name = |point: &FrontPoint| match Kind::of(&point.label) {
        Kind::Other => {
            others += 1;
            others.to_string()
        }
        Kind::Present | Kind::Proposed | Kind::Equal => point.label.clone(),
    };
    let names: Vec<String> = found.front.iter().map(name).collect();
    let points = found.front.iter().zip(names);
    points
        .map(|(point, name)| Named {
            name,
            kind: Kind::of(&point.label),
            point,
        })
        .collect()
}

/// Weights that do the same are one mark, which looks like the first of them and names all. What is to be seen best is last.
fn spots(named: &[Named]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    for one in named {
        let value = |measure: Measure| one.point.values.get(measure.name()).copied();
        let (Some(across), Some(up)) = (value(Measure::MeanWait), value(Measure::WorstWait)) else {
            continue;
        };
        let is_hollow = !one.point.keeps_guardrails;
        let same = spots.iter_mut().find(|spot| {
            let is_here = spot.across.total_cmp(&across).is_eq() && spot.up.total_cmp(&up).is_eq();
            is_here && spot.is_hollow == is_hollow
        });
        match same {
            Some(spot) => spot.label += &format!(", {}", one.name),
            None => spots.push(Spot {
                shape: one.kind.shape(),
                is_hollow,
                across,
                up,
                label: one.name.clone(),
                is_always_labelled: one.kind != Kind::Other,
                tooltip: String::new(),
            }),
        }
    }
    for spot in &mut spots {
        spot.tooltip = format!(
            "{}: mean wait {} s, longest {} s",
            spot.label,
            words::number(spot.across, DECIMALS),
            words::number(spot.up, DECIMALS)
        );
    }
    spots.reverse();
    spots
}

fn measures(named: &[Named]) -> Markup {
    let head = html! {
        th scope="col" { "Weights" }
        @for measure in MEASURES {
            th.number scope="col" { (in_words(measure)) " (" (measure.unit()) ")" }
        }
        th scope="col" { "Guardrails" }
    };
    let rows = named.iter().map(|one| {
        html! {
            th scope="row" { (one.name) }
            @for measure in MEASURES {
                td.number {
                    (one.point.values.get(measure.name()).map_or_else(|| "–".to_owned(), |value| words::number(*value, DECIMALS)))
                }
            }
            td.judgement { @if one.point.keeps_guardrails { "kept" } @else { "broken" } }
        }
    });
    table(
        "The same weights in numbers, and what else they do",
        &head,
        rows,
    )
}

/// As the picture has them, then by what is nearest to it.
const MEASURES: [Measure; 6] = [
    Measure::MeanWait,
    Measure::WorstWait,
    Measure::WorstP90,
    Measure::Abandonment,
    Measure::ServiceShortfall,
    Measure::WaitingHours,
];

fn in_words(measure: Measure) -> &'static str {
    match measure {
        Measure::WorstWait => "Longest mean wait",
        Measure::MeanWait => "Mean wait of all",
        Measure::WaitingHours => "Waiting",
        Measure::WorstP90 => "Longest p90",
        Measure::ServiceShortfall => "Below service goal",
        Measure::Abandonment => "Gave up",
    }
}

fn head_starts(named: &[Named]) -> Markup {
    let skills: BTreeSet<&String> = named
        .iter()
        .flat_map(|one| one.point.head_starts_minutes.keys())
        .collect();
    let head = html! {
        th scope="col" { "Skill" }
        @for one in named {
            th.number scope="col" { (one.name) }
        }
    };
    let rows = skills.into_iter().map(|skill| {
        html! {
            th scope="row" { (skill) }
            @for one in named {
                td.number {
                    (one.point.head_starts_minutes.get(skill).map_or_else(|| "–".to_owned(), |minutes| words::number(*minutes, 1)))
                }
            }
        }
    });
    html! {
        h3 { "Head starts behind them" }
        (table("Minutes of head start, by skill and weights", &head, rows))
    }
}
