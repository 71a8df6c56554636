//! The page of `waitwise plan --html`: what a change would do, by the plan's own records.
//!
//! [`Prospect::page`] is pure: the same plan gives the same bytes. Sections are in `prediction`, `front`, `weights` and `said`, in
//! the order in which they are read; each chart has its numbers in a table beneath.

mod front;
mod prediction;
mod said;
mod weights;

use maud::{DOCTYPE, Markup, html};
use waitwise_app::analysis::Analysis;
use waitwise_app::model::{QueueId, Window};
use waitwise_app::plan_file::{Plan, Prediction, Search};

use crate::page::words::{self, Unit};
use crate::page::{chart, head, tile, warnings};

/// The unit of waits all over the page: search and prediction are told in it as well.
const UNIT: Unit = Unit::SECONDS;

/// What the page shows.
pub(crate) struct Prospect<'a> {
    tenant: &'a str,
    queue: &'a QueueId,
    window: Window,
    strategy: &'a str,
    search: Option<&'a Search>,
    prediction: Option<&'a Prediction>,
    warnings: &'a [String],
    outcome: Outcome<'a>,
}

/// What is said where a plan has no prediction.
const UNPREDICTED: [&str; 2] = [
    "What this would do to waits is not predicted.",
    "A prediction needs single visits to tell from: the pulled history of a platform, or a folder of facts (--facts). If there \
     are some, the warnings say why they do not do.",
];

/// What came of planning.
#[derive(Clone, Copy)]
enum Outcome<'a> {
    Planned(&'a Plan),
    /// Nothing is to be written, for this reason.
    Nothing(&'a Analysis, &'a str),
}

impl<'a> Prospect<'a> {
    /// What a plan would do.
    pub(crate) fn of(plan: &'a Plan) -> Prospect<'a> {
        let intent = plan.intent();
        Prospect {
            tenant: &intent.tenant,
            queue: &intent.queue,
            window: intent.window,
            strategy: &intent.strategy.name,
            search: intent.search.as_ref(),
            prediction: intent.prediction.as_ref(),
            warnings: &intent.warnings,
            outcome: Outcome::Planned(plan),
        }
    }

    /// What there is to show where nothing is planned; `why` is a sentence.
    pub(crate) fn of_nothing(
        analysis: &'a Analysis,
        strategy: &'a str,
        search: Option<&'a Search>,
        why: &'a str,
    ) -> Prospect<'a> {
        Prospect {
            tenant: &analysis.tenant,
            queue: &analysis.queue,
            window: analysis.window,
            strategy,
            search,
            prediction: None,
            warnings: &analysis.warnings,
            outcome: Outcome::Nothing(analysis, why),
        }
    }

    /// Whether there is more to show than the history and what would be written.
    pub(crate) fn looks_ahead(&self) -> bool {
        self.search.is_some() || self.prediction.is_some()
    }

    /// Returns the page.
    pub(crate) fn page(&self) -> String {
        self.markup().into_string()
    }

    fn markup(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                (head(&format!("What a change would do: queue {}", self.queue)))
                body {
                    (chart::patterns())
                    main.prospect {
                        (self.opening())
                        @if let Some(prediction) = self.prediction {
                            (prediction::section(prediction))
                        }
                        @if let Some(search) = self.search {
                            (front::section(search))
                        }
                        (weights::section(self.outcome))
                        @if let Some(search) = self.search {
                            (said::search(search))
                        }
                        (warnings(self.warnings))
                    }
                }
            }
        }
    }

    /// The first screen: what is most to be known, in words and in figures.
    fn opening(&self) -> Markup {
        let Window { from, to, .. } = &self.window;
        html! {
            header {
                p.kicker { "Waitwise · nothing of this has been carried out" }
                h1 { "What a change would do" }
                p.meta {
                    "Queue " strong { (self.queue) } " at " (self.tenant) " · strategy " strong { (self.strategy) }
                    " · history " (from) " to " (to)
                }
            }
            section.verdict aria-label="Verdict" {
                @for (idx, sentence) in self.verdict().iter().enumerate() {
                    p.lead[idx == 0] { (sentence) }
                }
            }
            @if self.looks_ahead() {
                div.tiles {
                    @if let Some(prediction) = self.prediction {
                        (prediction::tiles(prediction))
                    }
                    @if let Some(search) = self.search {
                        (search_tile(search))
                    }
                }
            }
        }
    }

    fn verdict(&self) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(verdict) = self.search.and_then(|search| search.said.first()) {
            told.push(said::sentence(verdict));
        }
        match (self.outcome, self.prediction) {
            (Outcome::Nothing(_, why), _) => told.push(why.to_owned()),
            (Outcome::Planned(_), Some(prediction)) => {
                if !told.is_empty() {
                    told.push(prediction::announced(prediction));
                }
                told.extend(prediction::verdict(prediction));
            }
            (Outcome::Planned(plan), None) if plan.steps().is_empty() => {
                told.push("All of this is written already: nothing would change.".to_owned());
            }
            (Outcome::Planned(_), None) => told.extend(UNPREDICTED.map(str::to_owned)),
        }
        told
    }
}

fn search_tile(search: &Search) -> Markup {
    let (change, half_width) = (
        words::signed(search.change, 2),
        search
            .half_width
            .map_or_else(|| "unknown".to_owned(), |width| words::number(width, 2)),
    );
    tile(
        &format!(
            "Change of {}, {} {} with the present weights",
            search.objective,
            words::number(search.present, 1),
            search.unit
        ),
        &html! { (change) " ± " (half_width) " " (search.unit) },
        &format!(
            "95% interval, on {} simulated days that no weights were chosen by",
            words::number(search.fresh_days, 0)
        ),
    )
}

#[cfg(test)]
mod tests;
