//! Connections that break, and answers that are not what they should be.

use std::time::Duration;

use tokio::net::TcpListener;
use waitwise_client::{BaseUrl, FailureKind};
use waitwise_sandbox::Fault;
use waitwise_testkit::Rig;

use crate::odd_host::OddHost;
use crate::support::{BACKOFF, check_error, check_naps, history};

#[tokio::test]
async fn what_reads_is_asked_again() {
    let rig = Rig::start().await;
    for route in ["token", "summary", "skills", "rules"] {
        for fault in [
            Fault::ResetBefore,
            Fault::ResetAfter,
            Fault::Truncate(20),
            Fault::Truncate(0),
        ] {
            rig.fault(route, 1, fault);
            let client = rig.read();
            assert!(history(&rig, &client).await.unwrap().pull.entities > 0);
            assert!(!client.skills().await.unwrap().items.is_empty());
            assert_eq!(client.rules_of(&rig.queue()).await.unwrap().len(), 1);
            check_naps(&rig, &BACKOFF[..1]);
        }
    }
}

#[tokio::test]
async fn a_success_that_is_not_json_is_tried_again_and_then_shown() {
    for body in [
        "<html>please sign in to the network</html>",
        r#"{"entities":["#,
        "{} {}",
    ] {
        let rig = Rig::start().await;
        let client = rig.read();
        rig.refuse("skills", 1, 200, &[], Some(body));
        client.skills().await.unwrap();
        check_naps(&rig, &BACKOFF[..1]);
        rig.refuse("skills", 5, 200, &[], Some(body));
        let error = client.skills().await.unwrap_err();
        check_error(
            &error,
            FailureKind::Host,
            &["5 tries", "status 200 is not JSON"],
        );
    }
}

#[tokio::test]
async fn json_of_another_shape_is_an_error_that_names_the_place() {
    let rig = Rig::start().await;
    rig.refuse("skills", 1, 200, &[], Some(r#"{"entities":7}"#));
    let error = rig.read().skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::Host,
        &["cannot understand the answer of GET /api/v2/routing/skills (page 1)"],
    );
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let rig = Rig::start().await;
    let mut settings = rig.settings();
    settings.limits.body_bytes_max = 1000;
    rig.refuse("skills", 9, 200, &[], Some(&" ".repeat(1001)));
    let error = rig.read_with(settings).skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::Incomplete,
        &["1 try", "larger than the 1000 bytes"],
    );
}

#[tokio::test]
async fn a_silent_host_is_left_after_the_time_out() {
    let rig = Rig::start().await;
    let host = OddHost::silent().await;
    let mut settings = rig.settings();
    settings.base_url = host.base_url();
    settings.limits.request_timeout = Duration::from_millis(30);
    let error = rig.read_with(settings).skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::Host,
        &["5 tries", "no complete answer from http://127.0.0.1"],
    );
    check_naps(&rig, &BACKOFF);
}

#[tokio::test]
async fn a_host_that_nobody_runs_is_told() {
    let rig = Rig::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    let mut settings = rig.settings();
    settings.base_url = BaseUrl::parse(&free.to_string(), false).unwrap();
    let error = rig.read_with(settings).skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::Host,
        &["5 tries", "no connection to http://127.0.0.1"],
    );
    assert!(
        error.hints()[0].contains("is the host running"),
        "{:?}",
        error.hints()
    );
    check_naps(&rig, &BACKOFF);
}
