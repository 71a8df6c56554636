//! What is written down, and in which order.

use waitwise_plan::PlanId;
use waitwise_store::{ChangeId, ChangeState, Kind, StepEvent, Store, StoreError};

use crate::{Rig, at, confirmed, conflict, intent, new_change, not_done, refused, sent, unknown};

#[tokio::test]
async fn a_change_is_read_again_as_it_was_written() {
    let rig = Rig::new().await;
    let events = [intent(), sent(), unknown(), sent(), confirmed()];
    let id = rig.apply("c1", "p", &events).await;
    rig.store
        .finish(&id, ChangeState::Done, None, at("12:00:09"))
        .await
        .unwrap();

    let Rig { dir, store } = rig;
    let before = store.change(&id).await.unwrap().unwrap();
    drop(store);
    let again = Store::open(&dir.path().join("journal.db")).await.unwrap();
    let change = again.change(&id).await.unwrap().unwrap();
    assert_eq!(change, before);
    assert_eq!(change.plan_json, "{\"n\": 1.10}\n");
    assert_eq!(change.created_at, at("12:00:00"));
    assert_eq!(
        (change.state, change.ended_at),
        (ChangeState::Done, Some(at("12:00:09")))
    );
    let recorded: Vec<_> = change.events.into_iter().map(|event| event.event).collect();
    assert_eq!(recorded, events);
}

#[tokio::test]
async fn what_is_recorded_is_there_for_another_process_at_once() {
    let rig = Rig::new().await;
    let other = Store::open(&rig.path()).await.unwrap();
    let id = rig.apply("c1", "p", &[intent(), sent()]).await;
    assert!(other.change(&id).await.unwrap().unwrap().may_have_written());
    let recorded = other.record(&id, 0, confirmed(), at("12:00:02"));
    recorded.await.unwrap();
    let last = rig.store.change(&id).await.unwrap().unwrap();
    assert_eq!(last.last_event(0), Some(&confirmed()));
}

#[tokio::test]
async fn events_come_in_the_order_in_which_they_can_happen() {
    let all = [
        intent(),
        sent(),
        unknown(),
        not_done(),
        confirmed(),
        refused(),
        conflict(),
        StepEvent::Unneeded,
    ];
    for (before, legal) in [
        (vec![], vec!["intent"]),
        (vec![intent()], vec!["sent", "refused", "unneeded"]),
        (
            vec![intent(), sent()],
            vec![
                "outcome-unknown",
                "not-done",
                "confirmed",
                "refused",
                "conflict",
            ],
        ),
        (
            vec![intent(), sent(), unknown()],
            vec!["sent", "confirmed", "conflict"],
        ),
        (
            vec![intent(), sent(), not_done()],
            vec!["sent", "confirmed", "refused", "conflict"],
        ),
        // The first send may still arrive: nobody can say that nothing was written.
        (
            vec![intent(), sent(), unknown(), sent()],
            vec!["outcome-unknown", "not-done", "confirmed", "conflict"],
        ),
        (
            vec![intent(), sent(), unknown(), sent(), not_done()],
            vec!["sent", "confirmed", "conflict"],
        ),
        (vec![intent(), sent(), confirmed()], vec![]),
        (vec![intent(), sent(), conflict()], vec![]),
        (vec![intent(), refused()], vec![]),
        (vec![intent(), StepEvent::Unneeded], vec![]),
    ] {
        for event in &all {
            let rig = Rig::new().await;
            let id = rig.apply("c1", "p", &before).await;
            let recorded = rig
                .store
                .record(&id, 0, event.clone(), at("12:00:02"))
                .await;
            let is_legal = legal.contains(&event.name());
            assert_eq!(
                recorded.is_ok(),
                is_legal,
                "{} after {before:?}",
                event.name()
            );
            let events = rig.store.change(&id).await.unwrap().unwrap().events;
            assert_eq!(events.len(), before.len() + usize::from(is_legal));
        }
    }
}

