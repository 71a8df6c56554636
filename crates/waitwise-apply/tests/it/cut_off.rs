//! Cut off anywhere: the rule is old or new, the journal says which it may be, and a rollback brings it back.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use sqlx::{Connection, SqliteConnection};
use waitwise_apply::{ApplyError, ErrorKind, Progress, Target};
use waitwise_model::Clock;
use waitwise_store::{ChangeId, ChangeState, LEASE, Store};

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
        cut_off_at(&bench, &plan, turn).await;
        assert_eq!(bench.rig.sandbox.writes(), usize::from(written), "{turn}");
        if turn != "Checking" {
            let change = bench
                .store
                .change(&ChangeId::new("c1"))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(
                (change.state, change.may_have_written()),
                (ChangeState::Open, sent)
            );
        }
        bench.rig.clock.advance(LEASE);
        assert_can_go_back(&bench, &plan, sent).await;
    }
}

/// The same turns, and then the other way: resumed, and taken back.
#[tokio::test]
async fn what_was_cut_off_is_finished_or_taken_back() {
    for (turn, writes) in [("Writing", 1), ("Verifying", 1), ("Confirmed", 1)] {
        for undo in [false, true] {
            let bench = Bench::new().await;
            let plan = bench.plan(&[("a", 100)]);
            cut_off_at(&bench, &plan, turn).await;
            let (report, c1) = (bench.reporter(|_| ()), ChangeId::new("c1"));
            let applier = bench.applier(&report);
            let early = applier.resume(&c1).await.unwrap_err();
            assert!(matches!(early, ApplyError::Locked { .. }), "{early}");
            bench.rig.clock.advance(LEASE);
            if undo {
                let undone = applier.take_back(&c1, ChangeId::new("back")).await;
                undone.unwrap();
                bench.assert_rule(&[]);
                assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
            } else {
                applier.resume(&c1).await.unwrap();
                bench.assert_rule(&[("50.0", "100")]);
                assert_eq!(bench.journalled("c1").await.0, ChangeState::Done);
                assert_eq!(bench.rig.sandbox.writes(), writes, "{turn}");
                let again = applier.resume(&c1).await.unwrap_err();
                assert_eq!(again.kind(), ErrorKind::Usage, "{again}");
            }
            assert_eq!(bench.store.unfinished().await.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn a_rollback_that_was_cut_off_is_finished() {
    for turn in ["Writing", "Verifying", "Confirmed"] {
        let bench = Bench::new().await;
        let plan = bench.plan(&[("a", 100)]);
        bench.apply(&plan, "c1").await.unwrap();
        bench.edit("\"weight\":7", "\"weight\":9");
        let (c1, back) = (ChangeId::new("c1"), ChangeId::new("back"));
        let report = bench.reporter(|progress| die_at(turn, progress));
        let applier = bench.applier(&report);
        let undoing = applier.roll_back(Target::Change(c1.clone()), back.clone(), false);
        assert!(until_panic(undoing).await.is_none(), "{turn}");
        bench.rig.clock.advance(LEASE);

        let report = bench.reporter(|_| ());
        let applier = bench.applier(&report);
        let error = applier.take_back(&back, ChangeId::new("again")).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Usage);
        let resumed = applier.resume(&back).await.unwrap();
        assert_eq!(resumed.objects[0].others_edits, turn != "Confirmed");
        bench.assert_rule(&[("\"weight\":7", "\"weight\":9")]);
        assert_eq!(bench.rig.sandbox.writes(), 2, "{turn}");
        assert_eq!(bench.journalled("c1").await.0, ChangeState::RolledBack);
        assert_eq!(bench.journalled("back").await.0, ChangeState::Done);
    }
}

#[tokio::test]
async fn a_resumed_change_leaves_somebody_elses_edit_alone() {
    for (turn, state) in [
        ("Writing", ChangeState::Failed),
        ("Verifying", ChangeState::Failed),
    ] {
        let bench = Bench::new().await;
        let plan = bench.plan(&[("a", 100)]);
        cut_off_at(&bench, &plan, turn).await;
        bench.edit("\"weight\":7", "\"weight\":9");
        let theirs = bench.rule();
        bench.rig.clock.advance(LEASE);
        let report = bench.reporter(|_| ());
        let error = bench.applier(&report).resume(&ChangeId::new("c1")).await;
        let error = error.unwrap_err();
        assert!(matches!(error, ApplyError::Conflict { .. }), "{error}");
        assert_eq!(bench.rule(), theirs);
        assert_eq!(bench.journalled("c1").await.0, state);
    }
}

#[tokio::test]
async fn a_change_in_doubt_is_resumed_when_the_host_is_well_again() {
    let bench = Bench::new().await;
    bench.rig.refuse("put_rule", 5, 503, &[], None);
    let plan = bench.plan(&[("a", 100)]);
    bench.apply(&plan, "c1").await.unwrap_err();
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Unknown);
    let report = bench.reporter(|_| ());
    let applier = bench.applier(&report);
    let resumed = applier.resume(&ChangeId::new("c1")).await.unwrap();
    assert_eq!(resumed.objects[0].tries, 1);
    bench.assert_rule(&[("50.0", "100")]);
    assert_eq!(bench.journalled("c1").await.0, ChangeState::Done);
}

#[tokio::test]
async fn a_change_cut_off_before_its_send_is_closed_when_taken_back() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    let trigger = "CREATE TRIGGER cut BEFORE INSERT ON event WHEN NEW.event LIKE '%\"sent\"%' BEGIN SELECT RAISE(ABORT, 'cut here'); END";
    sql(&bench, trigger.to_owned()).await;
    bench.apply(&plan, "c1").await.unwrap_err();
    sql(&bench, "DROP TRIGGER cut".to_owned()).await;
    let (report, c1) = (bench.reporter(|_| ()), ChangeId::new("c1"));
    let applier = bench.applier(&report);
    let closed = applier.take_back(&c1, ChangeId::new("back")).await;
    assert_eq!(closed.unwrap().objects, []);
    let (state, events) = bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Refused);
    assert_eq!(events, ["0 intent", "0 refused"]);
    assert_eq!(bench.rig.sandbox.writes(), 0);
    bench.apply(&plan, "c2").await.unwrap();
}

