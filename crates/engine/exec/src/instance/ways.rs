//! Ways out of an instance's network, beyond the platform itself: as far as the policy goes.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tracing::Instrument;
use updraft_kernel::Tasks;
use updraft_network::{Inside, Interface, Link, Network};
use updraft_sandbox::{SandboxError, SandboxSpec, Tunnel, TunnelSpec};

use super::Instance;
use crate::api::server::{Ended, accept, ended};
use crate::exec::Engine;

/// How many connections one instance may have open over all of its ways.
const CONNECTIONS: usize = 256;

/// SDKs put this before the name of AWS's endpoint for calls whose answer is waited for, even where that is an address.
const PREFIXED: &[u8] = b"127.0.0.1 sync-127.0.0.1\n";

/// Makes room for them in a sandbox to be built, after the platform's own listeners.
///
/// # Errors
/// If the sandbox is to have a tunnel, and can't.
pub(crate) async fn fit(engine: &Engine, spec: &mut SandboxSpec) -> Result<(), SandboxError> {
    spec.listeners.extend(engine.network.listeners());
    spec.add_to_file("/etc/hosts", PREFIXED);
    spec.add_to_file("/etc/hosts", engine.network.hosts().as_bytes());
    let Some(Inside { interface, resolv_conf }) = engine.network.tunnel() else { return Ok(()) };
    let tunnel = tunnel_spec(interface);
    match engine.backend.probe_tunnel(tunnel).await {
        None => {
            spec.tunnel = Some(tunnel);
            spec.set_file("/etc/resolv.conf", resolv_conf.into_bytes());
            Ok(())
        }
        Some(trouble) => Err(SandboxError::NoTunnel(trouble)),
    }
}

/// The tunnel that the policy asks of sandboxes.
#[must_use]
pub fn tunnel_spec(Interface { address, address_6, mtu }: Interface) -> TunnelSpec {
    TunnelSpec { address, address_6, mtu }
}

/// What comes out of an instance, and where.
pub(super) struct Ways {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) tunnel: Option<Tunnel>,
}

/// Relays what comes out of them until the instance ends.
pub(super) fn attend(instance: &Arc<Instance>, ways: Ways, engine: &Engine) {
    let (network, tasks) = (&engine.network, &engine.tasks);
    let to = network.listeners();
    let most = CONNECTIONS / to.len().max(1);
    for (listener, to) in ways.listeners.into_iter().zip(to) {
        let way = Way { network: Arc::clone(network), to, rx: instance.ended(), tasks: tasks.clone() };
        tasks.spawn("function's way out", way.follow(listener, most));
    }
    if let Some(tunnel) = ways.tunnel {
        let (network, instance) = (Arc::clone(network), Arc::clone(instance));
        let span = tracing::info_span!("tunnel", function = %instance.spec.name);
        let work = async move {
            tokio::select! {
                () = ended(instance.ended()) => {}
                () = while_running(&instance, network.serve(End(tunnel))) => {}
            }
        };
        tasks.spawn("function's tunnel", work.instrument(span));
    }
}

/// Lets something go on only while the instance isn't frozen: nothing that comes, and no timer, costs anything until then.
async fn while_running(instance: &Instance, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    loop {
        instance.running().await;
        let mut polled = false;
        let turn = poll_fn(|cx| match std::mem::replace(&mut polled, true) {
            true => Poll::Ready(false),
            false => work.as_mut().poll(cx).map(|()| true),
        });
        if turn.await {
            return;
        }
    }
}

/// The supervisor's end of a tunnel.
struct End(Tunnel);

impl Link for End {
    fn poll_recv(&self, cx: &mut Context<'_>, packet: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0.poll_recv(cx, packet)
    }

    fn send(&self, packet: &[u8]) {
        if let Err(error) = self.0.send(packet) {
            tracing::debug!(%error, "a packet was lost");
        }
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