#[tokio::test]
async fn each_step_has_its_own_order() {
    let rig = Rig::new().await;
    let id = rig.apply("c1", "p", &[intent(), sent()]).await;
    let early = rig
        .store
        .record(&id, 1, sent(), at("12:00:02"))
        .await
        .unwrap_err();
    assert_eq!(
        early.to_string(),
        "step 1 of change `c1` cannot record `sent` after nothing"
    );
    rig.store
        .record(&id, 1, intent(), at("12:00:02"))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_ended_change_records_nothing_more() {
    let rig = Rig::new().await;
    let id = rig.apply("c1", "p", &[intent()]).await;
    rig.store
        .finish(&id, ChangeState::Refused, None, at("12:00:02"))
        .await
        .unwrap();
    let late = rig
        .store
        .record(&id, 0, sent(), at("12:00:03"))
        .await
        .unwrap_err();
    assert_eq!(
        late.to_string(),
        "step 0 of change `c1` cannot record `sent` after `intent`: the change is refused"
    );
    let nobody = ChangeId::new("c2");
    let error = rig
        .store
        .record(&nobody, 0, intent(), at("12:00:03"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::UnknownChange { .. }));
}

#[tokio::test]
async fn states_follow_each_other_as_they_can() {
    use ChangeState::{Done, Failed, Open, Refused, RolledBack, Unknown};
    let all = [Open, Done, Refused, Failed, Unknown, RolledBack];
    let cut_off_before = vec![intent()];
    let cut_off_after = vec![intent(), sent()];
    for (events, first, legal) in [
        (&cut_off_before, None, vec![Done, Refused, Failed, Unknown]),
        (
            &cut_off_after,
            None,
            vec![Done, Refused, Failed, Unknown, RolledBack],
        ),
        (&cut_off_after, Some(Done), vec![RolledBack]),
        (&cut_off_after, Some(Failed), vec![RolledBack]),
        (&cut_off_after, Some(Unknown), vec![Open, RolledBack]),
        (&cut_off_after, Some(Refused), vec![]),
        (&cut_off_after, Some(RolledBack), vec![]),
    ] {
        for state in all {
            let rig = Rig::new().await;
            let id = rig.apply("c1", "p", events).await;
            if let Some(first) = first {
                rig.store
                    .finish(&id, first, None, at("12:00:02"))
                    .await
                    .unwrap();
            }
            let finished = rig.store.finish(&id, state, None, at("12:00:03")).await;
            assert_eq!(
                finished.is_ok(),
                legal.contains(&state),
                "{first:?} to {state:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_rollback_that_is_done_marks_the_change_that_it_undid() {
    let rig = Rig::new().await;
    let id = rig.apply("c1", "p", &[intent(), sent(), confirmed()]).await;
    rig.store
        .finish(&id, ChangeState::Done, None, at("12:00:02"))
        .await
        .unwrap();
    for (rollback, ends, expected) in [
        ("c2", ChangeState::Refused, ChangeState::Done),
        ("c3", ChangeState::Done, ChangeState::RolledBack),
        ("c4", ChangeState::Done, ChangeState::RolledBack),
    ] {
        let kind = Kind::Rollback {
            of: Some(id.clone()),
            force: false,
        };
        let rollback = new_change(rollback, "p", kind);
        rig.store.begin(&rollback).await.unwrap();
        rig.store
            .finish(&rollback.id, ends, None, at("12:00:03"))
            .await
            .unwrap();
        let undone = rig.store.change(&id).await.unwrap().unwrap();
        assert_eq!(undone.state, expected, "after {ends}");
    }
}

#[tokio::test]
async fn a_rollback_of_a_change_that_is_not_there_cannot_begin() {
    let rig = Rig::new().await;
    let kind = Kind::Rollback {
        of: Some(ChangeId::new("gone")),
        force: false,
    };
    let error = rig
        .store
        .begin(&new_change("c1", "p", kind))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }));
    assert_eq!(rig.store.changes().await.unwrap(), []);
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let rig = Rig::new().await;
    rig.apply("c1", "p", &[]).await;
    let error = rig
        .store
        .begin(&new_change("c1", "p2", Kind::Apply))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot begin a change in the journal");
}

#[tokio::test]
async fn a_plan_counts_as_applied_once_something_may_have_been_written() {
    use ChangeState::{Done, Failed, Refused, RolledBack, Unknown};
    let before = vec![intent()];
    let after = vec![intent(), sent()];
    let put_off = vec![intent(), sent(), not_done()];
    let put_off_in_doubt = vec![intent(), sent(), unknown(), sent(), not_done()];
    for (events, state, expected) in [
        (&put_off, None, false),
        (&put_off_in_doubt, None, true),
        (&before, None, false),
        (&before, Some(Refused), false),
        (&after, Some(Refused), false),
        (&after, None, true),
        (&after, Some(Done), true),
        (&after, Some(Failed), true),
        (&after, Some(Unknown), true),
        (&after, Some(RolledBack), true),
    ] {
        let rig = Rig::new().await;
        let id = rig.apply("c1", "p", events).await;
        if let Some(state) = state {
            rig.store
                .finish(&id, state, None, at("12:00:02"))
                .await
                .unwrap();
        }
        let expected = expected.then_some(id);
        let applied = rig.store.applied(&PlanId::new("p")).await.unwrap();
        assert_eq!(applied, expected, "{events:?} {state:?}");
        assert_eq!(
            rig.store.applied(&PlanId::new("other")).await.unwrap(),
            None
        );
        let latest = rig.store.latest("https://a.invalid").await.unwrap();
        assert_eq!(latest.map(|change| change.id), expected);
        assert_eq!(rig.store.latest("https://b.invalid").await.unwrap(), None);
    }
}

#[tokio::test]
async fn changes_are_listed_by_when_they_began_whatever_the_clock_said() {
    let rig = Rig::new().await;
    let mut earlier = new_change("b", "p", Kind::Apply);
    earlier.created_at = at("11:00:00");
    rig.apply("c", "p", &[intent(), sent()]).await;
    rig.store.begin(&earlier).await.unwrap();
    rig.store
        .begin(&new_change(
            "a",
            "p",
            Kind::Rollback {
                of: None,
                force: false,
            },
        ))
        .await
        .unwrap();
    let changes = rig.store.changes().await.unwrap();
    let ids: Vec<_> = changes.iter().map(|change| change.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let latest = rig.store.latest("https://a.invalid").await.unwrap();
    assert_eq!(latest.unwrap().id.as_str(), "c");
}

#[tokio::test]
async fn a_change_that_ended_in_doubt_can_be_opened_again() {
    let rig = Rig::new().await;
    let id = rig.apply("c1", "p", &[intent(), sent(), unknown()]).await;
    let unknown = rig
        .store
        .finish(&id, ChangeState::Unknown, None, at("12:00:02"));
    unknown.await.unwrap();
    rig.store.reopen(&id, at("12:00:03")).await.unwrap();
    let change = rig.store.change(&id).await.unwrap().unwrap();
    assert_eq!((change.state, change.ended_at), (ChangeState::Open, None));
    rig.record(&id, &confirmed()).await;
}

#[tokio::test]
async fn only_what_is_not_finished_is_unfinished() {
    use ChangeState::{Done, Failed, Refused, Unknown};
    let rig = Rig::new().await;
    for (id, state) in [
        ("c1", None),
        ("c2", Some(Done)),
        ("c3", Some(Unknown)),
        ("c4", Some(Refused)),
        ("c5", Some(Failed)),
    ] {
        let id = rig.apply(id, id, &[intent()]).await;
        if let Some(state) = state {
            let finished = rig.store.finish(&id, state, None, at("12:00:02"));
            finished.await.unwrap();
        }
    }
    let unfinished = rig.store.unfinished().await.unwrap();
    let ids: Vec<_> = unfinished.iter().map(|change| change.id.as_str()).collect();
    assert_eq!(ids, ["c3", "c1"]);
}

#[tokio::test]
async fn the_last_event_and_the_state_are_written_together_or_not_at_all() {
    let rig = Rig::new().await;
    let id = rig.apply("c1", "p", &[intent(), sent(), unknown()]).await;
    let last = Some((0, refused()));
    let finished = rig
        .store
        .finish(&id, ChangeState::Refused, last, at("12:00:02"));
    finished.await.unwrap_err();
    let last = Some((0, conflict()));
    let finished = rig
        .store
        .finish(&id, ChangeState::Open, last, at("12:00:02"));
    finished.await.unwrap_err();
    let change = rig.store.change(&id).await.unwrap().unwrap();
    assert_eq!((change.state, change.events.len()), (ChangeState::Open, 3));
}
