//! Writes whose outcome is not clear at once, and objects that do not read as planned.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use waitwise_apply::{ApplyError, ErrorKind, Progress};
use waitwise_client::FailureKind;
use waitwise_sandbox::{Fault, FaultRule};
use waitwise_store::ChangeState;

use crate::bench::Bench;

const FOUND_OUT: [&str; 4] = ["0 intent", "0 sent", "0 outcome-unknown", "0 confirmed"];

#[tokio::test]
async fn a_write_that_happened_without_an_answer_is_not_sent_twice() {
    for fault in [
        Fault::StatusAfter(503),
        Fault::ResetAfter,
        Fault::Truncate(5),
    ] {
        let bench = Bench::new().await;
        bench.rig.fault("put_rule", 1, fault.clone());
        let applied = bench.apply(&bench.plan(&[("a", 100)]), "c1").await;
        assert_eq!(applied.unwrap().objects[0].tries, 1, "{fault:?}");
        assert_eq!(bench.rig.sandbox.writes(), 1, "{fault:?}");
        bench.assert_rule(&[("50.0", "100")]);
        let (state, events) = bench.journalled("c1").await;
        assert_eq!(
            (state, events),
            (ChangeState::Done, FOUND_OUT.map(str::to_owned).to_vec())
        );
        assert_eq!(bench.naps_secs(), [1.0]);
    }
}

#[tokio::test]
async fn a_write_that_did_not_happen_is_sent_again_after_looking() {
    let bench = Bench::new().await;
    bench.rig.refuse("put_rule", 2, 503, &[], None);
    bench.rig.fault("put_rule", 1, Fault::ResetBefore);
    let applied = bench.apply(&bench.plan(&[("a", 100)]), "c1").await.unwrap();
    assert_eq!(applied.objects[0].tries, 4);
    assert_eq!(bench.naps_secs(), [1.0, 2.0, 4.0]);
    let requests = bench.rig.requests();
    assert_eq!(
        requests[3..],
        [
            "PUT rule 503",
            "GET rules 200",
            "PUT rule 503",
            "GET rules 200",
            "PUT rule cut",
            "GET rules 200",
            "PUT rule 200",
            "GET rules 200",
        ]
    );
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Done);
}

#[tokio::test]
async fn five_sends_without_an_answer_are_enough() {
    let bench = Bench::new().await;
    bench.rig.refuse("put_rule", 9, 503, &[], None);
    let error = bench
        .apply(&bench.plan(&[("a", 100)]), "c1")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "routing-rule/r1 still reads as before, but a write that was sent 5 times may yet arrive (change `c1`)"
    );
    assert_eq!(error.kind(), ErrorKind::Client(FailureKind::Host));
    assert_eq!(bench.naps_secs(), [1.0, 2.0, 4.0, 8.0, 16.0]);
    assert_eq!(bench.rig.sandbox.writes(), 5);
    let (state, events) = bench.journalled("c1").await;
    assert_eq!((state, events.len()), (ChangeState::Unknown, 11));

    bench.rig.sandbox.clear_faults();
    let undone = bench.roll_back("c1", false).await.unwrap();
    assert_eq!(
        (undone.objects[0].tries, bench.rig.sandbox.writes()),
        (0, 5)
    );
    assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
}

#[tokio::test]
async fn a_refusal_of_a_later_send_says_nothing_about_the_first() {
    let bench = Bench::new().await;
    bench.rig.refuse("put_rule", 1, 504, &[], None);
    bench.rig.refuse("put_rule", 1, 400, &[], None);
    let error = bench
        .apply(&bench.plan(&[("a", 100)]), "c1")
        .await
        .unwrap_err();
    assert!(
        matches!(error, ApplyError::OutcomeUnknown { tries: 2, .. }),
        "{error}"
    );
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Unknown);
    assert_eq!(bench.rig.sandbox.writes(), 2);
}

#[tokio::test]
async fn a_host_that_cannot_be_read_leaves_the_outcome_open() {
    for (fault, accepted, shown) in [
        (
            Some(Fault::ResetAfter),
            false,
            "may have been written or not",
        ),
        (None, true, "was written, as the host says,"),
    ] {
        let bench = Bench::new().await;
        if let Some(fault) = fault {
            bench.rig.fault("put_rule", 1, fault);
        }
        let down = Fault::Status {
            status: 503,
            headers: Default::default(),
            body: None,
        };
        let after_the_first_reading = FaultRule {
            after: 1,
            ..FaultRule::always("rules", down)
        };
        bench
            .rig
            .sandbox
            .add_fault(after_the_first_reading)
            .unwrap();
        let error = bench
            .apply(&bench.plan(&[("a", 100)]), "c1")
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("routing-rule/r1 {shown} and cannot be read back (change `c1`)")
        );
        assert!(matches!(error, ApplyError::Unreadable { accepted: a, .. } if a == accepted));
        let (state, events) = bench.journalled("c1").await;
        assert_eq!(state, ChangeState::Unknown);
        assert_eq!(events, ["0 intent", "0 sent", "0 outcome-unknown"]);

        bench.rig.sandbox.clear_faults();
        bench.roll_back("c1", false).await.unwrap();
        bench.assert_rule(&[]);
    }
}

#[tokio::test]
async fn somebody_who_writes_after_us_is_reported_with_both_sides() {
    let bench = Bench::new().await;
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Verifying { .. }) {
            bench.edit("\"weight\":7", "\"weight\":9");
        }
    };
    let error = bench
        .apply_and(&bench.plan(&[("a", 100)]), "c1", meanwhile)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let ApplyError::Conflict { ours, found, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        ours.contains("\"weight\":100") && ours.contains("\"weight\":7"),
        "{ours}"
    );
    assert_eq!(found.as_ref(), Some(&bench.rule()));
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Failed);
    assert_eq!(events, ["0 intent", "0 sent", "0 conflict"]);
    assert_eq!(bench.naps_secs(), [0.0; 0]);

    let undone = bench.roll_back("c1", false).await.unwrap();
    assert!(undone.objects[0].others_edits);
    bench.assert_rule(&[("\"weight\":7", "\"weight\":9")]);
}

