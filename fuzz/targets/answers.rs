//! What a host may answer, byte for byte, to the real client over TCP: status lines, headers, bodies, pages.
//!
//! Errors are shown to people and logged, so none may hold the client's secret or the token, whatever a host echoes.

#![no_main]

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use waitwise_client::{BaseUrl, ClientError, Limits, ReadClient, Settings};
use waitwise_model::{Clock, QueueId, Window};
use waitwise_testkit::TestClock;
use waitwise_wire::tutorial::summary::WaitUnit;

/// Seeds echo these in bodies and headers.
const TOKEN: &str = "canary-token-7f3a9c5e";
const SECRET: &str = "canary-secret-b41d08e2";

// Answers are parted by zero bytes. The first one is for sign-ins; an empty one is a good one.
fuzz_target!(|data: &[u8]| {
    let mut answers: VecDeque<Vec<u8>> = data.split(|byte| *byte == 0).map(wrapped).collect();
    let sign_in = answers.pop_front().unwrap_or_default();
    // What was never handed out is no secret to the client: a host may say it.
    let knows_token = sign_in.is_empty();
    HOST.script
        .lock()
        .expect("no panic")
        .clone_from(&Script { sign_in, answers });
    for error in HOST.runtime.block_on(ask()) {
        assert_discreet(&error, knows_token);
    }
});

static HOST: LazyLock<Host> = LazyLock::new(Host::start);

/// What is answered to what is asked next.
#[derive(Clone, Default)]
struct Script {
    sign_in: Vec<u8>,
    answers: VecDeque<Vec<u8>>,
}

/// Bytes that are no HTTP answer are the body of one: most of the fuzzer's inputs should get past the status line.
fn wrapped(part: &[u8]) -> Vec<u8> {
    if part.starts_with(b"HTTP/") || part.is_empty() {
        return part.to_owned();
    }
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", part.len());
    [head.as_bytes(), part].concat()
}

struct Host {
    runtime: Runtime,
    script: Arc<Mutex<Script>>,
    address: String,
}

impl Host {
    fn start() -> Host {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let script: Arc<Mutex<Script>> = Arc::default();
        runtime.spawn(serve(listener, script.clone()));
        Host {
            runtime,
            script,
            address,
        }
    }
}

async fn serve(listener: TcpListener, script: Arc<Mutex<Script>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, script.clone()));
    }
}

/// Answers one request and closes, so that an answer without an end ends as well.
async fn answer(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut request = vec![0; 16 * 1024];
    let Ok(length) = stream.read(&mut request).await else {
        return;
    };
    let is_sign_in = request[..length].starts_with(b"POST /oauth/token");
    let answer = {
        let mut script = script.lock().expect("no panic");
        match is_sign_in {
            true if script.sign_in.is_empty() => good_token(),
            true => script.sign_in.clone(),
            false => script.answers.pop_front().unwrap_or_default(),
        }
    };
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

fn good_token() -> Vec<u8> {
    wrapped(format!(r#"{{"access_token":"{TOKEN}","expires_in":3600}}"#).as_bytes())
}

/// Asks for everything there is to read, and returns what went wrong.
async fn ask() -> Vec<ClientError> {
    let clock = TestClock::at("2026-03-30T12:00:00Z".parse().expect("an instant"));
    let window = Window::days_before(clock.now(), 7).expect("a week");
    let settings = Settings {
        base_url: BaseUrl::parse(&HOST.address, false).expect("an address"),
        client_id: "client".to_owned(),
        client_secret: SECRET.to_owned().into(),
        ca_file: None,
        wait_unit: WaitUnit::Seconds,
        page_size: 100,
        limits: Limits {
            tries: 2,
            body_bytes_max: 64 * 1024,
            pages_max: 5,
            ..Limits::default()
        },
        jitter_seed: 1,
    };
    let client = ReadClient::connect(settings, clock).expect("usable settings");
    let queue = QueueId::new("q");
    let failures = [
        client.history(&queue, window, &|_| {}).await.err(),
        client.skills().await.err(),
        client.rules_of(&queue).await.err(),
    ];
    failures.into_iter().flatten().collect()
}

fn assert_discreet(error: &ClientError, knows_token: bool) {
    let mut shown = format!("{error:?}\n{}", error.hints().join("\n"));
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        shown.push_str(&format!("\n{error}"));
        cause = error.source();
    }
    assert!(!shown.contains(SECRET), "the secret is shown: {shown}");
    assert!(
        !(knows_token && shown.contains(TOKEN)),
        "the token is shown: {shown}"
    );
}
