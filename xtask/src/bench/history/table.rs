//! The figures as a table of the page.

use std::fmt::Write as _;

use super::Runs;
use super::contender::{Contender, Engine};
use crate::bench::measure::{Cost, median, spread};

const HEADER: &str = "\
| | threads | wall clock, s | CPU time, s | GB/s | GB/s of CPU time | peak memory, MiB | wall clock to DuckDB's |
|---|---|---|---|---|---|---|---|
";

/// Writes a section; throughput is in bytes before compression.
pub(super) fn section(title: &str, bytes: u64, told: &str, all: &[Runs]) -> String {
    let mut text = format!("\n#### {title}\n\n{told}\n\n{HEADER}");
    for runs in all {
        let Contender { engine, threads } = runs.who;
        let wall = values(runs, |cost| cost.wall.as_secs_f64());
        let cpu = values(runs, |cost| cost.cpu.as_secs_f64());
        let peak = values(runs, |cost| cost.peak_kib as f64 / 1024.0);
        let per_sec =
            |secs: &[f64]| median(secs).map_or(f64::NAN, |secs| bytes as f64 / 1e9 / secs);
        let _ = writeln!(
            text,
            "| {} | {threads} | {} | {} | {:.2} | {:.2} | {} | {} |",
            engine.name(),
            spread(&wall, 2),
            spread(&cpu, 2),
            per_sec(&wall),
            per_sec(&cpu),
            spread(&peak, 0),
            ratio(&wall, duckdb(all, threads)),
        );
    }
    text
}

fn values(runs: &Runs, value: fn(&Cost) -> f64) -> Vec<f64> {
    runs.costs.iter().map(value).collect()
}

/// DuckDB's wall clock with as many threads.
fn duckdb(all: &[Runs], threads: u32) -> Option<f64> {
    let who = Contender {
        engine: Engine::DuckDb,
        threads,
    };
    let runs = all.iter().find(|runs| runs.who == who)?;
    median(&values(runs, |cost| cost.wall.as_secs_f64()))
}

fn ratio(wall: &[f64], duckdb: Option<f64>) -> String {
    let ratio = median(wall).zip(duckdb).map(|(own, theirs)| own / theirs);
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::section;
    use crate::bench::history::Runs;
    use crate::bench::history::contender::{Contender, Engine};
    use crate::bench::measure::Cost;

    fn runs(engine: Engine, wall_ms: &[u64]) -> Runs {
        let cost = |wall_ms: &u64| Cost {
            wall: Duration::from_millis(*wall_ms),
            cpu: Duration::from_millis(2 * wall_ms),
            peak_kib: 4096,
        };
        Runs {
            who: Contender { engine, threads: 2 },
            costs: wall_ms.iter().map(cost).collect(),
        }
    }

    #[test]
    fn a_line_has_throughput_and_the_ratio_to_duckdb() {
        let all = [
            runs(Engine::Waitwise, &[500, 400, 900]),
            runs(Engine::DuckDb, &[2_000]),
        ];
        let text = section("1 GB", 1_000_000_000, "Told.", &all);
        for line in [
            "#### 1 GB",
            "Told.",
            "| Waitwise | 2 | 0.50 (0.40–0.90) | 1.00 (0.80–1.80) | 2.00 | 1.00 | 4 (4–4) | 0.250 |",
            "| DuckDB | 2 | 2.00 (2.00–2.00) | 4.00 (4.00–4.00) | 0.50 | 0.25 | 4 (4–4) | 1.000 |",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