#[tokio::test]
async fn somebody_who_writes_after_an_unclear_send_is_not_overwritten() {
    let bench = Bench::new().await;
    bench.rig.refuse("put_rule", 1, 503, &[], None);
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Retrying { .. }) {
            bench.edit("50.0", "33");
        }
    };
    let error = bench
        .apply_and(&bench.plan(&[("a", 100)]), "c1", meanwhile)
        .await
        .unwrap_err();
    assert!(matches!(error, ApplyError::Conflict { .. }), "{error}");
    assert_eq!(bench.rig.sandbox.writes(), 1);
    bench.assert_rule(&[("50.0", "33")]);
}

#[tokio::test]
async fn a_rule_that_is_gone_after_the_write_is_a_conflict() {
    let bench = Bench::new().await;
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Verifying { .. }) {
            bench.set_rules(&[]);
        }
    };
    let error = bench
        .apply_and(&bench.plan(&[("a", 100)]), "c1", meanwhile)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "after our write routing-rule/r1 does not read as planned (change `c1`): it is gone"
    );
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Failed);
}

#[tokio::test]
async fn a_list_that_lags_behind_is_read_again() {
    let bench = Bench::new().await;
    let stale = bench.rule();
    let fresh = Mutex::new(String::new());
    let pauses = AtomicU32::new(0);
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Verifying { .. }) {
            *fresh.lock().unwrap() = bench.rule();
            bench.set_rules(&[&stale]);
        }
        let is_pause = matches!(progress, Progress::Retrying { .. });
        if is_pause && pauses.fetch_add(1, Ordering::Relaxed) == 1 {
            bench.set_rules(&[&fresh.lock().unwrap()]);
        }
    };
    let applied = bench
        .apply_and(&bench.plan(&[("a", 100)]), "c1", meanwhile)
        .await
        .unwrap();
    assert_eq!(applied.objects[0].tries, 1);
    assert_eq!(bench.rig.sandbox.writes(), 1);
    assert_eq!(bench.naps_secs(), [1.0, 2.0]);
}

#[tokio::test]
async fn a_write_that_never_shows_is_not_called_done() {
    let bench = Bench::new().await;
    let stale = bench.rule();
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Verifying { .. }) {
            bench.set_rules(&[&stale]);
        }
    };
    let error = bench
        .apply_and(&bench.plan(&[("a", 100)]), "c1", meanwhile)
        .await
        .unwrap_err();
    assert!(matches!(&error, ApplyError::Conflict { found: Some(found), .. } if *found == stale));
    assert_eq!(bench.naps_secs(), [1.0, 2.0, 4.0, 8.0, 16.0]);
    assert_eq!(bench.rig.sandbox.writes(), 1);
}

#[tokio::test]
async fn a_write_that_the_host_put_off_is_sent_again_after_reading() {
    let bench = Bench::new().await;
    bench
        .rig
        .refuse("put_rule", 1, 429, &[("Retry-After", "7")], None);
    let second = FaultRule {
        after: 1,
        ..FaultRule::times("put_rule", 1, Fault::ExpireTokens)
    };
    bench.rig.sandbox.add_fault(second).unwrap();
    let applied = bench.apply(&bench.plan(&[("a", 100)]), "c1").await.unwrap();
    assert_eq!(applied.objects[0].tries, 3);
    let requests = bench.rig.requests();
    assert_eq!(
        requests[3..],
        [
            "PUT rule 429",
            "GET rules 200",
            "PUT rule 401",
            "POST token 200",
            "GET rules 200",
            "PUT rule 200",
            "GET rules 200",
        ]
    );
    let naps = bench.naps_secs();
    assert!(
        matches!(naps[..], [only] if (7.0..=8.0).contains(&only)),
        "{naps:?}"
    );
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Done);
    assert_eq!(
        events[1..5],
        ["0 sent", "0 not-done", "0 sent", "0 not-done"]
    );
}

/// The lost update: a write that is repeated as it was would take back what somebody wrote during the pause.
#[tokio::test]
async fn what_others_write_while_the_host_puts_us_off_is_not_overwritten() {
    let bench = Bench::new().await;
    bench
        .rig
        .refuse("put_rule", 1, 429, &[("Retry-After", "7")], None);
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Retrying { .. }) {
            bench.edit("\"weight\":7", "\"weight\":9");
        }
    };
    let plan = bench.plan(&[("a", 100)]);
    let error = bench.apply_and(&plan, "c1", meanwhile).await.unwrap_err();
    let ApplyError::Moved { planned, found, .. } = &error else {
        panic!("{error}");
    };
    assert!(planned.contains("\"weight\":7") && found[0].contains("\"weight\":9"));
    bench.assert_rule(&[("\"weight\":7", "\"weight\":9")]);
    assert_eq!(bench.rig.sandbox.writes(), 1);
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Refused);
    assert_eq!(events, ["0 intent", "0 sent", "0 not-done", "0 refused"]);
}

#[tokio::test]
async fn a_token_that_is_refused_again_and_again_is_not_renewed_for_ever() {
    let bench = Bench::new().await;
    bench.rig.refuse("put_rule", 9, 401, &[], None);
    let error = bench
        .apply(&bench.plan(&[("a", 100)]), "c1")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Client(FailureKind::SignIn));
    assert_eq!(bench.rig.sandbox.writes(), 2);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Refused);
}
