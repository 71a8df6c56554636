//! The token: cached, renewed in time, and renewed once when the host does not want it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use waitwise_client::FailureKind;
use waitwise_sandbox::{Fault, FaultRule};
use waitwise_testkit::Rig;

use crate::support::{BACKOFF, check_error, check_naps, groups, history};

#[tokio::test]
async fn one_token_serves_many_requests() {
    let rig = Rig::start().await;
    let client = rig.read();
    rig.sandbox.set_summary(groups(250));
    history(&rig, &client).await.unwrap();
    client.skills().await.unwrap();
    let expected = [
        "POST token 200",
        "POST summary 200",
        "POST summary 200",
        "POST summary 200",
        "GET skills 200",
    ];
    assert_eq!(rig.requests(), expected);
}

#[tokio::test]
async fn the_token_is_renewed_in_the_middle_of_a_pull() {
    let rig = Rig::start().await;
    let client = rig.read();
    rig.sandbox.set_summary(groups(250));
    let a_day_passes = |_| {
        rig.clock.advance(Duration::from_secs(86_399));
        rig.sandbox.advance(Duration::from_secs(86_399));
    };
    let pulled = client
        .history(&rig.queue(), rig.window(), &a_day_passes)
        .await;
    assert_eq!(pulled.unwrap().groups.len(), 250);
    let page = ["POST token 200", "POST summary 200"];
    assert_eq!(rig.requests(), [page, page, page].concat());
}

#[tokio::test]
async fn the_token_is_renewed_300_s_before_its_end() {
    for (seconds, sign_ins) in [(86_399 - 301, 1), (86_399 - 300, 2)] {
        let rig = Rig::start().await;
        let client = rig.read();
        client.skills().await.unwrap();
        rig.clock.advance(Duration::from_secs(seconds));
        client.skills().await.unwrap();
        let sent = rig.requests();
        assert_eq!(
            sent.iter().filter(|sent| *sent == "POST token 200").count(),
            sign_ins
        );
    }
}

#[tokio::test]
async fn a_short_lived_token_is_not_renewed_for_ever() {
    for lifetime_secs in [300, 60, 0] {
        let rig = Rig::start().await;
        rig.sandbox.set_token_lifetime(lifetime_secs);
        let client = rig.read();
        let read = client.skills().await;
        assert_eq!(
            read.is_ok(),
            lifetime_secs > 0,
            "the host itself wants a token of 0 s no more"
        );
        assert!(rig.requests().len() <= 4);
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_sent_again() {
    let rig = Rig::start().await;
    let client = rig.read();
    rig.sandbox.set_summary(groups(250));
    let ended_by_the_host = FaultRule {
        after: 1,
        ..FaultRule::times("summary", 1, Fault::ExpireTokens)
    };
    rig.sandbox.add_fault(ended_by_the_host).unwrap();
    assert_eq!(history(&rig, &client).await.unwrap().groups.len(), 250);
    let expected = [
        "POST token 200",
        "POST summary 200",
        "POST summary 401",
        "POST token 200",
        "POST summary 200",
        "POST summary 200",
    ];
    assert_eq!(rig.requests(), expected);
    check_naps(&rig, &[]);
}

#[tokio::test]
async fn a_second_refusal_of_the_token_is_an_error() {
    let rig = Rig::start().await;
    rig.refuse("skills", 9, 401, &[], None);
    let error = rig.read().skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::SignIn,
        &[
            "cannot list routing skills (GET /api/v2/routing/skills; 2 tries",
            "401",
        ],
    );
    let sent = rig.requests();
    assert_eq!(
        sent,
        [
            "POST token 200",
            "GET skills 401",
            "POST token 200",
            "GET skills 401"
        ]
    );
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_not_tried_again() {
    let rig = Rig::start().await;
    let mut settings = rig.settings();
    settings.client_secret = "not the secret".to_owned().into();
    let error = rig.read_with(settings).skills().await.unwrap_err();
    check_error(
        &error,
        FailureKind::SignIn,
        &[
            "cannot sign in (POST /oauth/token; 1 try",
            "400",
            "invalid_client",
        ],
    );
    assert!(
        error.hints()[0].contains("client secret"),
        "{:?}",
        error.hints()
    );
    assert_eq!(rig.requests(), ["POST token 400"]);
}

#[tokio::test]
async fn sign_in_is_tried_again_as_every_request() {
    let rig = Rig::start().await;
    rig.refuse("token", 1, 429, &[("Retry-After", "7")], None);
    rig.refuse("token", 1, 503, &[], None);
    rig.read().skills().await.unwrap();
    assert_eq!(
        rig.requests(),
        [
            "POST token 429",
            "POST token 503",
            "POST token 200",
            "GET skills 200"
        ]
    );
    check_naps(&rig, &[(7.0, 8.0), BACKOFF[1]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_callers_share_one_sign_in() {
    let rig = Rig::start().await;
    let client = Arc::new(rig.read());
    let mut readers = JoinSet::new();
    for _ in 0..8 {
        let client = client.clone();
        readers.spawn(async move { client.skills().await.unwrap().items.len() });
    }
    assert_eq!(readers.join_all().await.len(), 8);
    assert_eq!(
        rig.requests()
            .iter()
            .filter(|sent| *sent == "POST token 200")
            .count(),
        1
    );
}

#[tokio::test]
async fn an_empty_id_or_secret_is_refused_before_anything_is_sent() {
    let rig = Rig::start().await;
    let connect = |client_id: &str, secret: &str| {
        let mut settings = rig.settings();
        settings.client_id = client_id.to_owned();
        settings.client_secret = secret.to_owned().into();
        waitwise_client::ReadClient::connect(settings, rig.clock.clone()).unwrap_err()
    };
    for (id, secret) in [("", "s"), ("i", ""), ("i:d", "s")] {
        assert_eq!(connect(id, secret).kind(), FailureKind::Usage);
    }
}

#[tokio::test]
async fn a_host_that_says_its_time_is_compared_with_our_clock() {
    let rig = Rig::start().await;
    let client = rig.read();
    client.sign_in().await.unwrap();
    assert_eq!(rig.requests(), ["POST token 200"]);
    // The sandbox's service clock is the test's own.
    assert_eq!(client.host_ahead().unwrap().as_secs(), 0);
    // The test's clock stands at 12:00:00.
    for (date, ahead_secs) in [
        ("Mon, 30 Mar 2026 12:02:00 GMT", 120),
        ("Mon, 30 Mar 2026 11:59:50 GMT", -10),
        ("half past noon", -10),
    ] {
        let body = Some(r#"{"entities":[]}"#);
        rig.refuse("skills", 1, 200, &[("date", date)], body);
        client.skills().await.unwrap();
        assert_eq!(client.host_ahead().unwrap().as_secs(), ahead_secs, "{date}");
    }
}
