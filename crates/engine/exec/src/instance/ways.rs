//! Ways out of an instance's network, beyond the platform itself: as far as the policy goes.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use updraft_kernel::Tasks;
use updraft_network::Network;
use updraft_sandbox::SandboxSpec;

use super::Instance;
use crate::api::server::{Ended, accept, ended};
use crate::exec::Engine;

/// How many connections one instance may have open over all of its ways.
const CONNECTIONS: usize = 256;

/// Makes room for them in a sandbox to be built, after the platform's own listeners.
pub(crate) fn fit(network: &Network, spec: &mut SandboxSpec) {
    spec.listeners.extend(network.listeners());
    spec.add_to_file("/etc/hosts", network.hosts().as_bytes());
}

/// Relays what comes out of them until the instance ends.
pub(super) fn attend(instance: &Instance, ways: Vec<TcpListener>, engine: &Engine) {
    let (network, tasks) = (&engine.network, &engine.tasks);
    let to = network.listeners();
    let most = CONNECTIONS / to.len().max(1);
    for (listener, to) in ways.into_iter().zip(to) {
        let way = Way { network: Arc::clone(network), to, rx: instance.ended(), tasks: tasks.clone() };
        tasks.spawn("function's way out", way.follow(listener, most));
    }
}

struct Way {
    network: Arc<Network>,
    to: SocketAddr,
    rx: Ended,
    tasks: Tasks,
}

impl Way {
    async fn follow(self, listener: TcpListener, most: usize) {
        accept(listener, self.rx.clone(), most, |stream, place| {
            let (network, to, rx) = (Arc::clone(&self.network), self.to, self.rx.clone());
            self.tasks.spawn("function's connection to the host", async move {
                tokio::select! {
                    () = ended(rx) => {}
                    () = network.carry(stream, to) => {}
                }
                drop(place);
            });
        })
        .await;
    }
}
