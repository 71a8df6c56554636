//! Writing: done once, certainly not done, or unknown; and reading cannot do it.

use std::time::Duration;

use waitwise_client::{FailureKind, SendError, WriteClient};
use waitwise_model::{Observed, SkillId, Weight, Weights, Write};
use waitwise_sandbox::Fault;
use waitwise_testkit::Rig;
use waitwise_wire::routing_rule;

use crate::support::{chain, check_naps, history};

/// Reads the rule of the rig's queue and plans to set its first skill's weight to 77.
pub(crate) async fn one_write(rig: &Rig, client: &WriteClient) -> (Write, Observed) {
    let rule = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    let (skill, _) = routing_rule::present_weights(&rule.document)
        .unwrap()
        .remove(0);
    (write_of(&rule, skill, 77), rule)
}

fn write_of(rule: &Observed, skill: SkillId, weight: i64) -> Write {
    let weights = Weights::from([(skill, Weight::try_from(weight).unwrap())]);
    routing_rule::write(rule, &weights).unwrap().unwrap()
}

/// Sends the write under a fault, and says what came of it and whether the rule has its new weight.
async fn send(rig: &Rig) -> (Result<(), SendError>, bool) {
    let client = rig.write();
    let (write, rule) = one_write(rig, &client).await;
    let outcome = client.send(&write.forward, &rule, false).await;
    let after = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    (outcome, after.comparable == write.comparable_after)
}

fn puts(rig: &Rig) -> Vec<String> {
    let sent = rig.requests();
    sent.into_iter()
        .filter(|sent| sent.starts_with("PUT"))
        .collect()
}

#[tokio::test]
async fn a_write_is_done_and_can_be_undone() {
    let rig = Rig::start().await;
    let client = rig.write();
    let (write, before) = one_write(&rig, &client).await;
    client.send(&write.forward, &before, false).await.unwrap();
    let written = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    assert_eq!(written.comparable, write.comparable_after);
    client.send(&write.inverse, &written, false).await.unwrap();
    let undone = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    assert_eq!(undone.comparable, before.comparable);
    assert_eq!(rig.sandbox.writes(), 2);
}

/// A second send of the same body would overwrite what somebody else has written during the wait.
#[tokio::test]
async fn what_the_host_did_not_take_yet_is_not_sent_again_unread() {
    let rig = Rig::start().await;
    rig.refuse("put_rule", 1, 429, &[("Retry-After", "7")], None);
    let (outcome, done) = send(&rig).await;
    check_not_yet(outcome.unwrap_err(), (7.0, 8.0));
    assert!(!done);
    assert_eq!(puts(&rig), ["PUT rule 429"]);
    // The next request, here a reading, waits as the host asked.
    check_naps(&rig, &[(7.0, 7.0)]);

    let rig = Rig::start().await;
    rig.fault("put_rule", 1, Fault::ExpireTokens);
    let (outcome, done) = send(&rig).await;
    check_not_yet(outcome.unwrap_err(), (0.0, 0.0));
    assert!(!done);
    assert_eq!(puts(&rig), ["PUT rule 401"]);
    check_naps(&rig, &[]);
}

#[tokio::test]
async fn a_token_that_ends_before_the_write_is_renewed_before_the_rule_is_read_again() {
    let rig = Rig::start().await;
    let client = rig.write();
    let (write, rule) = one_write(&rig, &client).await;
    rig.clock.advance(Duration::from_secs(86_400));
    let error = client.send(&write.forward, &rule, false).await.unwrap_err();
    check_not_yet(error, (0.0, 0.0));
    assert_eq!(puts(&rig), [""; 0]);
    client.send(&write.forward, &rule, false).await.unwrap();
}

#[track_caller]
fn check_not_yet(error: SendError, secs: (f64, f64)) {
    let SendError::NotYet { wait, .. } = error else {
        panic!("{error:?}")
    };
    let wait = wait.as_secs_f64();
    assert!((secs.0..=secs.1).contains(&wait), "{wait}");
}

