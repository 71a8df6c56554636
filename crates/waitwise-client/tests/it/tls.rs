//! TLS: whom to trust, and what is said when that fails.

use waitwise_client::{BaseUrl, ClientError, FailureKind, ReadClient, Settings};
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

use crate::support::{chain, check_error, check_naps};

async fn rig(tls: bool) -> Rig {
    Rig::with(SandboxOptions {
        tls,
        history_days: 1,
        ..SandboxOptions::default()
    })
    .await
}

async fn failure(rig: &Rig, settings: Settings) -> (ClientError, String) {
    let error = rig.read_with(settings).skills().await.unwrap_err();
    let hints = error.hints().join("\n");
    (error, hints)
}

#[tokio::test]
async fn the_ca_file_is_trusted() {
    let rig = rig(true).await;
    let client = rig.read();
    assert!(client.base_url().is_https());
    assert!(!client.skills().await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_unknown_authority_is_told_once() {
    let rig = rig(true).await;
    let mut settings = rig.settings();
    settings.ca_file = None;
    let (error, hints) = failure(&rig, settings).await;
    check_error(
        &error,
        FailureKind::Host,
        &[
            "cannot sign in (POST /oauth/token; 1 try",
            "no connection to https://127.0.0.1",
        ],
    );
    assert!(hints.contains("--ca-file"), "{hints}\n{}", chain(&error));
    check_naps(&rig, &[]);
}

#[tokio::test]
async fn plain_http_in_the_place_of_tls_is_told() {
    let (plain, tls) = (rig(false).await, rig(true).await);
    let mut settings = tls.settings();
    let host = format!("https://{}", plain.sandbox.connection().host);
    settings.base_url = BaseUrl::parse(&host, true).unwrap();
    let (error, hints) = failure(&tls, settings).await;
    assert!(
        hints.contains("answers, but not in TLS"),
        "{hints}\n{}",
        chain(&error)
    );
}

#[tokio::test]
async fn tls_in_the_place_of_plain_http_is_told() {
    let rig = rig(true).await;
    let mut settings = rig.settings();
    settings.base_url = BaseUrl::parse(&rig.sandbox.connection().host, false).unwrap();
    let (error, hints) = failure(&rig, settings).await;
    assert!(
        hints.contains("write https:// before its name"),
        "{hints}\n{}",
        chain(&error)
    );
}

#[tokio::test]
async fn a_ca_file_without_certificates_is_named() {
    let rig = rig(true).await;
    let refused = |content: Option<&str>| {
        let path = rig.dir().join("ca.pem");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let settings = Settings {
            ca_file: Some(path),
            ..rig.settings()
        };
        ReadClient::connect(settings, rig.clock.clone()).unwrap_err()
    };
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    for content in [None, Some(""), Some("no certificate"), Some(broken)] {
        let error = refused(content);
        check_error(
            &error,
            FailureKind::Usage,
            &["cannot use the certificates in `", "ca.pem`"],
        );
    }
}
