use std::time::Duration;

use crate::rig::{RULES, Rig, SKILLS, SUMMARY, send};

#[tokio::test]
async fn client_credentials_give_a_token_that_is_worth_something() {
    let rig = Rig::start().await;
    let seen = rig.sign_in().await;
    let body = seen.json();
    assert_eq!(
        (seen.status, &body["token_type"], &body["expires_in"]),
        (200, &"bearer".into(), &86_399.into())
    );
    assert_eq!(rig.get(SKILLS).await.status, 200);
}

#[tokio::test]
async fn refused_sign_ins_are_in_oauths_shape() {
    let rig = Rig::start().await;
    let connection = rig.sandbox.connection();
    let (id, secret) = (
        connection.client_id.as_str(),
        connection.client_secret.as_str(),
    );
    let grant = "grant_type=client_credentials";
    for (form, client, error) in [
        (grant, (id, "wrong"), "invalid_client"),
        (grant, ("wrong", secret), "invalid_client"),
        (
            "grant_type=password",
            (id, secret),
            "unsupported_grant_type",
        ),
        ("", (id, secret), "invalid_request"),
    ] {
        let seen = rig.token_request(form, Some(client)).await;
        let body = seen.json();
        assert_eq!(
            (seen.status, body["error"].as_str()),
            (400, Some(error)),
            "{seen:?}"
        );
        assert_eq!(body["description"], body["error_description"]);
        assert!(!seen.text.contains(secret));
    }
    let unsigned = send(rig.http().post(rig.url("/oauth/token")).body(grant))
        .await
        .unwrap();
    assert_eq!(
        (unsigned.status, unsigned.json()["error"].as_str()),
        (400, Some("invalid_client"))
    );
}

#[tokio::test]
async fn tokens_are_asked_for_and_end_in_tenant_time() {
    let rig = Rig::start().await;
    let bare = send(rig.http().get(rig.url(SKILLS))).await.unwrap();
    bare.refused(401, "authentication.required");
    let unknown = send(rig.http().get(rig.url(SKILLS)).bearer_auth("unknown"))
        .await
        .unwrap();
    unknown.refused(401, "bad.credentials");

    rig.sandbox.advance(Duration::from_secs(86_398));
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.sandbox.advance(Duration::from_secs(1));
    rig.get(SKILLS).await.refused(401, "credentials.expired");

    rig.sandbox.set_token_lifetime(5);
    assert_eq!(rig.sign_in().await.json()["expires_in"], 5);
    assert_eq!(rig.get(SKILLS).await.status, 200);
    rig.sandbox.expire_tokens();
    rig.get(SKILLS).await.refused(401, "credentials.expired");
}

#[tokio::test]
async fn each_operation_asks_for_its_scope() {
    let rig = Rig::start().await;
    let all = [
        "analytics:conversation:read",
        "routing:skill:read",
        "routing:rule:read",
        "routing:rule:write",
    ];
    let (id, text) = rig.target_rule();
    let rule = format!("{RULES}/{id}");
    let calls = [
        ("POST", SUMMARY, rig.query(1).to_string()),
        ("GET", SKILLS, String::new()),
        ("GET", RULES, String::new()),
        ("PUT", &rule, text),
    ];
    rig.sandbox.set_permissions([]).unwrap();
    for (missing, (method, path, body)) in all.iter().zip(&calls) {
        rig.sandbox
            .set_scopes(all.into_iter().filter(|scope| scope != missing))
            .unwrap();
        let message = rig
            .call(method, path, body)
            .await
            .refused(403, "missing.permissions");
        assert!(message.ends_with(missing), "{message}");
        rig.sandbox.set_scopes([*missing]).unwrap();
        assert_eq!(
            rig.call(method, path, body).await.status,
            200,
            "{method} {path} with {missing} alone"
        );
    }
    let error = rig.sandbox.set_scopes(["routing"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no operation asks for the scope `routing`"
    );
}
