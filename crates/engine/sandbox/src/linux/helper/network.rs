//! The sandbox's own network: loopback, and listeners on it that the supervisor keeps.

use std::net::{Ipv4Addr, TcpListener};

use super::{Failure, Step};
use crate::linux::sys::socket;

/// Must run in the new network namespace: sockets belong to the namespace in which they were made.
pub(super) fn set_up(ports: &[u16]) -> Result<Vec<TcpListener>, Failure> {
    socket::loopback_up().step("bring the loopback interface up")?;
    ports
        .iter()
        .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).step(format!("listen on port {port}")))
        .collect()
}
