//! A client that lacks a scope hears which.

use waitwise_client::{ClientError, FailureKind, SendError};
use waitwise_testkit::Rig;
use waitwise_wire::tutorial::OPERATIONS;

use crate::support::{check_error, history};
use crate::writes::one_write;

async fn without(scope: &str) -> Rig {
    let rig = Rig::start().await;
    let scopes = OPERATIONS.iter().filter_map(|operation| operation.scope());
    rig.sandbox.set_permissions([]).unwrap();
    rig.sandbox
        .set_scopes(scopes.filter(|other| *other != scope))
        .unwrap();
    rig
}

#[track_caller]
fn check(error: &ClientError, scope: &str) {
    check_error(
        error,
        FailureKind::Permission,
        &["1 try", "403", "missing.permissions"],
    );
    assert!(
        error.hints()[0].contains(&format!("the scope `{scope}`")),
        "{:?}",
        error.hints()
    );
}

#[tokio::test]
async fn each_missing_scope_is_named() {
    let scope = "analytics:conversation:read";
    let rig = without(scope).await;
    check(&history(&rig, &rig.read()).await.unwrap_err(), scope);

    let scope = "routing:skill:read";
    check(
        &without(scope).await.read().skills().await.unwrap_err(),
        scope,
    );

    let scope = "routing:rule:read";
    let rig = without(scope).await;
    check(&rig.read().rules_of(&rig.queue()).await.unwrap_err(), scope);
}

#[tokio::test]
async fn a_missing_scope_for_writing_is_certainly_not_done() {
    let rig = without("routing:rule:write").await;
    let before = rig.sandbox.rules();
    let client = rig.write();
    let (write, rule) = one_write(&rig, &client).await;
    let outcome = client.send(&write.forward, &rule, false).await;
    let Err(SendError::Refused(error)) = outcome else {
        panic!("{outcome:?}");
    };
    check(&error, "routing:rule:write");
    assert_eq!(rig.sandbox.rules(), before);
}
