//! `explain`: who waits, one conversation of them, one agent's next.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::bench::Bench;
use crate::doctor_platform::start;
use crate::platform_job::{platform, set_up};

/// Lets time pass until at least so many wait, and returns what `explain` says of them.
pub(crate) async fn until_somebody_waits(bench: &Bench, n: usize) -> Value {
    for _ in 0..200 {
        bench.rig.sandbox.advance(Duration::from_secs(607));
        let explained = platform(bench, "explain --output json")
            .await
            .with(0)
            .json();
        if explained["waiting"].as_array().unwrap().len() >= n {
            return explained;
        }
    }
    panic!("nobody ever waits");
}

#[tokio::test]
async fn one_conversation_and_one_agents_next_are_told() {
    let bench = set_up().await;
    let plan = "plan --strategy volume-wait -o plan.json";
    platform(&bench, plan).await.with(0);
    bench.rig.sandbox.clear_requests();
    let explained = until_somebody_waits(&bench, 2).await;
    let line = explained["waiting"].as_array().unwrap();
    let last = line.last().unwrap();
    let conversation = last["conversation"].as_str().unwrap();

    let told = platform(&bench, &format!("explain --conversation {conversation}")).await;
    let told = told.with(0).says(conversation);
    let first = line[0]["conversation"].as_str().unwrap();
    assert!(!told.stdout.contains(first), "{}", told.stdout);
    let line_of_json = format!("explain --conversation {conversation} --output json");
    let told = platform(&bench, &line_of_json).await.with(0).json();
    assert_eq!(told["waiting"].as_array().unwrap().len(), 1);
    assert_eq!(told["waiting"][0]["place"], line.len());
    platform(&bench, "explain --conversation no-such")
        .await
        .failed(
            1,
            &format!(
                "error: conversation `no-such` does not wait in queue `{}`",
                bench.queue()
            ),
        );

    for agent in agents(&bench).await {
        let told = platform(
            &bench,
            &format!("explain --agent {} --output json", agent.0),
        )
        .await;
        let next = &told.with(0).json()["next_for_agent"];
        let may_take = |place: &&Value| {
            let skills = place["skills"].as_array().unwrap();
            skills
                .iter()
                .all(|skill| agent.1.contains(skill.as_str().unwrap()))
        };
        let expected = line.iter().find(may_take);
        let expected = expected.map_or(&Value::Null, |place| &place["conversation"]);
        assert_eq!(next, expected, "{agent:?}");
    }

    let told = platform(&bench, "explain --plan plan.json --output json").await;
    let plan: Value = serde_json::from_str(&bench.read("plan.json")).unwrap();
    for place in told.with(0).json()["waiting"].as_array().unwrap() {
        assert_eq!(place["head_start_minutes"], 0);
        let skills = place["skills"].as_array().unwrap().iter();
        let minutes =
            skills.map(|skill| &plan["priority_table"]["minutes"][skill.as_str().unwrap()]);
        let written = minutes.map(|minutes| minutes["written"].as_i64().unwrap_or(0));
        assert_eq!(place["planned_head_start_minutes"].as_i64(), written.max());
    }
    assert_eq!(bench.rig.sandbox.writes(), 0);
}

/// Three agents of the queue, with their skills.
async fn agents(bench: &Bench) -> Vec<(String, BTreeSet<String>)> {
    let client = bench.rig.read();
    let members = client.queue_members(&bench.rig.queue()).await.unwrap();
    let mut agents = Vec::new();
    for member in members.items.into_iter().take(3) {
        let skills = client.agent_skills(&member.agent).await.unwrap().items;
        let skills = skills.into_iter().map(|skill| skill.skill.to_string());
        agents.push((member.agent.to_string(), skills.collect()));
    }
    agents
}

#[tokio::test]
async fn an_empty_queue_and_one_that_is_not_there_are_told_apart() {
    let bench = start(waitwise_sandbox::SandboxOptions::default()).await;
    platform(&bench, "explain")
        .await
        .with(0)
        .says("Nobody waits.\n");
    platform(&bench, "explain --agent nobody").await.with(1);
    platform(&bench, "explain --queue gone").await.with(1);
}
