//! Pages: one HTML file each, which needs nothing else, neither network nor script.
//!
//! What they have in common: the head with its style, tables, tiles, the charts in [`chart`], and how numbers are said in [`words`].

pub(crate) mod change;
pub(crate) mod chart;
pub(crate) mod words;

use maud::{Markup, PreEscaped, html};

/// Returns the head of a page.
pub(crate) fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            // The browser itself refuses any request that the page might make.
            meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            style { (PreEscaped(include_str!("style.css"))) }
        }
    }
}

/// Returns a figure with what it is and what to think of it.
pub(crate) fn tile(label: &str, value: &Markup, note: &str) -> Markup {
    html! {
        div.tile {
            p.label { (label) }
            p.value { (value) }
            p.note { (note) }
        }
    }
}

/// Returns a table; `head` and each row are cells.
pub(crate) fn table(caption: &str, head: &Markup, rows: impl Iterator<Item = Markup>) -> Markup {
    html! {
        div.table {
            table {
                caption { span { (caption) } }
                thead {
                    tr { (head) }
                }
                tbody {
                    @for row in rows {
                        tr { (row) }
                    }
                }
            }
        }
    }
}

/// What a reader should know before trusting the figures; nothing if there is nothing to say.
pub(crate) fn warnings(warnings: &[String]) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section.warnings {
                h2 { "Warnings" }
                ul {
                    @for warning in warnings {
                        li { (warning) }
                    }
                }
            }
        }
    }
}
