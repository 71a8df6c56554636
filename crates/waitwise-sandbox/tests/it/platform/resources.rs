use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{CODES, QUEUES, platform, texts, walk};
use crate::rig::{Rig, SKILLS};

#[tokio::test]
async fn two_queues_are_listed_by_name_and_share_agents() {
    let rig = platform().await;
    let organisation = rig.sandbox.organisation();
    let queues = walk(&rig, QUEUES).await;
    assert_eq!(texts(&queues, "name"), ["Back Office", "Customer Service"]);
    let mut members = Vec::new();
    for queue in &queues {
        let id = queue["id"].as_str().unwrap();
        let one = rig.get(&format!("{QUEUES}/{id}")).await.json();
        assert_eq!(one, *queue);
        assert_eq!(queue["scoringMethod"], "TimestampAndPriority");
        assert_eq!(
            queue["mediaSettings"]["call"]["serviceLevel"]["durationMs"],
            20_000
        );
        let of_queue = walk(&rig, &format!("{QUEUES}/{id}/members?pageSize=4")).await;
        assert_eq!(queue["memberCount"], of_queue.len());
        members.push(texts(&of_queue, "id").into_iter().collect::<BTreeSet<_>>());
    }
    let users = organisation.users.into_iter().map(|user| user.id);
    let users: BTreeSet<String> = users.collect();
    let either = members[0].union(&members[1]).cloned();
    assert_eq!(
        either.collect::<BTreeSet<_>>(),
        users,
        "nobody serves no queue"
    );
    let shared = members[0].intersection(&members[1]).count();
    assert!(shared > 0 && shared < users.len(), "{shared}");
    let some = |name: &str| format!("{QUEUES}?name={name}");
    for (name, found) in [
        ("*office", 1),
        ("customer*", 1),
        ("*e*", 2),
        ("office", 0),
        ("BACK%20office", 1),
    ] {
        assert_eq!(walk(&rig, &some(name)).await.len(), found, "{name}");
    }
    let ids = texts(&queues, "id").join(",");
    assert_eq!(walk(&rig, &format!("{QUEUES}?id={ids}")).await.len(), 2);
    assert_eq!(walk(&rig, &format!("{QUEUES}?id=none")).await.len(), 0);
    rig.get(&format!("{QUEUES}/none"))
        .await
        .refused(404, "not.found");
}

#[tokio::test]
async fn pages_of_members_tell_no_totals_and_have_their_own_limit() {
    let rig = platform().await;
    let path = format!("{QUEUES}/{}/members", rig.sandbox.connection().queue_id);
    let page = rig
        .get(&format!("{path}?pageSize=3&joined=true"))
        .await
        .json();
    for absent in ["total", "pageCount", "lastUri"] {
        assert!(page.get(absent).is_none(), "{absent} in {page}");
    }
    let next = page["nextUri"].as_str().unwrap();
    assert_eq!(next, format!("{path}?pageSize=3&pageNumber=2&joined=true"));
    let second = rig.get(next).await.json();
    assert_eq!(
        second["previousUri"],
        format!("{path}?pageSize=3&pageNumber=1&joined=true")
    );
    assert_eq!(
        rig.get(&format!("{path}?joined=false")).await.json()["entities"],
        json!([])
    );
    for (path, max) in [
        (path, 100),
        (QUEUES.to_owned(), 500),
        (SKILLS.to_owned(), 500),
        (CODES.to_owned(), 100),
        (super::TABLES.to_owned(), 100),
    ] {
        assert_eq!(rig.get(&format!("{path}?pageSize={max}")).await.status, 200);
        rig.get(&format!("{path}?pageSize={}", max + 1))
            .await
            .refused_field("pageSize");
    }
}

