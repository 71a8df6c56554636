//! A journal whose rows say anything: read or refused, and an event that was read is written as it was.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use waitwise_model::QueueId;
use waitwise_plan::PlanId;
use waitwise_store::{ChangeId, Kind, NewChange, StepEvent, Store};

fuzz_target!(|data: &[u8]| {
    let Some(columns) = fuzz::parts::<7>(data) else {
        return;
    };
    let [event, ..] = columns;
    if let Ok(read) = serde_json::from_str::<StepEvent>(event) {
        let written = serde_json::to_string(&read).expect("plain data");
        assert_eq!(serde_json::from_str::<StepEvent>(&written).unwrap(), read);
    }
    JOURNAL.runtime.block_on(JOURNAL.read_with(columns));
});

static JOURNAL: LazyLock<Journal> = LazyLock::new(Journal::start);

const CHANGE: &str = "019a0000-0000-7000-8000-000000000001";

/// One journal with one change and one event, opened by its own code and, beside it, to be tampered with.
struct Journal {
    runtime: Runtime,
    store: Store,
    beside: Mutex<SqliteConnection>,
    _dir: tempfile::TempDir,
}

impl Journal {
    fn start() -> Journal {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("journal.db");
        let (store, beside) = runtime.block_on(async {
            let store = Store::open(&path).await.expect("a new journal");
            begin(&store).await;
            // Rows that SQLite itself would refuse, as if it had not; and no waiting for the disk.
            let beside = SqliteConnectOptions::new()
                .filename(&path)
                .pragma("ignore_check_constraints", "ON")
                .pragma("synchronous", "OFF")
                .foreign_keys(false)
                .connect()
                .await
                .expect("a second connection");
            (store, beside)
        });
        Journal {
            runtime,
            store,
            beside: Mutex::new(beside),
            _dir: dir,
        }
    }

    async fn read_with(&self, columns: [&str; 7]) {
        let [event, event_at, kind, state, created_at, ended_at, plan] = columns;
        let mut beside = self.beside.lock().await;
        sqlx::query("UPDATE event SET event = ?, at = ?")
            .bind(event)
            .bind(event_at)
            .execute(&mut *beside)
            .await
            .expect("a row to tamper with");
        sqlx::query(
            "UPDATE change SET kind = ?, state = ?, created_at = ?, ended_at = nullif(?, ''), plan = ?",
        )
        .bind(kind)
        .bind(state)
        .bind(created_at)
        .bind(ended_at)
        .bind(plan)
        .execute(&mut *beside)
        .await
        .expect("a row to tamper with");
        let _ = self.store.changes().await;
        let _ = self.store.applied(&PlanId::new("p")).await;
        let _ = self.store.latest("http://127.0.0.1").await;
    }
}

async fn begin(store: &Store) {
    let id = ChangeId::new(CHANGE);
    let change = NewChange {
        id: id.clone(),
        kind: Kind::Apply,
        tenant: "http://127.0.0.1".to_owned(),
        queue: QueueId::new("q"),
        plan_id: PlanId::new("p"),
        plan_json: "{}".to_owned(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
    };
    store.begin(&change).await.expect("a new change");
    let intent = StepEvent::Intent {
        operation: "{}".to_owned(),
    };
    let recorded = store.record(&id, 0, intent, jiff::Timestamp::UNIX_EPOCH);
    recorded.await.expect("a first event");
}
