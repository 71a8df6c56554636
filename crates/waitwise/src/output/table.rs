//! Tables that fit the terminal.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use console::Term;

/// A column: its heading, and whether it holds numbers.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a>(pub(crate) &'a str, pub(crate) Align);

/// On which side a column's content stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Builds a table; `rows` are already cut to what is to be shown.
pub(crate) fn table(columns: &[Column], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width());
    filled(table, columns, rows)
}

/// Builds a table whose rows are one line each, however narrow the terminal is.
pub(crate) fn unbroken(columns: &[Column], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Disabled);
    filled(table, columns, rows)
}

fn filled(mut table: Table, columns: &[Column], rows: Vec<Vec<String>>) -> String {
    table.load_style(presets::NOTHING);
    let heading = |column: &Column| cell(column.0, column.1);
    table.set_header(columns.iter().map(heading));
    for row in rows {
        table.add_row(
            row.iter()
                .zip(columns)
                .map(|(text, column)| cell(text, column.1)),
        );
    }
    // The first column names things: it is copied, so it is never broken.
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    let text = table.to_string();
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn cell(text: &str, align: Align) -> Cell {
    Cell::new(text).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}

/// How wide the output is: the terminal's width, else COLUMNS, else 100.
fn width() -> u16 {
    let terminal = Term::stdout()
        .size_checked()
        .map(|(_rows, columns)| columns);
    let variable = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(variable).unwrap_or(100).clamp(60, 160)
}

/// Says how many lines a table leaves out; nothing if it shows all.
pub(crate) fn more(shown: usize, of: usize) -> String {
    match of.saturating_sub(shown) {
        0 => String::new(),
        more => format!("  … and {more} more (--top N shows more, --output json shows all)\n"),
    }
}
