use waitwise_sandbox::Api;
use waitwise_wire::operation::{Method, Needs, Operation};
use waitwise_wire::platform::{OPERATIONS, SKILLS};

use super::{QUEUES, platform};
use crate::rig::{RULES, Rig, SUMMARY, send};

#[tokio::test]
async fn each_contract_can_be_served_alone() {
    for (api, platform, tutorial) in [
        (Api::Tutorial, 404, 200),
        (Api::Platform, 200, 404),
        (Api::Both, 200, 200),
    ] {
        let rig = Rig::with(|options| options.api = api).await;
        assert_eq!(rig.get(QUEUES).await.status, platform, "{api:?}");
        assert_eq!(rig.get(RULES).await.status, tutorial, "{api:?}");
        let summary = rig.summary(&rig.query(1)).await.status;
        assert_eq!(summary, tutorial, "{api:?}");
        assert_eq!(rig.get(SKILLS.path).await.status, 200, "{api:?}");
    }
    let rig = platform().await;
    rig.call("PUT", &format!("{RULES}/r"), "{}")
        .await
        .refused(404, "not.found");
    rig.call("POST", SUMMARY, "{}")
        .await
        .refused(404, "not.found");
}

/// The operation's path with ids that nothing has.
fn path(operation: &Operation) -> String {
    operation.path_with(&["none".to_owned(), "none".to_owned()])
}

async fn ask(rig: &Rig, operation: &Operation) -> crate::rig::Seen {
    let body = match operation.method {
        Method::Get | Method::Delete => "",
        Method::Post | Method::Put => "{}",
    };
    rig.call(operation.method.as_str(), &path(operation), body)
        .await
}

#[tokio::test]
async fn every_operation_asks_for_one_of_its_permissions_and_for_nothing_else() {
    let rig = platform().await;
    rig.sandbox.set_scopes([]).unwrap();
    for operation in &OPERATIONS {
        let permissions = match operation.needs {
            Needs::AnyPermission(any) => any,
            Needs::Credentials => continue,
            Needs::Token | Needs::Scope(_) => &[],
        };
        rig.sandbox.set_permissions([]).unwrap();
        let seen = ask(&rig, operation).await;
        if permissions.is_empty() {
            assert_ne!(seen.status, 403, "{operation:?}");
        } else {
            let message = seen.refused(403, "missing.any.permissions");
            assert!(message.ends_with(&permissions.join(", ")), "{message}");
            assert_eq!(
                seen.json()["messageParams"]["permissions"],
                permissions.join(", ")
            );
        }
        for permission in permissions {
            rig.sandbox.set_permissions([*permission]).unwrap();
            let seen = ask(&rig, operation).await;
            assert_ne!(seen.status, 403, "{} with {permission}", operation.name);
        }
    }
    let error = rig.sandbox.set_permissions(["routing"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no operation is opened by the permission `routing`"
    );
}

#[tokio::test]
async fn every_operation_asks_for_a_token_and_tells_the_rate() {
    let rig = platform().await;
    for operation in &OPERATIONS {
        if operation.signs_in() {
            continue;
        }
        let method = reqwest::Method::from_bytes(operation.method.as_str().as_bytes()).unwrap();
        let url = rig.url(&path(operation));
        let bare = send(rig.http().request(method, url)).await.unwrap();
        bare.refused(401, "authentication.required");
        for header in ["count", "allowed", "reset"] {
            let value = bare.header(&format!("inin-ratelimit-{header}"));
            assert!(value.parse::<u32>().is_ok(), "{header} of {operation:?}");
        }
    }
}

#[tokio::test]
async fn a_token_is_the_clients() {
    let rig = platform().await;
    let me = rig.get("/api/v2/tokens/me").await.json();
    let connection = rig.sandbox.connection();
    assert_eq!(me["OAuthClient"]["id"], connection.client_id.as_str());
    assert_eq!(me["organization"]["id"], rig.sandbox.organisation().id);
    rig.sandbox.expire_tokens();
    rig.get("/api/v2/tokens/me")
        .await
        .refused(401, "credentials.expired");
}

#[tokio::test]
async fn reads_and_queries_are_no_writes() {
    let rig = platform().await;
    let (mut asked, mut writes) = (0, 0);
    for operation in &OPERATIONS {
        rig.sandbox.clear_requests();
        ask(&rig, operation).await;
        match rig.sandbox.writes() {
            0 => asked += 1,
            _ => writes += 1,
        }
    }
    // Creating a table; creating, replacing and removing a row.
    assert_eq!((asked, writes), (OPERATIONS.len() - 4, 4));
}
