//! How functions reach the platform: the connections their SDKs open inside the sandbox are served by the gateway.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use updraft_exec::{ConnectionSink, PeerInfo, Place};
use updraft_gateway::listener::{self, Stream};
use updraft_gateway::{Gateway, Peer, Uploads};
use updraft_kernel::Tasks;

/// The gateway needs the services, which need the engine, which needs this: so the gateway is filled in last.
pub(crate) struct Endpoint {
    gateway: OnceLock<Arc<Gateway>>,
    tasks: Tasks,
    /// Of the instances that have connections.
    uploads: Mutex<HashMap<u64, Weak<Uploads>>>,
}

impl Endpoint {
    pub(crate) fn new(tasks: Tasks) -> Self {
        Self { gateway: OnceLock::new(), tasks, uploads: Mutex::default() }
    }

    /// What all connections of an instance have in common.
    fn uploads(&self, instance: u64) -> Arc<Uploads> {
        let mut known = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(uploads) = known.get(&instance).and_then(Weak::upgrade) {
            return uploads;
        }
        known.retain(|_, uploads| uploads.strong_count() > 0);
        let uploads = Arc::new(Uploads::default());
        known.insert(instance, Arc::downgrade(&uploads));
        uploads
    }

    /// Serves from here on. Only the first gateway counts; there is one.
    pub(crate) fn open(&self, gateway: &Arc<Gateway>) {
        self.gateway.get_or_init(|| Arc::clone(gateway));
    }
}

impl Endpoint {
    fn serve(&self, stream: impl Stream, peer: &PeerInfo, place: Place) {
        // No function runs before the first request, and no request comes before the gateway is there.
        let Some(gateway) = self.gateway.get() else { return };
        let peer = Peer::function(IpAddr::V4(Ipv4Addr::LOCALHOST), self.uploads(peer.instance));
        let work = listener::connection(Arc::clone(gateway), stream, peer, self.tasks.shutdown());
        self.tasks.spawn("function connection", async move {
            work.await;
            drop(place);
        });
    }
}

impl ConnectionSink for Endpoint {
    fn connected(&self, stream: TcpStream, peer: PeerInfo, place: Place) {
        listener::send_at_once(&stream);
        self.serve(stream, &peer, place);
    }

    fn connected_within(&self, stream: DuplexStream, peer: PeerInfo, place: Place) {
        self.serve(stream, &peer, place);
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").finish_non_exhaustive()
    }
}
