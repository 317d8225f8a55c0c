//! Handing batches to a subscriber, in order, until the instance ends.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::hub::Piece;
use super::request::Destination;
use super::stream::{self, Stream};
use crate::api::server::ended;
use crate::instance::Instance;

/// The pause after the first attempt that fails.
const PAUSE: Duration = Duration::from_millis(50);

/// Hands out what comes, until the instance has ended.
pub(crate) async fn run(instance: Arc<Instance>, stream: Arc<Stream>) {
    tokio::select! {
        () = ended(instance.ended()) => {}
        () = hand_out(&instance, &stream) => {}
    }
}

async fn hand_out(instance: &Instance, stream: &Stream) {
    let mut line = Line::default();
    loop {
        let batch = stream.batch(&*instance.host.clock).await;
        let mut pause = PAUSE;
        // Nobody takes anything while everything stands still.
        instance.running().await;
        while let Err(error) = line.send(instance, &stream.subscription().to, &batch).await {
            tracing::debug!(%error, "telemetry could not be delivered yet");
            line = Line::default();
            instance.host.clock.pause(pause).await;
            pause = stream::after(pause);
            instance.running().await;
        }
    }
}

/// The connection to the subscriber, kept open.
#[derive(Debug, Default)]
enum Line {
    #[default]
    Closed,
    Http(SendRequest<Full<Bytes>>),
    Tcp(TcpStream),
}

impl Line {
    async fn send(&mut self, instance: &Instance, to: &Destination, batch: &[Piece]) -> io::Result<()> {
        if matches!(self, Self::Closed) {
            *self = connect(instance, to).await?;
        }
        match (self, to) {
            (Self::Http(sender), Destination::Http { port, path, put }) => {
                let method = if *put { Method::PUT } else { Method::POST };
                let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
                let request = request.header("host", format!("sandbox.localdomain:{port}"));
                post(sender, request.body(Full::new(array(batch))).map_err(io::Error::other)?).await
            }
            (Self::Tcp(stream), _) => stream.write_all(&lines(batch)).await,
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

async fn connect(instance: &Instance, to: &Destination) -> io::Result<Line> {
    let (Destination::Http { port, .. } | Destination::Tcp { port }) = to;
    let stream = instance.connect(*port).await?;
    if matches!(to, Destination::Tcp { .. }) {
        return Ok(Line::Tcp(stream));
    }
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let over = ended(instance.ended());
    instance.host.tasks.spawn("telemetry connection", async move {
        tokio::select! {
            // How it broke off is seen by who sends next.
            served = connection => drop(served),
            () = over => {}
        }
    });
    Ok(Line::Http(sender))
}

async fn post(sender: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> io::Result<()> {
    sender.ready().await.map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let status = response.status();
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        frame.map_err(io::Error::other)?;
    }
    if status.is_success() { Ok(()) } else { Err(io::Error::other(format!("the subscriber answered {status}"))) }
}

fn array(batch: &[Piece]) -> Bytes {
    let texts: Vec<&str> = batch.iter().map(|piece| &*piece.text).collect();
    Bytes::from(format!("[{}]", texts.join(",")))
}

fn lines(batch: &[Piece]) -> Vec<u8> {
    batch.iter().flat_map(|piece| [piece.text.as_bytes(), b"\n"]).flatten().copied().collect()
}