#[tokio::test]
async fn agents_skills_are_those_that_callers_ask_for() {
    let rig = platform().await;
    let skills: BTreeSet<String> = texts(&walk(&rig, SKILLS).await, "id").into_iter().collect();
    for user in &rig.sandbox.organisation().users {
        let path = format!("/api/v2/users/{}/routingskills", user.id);
        let own = walk(&rig, &path).await;
        assert!(!own.is_empty());
        for skill in own {
            assert!(skills.contains(skill["id"].as_str().unwrap()));
            let proficiency = skill["proficiency"].as_f64().unwrap();
            assert!((0.0..=5.0).contains(&proficiency));
        }
    }
    rig.get("/api/v2/users/none/routingskills")
        .await
        .refused(404, "not.found");
}

#[tokio::test]
async fn skills_and_codes_are_found_by_name_and_id() {
    let rig = platform().await;
    let skills = walk(&rig, SKILLS).await;
    let (id, name) = (
        skills[0]["id"].as_str().unwrap(),
        skills[0]["name"].as_str().unwrap(),
    );
    let start = name[..4].to_lowercase().replace(' ', "%20");
    let found = texts(&walk(&rig, &format!("{SKILLS}?name={start}")).await, "name");
    assert!(found.contains(&name.to_owned()), "{found:?}");
    assert_eq!(
        walk(&rig, &format!("{SKILLS}?id={id}&id=none")).await.len(),
        1
    );
    let all = walk(&rig, &format!("{CODES}?pageSize=2")).await;
    let names = texts(&all, "name");
    assert!(names.is_sorted(), "{names:?}");
    let queue = &rig.sandbox.connection().queue_id;
    let of_queue = walk(&rig, &format!("{QUEUES}/{queue}/wrapupcodes")).await;
    assert_eq!(of_queue, all, "every code is the target queue's");
    let mapped = rig.sandbox.connection().wrapup_to_skill.keys();
    let ids = texts(&all, "id");
    assert!(mapped.into_iter().all(|code| ids.contains(code)));
    rig.get(&format!("{QUEUES}/none/wrapupcodes"))
        .await
        .refused(404, "not.found");
}

async fn target(rig: &Rig) -> (String, Value) {
    let path = format!("{QUEUES}/{}", rig.sandbox.connection().queue_id);
    let queue = rig.get(&path).await.json();
    (path, queue)
}

#[tokio::test]
async fn a_queue_is_replaced_whole() {
    let rig = platform().await;
    let (path, before) = target(&rig).await;
    assert!(before["description"].is_string());
    let mut whole = before.clone();
    whole["acwSettings"] = json!({"wrapupPrompt": "OPTIONAL"});
    let written = rig.call("PUT", &path, &whole.to_string()).await.json();
    assert_eq!(written["acwSettings"], whole["acwSettings"]);
    assert_eq!(written["description"], before["description"]);

    let careless = r#"{"name": "Customer Service", "memberCount": 7}"#;
    rig.call("PUT", &path, careless).await;
    let (_, after) = target(&rig).await;
    assert!(after.get("description").is_none(), "{after}");
    assert_eq!(after["acwSettings"], before["acwSettings"], "the default");
    for kept in ["id", "division", "memberCount", "dateCreated"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let nameless = rig.call("PUT", &path, r#"{"name": " "}"#).await;
    nameless.refused_field("/name");
    rig.call("PUT", &path, "[]")
        .await
        .refused(400, "bad.request");
}

#[tokio::test]
async fn limits_estimates_and_predictors_answer() {
    let rig = Rig::with(|options| options.requests_per_minute = 77).await;
    let limits = "/api/v2/organizations/limits/namespaces";
    let entities = walk(&rig, &format!("{limits}/platform.api")).await;
    let rate = json!({"key": "client.credentials.token.rate.per.minute",
        "namespace": "platform.api", "value": 77});
    assert!(entities.contains(&rate), "{entities:?}");
    assert!(walk(&rig, &format!("{limits}/datatables")).await.is_empty());
    rig.get(&format!("{limits}/none"))
        .await
        .refused(404, "not.found");
    let (path, _) = target(&rig).await;
    let estimate = rig.get(&format!("{path}/estimatedwaittime")).await.json();
    assert!(estimate["results"][0]["estimatedWaitTimeSeconds"].is_u64());
    assert_eq!(
        rig.get("/api/v2/routing/predictors").await.json()["entities"],
        json!([])
    );
}
