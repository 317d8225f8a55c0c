//! The service's parts.

use std::sync::Arc;

use updraft_blob::Blobs;
use updraft_delivery::Outbox;
use updraft_kernel::ports::RunnerPort;
use updraft_store::Store;

use crate::background::{ASYNC_INVOCATIONS, AsyncInvocations};

/// What the service is built of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub blobs: Arc<dyn Blobs>,
    pub runner: Arc<dyn RunnerPort>,
    pub outbox: Outbox,
    pub settings: Settings,
}

/// Choices of the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A service may call a function only if the function's resource policy lets it, as on AWS. Off until the
    /// platform enforces IAM.
    pub enforce_resource_policy: bool,
    /// The gateway serves [`Lambda::code_blob`] under `/_aws/lambda-code/{blob}`, so that `GetFunction` may answer
    /// a location.
    pub serves_code: bool,
}

/// The service.
#[derive(Debug)]
pub struct Lambda {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) runner: Arc<dyn RunnerPort>,
    pub(crate) outbox: Outbox,
    pub(crate) settings: Settings,
}

impl Lambda {
    /// Registers itself with the outbox for asynchronous invocations, so: before the outbox starts.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, blobs, runner, outbox, settings } = parts;
        let service = Arc::new(Self { store, blobs, runner, outbox, settings });
        let target = AsyncInvocations(Arc::downgrade(&service));
        service.outbox.register(ASYNC_INVOCATIONS, Arc::new(target));
        service
    }
}
