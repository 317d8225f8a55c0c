//! Where a function's own AWS calls go.

use std::fmt;

use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use updraft_kernel::ports::FunctionSpec;
use updraft_kernel::{AccountId, Region};

use crate::pool::InstanceId;

/// Which function a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    pub account: AccountId,
    pub region: Region,
    pub function: String,
    pub version: String,
    /// Which of the function's instances; never the same twice within a process.
    pub instance: u64,
}

impl PeerInfo {
    pub(crate) fn of(spec: &FunctionSpec, instance: InstanceId) -> Self {
        Self {
            account: spec.account.clone(),
            region: spec.region.clone(),
            function: spec.name.clone(),
            version: spec.version.clone(),
            instance: instance.0,
        }
    }
}

/// One of the connections that an instance may have open; given back when dropped.
#[derive(Debug)]
pub struct Place {
    _held: OwnedSemaphorePermit,
}

impl Place {
    pub(crate) fn new(held: OwnedSemaphorePermit) -> Self {
        Self { _held: held }
    }
}

/// Takes the connections that functions open to the platform's API. Must not block, and keeps each place as long as
/// its connection.
pub trait ConnectionSink: Send + Sync + fmt::Debug {
    fn connected(&self, stream: TcpStream, peer: PeerInfo, place: Place);
    /// The same from a function that runs within the platform's process.
    fn connected_within(&self, stream: DuplexStream, peer: PeerInfo, place: Place);
}

/// Hangs up: for platforms without an API to call.
#[derive(Clone, Copy, Debug)]
pub struct NoEndpoint;

impl ConnectionSink for NoEndpoint {
    fn connected(&self, stream: TcpStream, _peer: PeerInfo, _place: Place) {
        drop(stream);
    }

    fn connected_within(&self, stream: DuplexStream, _peer: PeerInfo, _place: Place) {
        drop(stream);
    }
}
