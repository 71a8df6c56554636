//! Several pools with different skills: strict levels (N, M, X, W), and first come first served to the longest idle.

use serde_json::{Value, json};

use super::{NAMES, class, exponential, of, with};
use crate::case::{Case, Figure, Truth};
use crate::reference::longest_idle::{self, Centre};
use crate::reference::network::Network;

pub(crate) fn cases() -> Vec<Case> {
    let n = |takes: Vec<usize>| vec![takes, vec![1]];
    let mut cases = vec![
        // The flexible pool takes the class without other agents first, or last; pools of their own are asked first.
        levels(
            "N, inflexible class first",
            &[2.0, 5.0],
            0.0,
            &[(4, 1.0), (6, 1.0)],
            &[vec![0], vec![1, 0]],
            n(vec![0, 1]),
            9.0,
        ),
        levels(
            "N, inflexible class last",
            &[2.0, 5.5],
            0.0,
            &[(4, 1.0), (6, 1.0)],
            &[vec![0], vec![1, 0]],
            n(vec![1, 0]),
            6.0,
        ),
        levels(
            "N, flexible pool asked first, abandonment",
            &[3.0, 6.0],
            0.5,
            &[(4, 1.0), (5, 0.8)],
            &[vec![0], vec![0, 1]],
            n(vec![0, 1]),
            1.5,
        ),
        levels(
            "M",
            &[2.0, 2.0],
            0.0,
            &[(2, 1.0), (2, 1.0), (2, 1.2)],
            &[vec![0, 1], vec![2, 1]],
            vec![vec![0], vec![0, 1], vec![1]],
            4.0,
        ),
        levels(
            "X",
            &[3.0, 2.4],
            0.0,
            &[(3, 1.0), (4, 0.8)],
            &[vec![0, 1], vec![1, 0]],
            vec![vec![0, 1], vec![1, 0]],
            11.0,
        ),
        levels(
            "W, abandonment",
            &[2.0, 2.5, 1.5],
            0.7,
            &[(3, 1.0), (3, 1.0)],
            &[vec![0], vec![1, 0], vec![1]],
            vec![vec![0, 1], vec![2, 1]],
            1.5,
        ),
    ];
    cases.push(longest_idle(
        "N",
        &[1.0, 0.8],
        &[0.7, 0.6],
        &[vec![0, 1], vec![1]],
        4.0,
    ));
    cases.push(longest_idle(
        "W of five agents",
        &[1.0, 1.0, 0.7, 1.2, 0.9],
        &[1.3, 1.2, 1.4],
        &[vec![0, 1], vec![1, 2, 3], vec![3, 4]],
        5.0,
    ));
    cases.push(longest_idle(
        "six agents, four classes",
        &[1.0, 1.1, 0.9, 1.0, 0.6, 1.4],
        &[1.1, 0.9, 1.3, 1.0],
        &[vec![0, 1, 2], vec![2, 3], vec![3, 4, 5], vec![0, 5]],
        4.0,
    ));
    cases.push(longest_idle(
        "light load",
        &[1.0, 0.8],
        &[0.25, 0.2],
        &[vec![0], vec![0, 1]],
        2.0,
    ));
    cases
}

fn network_file(agent_choice: &str, classes: Vec<Value>, groups: Vec<Value>) -> Value {
    json!({
        "format": "waitwise-model/1",
        "routing": { "agent_choice": agent_choice },
        "targets_secs": [1],
        "classes": classes,
        "groups": groups,
    })
}

/// Rates are per second: services take about one.
fn levels(
    name: &str,
    lambda: &[f64],
    theta: f64,
    pools: &[(u32, f64)],
    asks: &[Vec<usize>],
    takes: Vec<Vec<usize>>,
    millions: f64,
) -> Case {
    let network = Network {
        lambda: lambda.to_vec(),
        theta: vec![theta; lambda.len()],
        pools: pools.to_vec(),
        asks: asks.to_vec(),
        takes: takes.clone(),
        most: if theta > 0.0 { 22 } else { 70 },
    };
    let (reference, chain) = network.solve();
    let pool_name = |pool: usize| format!("pool {pool}");
    let classes = lambda.iter().enumerate().map(|(place, lambda)| {
        let order: Vec<String> = asks[place].iter().map(|pool| pool_name(*pool)).collect();
        let mut of_class = class(NAMES[place], *lambda, exponential(1.0));
        of_class = with(of_class, json!({ "group_order": order }));
        if theta > 0.0 {
            of_class = with(of_class, json!({ "patience": exponential(1.0 / theta) }));
        }
        of_class
    });
    let groups = pools.iter().zip(&takes).enumerate().map(|(pool, ((agents, mu), takes))| {
        let skills: Vec<&str> = takes.iter().map(|class| NAMES[*class]).collect();
        let ranks: serde_json::Map<String, Value> = takes
            .iter()
            .enumerate()
            .map(|(rank, class)| (NAMES[*class].to_owned(), json!(rank + 1)))
            .collect();
        let speed: serde_json::Map<String, Value> =
            takes.iter().map(|class| (NAMES[*class].to_owned(), json!(mu))).collect();
        json!({ "name": pool_name(pool), "skills": skills, "agents": agents, "levels": ranks, "speed": speed })
    });
    let mut truths: Vec<Truth> = Vec::new();
    for (place, reference) in reference.iter().enumerate() {
        truths.push(of(place, Figure::MeanWait, reference.mean_wait));
        truths.push(of(place, Figure::Waited, reference.waited));
        if theta > 0.0 {
            truths.push(of(place, Figure::AbandonedShare, reference.abandoned));
        }
    }
    for (pool, (agents, _)) in pools.iter().enumerate() {
        let busy = chain.mean(|state| f64::from(state[pool]));
        truths.push(of(0, Figure::Occupancy(pool), busy / f64::from(*agents)));
    }
    Case {
        family: "networks with levels",
        name: name.to_owned(),
        model: network_file("group-preference", classes.collect(), groups.collect()),
        millions,
        truths,
    }
}

fn longest_idle(
    name: &str,
    mu: &[f64],
    lambda: &[f64],
    takers: &[Vec<usize>],
    millions: f64,
) -> Case {
    let reference = longest_idle::solve(&Centre {
        mu: mu.to_vec(),
        lambda: lambda.to_vec(),
        takers: takers.to_vec(),
    });
    let classes = lambda.iter().zip(NAMES);
    let classes = classes.map(|(lambda, name)| class(name, *lambda, exponential(1.0)));
    let groups = mu.iter().enumerate().map(|(agent, mu)| {
        let takes = takers
            .iter()
            .zip(NAMES)
            .filter(|(takers, _)| takers.contains(&agent));
        let skills: Vec<&str> = takes.map(|(_, name)| name).collect();
        // A speed of its own, or a law: both say the same.
        let own: serde_json::Map<String, Value> = skills
            .iter()
            .map(|name| ((*name).to_owned(), exponential(1.0 / mu)))
            .collect();
        json!({ "name": format!("agent {agent}"), "skills": skills, "agents": 1, "service": own })
    });
    let mut truths = Vec::new();
    for (place, (wait, waits)) in reference.iter().enumerate() {
        truths.push(of(place, Figure::MeanWait, *wait));
        truths.push(of(place, Figure::Waited, *waits));
    }
    Case {
        family: "longest idle",
        name: name.to_owned(),
        model: network_file("longest-idle", classes.collect(), groups.collect()),
        millions,
        truths,
    }
}
