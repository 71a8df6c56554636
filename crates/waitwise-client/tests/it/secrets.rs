//! Neither secret nor token is shown, however a host behaves.

use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine;
use tracing_subscriber::fmt::MakeWriter;
use waitwise_client::ClientError;
use waitwise_testkit::Rig;

use crate::odd_host::OddHost;
use crate::support::chain;

/// Short words, so that only knowing them hides them.
const SECRET: &str = "canary-secret";
const TOKEN: &str = "canary-token";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// Reads skills from a host that answers this, and returns all that a person could come to see.
async fn shown(answer: fn(&str) -> (u16, String)) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let rig = Rig::start().await;
    let host = OddHost::with(TOKEN, answer).await;
    let mut settings = rig.settings();
    settings.base_url = host.base_url();
    settings.client_id = "id".to_owned();
    settings.client_secret = SECRET.to_owned().into();
    let debug = format!("{settings:?}");
    let error: ClientError = rig.read_with(settings).skills().await.unwrap_err();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("/api/v2/routing/skills"),
        "the log was caught: {log}"
    );
    format!(
        "{debug}\n{}\n{error:?}\n{:?}\n{log}",
        chain(&error),
        error.hints()
    )
}

fn echo(request: &str) -> String {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("id:{SECRET}"));
    format!("{request} {SECRET} {basic}")
}

fn as_message(request: &str) -> String {
    let echo = echo(request);
    serde_json::json!({"message": echo, "code": echo, "contextId": echo}).to_string()
}

#[tokio::test]
async fn a_host_that_echoes_everything_gives_nothing_away() {
    for text in [
        shown(|request| (503, echo(request))).await,
        shown(|request| (200, echo(request))).await,
        shown(|request| {
            (
                200,
                serde_json::json!({"entities": echo(request)}).to_string(),
            )
        })
        .await,
        shown(|request| (400, as_message(request))).await,
        shown(|request| (503, as_message(request))).await,
    ] {
        for secret in [SECRET, TOKEN, "Y2FuYXJ5LXNlY3JldA"] {
            assert!(!text.contains(secret), "{secret} is shown in:\n{text}");
        }
    }
}
