//! What a program of the platform's own process lives by: its function, its calls, its log, its network.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use updraft_kernel::ports::FunctionSpec;
use updraft_kernel::{Clock, Rng, UnixMillis};
use updraft_network::Network;

use super::quarters::Meter;
use crate::api::call::Call;
use crate::api::session::{Answering, Finished};
use crate::env::{AWS_PORT, inside};
use crate::failure::{RESPONSE_LIMIT, STREAM_LIMIT};
use crate::instance::Instance;
use crate::logs::book::Source;
use crate::runtime::Unpacked;
use crate::sink::{ConnectionSink, PeerInfo, Place};

/// How many connections one instance may have open.
pub(crate) const CONNECTIONS: usize = 64;
/// How much may be on its way from one end of a connection within the process to the other, in bytes.
const ON_ITS_WAY: usize = 64 << 10;
/// The state that an answer leads to, as AWS's refusals name it.
const RESPONSE: &str = "InvocationResponse";

/// A connection.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Which of its two ways a program prints on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    Out,
    Err,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Work(Arc<Call>);

impl Work {
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.id
    }

    #[must_use]
    pub fn payload(&self) -> Bytes {
        self.0.invocation.payload.clone()
    }

    #[must_use]
    pub fn invoked_arn(&self) -> &str {
        &self.0.invocation.invoked_arn
    }

    #[must_use]
    pub fn client_context(&self) -> Option<&str> {
        self.0.invocation.client_context.as_deref()
    }

    #[must_use]
    pub fn trace(&self) -> String {
        self.0.trace()
    }
}

/// See the module.
#[derive(Debug)]
pub struct Life {
    pub(crate) instance: Arc<Instance>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) files: Unpacked,
    pub(crate) endpoint: Arc<dyn ConnectionSink>,
    pub(crate) network: Arc<Network>,
    pub(crate) places: Arc<Semaphore>,
    pub(crate) meter: Arc<Meter>,
}

impl Life {
    #[must_use]
    pub fn spec(&self) -> &Arc<FunctionSpec> {
        &self.instance.spec
    }

    /// The whole environment.
    #[must_use]
    pub fn env(&self) -> &[(String, String)] {
        &self.env
    }

    #[must_use]
    pub fn files(&self) -> &Unpacked {
        &self.files
    }

    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.instance.host.clock
    }

    #[must_use]
    pub fn rng(&self) -> &Arc<dyn Rng> {
        &self.instance.host.rng
    }

    /// Its share of the processor right now, in thousandths of a core. `None`: as much as there is.
    #[must_use]
    pub fn cpu_millis(&self) -> Option<u32> {
        Some(self.meter.cpu_millis.load(Ordering::Relaxed)).filter(|millis| *millis > 0)
    }

    /// It uses so much memory now, in bytes.
    pub fn uses(&self, bytes: u64) {
        self.meter.peak.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Into the function's log.
    pub fn print(&self, way: Printed, bytes: &[u8]) {
        let source = match way {
            Printed::Out => Source::Out,
            Printed::Err => Source::Err,
        };
        self.instance.log.print(source, bytes);
    }

    /// The next call. The first question tells that the start is over. `None`: there won't be any.
    pub async fn next(&self) -> Option<Work> {
        let waiting = self.instance.session.next().ok()?;
        waiting.await.ok().map(Work)
    }

    /// By when a call must be answered, on the clock that the platform shows to functions.
    #[must_use]
    pub fn deadline(&self, work: &Work) -> UnixMillis {
        let clock = self.clock();
        clock.now().plus(work.0.deadline.since(clock.real_now()))
    }

    /// The call's answer, or the error that it came to, as JSON. Only the first one counts.
    pub fn answer(&self, work: &Work, answer: Result<Bytes, Bytes>) {
        let finished = match answer {
            Ok(body) | Err(body) if body.len() > RESPONSE_LIMIT => Finished::TooLarge(RESPONSE_LIMIT),
            Ok(body) => Finished::Response(body),
            Err(error) => Finished::Error(error),
        };
        self.finish(work, finished);
    }

    /// The call's answer is larger than answers may be.
    pub fn too_large(&self, work: &Work) {
        self.finish(work, Finished::TooLarge(RESPONSE_LIMIT));
    }

    fn finish(&self, work: &Work, finished: Finished) {
        if let Err(refusal) = self.instance.session.finish(&work.0.id, RESPONSE, finished) {
            tracing::debug!(?refusal, "an answer came too late");
        }
    }

    /// It can't start, and why: the error's type and the whole error as JSON. Instead of [`Self::next`].
    pub fn failed_to_start(&self, kind: &str, payload: Bytes) {
        if let Err(refusal) = self.instance.session.init_failed(kind.to_owned(), payload) {
            tracing::debug!(?refusal, "a start that is over can't fail any more");
        }
    }

    /// Begins an answer that is sent piece by piece. `None`: the caller wants it as a whole.
    #[must_use]
    pub fn begin(&self, work: &Work, content_type: &str) -> Option<Pieces> {
        let call = &work.0;
        if !call.early.is_wanted() {
            return None;
        }
        let answering = self.instance.session.start(&call.id, RESPONSE).ok()?;
        let to = call.early.begin(content_type.to_owned())?;
        Some(Pieces { answering: Some(answering), to: Some(to), size: 0 })
    }

    /// Opens a connection, as far as the function's network goes.
    ///
    /// # Errors
    /// `PermissionDenied` where it doesn't go, and what the system says.
    pub async fn connect(&self, host: &str, port: u16) -> io::Result<Box<dyn Wire>> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        let local = host == "localhost" || host.parse() == Ok(inside(AWS_PORT).ip());
        if local && port == AWS_PORT {
            let (near, far): (DuplexStream, DuplexStream) = tokio::io::duplex(ON_ITS_WAY);
            let peer = PeerInfo::of(&self.instance.spec, self.instance.id);
            self.endpoint.connected_within(far, peer, Place::new(place));
            return Ok(Box::new(near));
        }
        let stream = self.network.connect(host, port).await?;
        Ok(Box::new(Held { stream, _place: Place::new(place) }))
    }
}

/// An answer on its way, piece by piece. Dropped before its end, it has broken off.
#[derive(Debug)]
pub struct Pieces {
    answering: Option<Answering>,
    to: Option<mpsc::Sender<Bytes>>,
    size: usize,
}

impl Pieces {
    /// Waits while the caller is slower. A caller that has hung up makes no difference.
    pub async fn send(&mut self, piece: Bytes) {
        self.size += piece.len();
        self.to = self.to.take().filter(|_| self.size <= STREAM_LIMIT);
        if let Some(to) = &self.to
            && to.send(piece).await.is_err()
        {
            self.to = None;
        }
    }

    /// That was all of it.
    pub fn end(mut self) {
        let finished =
            if self.size > STREAM_LIMIT { Finished::TooLarge(STREAM_LIMIT) } else { Finished::Streamed(None) };
        self.close(finished);
    }

    fn close(&mut self, finished: Finished) {
        self.to = None;
        if let Some(answering) = self.answering.take() {
            answering.end(finished);
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.close(Finished::Broken);
    }
}

/// A connection with its place.
struct Held {
    stream: TcpStream,
    _place: Place,
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
