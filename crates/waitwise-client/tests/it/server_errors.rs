//! A host in trouble is tried again, and what it says in the end is shown.

use std::time::Duration;

use waitwise_client::{ClientError, FailureKind};
use waitwise_testkit::Rig;

use crate::support::{BACKOFF, chain, check_error, check_naps, history};

#[tokio::test]
async fn every_5xx_is_tried_again() {
    let rig = Rig::start().await;
    for status in [500, 502, 503, 504, 599] {
        for route in ["token", "summary", "skills", "rules"] {
            rig.refuse(route, 2, status, &[], Some("<html>out of order</html>"));
            let client = rig.read();
            history(&rig, &client).await.unwrap();
            client.skills().await.unwrap();
            client.rules_of(&rig.queue()).await.unwrap();
            check_naps(&rig, &BACKOFF[..2]);
        }
    }
}

#[tokio::test]
async fn a_5xx_may_say_how_long_to_wait() {
    let rig = Rig::start().await;
    rig.refuse("skills", 1, 503, &[("Retry-After", "30")], None);
    rig.read().skills().await.unwrap();
    check_naps(&rig, &[(30.0, 31.0)]);
}

#[tokio::test]
async fn the_fifth_5xx_shows_its_body() {
    let rig = Rig::start().await;
    rig.refuse(
        "skills",
        9,
        503,
        &[],
        Some("<html>\r\n<h1>database locked</h1>"),
    );
    let error = rig.read().skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::Host,
        &[
            "5 tries in 1",
            "503 Service Unavailable",
            "<html> <h1>database locked</h1>",
        ],
    );
    check_naps(&rig, &BACKOFF);
    assert_eq!(rig.requests().len(), 6);
}

#[tokio::test]
async fn the_hosts_own_words_and_ids_are_kept() {
    let rig = Rig::start().await;
    let body = r#"{"message":"no such thing","code":"not.found","contextId":"from-body"}"#;
    rig.refuse(
        "rules",
        1,
        404,
        &[("ININ-Correlation-Id", "from-header")],
        Some(body),
    );
    let error = rig.read().rules_of(&rig.queue()).await.unwrap_err();
    let said =
        "the host answered 404 Not Found, not.found: no such thing (correlation id from-header)";
    check_error(&error, FailureKind::Refused, &[said]);
    assert_eq!(chain(&error).lines().count(), 2);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let rig = Rig::start().await;
    rig.refuse("skills", 9, 500, &[], None);
    let mut settings = rig.settings();
    settings.limits.deadline = Duration::from_secs(6);
    let client = rig.read_with(settings);
    let error = client.skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::Host,
        &["3 tries", "would take longer than allowed", "500"],
    );
    check_naps(&rig, &BACKOFF[..2]);
}

#[tokio::test]
async fn a_persons_thinking_does_not_count_against_the_deadline() {
    let rig = Rig::start().await;
    let client = rig.read();
    client.skills().await.unwrap();
    rig.clock.advance(Duration::from_secs(3600));
    client.skills().await.unwrap();
}

#[tokio::test]
async fn nothing_is_sent_when_the_time_is_used_up() {
    let rig = Rig::start().await;
    let mut settings = rig.settings();
    settings.limits.deadline = Duration::ZERO;
    let error = rig.read_with(settings).skills().await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Call { tries: 0, .. }),
        "{error:?}"
    );
    assert_eq!(rig.requests(), Vec::<String>::new());
}
