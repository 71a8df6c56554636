//! The order in which `explain` lists those who wait is the order in which agents were really given them.
//!
//! A simulated flow reads head starts from a data table while the day goes on. At many moments of the day `explain` is
//! asked; afterwards the day's records say who was given to which agent, and when. Each time an agent took somebody who
//! had been listed, that must have been the first of the list whom this agent's skills allowed and who was still there.
//!
//! `WAITWISE_ORDER_STATES=N` sets how many moments are looked at; a short run is the default.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as the tests themselves do"
)]

mod records;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use waitwise_app::ReadClient;
use waitwise_app::explain::{Explained, Proposed, explain};
use waitwise_app::model::{AgentId, SkillId};
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

use crate::records::{Assignment, Day};

const STATES_DEFAULT: usize = 40;

/// Moments of one day, from nine in the morning on.
const STATES_PER_DAY: usize = 40;

#[tokio::test]
async fn agents_take_whom_the_list_has_first() {
    let states = std::env::var("WAITWISE_ORDER_STATES");
    let wanted = states.map_or(STATES_DEFAULT, |n| n.parse().expect("a number"));
    let (mut n_states, mut n_taken, mut n_over_others, mut seed) = (0, 0, 0, 0);
    while n_states < wanted {
        seed += 1;
        let seen = watch(seed).await;
        n_states += seen.states;
        n_taken += seen.taken;
        n_over_others += seen.before_someone_older;
    }
    println!(
        "<!-- order -->\n{n_states} states with somebody waiting, of {seed} days: {n_taken} times an agent took somebody listed, each time \
         the first whom they may take; {n_over_others} times somebody who had come later than another whom they may take.\n<!-- /order -->"
    );
    assert!(n_taken >= n_states, "the days were busy");
    assert!(n_over_others > 0, "head starts change who is first");
}

/// What one day showed.
struct Seen {
    states: usize,
    taken: usize,
    before_someone_older: usize,
}

async fn watch(seed: u64) -> Seen {
    let rig = Rig::with(SandboxOptions {
        seed,
        history_days: 1,
        requests_per_minute: 1_000_000,
        make_flow_table: true,
        ..SandboxOptions::default()
    })
    .await;
    let client = rig.read_with(rig.platform_settings());
    set_head_starts(&rig, &client, seed).await;
    let began = rig.sandbox.now();
    rig.sandbox.advance(Duration::from_secs(7 * 3600));
    let mut states = Vec::new();
    for _ in 0..STATES_PER_DAY {
        rig.sandbox.advance(Duration::from_secs(601));
        let explained = explain(&client, &rig.queue(), &Proposed::new(), &*rig.clock).await;
        states.push((rig.sandbox.now(), explained.unwrap()));
    }
    rig.sandbox.advance(Duration::from_secs(12 * 3600));
    let day = Day::read(&client, &rig.queue(), began, rig.sandbox.now()).await;
    let skills = skills_of_all(&client, &day).await;
    let mut seen = Seen {
        states: 0,
        taken: 0,
        before_someone_older: 0,
    };
    for (at, explained) in states {
        seen.states += usize::from(!explained.line.is_empty());
        check(&explained, at, &day, &skills, &mut seen);
    }
    assert_eq!(rig.sandbox.violations().len(), 0);
    seen
}

/// Gives each skill some minutes of head start, 0 to 10, by the seed.
async fn set_head_starts(rig: &Rig, client: &ReadClient, seed: u64) {
    let skills = client.skills().await.unwrap();
    let rows: Vec<_> = (0..)
        .zip(&skills.items)
        .map(|(idx, skill): (u64, _)| {
            let minutes = (seed * 7 + idx * 5) % 11;
            serde_json::json!({"key": skill.name, "skillId": skill.id.as_str(), "priority": minutes})
        })
        .collect();
    let text = serde_json::json!({"type": "string"});
    let schema = serde_json::json!({
        "type": "object",
        "properties": {"key": text, "skillId": text, "priority": {"type": "integer"}},
        "required": ["key"],
        "additionalProperties": false,
    });
    let name = SandboxOptions::default().flow_table;
    let tables = serde_json::json!([{"name": name, "schema": schema, "rows": rows}]);
    rig.sandbox.set_tables(&tables.to_string()).unwrap();
}

async fn skills_of_all(client: &ReadClient, day: &Day) -> BTreeMap<AgentId, BTreeSet<SkillId>> {
    let mut skills = BTreeMap::new();
    for agent in day.agents() {
        let listed = client.agent_skills(&agent).await.unwrap();
        let ids = listed.items.into_iter().map(|skill| skill.skill).collect();
        skills.insert(agent, ids);
    }
    skills
}

/// Goes through what happened after one moment to those who waited at it.
fn check(
    explained: &Explained,
    at: jiff::Timestamp,
    day: &Day,
    skills: &BTreeMap<AgentId, BTreeSet<SkillId>>,
    seen: &mut Seen,
) {
    for Assignment {
        at: taken_at,
        agent,
        conversation,
    } in day.assignments_after(at)
    {
        let taken = explained
            .line
            .iter()
            .find(|place| place.conversation == *conversation);
        let Some(taken) = taken else {
            continue;
        };
        let may_take = |skill: &SkillId| skills[agent].contains(skill);
        let there: Vec<_> = explained
            .line
            .iter()
            .filter(|place| place.skills.iter().all(may_take))
            .filter(|place| day.is_waiting(&place.conversation, *taken_at))
            .collect();
        assert_eq!(
            there.first().map(|place| &place.conversation),
            Some(conversation),
            "listed at {at}, agent {agent} took {conversation} at {taken_at}; there were {there:#?}"
        );
        seen.taken += 1;
        let is_older = |place: &&&waitwise_app::explain::Place| place.since < taken.since;
        seen.before_someone_older += usize::from(there.iter().any(|place| is_older(&place)));
    }
}
