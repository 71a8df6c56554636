//! Rolling back.

use waitwise_apply::{ApplyError, ErrorKind, NothingToUndo, Progress, Target};
use waitwise_plan::{Fingerprint, Plan};
use waitwise_sandbox::Fault;
use waitwise_store::{ChangeId, ChangeState, Kind, Store};

use crate::bench::{Bench, RULE};
use crate::carried_out::two_steps;

/// A tenant in which the change `c1` has moved `a` from 50.0 to 100 and added `d`.
async fn applied() -> Bench {
    let bench = Bench::new().await;
    bench
        .apply(&bench.plan(&[("a", 100), ("d", 3)]), "c1")
        .await
        .unwrap();
    bench.progress.lock().unwrap().clear();
    bench
}

#[tokio::test]
async fn everything_goes_back_to_its_first_token() {
    let bench = applied().await;
    let undone = bench.roll_back("c1", false).await.unwrap();
    bench.assert_rule(&[]);
    assert_eq!(undone.change, Some(ChangeId::new("back")));
    assert_eq!(undone.objects[0].document_now, bench.rule());
    assert!(undone.objects[0].unseen_window.is_some());
    assert!(!undone.objects[0].others_edits);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
    let (state, events) = bench.journalled("back").await;
    assert_eq!(state, ChangeState::Done);
    assert_eq!(events, ["0 intent", "0 sent", "0 confirmed"]);
    let back = bench
        .store
        .change(&ChangeId::new("back"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        back.kind,
        Kind::Rollback {
            of: Some(ChangeId::new("c1")),
            force: false
        }
    );
}

#[tokio::test]
async fn there_must_be_something_to_undo() {
    let bench = applied().await;
    bench.roll_back("c1", false).await.unwrap();
    let plan = bench.plan(&[("b", 1)]);
    let mut steps = plan.steps().to_vec();
    steps[0].before = Fingerprint::of("moved");
    let refused = Plan::seal(plan.intent().clone(), steps);
    bench.apply(&refused, "c2").await.unwrap_err();
    let writes = bench.rig.sandbox.writes();
    for (change, expected) in [
        ("c1", NothingToUndo::RolledBackAlready),
        ("back", NothingToUndo::IsRollback),
        ("c2", NothingToUndo::NothingWritten),
    ] {
        let target = Target::Change(ChangeId::new(change));
        let error = bench.roll_back_as("again", target, true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        let ApplyError::NothingToUndo { reason, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(reason, expected, "{change}");
    }
    let error = bench.roll_back("c9", true).await.unwrap_err();
    assert_eq!(error.to_string(), "the journal has no change `c9`");
    assert_eq!(bench.rig.sandbox.writes(), writes);
}

#[tokio::test]
async fn what_others_changed_elsewhere_stays_and_is_mentioned() {
    let bench = applied().await;
    bench.edit("\"weight\":7", "\"weight\":9");
    bench.edit("\"x\":{\"n\":1E400}", "\"x\":\"theirs\"");
    bench.edit("[ null, -0 ]", "[]");
    let undone = bench.roll_back("c1", false).await.unwrap();
    assert!(undone.objects[0].others_edits);
    bench.assert_rule(&[
        ("\"weight\":7", "\"weight\":9"),
        ("\"x\":{\"n\":1E400}", "\"x\":\"theirs\""),
        ("[ null, -0 ]", "[]"),
    ]);
    let progress = bench.progress.lock().unwrap();
    assert!(
        progress
            .iter()
            .any(|p| matches!(p, Progress::KeepingOthersEdits { .. }))
    );
}

#[tokio::test]
async fn what_others_changed_in_our_places_is_only_undone_by_force() {
    let bench = applied().await;
    bench.edit("\"weight\":100", "\"weight\":77");
    let error = bench.roll_back("c1", false).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "routing-rule/r1 was changed by somebody else since: skill `a` is weight 77, where weight 100 was written"
    );
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert_eq!(bench.rig.sandbox.writes(), 1);
    assert_eq!(bench.journalled("back").await.0, ChangeState::Refused);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Done);

    let target = Target::Change(ChangeId::new("c1"));
    bench.roll_back_as("forced", target, true).await.unwrap();
    bench.assert_rule(&[]);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
}

#[tokio::test]
async fn what_was_undone_by_hand_is_left_alone() {
    let bench = applied().await;
    bench.set_rules(&[RULE]);
    let undone = bench.roll_back("c1", false).await.unwrap();
    assert_eq!(
        (undone.objects[0].tries, undone.objects[0].unseen_window),
        (0, None)
    );
    assert_eq!(bench.rig.sandbox.writes(), 1);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
    assert_eq!(bench.journalled("back").await.1, ["0 intent", "0 unneeded"]);
}

#[tokio::test]
async fn what_was_undone_by_half_is_completed() {
    let bench = applied().await;
    bench.edit("\"weight\":100", "\"weight\":50.0");
    bench.roll_back("c1", false).await.unwrap();
    bench.assert_rule(&[]);
}

#[tokio::test]
async fn a_plan_is_enough_when_the_journal_is_gone() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100), ("d", 3)]);
    bench.apply(&plan, "c1").await.unwrap();
    let empty = Store::open(&bench.rig.dir().join("empty.db"))
        .await
        .unwrap();
    let report = bench.reporter(|_| ());
    let mut applier = bench.applier(&report);
    applier.store = &empty;
    let target = || Target::Plan(Box::new(plan.clone()));
    applier
        .roll_back(target(), ChangeId::new("back"), false)
        .await
        .unwrap();
    bench.assert_rule(&[]);
    let back = empty.change(&ChangeId::new("back")).await.unwrap().unwrap();
    assert_eq!(
        (back.kind, back.state),
        (
            Kind::Rollback {
                of: None,
                force: false
            },
            ChangeState::Done
        )
    );

    // The first journal knows which change that is, and finds it undone.
    bench.roll_back_as("back", target(), false).await.unwrap();
    assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
    let error = bench
        .roll_back_as("again", target(), false)
        .await
        .unwrap_err();
    assert!(matches!(error, ApplyError::NothingToUndo { .. }), "{error}");
}

