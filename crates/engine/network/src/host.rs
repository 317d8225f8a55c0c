//! The host's network as it is.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
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

    fn listen(&self, port: u16) -> io::Result<TcpListener> {
        let socket = TcpSocket::new_v4()?;
        // The same port again, a moment after its last connection.
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        socket.listen(128)
    }
}