#[tokio::test]
async fn what_may_have_happened_is_unknown_and_not_sent_again() {
    let status = |status| Fault::Status {
        status,
        headers: [].into(),
        body: None,
    };
    let no_json = Fault::Status {
        status: 200,
        headers: [].into(),
        body: Some("<html>".to_owned()),
    };
    for (fault, really_done) in [
        (status(500), false),
        (status(503), false),
        (status(408), false),
        (no_json, false),
        (Fault::StatusAfter(502), true),
        (Fault::ResetBefore, false),
        (Fault::ResetAfter, true),
        (Fault::Truncate(9), true),
    ] {
        let rig = Rig::start().await;
        rig.fault("put_rule", 9, fault.clone());
        let (outcome, done) = send(&rig).await;
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, SendError::Unknown(_)),
            "{fault:?}: {error:?}"
        );
        assert_eq!(done, really_done, "{fault:?}");
        assert_eq!(puts(&rig).len(), 1, "{fault:?}");
        check_naps(&rig, &[]);
    }
}

#[tokio::test]
async fn what_the_host_refuses_is_certainly_not_done() {
    let rig = Rig::start().await;
    let client = rig.write();
    let rule = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    let write = write_of(&rule, SkillId::new("no-such-skill"), 50);
    let before = rig.sandbox.rules();
    let error = client.send(&write.forward, &rule, false).await.unwrap_err();
    let text = chain(&error);
    assert!(
        text.contains("400") && text.contains("no-such-skill"),
        "{text}"
    );
    let SendError::Refused(error) = error else {
        panic!("{text}")
    };
    assert_eq!(error.kind(), FailureKind::Refused);
    assert!(error.hints()[0].contains("must exist and be active"));
    assert_eq!(rig.sandbox.rules(), before);
    assert_eq!(puts(&rig).len(), 1);
}

#[tokio::test]
async fn a_rate_limit_of_hours_is_certainly_not_done() {
    let rig = Rig::start().await;
    rig.refuse("put_rule", 1, 429, &[("Retry-After", "3600")], None);
    let client = rig.write();
    let (write, rule) = one_write(&rig, &client).await;
    let before = rig.sandbox.rules();
    let outcome = client.send(&write.forward, &rule, false).await;
    let Err(SendError::Refused(error)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(error.kind(), FailureKind::RateLimit);
    assert_eq!(rig.sandbox.rules(), before);
}

#[tokio::test]
async fn a_sign_in_that_fails_before_the_write_is_certainly_not_done() {
    let rig = Rig::start().await;
    let client = rig.write();
    let (write, rule) = one_write(&rig, &client).await;
    rig.clock.advance(Duration::from_secs(86_400));
    rig.refuse("token", 5, 503, &[], None);
    let error = client.send(&write.forward, &rule, false).await.unwrap_err();
    assert!(matches!(error, SendError::Refused(_)), "{error:?}");
    assert_eq!(puts(&rig), [""; 0]);
}

#[tokio::test]
async fn a_rule_that_moved_is_not_written_over_unless_forced() {
    let rig = Rig::start().await;
    let client = rig.write();
    let (write, rule) = one_write(&rig, &client).await;
    client.send(&write.forward, &rule, false).await.unwrap();
    let moved = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    let again = client
        .send(&write.forward, &moved, false)
        .await
        .unwrap_err();
    assert!(matches!(again, SendError::Encode(_)), "{again:?}");
    assert_eq!(rig.sandbox.writes(), 1);
    client.send(&write.forward, &moved, true).await.unwrap();
}

#[tokio::test]
async fn reading_writes_nothing() {
    let rig = Rig::start().await;
    let client = rig.read();
    history(&rig, &client).await.unwrap();
    client.skills().await.unwrap();
    client.rules_of(&rig.queue()).await.unwrap();
    assert_eq!(rig.sandbox.writes(), 0);
}
