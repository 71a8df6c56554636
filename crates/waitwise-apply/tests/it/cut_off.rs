//! Cut off anywhere: the rule is old or new, the journal says which it may be, and a rollback brings it back.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use sqlx::{Connection, SqliteConnection};
use waitwise_apply::{ApplyError, ErrorKind, Progress};
use waitwise_store::{ChangeId, ChangeState};

use crate::bench::Bench;

#[tokio::test]
async fn the_journal_fails_at_every_record() {
    for (fails_at, written) in [
        ("NEW.event LIKE '%\"intent\"%'", false),
        ("NEW.event LIKE '%\"sent\"%'", false),
        ("NEW.event LIKE '%\"confirmed\"%'", true),
    ] {
        let trigger = format!(
            "CREATE TRIGGER cut BEFORE INSERT ON event WHEN {fails_at} BEGIN SELECT RAISE(ABORT, 'cut here'); END"
        );
        the_journal_fails(trigger, written).await;
    }
    let at_the_end =
        "CREATE TRIGGER cut BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'cut here'); END";
    the_journal_fails(at_the_end.to_owned(), true).await;
}

async fn the_journal_fails(trigger: String, written: bool) {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    sql(&bench, trigger.clone()).await;
    let error = bench.apply(&plan, "c1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store, "{trigger}");
    assert!(
        crate::bench::chain(&error).contains("cut here"),
        "{error:?}"
    );
    assert_eq!(
        bench.rig.sandbox.writes(),
        usize::from(written),
        "{trigger}"
    );
    sql(&bench, "DROP TRIGGER cut".to_owned()).await;
    assert_can_go_back(&bench, &plan, written).await;
}

#[tokio::test]
async fn the_program_ends_at_every_turn() {
    for (turn, sent, written) in [
        ("Checking", false, false),
        ("Writing", true, false),
        ("Verifying", true, true),
        ("Confirmed", true, true),
    ] {
        let bench = Bench::new().await;
        let plan = bench.plan(&[("a", 100)]);
        let die = |progress: &Progress| {
            let now = format!("{progress:?}");
            assert!(!now.starts_with(turn), "the program ends here, on purpose");
        };
        let ended = until_panic(bench.apply_and(&plan, "c1", die)).await;
        assert!(ended.is_none(), "{turn}");
        assert_eq!(bench.rig.sandbox.writes(), usize::from(written), "{turn}");
        if turn != "Checking" {
            let change = bench
                .store
                .change(&ChangeId::new("c1"))
                .await
                .unwrap()
                .unwrap();
            assert_eq!((change.state, change.has_sent()), (ChangeState::Open, sent));
        }
        assert_can_go_back(&bench, &plan, sent).await;
    }
}

/// If something may have been written the change can be rolled back and the plan not applied again; else the plan is
/// still good.
async fn assert_can_go_back(bench: &Bench, plan: &waitwise_plan::Plan, sent: bool) {
    if sent {
        let error = bench.apply(plan, "c2").await.unwrap_err();
        assert!(
            matches!(error, ApplyError::AppliedAlready { .. }),
            "{error}"
        );
        bench.roll_back("c1", false).await.unwrap();
        assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
        bench.assert_rule(&[]);
    } else {
        let error = bench.roll_back("c1", true).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
        bench.assert_rule(&[]);
        bench.apply(plan, "c2").await.unwrap();
        bench.assert_rule(&[("50.0", "100")]);
    }
}

/// Runs a future to its end, or drops it where it panics.
async fn until_panic<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

async fn sql(bench: &Bench, statement: String) {
    let path = bench.journal().display().to_string();
    let mut connection = SqliteConnection::connect(&path).await.unwrap();
    let statement = sqlx::AssertSqlSafe(statement);
    sqlx::raw_sql(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
