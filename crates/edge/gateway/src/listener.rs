//! Connections: accepted, served over HTTP/1.1 or HTTP/2 with prior knowledge, drained at shutdown.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use http::header::{CONNECTION, EXPECT};
use http::{HeaderValue, Version};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use updraft_kernel::{Clock, Shutdown, Tasks, settled};

use crate::Gateway;
use crate::peer::Peer;

/// Real time within which a client must have sent its request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// What a connection reads at once at most, and holds of what it has to write. A head must fit in it.
const BUFFER: usize = 128 << 10;
/// How long a connection is still served when the platform stops, each answer saying that it is the last: the client
/// may be sending its next request at this moment, and closing under it would leave it without an answer.
const LINGER: Duration = Duration::from_millis(250);
/// How long a drained connection may take to finish what it is doing.
const DRAIN: Duration = Duration::from_secs(25);

/// Accepts until shutdown is asked for, and then what was waiting for it already.
pub async fn serve(gateway: Arc<Gateway>, listener: TcpListener, tasks: Tasks) {
    let mut shutdown = tasks.shutdown();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.requested() => break,
        };
        match accepted {
            Ok((stream, from)) => begin(&gateway, stream, from, &tasks),
            Err(err) => refused(&gateway, &err).await,
        }
    }
    // Established as far as their clients know, who may have sent a request: closing now would reset them.
    while let Some(Ok((stream, from))) = listener.accept().now_or_never() {
        begin(&gateway, stream, from, &tasks);
    }
}

fn begin(gateway: &Arc<Gateway>, stream: TcpStream, from: SocketAddr, tasks: &Tasks) {
    send_at_once(&stream);
    let work = connection(Arc::clone(gateway), stream, Peer::network(from), tasks.shutdown());
    tasks.spawn("connection", work);
}

/// Out of descriptors, most likely: wait a little instead of spinning.
async fn refused(gateway: &Gateway, err: &io::Error) {
    tracing::warn!(error = %err, "a connection could not be accepted");
    gateway.clock().pause(Duration::from_millis(50)).await;
}

/// What a connection is made of.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for T {}

/// An answer is written in one go: holding parts of it back would only delay it.
pub fn send_at_once(stream: &TcpStream) {
    if let Err(err) = stream.set_nodelay(true) {
        tracing::debug!(error = %err, "TCP_NODELAY could not be set");
    }
}

/// Serves one connection until its client closes it or the platform stops.
pub async fn connection(gateway: Arc<Gateway>, stream: impl Stream, peer: Peer, shutdown: Shutdown) {
    settled(converse(gateway, stream, peer, shutdown)).await;
}

async fn converse(gateway: Arc<Gateway>, stream: impl Stream, peer: Peer, mut shutdown: Shutdown) {
    let clock = gateway.clock();
    let stopping = shutdown.clone();
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        let (gateway, peer, stopping) = (Arc::clone(&gateway), peer.clone(), stopping.clone());
        // Whoever lets a client wait doesn't let the platform wait for that. And whoever wanted to be asked for its body
        // and wasn't is told not to use the connection again: hyper asks for no empty body, and the AWS CLI then takes
        // the next answer on it for the rest of this one.
        request.extensions_mut().insert(stopping.clone());
        async move {
            let takes_hints = request.version() < Version::HTTP_2;
            let asks = takes_hints && request.headers().contains_key(EXPECT);
            let empty = request.body().is_end_stream();
            let mut response = gateway.handle(&peer, request).await;
            let unasked = asks && (empty || !response.status().is_success());
            if takes_hints && (unasked || stopping.is_requested()) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let builder = builder();
    let served = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let outcome = tokio::select! {
        outcome = &mut served => outcome,
        () = time_to_close(&mut shutdown, &*clock) => {
            served.as_mut().graceful_shutdown();
            tokio::select! {
                outcome = &mut served => outcome,
                () = drained(&*clock) => Ok(()),
            }
        }
    };
    if let Err(err) = outcome {
        tracing::debug!(error = %err, "a connection ended badly");
    }
}

async fn time_to_close(shutdown: &mut Shutdown, clock: &dyn Clock) {
    shutdown.requested().await;
    clock.pause(LINGER).await;
}

async fn drained(clock: &dyn Clock) {
    clock.pause(DRAIN).await;
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).half_close(true).max_buf_size(BUFFER);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(256);
    builder
}

/// Binds, and says what to do where that fails.
///
/// # Errors
/// If the address is taken or not ours.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|err| {
        let hint = match err.kind() {
            io::ErrorKind::AddrInUse => "another program listens there; stop it or choose another with --listen",
            io::ErrorKind::PermissionDenied => "ports below 1024 need more rights; choose another with --listen",
            io::ErrorKind::AddrNotAvailable => "this machine has no such address; choose another with --listen",
            _ => "choose another with --listen",
        };
        io::Error::new(err.kind(), format!("can't listen on {address}: {hint} ({err})"))
    })
}
