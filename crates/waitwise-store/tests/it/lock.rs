//! One writer per tenant and queue, and no dead one for ever.

use waitwise_plan::Place;
use waitwise_store::{Holder, Kind, Locking, NewChange, Store, StoreError};

use crate::{Rig, at, intent, new_change, sent};

const TENANT: &str = "https://a.invalid";

fn queue() -> Place {
    Place::new("q")
}

/// Held by this process from the rig's start, and by nobody else.
fn held() -> Locking {
    Locking::Held(Holder {
        process: std::process::id(),
        taken_at: at("12:00:00"),
        until: at("12:00:30"),
    })
}

#[tokio::test]
async fn a_second_writer_is_told_who_the_first_is() {
    let rig = Rig::new().await;
    let other = Store::open(&rig.path()).await.unwrap();
    let lock = |tenant, queue| {
        let (other, place) = (&other, Place::new(queue));
        async move { other.lock(tenant, &place, at("12:00:29")).await.unwrap() }
    };
    assert_eq!(lock(TENANT, "q").await, held());
    assert_eq!(lock(TENANT, "q2").await, Locking::Taken);
    assert_eq!(lock("https://b.invalid", "q").await, Locking::Taken);

    other.unlock(TENANT, &queue()).await.unwrap();
    assert_eq!(lock(TENANT, "q").await, held(), "it is not theirs to give");
    rig.store.unlock(TENANT, &queue()).await.unwrap();
    assert_eq!(lock(TENANT, "q").await, Locking::Taken);
}

#[tokio::test]
async fn a_lock_lasts_as_long_as_it_is_renewed() {
    let rig = Rig::new().await;
    let other = Store::open(&rig.path()).await.unwrap();
    rig.store
        .renew(TENANT, &queue(), at("12:00:20"))
        .await
        .unwrap();
    let queue = queue();
    let holder = |now| other.lock_holder(TENANT, &queue, now);
    let at_the_end = holder(at("12:00:49")).await.unwrap().unwrap();
    assert_eq!(at_the_end.until, at("12:00:50"));
    assert_eq!(holder(at("12:00:50")).await.unwrap(), None);
}

#[tokio::test]
async fn a_holder_that_was_taken_over_may_send_no_more() {
    let rig = Rig::new().await;
    let other = Store::open(&rig.path()).await.unwrap();
    let id = rig.apply("c1", "p", &[intent()]).await;
    let taken = other.lock(TENANT, &queue(), at("12:00:30")).await;
    assert_eq!(taken.unwrap(), Locking::Taken);

    rig.store
        .renew(TENANT, &queue(), at("12:00:31"))
        .await
        .unwrap();
    let error = rig
        .store
        .record(&id, 0, sent(), at("12:00:31"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::LockLost { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "the lock on queue `q` of https://a.invalid is no longer this process's own"
    );
    other.record(&id, 0, sent(), at("12:00:31")).await.unwrap();
}

#[tokio::test]
async fn to_send_renews_the_lock() {
    let rig = Rig::new().await;
    let change = new_change("c1", "p", Kind::Apply);
    rig.store.begin(&change).await.unwrap();
    for (event, time) in [(intent(), "12:00:10"), (sent(), "12:00:25")] {
        let recorded = rig.store.record(&change.id, 0, event, at(time));
        recorded.await.unwrap();
    }
    let queue = queue();
    let holder = rig.store.lock_holder(TENANT, &queue, at("12:00:40"));
    assert_eq!(holder.await.unwrap().unwrap().until, at("12:00:55"));
}

/// A clock that was an hour ahead, and one that asked a moment before the holder did.
#[tokio::test]
async fn a_clock_that_was_put_back_blocks_nobody() {
    for (now, expected) in [
        ("11:00:00", Locking::Taken),
        ("11:59:29", Locking::Taken),
        ("11:59:59", held()),
    ] {
        let rig = Rig::new().await;
        let locking = rig.store.lock(TENANT, &queue(), at(now)).await;
        assert_eq!(locking.unwrap(), expected, "{now}");
    }
}

/// Two queues may share a table: who writes to it keeps all of them away, and nobody from the queue itself.
#[tokio::test]
async fn a_change_sends_by_the_lock_of_its_own_place() {
    let rig = Rig::new().await;
    let table = Place::table("t");
    let change = NewChange {
        place: table.clone(),
        ..new_change("c1", "p", Kind::Apply)
    };
    rig.store.begin(&change).await.unwrap();
    let record = |event| rig.store.record(&change.id, 0, event, at("12:00:01"));
    record(intent()).await.unwrap();
    let error = record(sent()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the lock on table `t` of https://a.invalid is no longer this process's own"
    );
    let taken = rig.store.lock(TENANT, &table, at("12:00:01")).await;
    assert_eq!(taken.unwrap(), Locking::Taken);
    record(sent()).await.unwrap();
    let known = rig.store.change(&change.id).await.unwrap().unwrap();
    assert_eq!(known.place, table);
}
