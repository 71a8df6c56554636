//! The published platform's questions against the sandbox, which checks each request against the published shapes.

use waitwise_client::{ClientError, FailureKind, ReadClient};
use waitwise_model::{QueueOrder, Window};
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;
use waitwise_wire::platform::aggregates::Granularity;
use waitwise_wire::platform::data_table::{ColumnKind, row_key};
use waitwise_wire::platform::details::{JobState, RecordQuestion};
use waitwise_wire::tutorial::listing::entity_id;

use crate::support::check_error;

async fn rig() -> Rig {
    Rig::with(SandboxOptions {
        history_days: 3,
        make_flow_table: true,
        ..SandboxOptions::default()
    })
    .await
}

/// A client that asks for so many entities on a page.
fn client(rig: &Rig, page_size: u32) -> ReadClient {
    let mut settings = rig.platform_settings();
    settings.page_size = page_size;
    settings.job_page_size = page_size;
    rig.read_with(settings)
}

/// Every request must have been one that the platform publishes.
#[track_caller]
fn check_requests(rig: &Rig) {
    let violations = rig.sandbox.violations();
    assert!(violations.is_empty(), "{violations:?}");
}

#[tokio::test]
async fn the_tenant_is_read_in_pages_of_any_size() {
    let rig = rig().await;
    let queue = rig.queue();
    let mut seen = Vec::new();
    for page_size in [2, 500] {
        let client = client(&rig, page_size);
        let queues = client.queues().await.unwrap();
        let members = client.queue_members(&queue).await.unwrap();
        let codes = client.wrap_up_codes().await.unwrap();
        let of_queue = client.queue_wrap_up_codes(&queue).await.unwrap();
        let skills = client.skills().await.unwrap();
        let agent = &members.items[0].agent;
        let of_agent = client.agent_skills(agent).await.unwrap();
        let tables = client.data_tables().await.unwrap();
        for rejected in [
            &queues.rejected,
            &members.rejected,
            &codes.rejected,
            &of_queue.rejected,
            &skills.rejected,
            &of_agent.rejected,
            &tables.rejected,
        ] {
            assert!(rejected.is_empty(), "{rejected:?}");
        }
        assert_eq!(members.pull.claimed, None);
        assert_eq!(queues.pull.claimed, Some(queues.items.len()));
        assert!(queues.items.iter().any(|found| found.id == queue));
        assert!(!of_agent.items.is_empty() && !tables.items.is_empty());
        seen.push((queues.items, members.items, codes.items, of_agent.items));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(rig.sandbox.organisation().queues.len(), seen[0].0.len());
    check_requests(&rig);
}

#[tokio::test]
async fn a_queue_tells_what_weights_can_do_in_it() {
    let rig = rig().await;
    let client = client(&rig, 100);
    let queue = rig.queue();
    let found = client.queue(&queue).await.unwrap();
    assert_eq!(found.order, QueueOrder::MinutesAndPriority);
    assert!(client.predictors(&queue).await.unwrap().items.is_empty());
    let odd = r#"{"scoringMethod":"PriorityOnly"}"#;
    rig.sandbox.set_queue(queue.as_str(), odd).unwrap();
    rig.sandbox.set_predictive([queue.as_str()]).unwrap();
    let found = client.queue(&queue).await.unwrap();
    assert_eq!(found.order, QueueOrder::PriorityOnly);
    let predictors = client.predictors(&queue).await.unwrap().items;
    assert!(predictors.iter().any(|predictor| predictor.may_route()));
    client.estimated_wait(&queue).await.unwrap();
    client.check_token().await.unwrap();
    let limits = client.limits("platform.api").await.unwrap();
    assert!(!limits.items.is_empty() && limits.rejected.is_empty());
    check_requests(&rig);
}

#[tokio::test]
async fn rows_come_whole_and_what_is_missing_is_told_apart() {
    let rig = rig().await;
    let client = client(&rig, 2);
    let row = |i| format!(r#"{{"key":"Skill {i}/ä","skillId":"s{i}","priority":{i}}}"#);
    let rows: Vec<String> = (0..5).map(row).collect();
    let schema = r#"{"type":"object","required":["key"],"properties":{"key":{"type":"string"},"skillId":{"type":"string"},"priority":{"type":"integer"}}}"#;
    let tables = format!(
        r#"[{{"name":"Waitwise priorities","schema":{schema},"rows":[{}]}}]"#,
        rows.join(",")
    );
    rig.sandbox.set_tables(&tables).unwrap();
    let table = &client.data_tables().await.unwrap().items[0];
    assert_eq!(table.columns, None);
    let table = client.data_table(&table.id).await.unwrap();
    let priority = table.column("priority").unwrap();
    assert_eq!(priority.kind, Some(ColumnKind::Integer));

    let listed = client.rows(&table.id).await.unwrap();
    assert_eq!((listed.items.len(), listed.pull.pages), (5, 3));
    for row in &listed.items {
        assert!(row.contains("\"priority\""), "{row}");
        let key = row_key(row).unwrap();
        let single = client.row(&table.id, &key).await.unwrap();
        assert_eq!(single.as_ref(), Some(row));
    }
    assert_eq!(client.row(&table.id, "nobody").await.unwrap(), None);
    let error = client.row("no-such-table", "nobody").await.unwrap_err();
    assert_eq!(error.refusal().unwrap().0, 404);
    check_requests(&rig);
}

/// Reads a job's records to the end.
async fn job(client: &ReadClient, question: &RecordQuestion) -> Vec<String> {
    let job = client.submit_job(question).await.unwrap();
    while client.job_state(&job).await.unwrap().state.is_under_way() {}
    let status = client.job_state(&job).await.unwrap();
    assert_eq!(status.state, JobState::Fulfilled);
    let (mut records, mut cursor) = (Vec::new(), None);
    loop {
        let page = client.job_page(&job, cursor.as_deref()).await.unwrap();
        records.extend(page.records);
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    client.cancel_job(&job).await.unwrap();
    client.cancel_job(&job).await.unwrap();
    records
}

#[tokio::test]
async fn jobs_and_the_query_give_the_same_records_and_aggregates_count_them() {
    let rig = rig().await;
    rig.sandbox.set_jobs_behind(0);
    let client = client(&rig, 100);
    let window = Window {
        from: "2026-03-28T00:00:00Z".parse().unwrap(),
        to: "2026-03-29T00:00:00Z".parse().unwrap(),
    };
    let question = RecordQuestion {
        window,
        queues: vec![rig.queue()],
    };
    assert!(client.availability().await.unwrap().is_some());
    let id = |record: &String| {
        let record = record.replace("\"conversationId\"", "\"id\"");
        entity_id(&record).unwrap()
    };
    let by_job = job(&client, &question).await;
    let mut by_query = Vec::new();
    for number in 1.. {
        let page = client.details_page(&question, number).await.unwrap();
        if page.records.is_empty() {
            break;
        }
        by_query.extend(page.records);
    }
    let started_then = |record: &&String| record.contains("\"conversationStart\":\"2026-03-28");
    let ids = |records: &[String]| {
        let mut ids: Vec<_> = records.iter().filter(started_then).map(id).collect();
        ids.sort();
        ids
    };
    assert!(by_query.len() > 100, "{}", by_query.len());
    assert_eq!(ids(&by_job), ids(&by_query));

    let totals = client
        .queue_totals(&question.queues, window, Granularity::Day)
        .await
        .unwrap();
    assert!(totals.rejected.is_empty());
    let offered: i64 = totals.items.iter().map(|totals| totals.offered).sum();
    assert!(offered > 100, "{:?}", totals.items);
    check_requests(&rig);
}

#[tokio::test]
async fn who_waits_now_is_read_by_skill_and_one_by_one() {
    let rig = rig().await;
    let client = client(&rig, 100);
    let queue = rig.queue();
    // Some moment of a busy day at which somebody waits.
    for _ in 0..200 {
        rig.sandbox.advance(std::time::Duration::from_secs(600));
        let now = client.observations(&queue).await.unwrap();
        assert!(now.rejected.is_empty(), "{:?}", now.rejected);
        let waiting: i64 = now.waiting.values().sum();
        if waiting == 0 {
            continue;
        }
        assert_eq!(usize::try_from(waiting), Ok(now.entries.len()));
        assert!(now.entries.iter().all(|entry| entry.since.is_some()));
        let groups = client.activity(std::slice::from_ref(&queue)).await.unwrap();
        assert!(groups.rejected.is_empty(), "{:?}", groups.rejected);
        assert!(groups.items.iter().map(|group| group.waiting).sum::<i64>() >= waiting);
        check_requests(&rig);
        return;
    }
    panic!("nobody waited in 200 looks");
}

#[tokio::test]
async fn agents_have_their_time_on_queue() {
    let rig = rig().await;
    let client = client(&rig, 100);
    let members = client.queue_members(&rig.queue()).await.unwrap().items;
    let agents: Vec<_> = members.into_iter().map(|member| member.agent).collect();
    let window = Window {
        from: "2026-03-27T00:00:00Z".parse().unwrap(),
        to: "2026-03-30T00:00:00Z".parse().unwrap(),
    };
    let times = client.on_queue(&agents, window, Granularity::Day).await;
    let times = times.unwrap();
    assert!(times.rejected.is_empty());
    assert!(
        times
            .items
            .iter()
            .any(|time| time.on_queue_ms > 3_600_000.0)
    );
    assert!(times.items.iter().all(|time| agents.contains(&time.agent)));
    check_requests(&rig);
}

#[track_caller]
fn check_missing(error: &ClientError, permission: &str) {
    check_error(
        error,
        FailureKind::Permission,
        &["403", "missing.any.permissions"],
    );
    let hints = error.hints().join("\n");
    assert!(hints.contains(permission), "{hints}");
    assert!(hints.contains("divisions"), "{hints}");
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let rig = rig().await;
    rig.sandbox.set_permissions(["routing:queue:view"]).unwrap();
    let client = client(&rig, 100);
    client.queues().await.unwrap();
    check_missing(
        &client.wrap_up_codes().await.unwrap_err(),
        "`routing:wrapupCode:view`",
    );
    check_missing(
        &client.rows("t").await.unwrap_err(),
        "`architect:datatable:view` or `architect:datatableRow:view`",
    );
    check_missing(
        &client.availability().await.unwrap_err(),
        "`analytics:conversationDetail:view`",
    );
}

#[tokio::test]
async fn tokens_come_from_the_login_host() {
    let (login, api) = (rig().await, rig().await);
    let mut settings = api.platform_settings();
    settings.login_url = Some(login.platform_settings().base_url);
    // The other tenant's token is none here: that the question is refused shows where each request went.
    let error = api.read_with(settings).queues().await.unwrap_err();
    check_error(&error, FailureKind::SignIn, &["401"]);
    assert!(login.requests().iter().all(|sent| sent == "POST token 200"));
    assert!(!api.requests().iter().any(|sent| sent.contains("token")));

    let mut settings = api.platform_settings();
    settings.client_secret = "wrong".to_owned().into();
    let error = api.read_with(settings).check_token().await.unwrap_err();
    check_error(&error, FailureKind::SignIn, &["invalid_client"]);
}
