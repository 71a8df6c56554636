//! What became of the pulls, by what struck them.

use std::fmt::Write as _;

use super::kind::Kind;
use super::run::Ended;

/// Writes the table as Markdown. A run stands in the row of each kind that struck it.
pub(crate) fn table(ended: &[Ended]) -> String {
    let mut text =
        String::from("| what struck | runs | complete | incomplete (6) |\n|---|---:|---:|---:|\n");
    for kind in Kind::ALL {
        line(&mut text, kind.name(), ended, |run| {
            run.struck.contains(&kind)
        });
    }
    line(&mut text, "nothing", ended, |run| run.struck.is_empty());
    line(&mut text, "all runs", ended, |_| true);
    text
}

fn line(text: &mut String, name: &str, ended: &[Ended], belongs: impl Fn(&Ended) -> bool) {
    let runs: Vec<&Ended> = ended.iter().filter(|run| belongs(run)).collect();
    let complete = runs.iter().filter(|run| run.is_complete).count();
    let incomplete = runs.len() - complete;
    let _ = writeln!(
        text,
        "| {name} | {} | {complete} | {incomplete} |",
        runs.len()
    );
}