#[tokio::test]
async fn who_is_not_alone_writes_nothing() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    let other = Store::open(&bench.journal()).await.unwrap();
    let now = bench.rig.clock.now();
    let (tenant, queue) = (&plan.intent().tenant, &plan.intent().queue);
    let place = &plan.place();
    other.lock(tenant, place, now).await.unwrap();
    let error = bench.apply(&plan, "c1").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "queue `{queue}` is being changed by process {}, which holds its lock until 2026-03-30T12:00:30Z unless it renews it",
            std::process::id()
        )
    );
    assert_eq!(bench.store.changes().await.unwrap(), []);
    assert_eq!(bench.rig.requests(), [""; 0]);
    other.unlock(tenant, place).await.unwrap();
    bench.apply(&plan, "c1").await.unwrap();
    let holder = other.lock_holder(tenant, place, now).await.unwrap();
    assert_eq!(holder, None, "given back at the end");
}

/// Somebody who took the lock over, because the machine slept for longer than a lease, keeps us from sending.
#[tokio::test]
async fn who_lost_the_lock_sends_nothing_more() {
    let bench = Bench::new().await;
    let plan = bench.plan(&[("a", 100)]);
    bench.apply(&plan, "c1").await.unwrap();
    bench.roll_back("c1", false).await.unwrap();
    let plan = bench.plan(&[("a", 99)]);
    let takes_over =
        "CREATE TRIGGER cut AFTER INSERT ON event BEGIN UPDATE lock SET holder = 'somebody'; END";
    sql(&bench, takes_over.to_owned()).await;
    let error = bench.apply(&plan, "c2").await.unwrap_err();
    assert!(
        crate::bench::chain(&error).contains("no longer this process's own"),
        "{error:?}"
    );
    assert_eq!(bench.rig.sandbox.writes(), 2);
}

async fn cut_off_at(bench: &Bench, plan: &waitwise_plan::Plan, turn: &str) {
    let die = |progress: &Progress| die_at(turn, progress);
    let ended = until_panic(bench.apply_and(plan, "c1", die)).await;
    assert!(ended.is_none(), "{turn}");
}

fn die_at(turn: &str, progress: &Progress) {
    let now = format!("{progress:?}");
    assert!(!now.starts_with(turn), "the program ends here, on purpose");
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
