//! Accepting the connections that come from inside one sandbox.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use updraft_kernel::settled;

use super::route;
use crate::instance::Instance;
use crate::sink::Place;

/// Runtimes keep one connection, some open one per request; more is a flood.
const CONNECTIONS: usize = 64;

/// Hears when the instance has ended.
pub(crate) type Ended = watch::Receiver<bool>;

/// Completes when the instance has ended.
pub(crate) async fn ended(mut rx: Ended) {
    // A dropped sender is an ended instance, too.
    drop(rx.wait_for(|over| *over).await);
}

/// Accepts until the instance ends, and hands each connection to `with`. No more than `most` are open at a time, each as
/// long as its place is kept: further ones wait in the kernel, where they cost the platform no descriptor.
pub(crate) async fn accept(listener: TcpListener, rx: Ended, most: usize, mut with: impl FnMut(TcpStream, Place)) {
    let places = Arc::new(Semaphore::new(most));
    let over = ended(rx);
    tokio::pin!(over);
    loop {
        let next = async {
            // Nobody closes this semaphore.
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, _)| (stream, Place::new(place)))
        };
        let accepted = tokio::select! {
            () = &mut over => return,
            accepted = next => accepted,
        };
        match accepted {
            Ok((stream, place)) => with(stream, place),
            Err(error) => {
                tracing::warn!(%error, "a sandbox's connection could not be accepted");
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Serves the Runtime API, and those of extensions, until the instance ends.
pub(crate) async fn serve(listener: TcpListener, instance: Arc<Instance>) {
    accept(listener, instance.ended(), CONNECTIONS, |stream, place| {
        let work = settled(connection(stream, Arc::clone(&instance)));
        instance.host.tasks.spawn("runtime api connection", async move {
            work.await;
            drop(place);
        });
    })
    .await;
}

async fn connection(stream: TcpStream, instance: Arc<Instance>) {
    let rx = instance.ended();
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before it was served");
        return;
    }
    let service = service_fn(move |request| {
        let instance = Arc::clone(&instance);
        async move { Ok::<_, Infallible>(route::handle(instance, request).await) }
    });
    // AWS: header names are sent as documented, which shell bootstraps depend on.
    let serving = http1::Builder::new()
        .keep_alive(true)
        .pipeline_flush(true)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = ended(rx) => {}
        served = serving => if let Err(error) = served {
            tracing::debug!(%error, "a runtime's connection broke off");
        },
    }
}
