//! Plans that can be carried out.

use std::time::Duration;

use waitwise_apply::{Outcome, Progress};
use waitwise_model::ObjectId;
use waitwise_plan::Plan;
use waitwise_store::{ChangeId, ChangeState};

use crate::bench::Bench;

#[tokio::test]
async fn a_plan_is_written_read_back_and_journalled() {
    let bench = Bench::new().await;
    let applied = bench
        .apply(&bench.plan(&[("a", 100), ("d", 3)]), "c1")
        .await
        .unwrap();

    bench.assert_rule(&[
        ("50.0", "100"),
        (r#"{"id":"c"}]"#, r#"{"id":"c"},{"id":"d","weight":3}]"#),
    ]);
    assert_eq!(
        bench.rig.requests(),
        [
            "POST token 200",
            "GET skills 200",
            "GET rules 200",
            "PUT rule 200",
            "GET rules 200"
        ]
    );
    assert_eq!(applied.change, Some(ChangeId::new("c1")));
    assert_eq!(
        applied.objects,
        [Outcome {
            object: ObjectId::new("routing-rule/r1"),
            document_now: bench.rule(),
            unseen_window: Some(Duration::ZERO),
            tries: 1,
            others_edits: false,
        }]
    );
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Done);
    assert_eq!(events, ["0 intent", "0 sent", "0 confirmed"]);
    let object = || ObjectId::new("routing-rule/r1");
    assert_eq!(
        *bench.progress.lock().unwrap(),
        [
            Progress::Checking,
            Progress::Writing { object: object() },
            Progress::Verifying { object: object() },
            Progress::Confirmed { object: object() },
        ]
    );
}

#[tokio::test]
async fn the_window_in_which_others_cannot_be_seen_goes_up_to_the_answer_of_the_last_write() {
    let bench = Bench::new().await;
    bench
        .rig
        .refuse("put_rule", 1, 429, &[("Retry-After", "7")], None);
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Writing { .. }) {
            bench.rig.clock.advance(Duration::from_secs(2));
        }
    };
    let plan = bench.plan(&[("a", 100)]);
    let applied = bench.apply_and(&plan, "c1", meanwhile).await.unwrap();
    let window = applied.objects[0].unseen_window;
    assert_eq!(window, Some(Duration::from_secs(2)));
    assert_eq!(applied.objects[0].tries, 2);
}

#[tokio::test]
async fn a_plan_without_steps_asks_nothing_and_leaves_no_trace() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 50), ("b", 7)]);
    assert_eq!(plan.steps(), []);
    let applied = bench.apply(&plan, "c1").await.unwrap();
    assert_eq!((applied.change, applied.objects), (None, vec![]));
    assert_eq!(bench.rig.requests(), [""; 0]);
    assert_eq!(bench.store.changes().await.unwrap(), []);
    assert_eq!(*bench.progress.lock().unwrap(), [Progress::Unchanged]);
}

#[tokio::test]
async fn what_the_host_counts_up_itself_is_no_move() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    bench.edit(
        r#""version" : 7"#,
        r#""dateModified":"2026-01-01T00:00:00Z","version":8"#,
    );
    bench.apply(&plan, "c1").await.unwrap();
    bench.assert_rule(&[("50.0", "100")]);
    assert!(bench.rule().contains(r#""version":9"#), "{}", bench.rule());
}

#[tokio::test]
async fn steps_are_carried_out_one_after_another() {
    let bench = Bench::new().await;
    let plan = two_steps(&bench).await;
    let applied = bench.apply(&plan, "c1").await.unwrap();
    assert_eq!(applied.objects.len(), 2);
    bench.assert_rule(&[("50.0", "60"), ("\"weight\":7", "\"weight\":70")]);
    let (_, events) = bench.journalled("c1").await;
    assert_eq!(
        events,
        [
            "0 intent",
            "1 intent",
            "0 sent",
            "0 confirmed",
            "1 sent",
            "1 confirmed"
        ]
    );
}

/// A plan that first moves `a`, then `b`.
pub(crate) async fn two_steps(bench: &Bench) -> Plan {
    let first = bench.plan(&[("a", 60)]);
    bench.edit("50.0", "60");
    let then = bench.plan(&[("b", 70)]);
    bench.edit("\"weight\":60", "\"weight\":50.0");
    let mut intent = first.intent().clone();
    intent.weights.extend(then.intent().weights.clone());
    Plan::seal(intent, [first.steps(), then.steps()].concat())
}
