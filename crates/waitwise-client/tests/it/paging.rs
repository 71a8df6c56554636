//! Every page is read, and pages that contradict each other are not believed.

use serde_json::value::RawValue;
use waitwise_client::{ClientError, FailureKind};
use waitwise_sandbox::Fault;
use waitwise_testkit::Rig;

use crate::odd_host::OddHost;
use crate::support::{check_error, groups, history};

fn raw(texts: &[&str]) -> Option<Vec<Box<RawValue>>> {
    let raw = |text: &&str| RawValue::from_string((*text).to_owned()).unwrap();
    Some(texts.iter().map(raw).collect())
}

fn skill(i: usize) -> String {
    format!(r#"{{"id":"s{i}","name":"Skill {i}","state":"active"}}"#)
}

#[tokio::test]
async fn every_page_of_the_history_is_read() {
    let rig = Rig::start().await;
    for (n, pages) in [(0, 1), (1, 1), (100, 1), (101, 2), (1000, 10)] {
        rig.sandbox.set_summary(groups(n));
        let evidence = history(&rig, &rig.read()).await.unwrap();
        assert_eq!(evidence.groups.len(), n);
        assert_eq!((evidence.pull.pages, evidence.pull.unique), (pages, n));
    }
}

#[tokio::test]
async fn the_real_history_is_read_with_its_progress() {
    let rig = Rig::start().await;
    let mut settings = rig.settings();
    settings.page_size = 2;
    let seen = std::sync::Mutex::new(Vec::new());
    let progress = |pull: waitwise_model::Pull| seen.lock().unwrap().push(pull.pages);
    let client = rig.read_with(settings);
    let evidence = client
        .history(&rig.queue(), rig.window(), &progress)
        .await
        .unwrap();
    let calls: f64 = evidence
        .groups
        .iter()
        .map(|group| group.conversations)
        .sum();
    assert!(calls > 1000.0, "{calls}");
    assert_eq!(
        *seen.lock().unwrap(),
        (1..=evidence.pull.pages).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn every_page_of_sixty_skills_and_sixty_rules_is_read() {
    let rig = Rig::start().await;
    for (page_size, pages) in [(25, 3), (100, 1), (60, 1), (59, 2)] {
        let rule = |i| format!(r#"{{"id":"r{i}","queueId":"q{i}","skills":[]}}"#);
        rig.sandbox
            .set_skills((0..60).map(skill).collect())
            .unwrap();
        rig.sandbox.set_rules((0..60).map(rule).collect()).unwrap();
        let mut settings = rig.settings();
        settings.page_size = page_size;
        let client = rig.read_with(settings);
        let skills = client.skills().await.unwrap();
        assert_eq!(
            (skills.items.len(), skills.pull.pages, skills.pull.claimed),
            (60, pages, Some(60))
        );
        let last = waitwise_model::QueueId::new("q59");
        let rules = client.rules_of(&last).await.unwrap();
        assert_eq!(rules[0].document, rule(59));
    }
}

#[tokio::test]
async fn two_rules_of_one_queue_are_both_returned_and_none_is_none() {
    let rig = Rig::start().await;
    let rules = [
        r#"{"id":"a","queueId":"q"}"#,
        r#"{"id":"b"}"#,
        r#"{"queueId":"q","id":"c"}"#,
    ];
    rig.sandbox
        .set_rules(rules.map(str::to_owned).to_vec())
        .unwrap();
    let client = rig.read();
    let found = client
        .rules_of(&waitwise_model::QueueId::new("q"))
        .await
        .unwrap();
    assert_eq!(
        found
            .iter()
            .map(|rule| rule.document.as_str())
            .collect::<Vec<_>>(),
        [rules[0], rules[2]]
    );
    assert!(client.rules_of(&rig.queue()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unreadable_rule_counts_only_for_its_own_queue() {
    let rig = Rig::start().await;
    let odd = r#"{"id":"a","queueId":"q","skills":[],"x":{"k":1,"k":2}}"#;
    rig.sandbox
        .set_rules(vec![odd.to_owned(), r#"{"queueId":"other"}"#.to_owned()])
        .unwrap();
    let client = rig.read();
    assert!(client.rules_of(&rig.queue()).await.unwrap().is_empty());
    let error = client
        .rules_of(&waitwise_model::QueueId::new("q"))
        .await
        .unwrap_err();
    check_error(
        &error,
        FailureKind::Refused,
        &[
            "cannot read a routing rule of queue `q`",
            "`k` stands twice",
        ],
    );
}

#[tokio::test]
async fn unreadable_entities_are_named_not_lost() {
    let rig = Rig::start().await;
    let skills = [
        skill(1),
        r#"{"name":"nobody"}"#.to_owned(),
        r#"{"id":"s3"}"#.to_owned(),
    ];
    rig.sandbox.set_skills(skills.to_vec()).unwrap();
    let listing = rig.read().skills().await.unwrap();
    assert_eq!(listing.items.len(), 1);
    assert_eq!(
        listing.rejected,
        [
            "entry 2 of the list has no text `id`",
            "`s3` has no text `name`"
        ]
    );

    let odd = [
        r#"{"wrapupCodeId":"a","conversationCount":-1}"#,
        r#"{"wrapupCodeId":7}"#,
        "{}",
        "null",
    ];
    rig.sandbox.set_summary(raw(&odd));
    let evidence = history(&rig, &rig.read()).await.unwrap();
    assert_eq!((evidence.groups.len(), evidence.rejected.len()), (1, 3));
    assert_eq!(evidence.pull.entities, 4);
}

#[tokio::test]
async fn a_repeated_page_token_is_not_followed_for_ever() {
    let rig = Rig::start().await;
    rig.sandbox.set_summary(groups(250));
    rig.fault("summary", 1000, Fault::RepeatPageToken);
    let error = history(&rig, &rig.read()).await.unwrap_err();
    check_error(
        &error,
        FailureKind::Incomplete,
        &["cannot query the wrap-up history completely"],
    );
    assert!(rig.requests().len() < 10, "{:?}", rig.requests());
}

#[tokio::test]
async fn an_id_that_comes_twice_is_not_believed() {
    let rig = Rig::start().await;
    let client = rig.read();
    let twice = |error: ClientError, id: &str| {
        check_error(
            &error,
            FailureKind::Incomplete,
            &["page 1", &format!("`{id}` was listed before")],
        );
    };
    rig.sandbox
        .set_summary(raw(&[r#"{"wrapupCodeId":"a"}"#, r#"{"wrapupCodeId":"a"}"#]));
    twice(history(&rig, &client).await.unwrap_err(), "a");
    rig.sandbox
        .set_summary(raw(&["{}", r#"{"wrapupCodeId":null}"#]));
    twice(
        history(&rig, &client).await.unwrap_err(),
        "(no wrap-up code)",
    );
    rig.sandbox
        .set_skills(vec![skill(1), skill(2), skill(1)])
        .unwrap();
    twice(client.skills().await.unwrap_err(), "s1");
    rig.sandbox
        .set_rules(vec![r#"{"id":"r"}"#.to_owned(), r#"{"id":"r"}"#.to_owned()])
        .unwrap();
    twice(client.rules_of(&rig.queue()).await.unwrap_err(), "r");
}

#[tokio::test]
async fn pages_without_end_are_left() {
    let rig = Rig::start().await;
    let mut settings = rig.settings();
    settings.page_size = 1;
    settings.limits.pages_max = 7;
    rig.sandbox.set_summary(groups(8));
    rig.sandbox.set_skills((0..7).map(skill).collect()).unwrap();
    let client = rig.read_with(settings);
    let error = history(&rig, &client).await.unwrap_err();
    check_error(
        &error,
        FailureKind::Incomplete,
        &["page 7", "7 pages are read at most"],
    );
    assert_eq!(client.skills().await.unwrap().items.len(), 7);
}

async fn skills_of(answer: fn(&str) -> (u16, String)) -> (Rig, Result<usize, ClientError>) {
    let rig = Rig::start().await;
    let host = OddHost::with("t", answer).await;
    let mut settings = rig.settings();
    settings.base_url = host.base_url();
    let skills = rig.read_with(settings).skills().await;
    (rig, skills.map(|listing| listing.items.len()))
}

fn page_number(request: &str) -> usize {
    let (_, after) = request.split_once("pageNumber=").unwrap();
    after
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_total_that_does_not_fit_is_not_believed() {
    let (_rig, skills) =
        skills_of(|_| (200, format!(r#"{{"entities":[{}],"total":2}}"#, skill(1)))).await;
    let seen = "it is the last one, with 1 entities in all, but the host claims 2";
    check_error(
        &skills.unwrap_err(),
        FailureKind::Incomplete,
        &["page 1", seen],
    );
}

#[tokio::test]
async fn a_host_that_only_counts_its_pages_is_read_to_the_end() {
    let (_rig, skills) = skills_of(|request| {
        let page = page_number(request);
        (
            200,
            format!(
                r#"{{"entities":[{}],"pageNumber":{page},"pageCount":4}}"#,
                skill(page)
            ),
        )
    })
    .await;
    assert_eq!(skills.unwrap(), 4);
}

#[tokio::test]
async fn empty_pages_without_end_are_left() {
    let (_rig, skills) = skills_of(|request| {
        let next = page_number(request) + 1;
        (
            200,
            format!(r#"{{"entities":[],"nextUri":"/api/v2/routing/skills?pageNumber={next}"}}"#),
        )
    })
    .await;
    check_error(
        &skills.unwrap_err(),
        FailureKind::Incomplete,
        &["page 10", "10th empty page in a row"],
    );
}

#[tokio::test]
async fn the_next_page_on_another_host_is_not_asked_for() {
    let (_rig, skills) = skills_of(|_| {
        let next = "http://127.0.0.2:1/api/v2/routing/skills?pageNumber=2";
        (
            200,
            format!(r#"{{"entities":[{}],"nextUri":"{next}"}}"#, skill(1)),
        )
    })
    .await;
    check_error(
        &skills.unwrap_err(),
        FailureKind::Incomplete,
        &["its nextUri leads to another host or path"],
    );
}
