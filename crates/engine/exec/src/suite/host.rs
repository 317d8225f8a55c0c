//! A host that has as much memory as a test says.

use std::sync::Arc;

use parking_lot::Mutex;
use updraft_sandbox::{
    Command, HostMemory, Occupant, ProcessBackend, Remains, Report, Sandbox, SandboxBackend, SandboxError, SandboxSpec,
    TunnelSpec, Zygote,
};

use crate::BoxFuture;

/// In MB; at first it doesn't say what it has.
#[derive(Debug, Default)]
pub(super) struct HostOfTests(Mutex<Option<u64>>);

impl HostOfTests {
    pub(super) fn has(&self, available: u64) {
        *self.0.lock() = Some(available);
    }
}

/// Real sandboxes on it.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) inner: ProcessBackend,
    pub(super) host: Arc<HostOfTests>,
}

impl SandboxBackend for Observed {
    fn probe(&self) -> BoxFuture<'_, Report> {
        self.inner.probe()
    }
    fn memory(&self) -> Option<HostMemory> {
        self.host.0.lock().map(|available| HostMemory { total: 1 << 40, available: available << 20 })
    }
    fn probe_tunnel(&self, tunnel: TunnelSpec) -> BoxFuture<'_, Option<String>> {
        self.inner.probe_tunnel(tunnel)
    }
    fn build(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        self.inner.build(spec)
    }
    fn prepare(&self, spec: SandboxSpec, occupant: Occupant) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        self.inner.prepare(spec, occupant)
    }
    fn inherit(
        &self,
        spec: SandboxSpec,
        occupant: Occupant,
        remains: Remains,
    ) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        self.inner.inherit(spec, occupant, remains)
    }
    fn zygote(&self, spec: SandboxSpec, command: Command) -> BoxFuture<'_, Result<Zygote, SandboxError>> {
        self.inner.zygote(spec, command)
    }
    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}
