//! Requests over kept-alive connections to a minimal hyper server: one that does nothing, and one that puts what it is
//! sent into the bare store.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Weak};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::store::BareStore;
use crate::aws;
use crate::load::{self, Took};

/// A minimal hyper server on threads of its own, for as long as it lives.
pub(crate) struct EmptyServer {
    // Dropped with the server: that ends its tasks.
    _runtime: tokio::runtime::Runtime,
    address: SocketAddr,
}

impl EmptyServer {
    /// # Errors
    /// If no port can be had.
    pub(crate) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        runtime.spawn(accept(listener, nothing));
        Ok(Self { _runtime: runtime, address })
    }

    /// # Errors
    /// If a connection breaks.
    pub(crate) fn exchange(&self, connections: usize, count: usize) -> Result<Took> {
        let request = aws::plain("floor", "GET", "/", "");
        load::run(self.address, &Arc::new(vec![request; count]), connections)
    }
}

/// The least that a durable call over HTTP can do: the body is read, put into the store, and acknowledged. Its clients
/// share the machine with it, so that this, and not what callers within one process reach, is what a service can reach.
pub(crate) struct StoringServer {
    address: SocketAddr,
}

impl StoringServer {
    /// It serves on the store's threads, for as long as the store is open.
    ///
    /// # Errors
    /// If no port can be had.
    pub(crate) fn start(store: &Arc<BareStore>) -> Result<Self> {
        let listener = store.runtime().block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let puts = Arc::downgrade(store);
        store.runtime().spawn(accept(listener, move |request| put(puts.clone(), request)));
        Ok(Self { address })
    }

    /// Bodies of so many bytes, by 32 connections; how many in a second.
    ///
    /// # Errors
    /// If a connection breaks or a put fails.
    pub(crate) fn put(&self, bytes: usize, count: usize) -> Result<f64> {
        let request = aws::plain("floor", "PUT", "/", &"x".repeat(bytes));
        Ok(load::run(self.address, &Arc::new(vec![request; count]), 32)?.rate())
    }
}

async fn accept<S, F, E>(listener: TcpListener, service: S)
where
    S: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<Full<Bytes>>, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let service = service_fn(service.clone());
        tokio::spawn(async move {
            // A client that goes away is the end of a measurement, not an error.
            stream.set_nodelay(true).ok();
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

async fn nothing(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"{}"))))
}

async fn put(store: Weak<BareStore>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    store.upgrade().context("the store is closed")?.put_next(body).await?;
    Ok(Response::new(Full::new(Bytes::from_static(b"{}"))))
}
