//! How the cost of an interaction grows with skills and agents.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::super::measure::median;
use super::programs::Programs;

/// Skills and agents.
const SIZES: [(usize, usize); 8] = [
    (1, 20),
    (2, 20),
    (4, 40),
    (8, 100),
    (16, 300),
    (32, 1_000),
    (64, 1_000),
    (64, 5_000),
];

/// Skills of a group: some of them neighbours, some far apart, so that all pools hang together.
const STEPS: [usize; 4] = [0, 1, 3, 7];

const INTERACTIONS: u64 = 10_000_000;

/// A table of our own cost by size.
pub(super) fn table(
    programs: &Programs,
    folder: &Path,
    runs: usize,
    divisor: u64,
) -> Result<String> {
    let mut text = String::from(
        "### As the centre grows\n\nHead starts and patience; as many groups as skills, agents of up to four skills; load 0.95.\n\n\
        | skills | agents | ns an interaction | a second | peak memory, MiB |\n|---:|---:|---:|---:|---:|\n",
    );
    for (skills, agents) in SIZES {
        let path = folder.join(format!("curve-{skills}-{agents}.json"));
        let model = serde_json::to_string(&centre(skills, agents))?;
        fs::write(&path, model).context("cannot write a model")?;
        let interactions = INTERACTIONS / divisor;
        let mut costs = Vec::new();
        for run in 0..runs {
            costs.push(programs.cost_of_ours(&path, interactions, run as u64 + 1)?);
        }
        let each = |cpu: f64| cpu / (interactions as f64 * 1.1);
        let cpu: Vec<f64> = costs
            .iter()
            .map(|cost| each(cost.cpu.as_secs_f64()))
            .collect();
        let memory: Vec<u64> = costs.iter().map(|cost| cost.peak_kib).collect();
        let secs = median(&cpu).unwrap_or(0.0);
        let _ = writeln!(
            text,
            "| {skills} | {agents} | {:.0} | {} | {} |",
            secs * 1e9,
            super::thousands(1.0 / secs),
            median(&memory).unwrap_or(0) / 1_024
        );
    }
    text.push('\n');
    Ok(text)
}

fn centre(skills: usize, agents: usize) -> Value {
    let name = |skill: usize| format!("S{skill}");
    // Some skills are asked for three times as often as others.
    let share = |skill: usize| 1.0 + (skill * 5 % 7) as f64 / 3.0;
    let total: f64 = (0..skills).map(share).sum();
    let mean_secs = 240.0;
    let classes = (0..skills).map(|skill| {
        let per_sec = 0.95 * agents as f64 / mean_secs * share(skill) / total;
        json!({
            "name": name(skill),
            "arrivals": { "per_hour": per_sec * 3_600.0 },
            "service": { "law": "exponential", "mean_secs": mean_secs },
            "patience": { "law": "exponential", "mean_secs": 300.0 },
            "head_start_secs": skill * 11 % 60,
        })
    });
    let groups = (0..skills).map(|group| {
        let mut held: Vec<usize> = STEPS.iter().map(|step| (group + step) % skills).collect();
        held.sort_unstable();
        held.dedup();
        let names: Vec<String> = held.into_iter().map(name).collect();
        let extra = usize::from(group < agents % skills);
        json!({ "name": format!("G{group}"), "skills": names, "agents": agents / skills + extra })
    });
    json!({
        "format": "waitwise-model/1",
        "routing": { "order": "head-start" },
        "classes": classes.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{SIZES, centre};

    #[test]
    fn a_centre_has_the_agents_and_skills_asked_for() {
        for (skills, agents) in SIZES {
            let centre = centre(skills, agents);
            assert_eq!(centre["classes"].as_array().map(Vec::len), Some(skills));
            let groups = centre["groups"].as_array().unwrap();
            let sum: u64 = groups
                .iter()
                .filter_map(|group| group["agents"].as_u64())
                .sum();
            assert_eq!(sum, agents as u64);
        }
    }
}
