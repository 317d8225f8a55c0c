//! Where a function's own AWS calls go.

use std::fmt;

use tokio::net::TcpStream;
use updraft_kernel::ports::FunctionSpec;
use updraft_kernel::{AccountId, Region};

/// Which function a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    pub account: AccountId,
    pub region: Region,
    pub function: String,
    pub version: String,
}

impl PeerInfo {
    pub(crate) fn of(spec: &FunctionSpec) -> Self {
        Self {
            account: spec.account.clone(),
            region: spec.region.clone(),
            function: spec.name.clone(),
            version: spec.version.clone(),
        }
    }
}

/// Takes the connections that functions open to the platform's API. Must not block.
pub trait ConnectionSink: Send + Sync + fmt::Debug {
    fn connected(&self, stream: TcpStream, peer: PeerInfo);
}

/// Hangs up: for platforms without an API to call.
#[derive(Clone, Copy, Debug)]
pub struct NoEndpoint;

impl ConnectionSink for NoEndpoint {
    fn connected(&self, stream: TcpStream, _peer: PeerInfo) {
        drop(stream);
    }
}
