//! Limits that hold for all nodes together, kept by each keeping its part.

use std::sync::Arc;

use updraft_kernel::ports::{
    DebugHow, Debugging, FunctionSpec, Invocation, Provisioned, RunOutcome, RunnerPort, RunnerRefusal, Streamed,
};
use updraft_kernel::{AccountId, BoxFuture, Region};
use updraft_nodes::Nodes;

/// Runs functions within this node's part of their reserved concurrency. Each node has at least one instance, so that
/// a function whose limit is smaller than the number of nodes may have one on each.
#[derive(Debug)]
pub(crate) struct SharedRunner {
    pub(crate) inner: Arc<dyn RunnerPort>,
    pub(crate) nodes: Nodes,
}

impl SharedRunner {
    /// The function, with this node's part of its limit.
    fn part(&self, spec: &Arc<FunctionSpec>) -> Arc<FunctionSpec> {
        let part = spec.max_instances.map(|all| self.nodes.share(all));
        if part == spec.max_instances {
            return Arc::clone(spec);
        }
        Arc::new(FunctionSpec { max_instances: part, ..FunctionSpec::clone(spec) })
    }
}

impl RunnerPort for SharedRunner {
    fn run<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>> {
        Box::pin(async move { self.inner.run(&self.part(spec), call).await })
    }

    fn stream<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<Streamed, RunnerRefusal>> {
        Box::pin(async move { self.inner.stream(&self.part(spec), call).await })
    }

    fn expect(&self, spec: &Arc<FunctionSpec>) {
        self.inner.expect(spec);
    }

    /// Each node starts its part.
    fn provision(&self, spec: &Arc<FunctionSpec>, count: u32) {
        let part = if count == 0 { 0 } else { self.nodes.share(count) };
        self.inner.provision(&self.part(spec), part);
    }

    fn provisioned(&self, spec: &FunctionSpec) -> Provisioned {
        self.inner.provisioned(spec)
    }

    /// On this node alone: debuggers come over its loopback.
    fn debug<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        how: DebugHow,
    ) -> BoxFuture<'a, Result<Debugging, RunnerRefusal>> {
        self.inner.debug(spec, how)
    }

    fn retire<'a>(&'a self, account: &'a AccountId, region: &'a Region, name: &'a str) -> BoxFuture<'a, ()> {
        self.inner.retire(account, region, name)
    }

    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal> {
        self.inner.check_code(zip)
    }
}
