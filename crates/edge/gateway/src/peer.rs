//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub ip: IpAddr,
    pub origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody on this machine.
    Loopback,
    /// Somebody elsewhere.
    Remote,
    /// A function in its sandbox: never allowed near the admin surface.
    Function,
}

impl Peer {
    #[must_use]
    pub fn network(from: SocketAddr) -> Self {
        let ip = from.ip().to_canonical();
        let origin = if ip.is_loopback() { Origin::Loopback } else { Origin::Remote };
        Self { ip, origin }
    }

    /// A function's connection: its address is the sandbox's own loopback.
    #[must_use]
    pub fn function(ip: IpAddr) -> Self {
        Self { ip, origin: Origin::Function }
    }
}
