//! What else there is to be told, in sentences.

use maud::{Markup, html};
use waitwise_app::plan_file::Search;

use crate::page::words;

/// Everything that a search has to tell.
pub(super) fn search(found: &Search) -> Markup {
    html! {
        section {
            h2 { "What the search says" }
            ul {
                @for told in &found.said {
                    li { (sentence(told)) }
                }
            }
            p.note {
                "It looked for a small " (found.objective) " and simulated " (words::count(found.simulated))
                " interactions; seed " (found.seed) "."
            }
        }
    }
}

/// Begins with a capital and ends with a full stop.
pub(super) fn sentence(told: &str) -> String {
    let stop = if told.ends_with('.') { "" } else { "." };
    format!("{}{stop}", capital(told))
}

/// Begins with a capital.
pub(super) fn capital(told: &str) -> String {
    let mut letters = told.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + letters.as_str()
}
