//! The seam to the host's network: the relays open no socket and read no setting by themselves.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use updraft_kernel::BoxFuture;

/// Where relayed connections go on.
pub trait Outside: Debug + Send + Sync + 'static {
    /// A connection to this very address. Who is reached was judged before.
    fn connect(&self, to: SocketAddr) -> BoxFuture<'static, io::Result<TcpStream>>;

    /// Listens on this machine's loopback, and nowhere else. Must be called within a tokio runtime.
    fn listen(&self, port: u16) -> io::Result<TcpListener>;

    /// A socket that sends datagrams to this address and hears from nobody else. Must be called within a tokio runtime.
    fn datagrams(&self, to: SocketAddr) -> io::Result<UdpSocket>;

    /// Every address that the host has now, with the network it is on.
    fn addresses(&self) -> io::Result<Vec<IpNet>>;

    /// How many descriptors the platform may have.
    fn descriptors(&self) -> usize;

    /// Who resolves names for the host, best first.
    fn nameservers(&self) -> io::Result<Vec<SocketAddr>>;
}
