//! A search on a centre of a given size; `cargo xtask bench search` measures whole ones.

use waitwise_weights::{Guardrails, Measure};

use crate::tenants::{Draw, sized};
use crate::trial::{self, Length};

/// How many skills and agents, as in `6x60`: makes the search a whole one.
const SIZE: &str = "WAITWISE_SEARCH_SIZE";

#[test]
fn a_centre_of_a_given_size_is_searched() {
    let asked_for = std::env::var(SIZE).ok();
    let size = asked_for.as_deref().unwrap_or("6x60");
    let (n_skills, n_agents) = size.split_once('x').expect("skills x agents");
    let n_skills: usize = n_skills.parse().expect("a number of skills");
    let n_agents: f64 = n_agents.parse().expect("a number of agents");
    let tenant = sized(&mut Draw::new(1), n_skills, Some(n_agents));
    let agents = tenant.model.n_agents() as f64;
    assert!((0.9..1.1).contains(&(agents / n_agents)), "{agents} agents");
    let length = Length {
        budget_percent: if asked_for.is_some() { 100 } else { 2 },
        with_longer: false,
        threads: 2,
    };
    let tuning = trial::tuning(&tenant);
    let report = trial::searched(&tuning, Measure::WorstWait, &Guardrails::default(), length);
    assert_eq!(report.head_starts_minutes.len(), n_skills);
    println!(
        "{} interactions: {:#?}",
        report.simulated,
        report.sentences()
    );
}
