use serde_json::Value;

use crate::rig::{RULES, Rig, SKILLS};

#[tokio::test]
async fn pages_lead_to_each_other_and_hold_everything_once() {
    let rig = Rig::start().await;
    rig.sandbox
        .set_skills(
            (0..60)
                .map(|n| format!(r#"{{"id":"s{n}","name":"Skill {n}"}}"#))
                .collect(),
        )
        .unwrap();
    let first = rig.get(SKILLS).await.json();
    assert_eq!(first["entities"].as_array().unwrap().len(), 25);
    assert_eq!(
        [
            &first["pageSize"],
            &first["pageNumber"],
            &first["total"],
            &first["pageCount"]
        ],
        [25, 1, 60, 3]
    );
    let (mut ids, mut pages) = (Vec::new(), 0);
    let mut next = Some(format!("{SKILLS}?pageSize=7"));
    while let Some(uri) = next {
        pages += 1;
        let page = rig.get(&uri).await.json();
        ids.extend(
            page["entities"]
                .as_array()
                .unwrap()
                .iter()
                .map(|skill| skill["id"].as_str().unwrap().to_owned()),
        );
        next = page["nextUri"].as_str().map(str::to_owned);
        assert!(next.iter().all(|uri| uri.contains("pageSize=7&")));
        assert_eq!(page["lastUri"], format!("{SKILLS}?pageSize=7&pageNumber=9"));
    }
    assert_eq!(pages, 9, "the ninth page says that it is the last");
    assert_eq!(ids, (0..60).map(|n| format!("s{n}")).collect::<Vec<_>>());
    let beyond = rig
        .get(&format!("{SKILLS}?pageSize=500&pageNumber=4000000000"))
        .await
        .json();
    assert_eq!(
        (
            beyond["entities"].as_array().unwrap().len(),
            &beyond["nextUri"]
        ),
        (0, &Value::Null)
    );
}

#[tokio::test]
async fn an_empty_list_has_no_pages() {
    let rig = Rig::start().await;
    rig.sandbox.set_rules(Vec::new()).unwrap();
    let page = rig.get(RULES).await.json();
    assert_eq!([&page["total"], &page["pageCount"]], [0, 0]);
    assert_eq!(
        (&page["nextUri"], page["lastUri"].as_str()),
        (
            &Value::Null,
            Some("/api/v2/routing/rules?pageSize=25&pageNumber=1")
        )
    );
}

#[tokio::test]
async fn impossible_pages_are_refused_by_name() {
    let rig = Rig::start().await;
    for (query, field) in [
        ("pageSize=0", "pageSize"),
        ("pageSize=501", "pageSize"),
        ("pageSize=ten", "pageSize"),
        ("pageNumber=0", "pageNumber"),
        ("pageNumber=-1", "pageNumber"),
    ] {
        let message = rig
            .get(&format!("{RULES}?{query}"))
            .await
            .refused_field(field);
        assert!(
            message.contains(&format!("`{}`", query.split('=').next_back().unwrap())),
            "{message}"
        );
    }
}

#[tokio::test]
async fn generated_skills_have_the_platforms_shape_and_rules_are_served_as_stored() {
    let rig = Rig::start().await;
    let skills = rig.get(SKILLS).await.json();
    for skill in skills["entities"].as_array().unwrap() {
        for key in ["id", "name", "state", "version", "dateModified", "selfUri"] {
            assert!(skill[key].is_string(), "{key} of {skill}");
        }
    }
    let states: Vec<_> = skills["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skill| skill["state"].as_str().unwrap())
        .collect();
    assert!(
        states.contains(&"active") && states.contains(&"inactive"),
        "{states:?}"
    );
    let odd = r#"{ "id":"r\u0031", "n":12345678901234567890123.10, "x" : null }"#.to_owned();
    rig.sandbox.set_rules(vec![odd.clone()]).unwrap();
    assert!(rig.get(RULES).await.text.contains(&odd));
    let mapped = rig
        .sandbox
        .connection()
        .wrapup_to_skill
        .values()
        .next()
        .unwrap()
        .clone();
    let names: Vec<_> = skills["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skill| {
            skill["name"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .replace(' ', "")
        })
        .collect();
    assert!(names.contains(&mapped), "{mapped} is no skill");
}

#[tokio::test]
async fn wrong_paths_and_methods_are_refused() {
    let rig = Rig::start().await;
    rig.get("/api/v2/routing/nowhere")
        .await
        .refused(404, "not.found");
    let seen = rig.call("DELETE", SKILLS, "").await;
    seen.refused(405, "method.not.allowed");
    assert_eq!(seen.header("allow"), "GET");
    let huge = " ".repeat(512_001);
    rig.call("POST", crate::rig::SUMMARY, &huge)
        .await
        .refused(413, "request.entity.too.large");
    let full = " ".repeat(512_000);
    rig.call("POST", crate::rig::SUMMARY, &full)
        .await
        .refused(400, "bad.request");
}
