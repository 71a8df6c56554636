//! Plans that must not be carried out, or that the host does not accept: nothing is written.

use waitwise_apply::{ApplyError, ErrorKind};
use waitwise_client::FailureKind;
use waitwise_plan::{Fingerprint, Intent, Plan};
use waitwise_store::{ChangeId, ChangeState, StepEvent};

use crate::bench::{Bench, RULE, chain};
use crate::carried_out::two_steps;

#[tokio::test]
async fn a_rule_that_moved_is_not_written_and_both_sides_are_shown() {
    let moved = RULE.replace("50.0", "51");
    let noted = RULE.replace("null, -0", "null, 0, 1");
    let other = RULE.replace("\"r1\"", "\"r2\"");
    for (now, shown) in [
        (vec![moved.as_str()], "somebody changed it"),
        (vec![noted.as_str()], "somebody changed it"),
        (vec![other.as_str()], "somebody changed it"),
        (vec![RULE, other.as_str()], "the queue has several"),
        (vec![other.as_str(), RULE], "the queue has several"),
        (vec![], "it is gone"),
    ] {
        let bench = Bench::new().await;
        let (plan, before) = (bench.plan(&[("a", 100)]), bench.rule());
        bench.set_rules(&now);
        let error = bench.apply(&plan, "c1").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("routing-rule/r1 is not what the plan was made from: {shown}")
        );
        assert_eq!(error.kind(), ErrorKind::Moved);
        let ApplyError::Moved { planned, found, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((planned, found), (before, bench.rig.sandbox.rules()));
        assert_eq!(bench.rig.sandbox.writes(), 0);
        let (state, events) = bench.journalled("c1").await;
        assert_eq!(state, ChangeState::Refused);
        assert_eq!(events, ["0 intent", "0 refused"]);
    }
}

#[tokio::test]
async fn a_plan_is_applied_once() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    bench.apply(&plan, "c1").await.unwrap();
    let requests = bench.rig.requests().len();
    // Also when the rule is again what the plan was made from.
    bench.set_rules(&[RULE]);
    let error = bench.apply(&plan, "c2").await.unwrap_err();
    assert!(
        matches!(&error, ApplyError::AppliedAlready { change, .. } if change.as_str() == "c1"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert_eq!(bench.rig.requests().len(), requests);
    assert_eq!(
        bench.store.change(&ChangeId::new("c2")).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn skills_that_cannot_be_routed_on_are_refused() {
    for (skills, message) in [
        (
            vec![("b", "active"), ("c", "active")],
            "skill `a` does not exist in the tenant",
        ),
        (
            vec![("a", "inactive"), ("b", "active")],
            "skill `Skill a` (a) is inactive, not active",
        ),
        (
            vec![("a", "deleted"), ("b", "active")],
            "skill `Skill a` (a) is deleted, not active",
        ),
    ] {
        let bench = Bench::new().await;
        let plan = bench.plan(&[("a", 100), ("b", 8)]);
        bench.set_skills(&skills);
        let error = bench.apply(&plan, "c1").await.unwrap_err();
        assert_eq!(
            chain(&error),
            format!("the plan is not carried out: {message}")
        );
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(bench.rig.sandbox.writes(), 0);
        assert_eq!(bench.journalled("c1").await.0, ChangeState::Refused);
        assert!(bench.last_reason("c1").await.contains(message));
    }
}

#[tokio::test]
async fn a_step_too_far_is_refused_before_anything_is_asked() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 61)]);
    let report = |_| ();
    let applier = bench.applier(&report);
    let error = applier
        .apply(&plan, ChangeId::new("c1"), Some(10))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(chain(&error).contains("more than 10 points"), "{error}");
    assert_eq!(bench.rig.requests(), [""; 0]);
    assert_eq!(bench.store.changes().await.unwrap(), []);
    applier
        .apply(&plan, ChangeId::new("c1"), Some(11))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_plan_for_another_tenant_is_refused() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    let intent = Intent {
        tenant: "https://elsewhere.invalid".to_owned(),
        ..plan.intent().clone()
    };
    let plan = Plan::seal(intent, plan.steps().to_vec());
    let error = bench.apply(&plan, "c1").await.unwrap_err();
    assert!(matches!(error, ApplyError::OtherTenant { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Moved);
    assert_eq!(bench.rig.requests(), [""; 0]);
}

#[tokio::test]
async fn a_plan_that_contradicts_itself_is_refused() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    let mut steps = plan.steps().to_vec();
    steps[0].after = Fingerprint::of("something else");
    let plan = Plan::seal(plan.intent().clone(), steps);
    let error = bench.apply(&plan, "c1").await.unwrap_err();
    assert!(matches!(error, ApplyError::Inconsistent { .. }), "{error}");
    assert_eq!(bench.rig.sandbox.writes(), 0);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Refused);
}

