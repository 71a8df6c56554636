//! The journal on real files.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod file;
mod journal;
mod lock;

use std::path::PathBuf;

use tempfile::TempDir;
use waitwise_model::QueueId;
use waitwise_plan::{Place, PlanId};
use waitwise_store::{ChangeId, Kind, Locking, NewChange, StepEvent, Store};

/// A journal in a directory of its own.
struct Rig {
    dir: TempDir,
    store: Store,
}

impl Rig {
    async fn new() -> Rig {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("journal.db")).await.unwrap();
        let change = new_change("any", "p", Kind::Apply);
        let locked = store.lock(&change.tenant, &change.place, at("12:00:00"));
        assert_eq!(locked.await.unwrap(), Locking::Taken);
        Rig { dir, store }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("journal.db")
    }

    /// Begins an apply of the plan `plan` and records these events of its only step.
    async fn apply(&self, id: &str, plan: &str, events: &[StepEvent]) -> ChangeId {
        let change = new_change(id, plan, Kind::Apply);
        self.store.begin(&change).await.unwrap();
        for event in events {
            self.record(&change.id, event).await;
        }
        change.id
    }

    async fn record(&self, id: &ChangeId, event: &StepEvent) {
        let recorded = self.store.record(id, 0, event.clone(), at("12:00:01"));
        recorded.await.unwrap();
    }
}

fn new_change(id: &str, plan: &str, kind: Kind) -> NewChange {
    NewChange {
        id: ChangeId::new(id),
        kind,
        tenant: "https://a.invalid".to_owned(),
        queue: QueueId::new("q"),
        place: Place::new("q"),
        plan_id: PlanId::new(plan),
        plan_json: "{\"n\": 1.10}\n".to_owned(),
        created_at: at("12:00:00"),
    }
}

fn at(time: &str) -> jiff::Timestamp {
    format!("2026-03-30T{time}Z").parse().unwrap()
}

fn intent() -> StepEvent {
    StepEvent::Intent {
        operation: "{\"to\":1}".to_owned(),
    }
}

fn sent() -> StepEvent {
    StepEvent::Sent {
        document: "{\"id\":\"r\"}".to_owned(),
    }
}

fn unknown() -> StepEvent {
    StepEvent::OutcomeUnknown {
        reason: "503".to_owned(),
    }
}

fn not_done() -> StepEvent {
    StepEvent::NotDone {
        reason: "429".to_owned(),
    }
}

fn confirmed() -> StepEvent {
    StepEvent::Confirmed {
        document: "{}".to_owned(),
    }
}

fn refused() -> StepEvent {
    StepEvent::Refused {
        reason: "moved".to_owned(),
    }
}

fn conflict() -> StepEvent {
    StepEvent::Conflict {
        ours: "1".to_owned(),
        found: None,
    }
}
