//! The host's pauses are obeyed, by every request, and only up to a point.

use waitwise_client::FailureKind;
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

use crate::support::{BACKOFF, check_error, check_naps, groups, history};

#[tokio::test]
async fn every_kind_of_retry_after_is_obeyed() {
    for (header, nap) in [
        (Some("7"), (7.0, 8.0)),
        (Some("Mon, 30 Mar 2026 12:00:10 GMT"), (10.0, 11.0)),
        (Some("180"), (180.0, 181.0)),
        (None, BACKOFF[0]),
        (Some("0"), BACKOFF[0]),
        (Some("-5"), BACKOFF[0]),
        (Some("in a while"), BACKOFF[0]),
        (Some("Mon, 30 Mar 2026 11:59:00 GMT"), BACKOFF[0]),
    ] {
        let rig = Rig::start().await;
        let headers: Vec<_> = header.iter().map(|value| ("Retry-After", *value)).collect();
        rig.refuse("skills", 1, 429, &headers, None);
        rig.read().skills().await.unwrap();
        assert_eq!(
            rig.requests(),
            ["POST token 200", "GET skills 429", "GET skills 200"]
        );
        check_naps(&rig, &[nap]);
    }
}

#[tokio::test]
async fn no_request_leaves_before_the_hosts_minute_is_over() {
    let rig = Rig::with(SandboxOptions {
        requests_per_minute: 3,
        history_days: 1,
        ..SandboxOptions::default()
    })
    .await;
    rig.sandbox.set_summary(groups(10));
    let mut settings = rig.settings();
    settings.page_size = 1;
    let pulled = history(&rig, &rig.read_with(settings)).await.unwrap();
    assert_eq!(pulled.pull.pages, 10);
    let refused = |sent: &&String| *sent == "POST summary 429";
    let sent = rig.requests();
    // Ten pages at three a minute end in the fourth minute: three waits, and not one refusal.
    assert_eq!(sent.iter().filter(refused).count(), 0, "{sent:?}");
    check_naps(&rig, &[(60.0, 61.0); 3]);
}

#[tokio::test]
async fn five_refusals_end_in_a_clear_error() {
    let rig = Rig::start().await;
    rig.refuse("summary", 9, 429, &[], None);
    let error = history(&rig, &rig.read()).await.unwrap_err();
    check_error(
        &error,
        FailureKind::RateLimit,
        &[
            "cannot query the wrap-up history (POST /api/v2/analytics/conversations/summary/query; 5 tries in ",
            "the host answered 429 Too Many Requests",
        ],
    );
    assert_eq!(rig.requests().len(), 6);
    check_naps(&rig, &BACKOFF);
}

#[tokio::test]
async fn a_pause_of_hours_is_not_waited_for_but_told_and_kept() {
    let rig = Rig::start().await;
    let client = rig.read();
    rig.refuse("skills", 1, 429, &[("Retry-After", "3600")], None);
    let error = client.skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::RateLimit,
        &[
            "1 try",
            "the host asks to come back at 2026-03-30T13:00:00Z",
        ],
    );
    assert!(error.hints()[0].contains("2026-03-30T13:00:00Z"));
    let sent = rig.requests();

    let error = client.rules_of(&rig.queue()).await.unwrap_err();
    check_error(&error, FailureKind::RateLimit, &["0 tries", "not sent"]);
    assert_eq!(rig.requests(), sent);
    check_naps(&rig, &[]);
}

#[tokio::test]
async fn the_pause_holds_for_the_next_call_too() {
    let rig = Rig::start().await;
    let client = rig.read();
    rig.refuse("skills", 5, 429, &[("Retry-After", "20")], None);
    client.skills().await.unwrap_err();
    check_naps(&rig, &[(20.0, 21.0); 4]);
    client.rules_of(&rig.queue()).await.unwrap();
    check_naps(&rig, &[(20.0, 20.0)]);
}
