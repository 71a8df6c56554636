//! Connections: accepted, read and answered.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::answer::{Answer, Arrival, BODY_BYTES_MAX, Request};
use super::control;
use super::cut::{Cut, Payload, Socket};
use super::fault::When;
use super::reply::{Refusal, Reply};
use super::world::World;

/// The largest body that the control routes take, in bytes: a million groups fit.
const CONTROL_BODY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// How long to rest when the system gives no connection, such as for want of file descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Serves connections until it is dropped, which ends them all.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, world: Arc<World>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(serve_stream(stream, peer, tls.clone(), world.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    world.clock.sleep(ACCEPT_REST).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_stream(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    world: Arc<World>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "cannot send small packets at once");
    }
    let cut = Arc::new(AtomicBool::new(false));
    let socket = Socket {
        stream,
        reset: cut.clone(),
    };
    let Some(tls) = tls else {
        return serve_http(socket, peer, cut, world).await;
    };
    match tls.accept(socket).await {
        Ok(stream) => serve_http(stream, peer, cut, world).await,
        Err(error) => tracing::warn!(%peer, %error, "TLS handshake failed"),
    }
}

async fn serve_http<S>(stream: S, peer: SocketAddr, reset: Arc<AtomicBool>, world: Arc<World>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| respond(request, reset.clone(), world.clone()));
    // The `Date` comes from the service clock, so that equal requests have equal answers.
    let served = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

async fn respond(
    request: hyper::Request<Incoming>,
    reset: Arc<AtomicBool>,
    world: Arc<World>,
) -> Result<Response<Payload>, Cut> {
    let request = read(request).await?;
    let answer = match control::is_control(&request.path) {
        true => blocking(move || control::answer(&world, &request).into()).await,
        false => answer(world, request).await,
    };
    // A handler that panicked has left the tenant's state unusable; every later request ends here as well.
    let answer = answer.unwrap_or_else(|_| {
        Refusal::new(500, "internal.server.error", "The sandbox broke down")
            .reply("")
            .into()
    });
    if !answer.latency.is_zero() {
        hold_back(answer.latency).await;
    }
    if answer.reset {
        reset.store(true, Ordering::Relaxed);
    }
    match answer.reply {
        Some(reply) => Ok(response(reply, answer.truncate)),
        None => Err(Cut),
    }
}

/// Answers a request of the contract. Where it is held, the tenant is not: other requests go on.
async fn answer(world: Arc<World>, request: Request) -> Result<Answer, JoinError> {
    let served = world.clone();
    let begun = blocking(move || {
        let service = served.service();
        let arrival = served.state().arrive(&request, service);
        match arrival.struck.holds(When::Before) {
            true => Begun::Held(request, arrival),
            false => Begun::Answered(served.state().answer(&request, &arrival, service)),
        }
    });
    let answer = match begun.await? {
        Begun::Answered(answer) => answer,
        Begun::Held(request, arrival) => {
            world.holds.hold().await;
            let served = world.clone();
            let handle = move || {
                let service = served.service();
                served.state().answer(&request, &arrival, service)
            };
            blocking(handle).await?
        }
    };
    if answer.hold {
        world.holds.hold().await;
    }
    Ok(answer)
}

/// How far a request has come.
enum Begun {
    /// It waits before it is handled.
    Held(Request, Arrival),
    Answered(Answer),
}

/// Works on the tenant away from the connections.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    tokio::task::spawn_blocking(work).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a slow network meets the client's real time-outs, so its delay is real, whatever the service clock"
)]
async fn hold_back(latency: Duration) {
    tokio::time::sleep(latency).await;
}

/// Reads a request whole. A body beyond the limit is read to its end, so that its sender hears the refusal, but not kept.
async fn read(request: hyper::Request<Incoming>) -> Result<Request, Cut> {
    let (head, mut incoming) = request.into_parts();
    let path = head.uri.path().to_owned();
    let limit = if control::is_control(&path) {
        CONTROL_BODY_BYTES_MAX
    } else {
        BODY_BYTES_MAX
    };
    let (mut body, mut body_bytes) = (Vec::new(), 0usize);
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut incoming).poll_frame(cx)).await
    {
        let data = frame.map_err(|_| Cut)?.into_data().unwrap_or_default();
        body_bytes += data.len();
        if body_bytes <= limit {
            body.extend_from_slice(&data);
        }
        if body_bytes > CONTROL_BODY_BYTES_MAX {
            return Err(Cut);
        }
    }
    let authorization = head
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Ok(Request {
        method: head.method.to_string(),
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: authorization.to_owned(),
        body: body.into(),
        body_bytes,
    })
}

fn response(reply: Reply, truncate: Option<usize>) -> Response<Payload> {
    let mut response = Response::new(Payload::new(reply.body, truncate));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
