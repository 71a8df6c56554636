//! The file itself.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};
use waitwise_plan::Place;
use waitwise_store::{Kind, OpenError, Store, StoreError};

use crate::{Rig, confirmed, conflict, intent, not_done, refused, sent, unknown};

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made/here/journal.db");
    let _store = Store::open(&path).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    for beside in ["journal.db-wal", "journal.db-shm"] {
        assert_eq!(mode(&path.with_file_name(beside)), 0o600, "{beside}");
    }
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&dir.path().join("made")), 0o700);
}

#[tokio::test]
async fn a_newer_journal_is_refused() {
    let rig = Rig::new().await;
    sql(&rig.path(), "PRAGMA user_version = 4").await;
    let error = Store::open(&rig.path()).await.unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Newer {
                found: 4,
                known: 3,
                ..
            }
        ),
        "{error}"
    );
    sql(&rig.path(), "PRAGMA user_version = -1").await;
    assert!(matches!(
        Store::open(&rig.path()).await,
        Err(OpenError::Newer { .. })
    ));
}

/// The file was written by the first version of this program: a change that was rolled back, its rollback, one that
/// ended in doubt after five sends, and one that was killed while it waited for the answer to its write.
#[tokio::test]
async fn a_journal_of_version_1_is_read_and_gone_on_with() {
    use waitwise_store::ChangeState::{Done, Open, RolledBack, Unknown};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let old = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/journal-version-1.db"
    );
    std::fs::copy(old, &path).unwrap();
    let store = Store::open(&path).await.unwrap();
    let changes = store.changes().await.unwrap();
    let said: Vec<_> = changes
        .iter()
        .map(|change| (change.state, change.events.len()))
        .collect();
    assert_eq!(said, [(Open, 2), (Unknown, 11), (Done, 3), (RolledBack, 3)]);
    let force = false;
    let of = Some(changes[3].id.clone());
    assert_eq!(changes[2].kind, Kind::Rollback { of, force });
    for change in &changes {
        waitwise_plan::file::from_json(&change.plan_json).unwrap();
        let applied = store.applied(&change.plan_id).await.unwrap();
        let is_rollback = change.kind != Kind::Apply;
        let expected = if is_rollback { &changes[3] } else { change };
        assert_eq!(applied, Some(expected.id.clone()));
    }
    let (cut_off, at) = (&changes[0], "2026-11-22T16:00:00Z".parse().unwrap());
    store.record(&cut_off.id, 0, confirmed(), at).await.unwrap();
    let done = store.finish(&cut_off.id, Done, None, at);
    done.await.unwrap();
    drop(store);
    let again = Store::open(&path).await.unwrap().changes().await.unwrap();
    assert_eq!((again[0].state, again[0].events.len()), (Done, 3));
}

/// The file was written by the second version: a change that was rolled back, its rollback, and one that is done.
#[tokio::test]
async fn a_journal_of_version_2_is_read_and_its_changes_are_their_queues() {
    use waitwise_store::ChangeState::{Done, RolledBack};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let old = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/journal-version-2.db"
    );
    std::fs::copy(old, &path).unwrap();
    let store = Store::open(&path).await.unwrap();
    let changes = store.changes().await.unwrap();
    let said: Vec<_> = changes
        .iter()
        .map(|change| (change.state, change.events.len()))
        .collect();
    assert_eq!(said, [(Done, 3), (Done, 3), (RolledBack, 3)]);
    for change in &changes {
        let plan = waitwise_plan::file::from_json(&change.plan_json).unwrap();
        assert_eq!(change.place, plan.place());
        assert_eq!(change.place, Place::queue(&change.queue));
    }
}

#[tokio::test]
async fn what_is_no_journal_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    std::fs::write(&path, "").unwrap();
    sql(&path, "CREATE TABLE mine (x)").await;
    assert!(matches!(
        Store::open(&path).await,
        Err(OpenError::NotAJournal { .. })
    ));
    let text = dir.path().join("notes.txt");
    std::fs::write(
        &text,
        "not a database at all, but long enough to be looked at as one",
    )
    .unwrap();
    assert!(matches!(
        Store::open(&text).await,
        Err(OpenError::Sqlite { .. })
    ));
    assert!(
        std::fs::read_to_string(&text)
            .unwrap()
            .starts_with("not a database")
    );
    let folder = Store::open(dir.path()).await.unwrap_err();
    assert!(
        folder
            .to_string()
            .contains(&dir.path().display().to_string())
    );
}

#[tokio::test]
async fn two_processes_can_make_one_journal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    let (one, other) = tokio::join!(Store::open(&path), Store::open(&path));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.changes().await.unwrap(), other.changes().await.unwrap());
}

/// These texts are promised to whoever reads a journal later.
#[tokio::test]
async fn events_are_stored_as_documented() {
    let rig = Rig::new().await;
    rig.apply("c1", "p", &[intent(), sent(), unknown(), conflict()])
        .await;
    rig.apply("c2", "p", &[intent(), refused()]).await;
    rig.apply("c3", "p", &[intent(), sent(), confirmed()]).await;
    rig.apply("c4", "p", &[intent(), waitwise_store::StepEvent::Unneeded])
        .await;
    rig.apply("c5", "p", &[intent(), sent(), not_done()]).await;
    let mut connection = open(&rig.path()).await;
    let stored: Vec<String> = sqlx::query_scalar("SELECT DISTINCT event FROM event ORDER BY event")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(
        stored,
        [
            r#"{"event":"confirmed","document":"{}"}"#,
            r#"{"event":"conflict","ours":"1","found":null}"#,
            r#"{"event":"intent","operation":"{\"to\":1}"}"#,
            r#"{"event":"not-done","reason":"429"}"#,
            r#"{"event":"outcome-unknown","reason":"503"}"#,
            r#"{"event":"refused","reason":"moved"}"#,
            r#"{"event":"sent","document":"{\"id\":\"r\"}"}"#,
            r#"{"event":"unneeded"}"#,
        ]
    );
}

#[tokio::test]
async fn a_damaged_row_is_named_not_guessed_at() {
    for (damage, what) in [
        ("UPDATE change SET state = 'fine'", "state"),
        ("UPDATE change SET created_at = 'noon'", "created_at"),
        ("UPDATE event SET event = '{\"event\":\"sold\"}'", "event"),
    ] {
        let rig = Rig::new().await;
        let id = rig.apply("c1", "p", &[intent()]).await;
        sql(&rig.path(), damage).await;
        let error = rig.store.change(&id).await.unwrap_err();
        let StoreError::Damaged { what: found, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(found, what);
    }
}

async fn sql(path: &Path, statement: &'static str) {
    let mut connection = open(path).await;
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&path.display().to_string())
        .await
        .unwrap()
}
