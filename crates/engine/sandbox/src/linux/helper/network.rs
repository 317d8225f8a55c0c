//! The sandbox's own network: loopback, listeners on it that the supervisor keeps, and a tunnel of which it keeps the
//! other end.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use super::{Failure, Step};
use crate::linux::sys::{socket, tunnel};
use crate::{SandboxSpec, TunnelSpec};

/// What programs expect the way out to be called.
const INTERFACE: &str = "eth0";
/// Else the kernel would make up an address for the link, and look for routers there, for ever.
const NO_OWN_ADDRESSES: (&str, &str) = ("/proc/sys/net/ipv6/conf/eth0/addr_gen_mode", "1");

/// What the supervisor keeps.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) tunnel: Option<OwnedFd>,
}

/// Must run in the new network namespace: sockets belong to the namespace in which they were made.
pub(super) fn set_up(spec: &SandboxSpec) -> Result<Ends, Failure> {
    socket::loopback_up().step("bring the loopback interface up")?;
    let listeners = spec.listeners.iter().map(listen).collect::<Result<_, _>>()?;
    let tunnel = spec.tunnel.as_ref().map(dig).transpose()?;
    Ok(Ends { listeners, tunnel })
}

fn listen(at: &SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(at).step(format!("listen on {at}"))
}

fn dig(spec: &TunnelSpec) -> Result<OwnedFd, Failure> {
    let end = tunnel::open(INTERFACE).step("make the tunnel")?;
    let sized = tunnel::set_mtu(INTERFACE, spec.mtu);
    sized.and_then(|()| tunnel::set_up(INTERFACE, spec.address)).step("open the tunnel")?;
    if version_6().step("set the tunnel up")?
        && let Some(address) = spec.address_6
    {
        tunnel::set_up_6(INTERFACE, address).step("open the tunnel to version 6")?;
    }
    Ok(end)
}

/// Whether this host has version 6.
#[expect(clippy::disallowed_methods, reason = "interfaces are configured by files of /proc, of the own namespace")]
fn version_6() -> io::Result<bool> {
    let (path, value) = NO_OWN_ADDRESSES;
    match std::fs::write(path, value) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
        written => written.map(|()| true),
    }
}