#[tokio::test]
async fn a_plan_that_was_never_applied_writes_nothing_back() {
    let bench = Bench::new().await;
    let target = Target::Plan(Box::new(bench.plan(&[("a", 100)])));
    let undone = bench.roll_back_as("back", target, false).await.unwrap();
    assert_eq!(
        (undone.objects[0].tries, bench.rig.sandbox.writes()),
        (0, 0)
    );
}

#[tokio::test]
async fn a_rule_that_is_gone_cannot_go_back() {
    let bench = applied().await;
    bench.set_rules(&[&RULE.replace("\"r1\"", "\"r2\"")]);
    let error = bench.roll_back("c1", true).await.unwrap_err();
    assert!(
        matches!(&error, ApplyError::Moved { found, .. } if found.is_empty()),
        "{error}"
    );
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Done);
}

#[tokio::test]
async fn a_second_rule_of_the_queue_does_not_hinder_the_way_back() {
    let bench = applied().await;
    let (ours, other) = (bench.rule(), RULE.replace("\"r1\"", "\"r2\""));
    bench.set_rules(&[&other, &ours]);
    bench.roll_back("c1", false).await.unwrap();
    let rules = bench.rig.sandbox.rules();
    assert!(
        rules[0].contains("r2") && rules[1].contains("50.0"),
        "{rules:?}"
    );
}

#[tokio::test]
async fn an_undo_without_an_answer_is_found_out_too() {
    let bench = applied().await;
    bench.rig.fault("put_rule", 1, Fault::StatusAfter(503));
    bench.roll_back("c1", false).await.unwrap();
    assert_eq!(bench.rig.sandbox.writes(), 2);
    bench.assert_rule(&[]);
}

#[tokio::test]
async fn an_undo_that_failed_can_be_repeated() {
    let bench = applied().await;
    bench.rig.refuse("put_rule", 5, 503, &[], None);
    let error = bench.roll_back("c1", false).await.unwrap_err();
    assert!(
        matches!(error, ApplyError::OutcomeUnknown { .. }),
        "{error}"
    );
    assert_eq!(bench.journalled("back").await.0, ChangeState::Unknown);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Done);
    let target = Target::Change(ChangeId::new("c1"));
    bench.roll_back_as("again", target, false).await.unwrap();
    bench.assert_rule(&[]);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
}

#[tokio::test]
async fn steps_go_back_last_first_and_only_those_that_happened() {
    let bench = Bench::new().await;
    let plan = two_steps(&bench).await;
    bench.apply(&plan, "c1").await.unwrap();
    bench.roll_back("c1", false).await.unwrap();
    bench.assert_rule(&[]);
    let (_, events) = bench.journalled("back").await;
    assert_eq!(
        events[2..],
        ["1 sent", "1 confirmed", "0 sent", "0 confirmed"]
    );

    let bench = Bench::new().await;
    let plan = two_steps(&bench).await;
    let refusal = waitwise_sandbox::FaultRule {
        after: 1,
        ..waitwise_sandbox::FaultRule::always(
            "put_rule",
            Fault::Status {
                status: 400,
                headers: Default::default(),
                body: None,
            },
        )
    };
    bench.rig.sandbox.add_fault(refusal).unwrap();
    bench.apply(&plan, "c1").await.unwrap_err();
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Failed);
    bench.rig.sandbox.clear_faults();
    bench.roll_back("c1", false).await.unwrap();
    bench.assert_rule(&[]);
    let (_, events) = bench.journalled("back").await;
    assert_eq!(events[2..], ["1 unneeded", "0 sent", "0 confirmed"]);
}
