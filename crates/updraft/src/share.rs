//! Limits that hold for all nodes together, kept by each keeping its part.

use std::sync::Arc;

use updraft_kernel::ports::{FunctionSpec, Invocation, RunOutcome, RunnerPort, RunnerRefusal};
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
    async fn run(&self, spec: &FunctionSpec, call: Invocation) -> Result<RunOutcome, RunnerRefusal> {
        let part = spec.max_instances.map(|all| self.nodes.share(all));
        if part == spec.max_instances {
            return self.inner.run(spec, call).await;
        }
        self.inner.run(&FunctionSpec { max_instances: part, ..spec.clone() }, call).await
    }
}

impl RunnerPort for SharedRunner {
    fn run<'a>(&'a self, spec: &'a FunctionSpec, call: Invocation) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>> {
        Box::pin(self.run(spec, call))
    }

    fn retire<'a>(&'a self, account: &'a AccountId, region: &'a Region, name: &'a str) -> BoxFuture<'a, ()> {
        self.inner.retire(account, region, name)
    }

    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal> {
        self.inner.check_code(zip)
    }
}
