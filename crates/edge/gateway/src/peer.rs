//! Where a request came from.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::uploads::Uploads;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub ip: IpAddr,
    pub origin: Origin,
    /// Where there is a limit to what is held of the peer's requests.
    pub uploads: Option<Arc<Uploads>>,
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
        Self { ip, origin, uploads: None }
    }

    /// A function's connection: its address is the sandbox's own loopback. `uploads` are its instance's.
    #[must_use]
    pub fn function(ip: IpAddr, uploads: Arc<Uploads>) -> Self {
        Self { ip, origin: Origin::Function, uploads: Some(uploads) }
    }
}