#[tokio::test]
async fn a_refused_write_leaves_the_plan_good() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    bench.rig.refuse("put_rule", 1, 400, &[], None);
    let error = bench.apply(&plan, "c1").await.unwrap_err();
    assert!(matches!(error, ApplyError::WriteRefused { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Client(FailureKind::Refused));
    assert!(error.hints().len() > 1, "{:?}", error.hints());
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Refused);
    assert_eq!(events, ["0 intent", "0 sent", "0 refused"]);
    bench.assert_rule(&[]);
    bench.apply(&plan, "c2").await.unwrap();
    bench.assert_rule(&[("50.0", "100")]);
}

#[tokio::test]
async fn a_missing_scope_is_a_matter_of_permission() {
    for (scopes, written) in [
        (vec!["routing:rule:read", "routing:skill:read"], 1),
        (vec!["routing:rule:write", "routing:skill:read"], 0),
        (vec!["routing:rule:write", "routing:rule:read"], 0),
    ] {
        let bench = Bench::new().await;
        bench.rig.sandbox.set_permissions([]).unwrap();
        bench.rig.sandbox.set_scopes(scopes).unwrap();
        let error = bench
            .apply(&bench.plan(&[("a", 100)]), "c1")
            .await
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Client(FailureKind::Permission),
            "{error}"
        );
        assert_eq!(bench.rig.sandbox.writes(), written);
        bench.assert_rule(&[]);
        assert_eq!(bench.journalled("c1").await.0, ChangeState::Refused);
    }
}

#[tokio::test]
async fn a_rate_limit_that_does_not_end_is_a_refusal() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    bench
        .rig
        .refuse("put_rule", 5, 429, &[("Retry-After", "3")], None);
    let error = bench.apply(&plan, "c1").await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Client(FailureKind::RateLimit),
        "{error}"
    );
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Refused);
    bench.apply(&plan, "c2").await.unwrap();
}

#[tokio::test]
async fn a_second_step_that_is_refused_fails_the_change() {
    let bench = Bench::new().await;
    let plan = two_steps(&bench).await;
    let between = |progress: &waitwise_apply::Progress| {
        if matches!(progress, waitwise_apply::Progress::Confirmed { .. }) {
            bench.edit("\"weight\":7", "\"weight\":9");
        }
    };
    let error = bench.apply_and(&plan, "c1", between).await.unwrap_err();
    assert!(matches!(error, ApplyError::Moved { .. }), "{error}");
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Failed);
    assert_eq!(
        events,
        ["0 intent", "1 intent", "0 sent", "0 confirmed", "1 refused"]
    );
    bench.assert_rule(&[("50.0", "60"), ("\"weight\":7", "\"weight\":9")]);
}

#[tokio::test]
async fn reasons_in_the_journal_name_the_whole_cause() {
    let bench = Bench::new().await;
    bench.rig.refuse(
        "put_rule",
        1,
        400,
        &[],
        Some(r#"{"message":"no such luck"}"#),
    );
    bench
        .apply(&bench.plan(&[("a", 100)]), "c1")
        .await
        .unwrap_err();
    let change = bench
        .store
        .change(&ChangeId::new("c1"))
        .await
        .unwrap()
        .unwrap();
    let Some(StepEvent::Refused { reason }) = change.last_event(0) else {
        panic!("{:?}", change.events);
    };
    assert!(reason.contains("no such luck"), "{reason}");
    assert!(!reason.contains(&bench.rig.sandbox.connection().client_secret));
}
