//! How functions reach the platform: the connections their SDKs open inside the sandbox are served by the gateway.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;
use updraft_exec::{ConnectionSink, PeerInfo, Place};
use updraft_gateway::{Gateway, Peer, listener};
use updraft_kernel::Tasks;

/// The gateway needs the services, which need the engine, which needs this: so the gateway is filled in last.
pub(crate) struct Endpoint {
    gateway: OnceLock<Arc<Gateway>>,
    tasks: Tasks,
}

impl Endpoint {
    pub(crate) fn new(tasks: Tasks) -> Self {
        Self { gateway: OnceLock::new(), tasks }
    }

    /// Serves from here on. Only the first gateway counts; there is one.
    pub(crate) fn open(&self, gateway: &Arc<Gateway>) {
        self.gateway.get_or_init(|| Arc::clone(gateway));
    }
}

impl ConnectionSink for Endpoint {
    fn connected(&self, stream: TcpStream, _peer: PeerInfo, place: Place) {
        // No function runs before the first request, and no request comes before the gateway is there.
        let Some(gateway) = self.gateway.get() else { return };
        let peer = Peer::function(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let work = listener::connection(Arc::clone(gateway), stream, peer, self.tasks.shutdown());
        self.tasks.spawn("function connection", async move {
            work.await;
            drop(place);
        });
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}
