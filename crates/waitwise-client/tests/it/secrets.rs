//! Neither secret nor token is shown, however a host behaves.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use waitwise_client::ClientError;
use waitwise_testkit::Rig;

use crate::odd_host::OddHost;
use crate::support::chain;

/// Short words, so that only knowing them hides them.
const SECRET: &str = "canary-secret";
const TOKEN: &str = "canary-token";

/// Everything that is logged in this process, by other tests too.
///
/// A subscriber of one thread would miss what another thread happened to reach first.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(log.clone())
            .init();
        log
    })
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

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
    let rig = Rig::start().await;
    let host = OddHost::with(TOKEN, answer).await;
    let mut settings = rig.settings();
    settings.base_url = host.base_url();
    settings.client_id = "id".to_owned();
    settings.client_secret = SECRET.to_owned().into();
    let debug = format!("{settings:?}");
    let error: ClientError = rig.read_with(settings).skills().await.unwrap_err();
    let hints = error.hints();
    format!("{debug}\n{}\n{error:?}\n{hints:?}", chain(&error))
}

fn echo(request: &str) -> String {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("id:{SECRET}"));
    format!("{request} {SECRET} {basic}")
}

fn as_message(request: &str) -> String {
    let echo = echo(request);
    serde_json::json!({"message": echo, "code": echo, "contextId": echo}).to_string()
}

#[track_caller]
fn check(text: &str) {
    for secret in [SECRET, TOKEN, "Y2FuYXJ5LXNlY3JldA"] {
        let place = text.find(secret);
        let around = place.map(|at| &text[at.saturating_sub(300)..at + secret.len()]);
        assert_eq!(around, None, "{secret} is shown");
    }
}

#[tokio::test]
async fn a_host_that_echoes_everything_gives_nothing_away() {
    let log = log();
    check(&shown(|request| (503, echo(request))).await);
    check(&shown(|request| (200, echo(request))).await);
    check(
        &shown(|request| {
            (
                200,
                serde_json::json!({"entities": echo(request)}).to_string(),
            )
        })
        .await,
    );
    check(&shown(|request| (400, as_message(request))).await);
    check(&shown(|request| (503, as_message(request))).await);
    let log = log.text();
    check(&log);
    for caught in [
        "path=/oauth/token status=200",
        "path=/api/v2/routing/skills status=503",
        "gave up on a host",
    ] {
        assert!(log.contains(caught), "{caught} is not in the log");
    }
}
