//! An empty request over a kept-alive connection to a server that does nothing.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

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
        runtime.spawn(accept(listener));
        Ok(Self { _runtime: runtime, address })
    }

    /// # Errors
    /// If a connection breaks.
    pub(crate) fn exchange(&self, connections: usize, count: usize) -> Result<Took> {
        let request = aws::plain("floor", "GET", "/", "");
        load::run(self.address, &Arc::new(vec![request; count]), connections)
    }
}

async fn accept(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // A client that goes away is the end of a measurement, not an error.
            stream.set_nodelay(true).ok();
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(nothing))
                .await
                .ok();
        });
    }
}

async fn nothing(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"{}"))))
}
