//! The host's network as it is.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use updraft_kernel::BoxFuture;

use crate::outside::Outside;

/// See [`Outside`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Outside for Host {
    fn connect(&self, to: SocketAddr) -> BoxFuture<'static, io::Result<TcpStream>> {
        Box::pin(async move {
            let stream = TcpStream::connect(to).await?;
            // Whoever sent what is relayed has decided when to send it.
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }
}
