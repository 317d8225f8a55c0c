//! The seam to the host's network: the relays open no socket by themselves.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use updraft_kernel::BoxFuture;

/// Where relayed connections go on.
pub trait Outside: Debug + Send + Sync + 'static {
    /// A connection to this very address. Whether it may be reached was judged before.
    fn connect(&self, to: SocketAddr) -> BoxFuture<'static, io::Result<TcpStream>>;

    /// Listens on this machine's loopback, and nowhere else. Must be called within a tokio runtime.
    fn listen(&self, port: u16) -> io::Result<TcpListener>;
}
