//! Hosts odder than the sandbox can be: each request gets whatever a function says.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use waitwise_client::BaseUrl;

/// A host on a free port, until it is dropped.
pub(crate) struct OddHost {
    address: SocketAddr,
    _server: JoinSet<()>,
}

impl OddHost {
    /// Accepts, and never says a word.
    pub(crate) async fn silent() -> OddHost {
        OddHost::start(|_| None).await
    }

    /// Answers each request's text (head and body) with a status and a body; sign-in always succeeds, with the
    /// token `token`.
    pub(crate) async fn with(token: &'static str, answer: fn(&str) -> (u16, String)) -> OddHost {
        OddHost::start(move |request| {
            Some(match request.starts_with("POST /oauth/token") {
                true => (
                    200,
                    format!(r#"{{"access_token":"{token}","expires_in":86399}}"#),
                ),
                false => answer(request),
            })
        })
        .await
    }

    pub(crate) fn base_url(&self) -> BaseUrl {
        BaseUrl::parse(&self.address.to_string(), false).unwrap()
    }

    async fn start(
        answer: impl Fn(&str) -> Option<(u16, String)> + Send + Copy + 'static,
    ) -> OddHost {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, answer));
            }
        });
        OddHost {
            address,
            _server: server,
        }
    }
}

/// Answers one request per connection.
async fn serve(mut stream: TcpStream, answer: impl Fn(&str) -> Option<(u16, String)>) {
    let request = read(&mut stream).await;
    let Some((status, body)) = answer(&request) else {
        return std::future::pending().await;
    };
    let reply = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(reply.as_bytes()).await.unwrap();
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        let n = stream.read(&mut buffer).await.unwrap();
        request.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
        if n == 0 {
            break;
        }
    }
    request
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.to_ascii_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length: ")
            .and_then(|n| n.parse().ok())
    });
    body.len() >= length.unwrap_or(0)
}
