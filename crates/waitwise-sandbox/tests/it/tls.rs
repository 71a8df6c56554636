use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waitwise_sandbox::{Fault, FaultRule};

use crate::rig::{Rig, SKILLS, send};

#[tokio::test]
async fn https_is_trusted_by_its_own_authority_and_no_other() {
    let rig = Rig::with(|options| options.tls = true).await;
    let connection = rig.sandbox.connection();
    assert!(connection.base_url.starts_with("https://"));
    assert_eq!(rig.get(SKILLS).await.status, 200);
    let by_name = rig.url(SKILLS).replace("127.0.0.1", "localhost");
    assert_eq!(send(rig.http().get(by_name)).await.unwrap().status, 401);

    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    let error = stranger.get(rig.url(SKILLS)).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("UnknownIssuer"), "{error:?}");
    assert_eq!(
        rig.get(SKILLS).await.status,
        200,
        "a failed handshake harms nobody else"
    );
}

#[tokio::test]
async fn noise_instead_of_a_handshake_is_not_fatal() {
    let rig = Rig::with(|options| options.tls = true).await;
    let mut stream = TcpStream::connect(&rig.sandbox.connection().host)
        .await
        .unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    // The alert, or nothing: in any case the connection ends.
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert_eq!(rig.get(SKILLS).await.status, 200);
}

#[tokio::test]
async fn connections_are_cut_under_tls_too() {
    let rig = Rig::with(|options| options.tls = true).await;
    for fault in [Fault::ResetBefore, Fault::Truncate(5)] {
        rig.sandbox
            .add_fault(FaultRule::times("skills", 1, fault))
            .unwrap();
        rig.try_call("GET", SKILLS, "").await.unwrap_err();
    }
    assert_eq!(rig.get(SKILLS).await.status, 200);
}

#[tokio::test]
async fn stopping_closes_the_port_and_removes_the_file() {
    let rig = Rig::with(|options| options.tls = true).await;
    let connection = rig.sandbox.connection().clone();
    let file = connection.ca_file.unwrap();
    assert!(file.exists());
    let private = std::fs::metadata(file.parent().unwrap()).unwrap();
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&private.permissions()) & 0o077,
        0
    );
    rig.sandbox.stop().await;
    assert!(!file.exists() && !file.parent().unwrap().exists());
    TcpStream::connect(&connection.host).await.unwrap_err();
}
