//! The service's parts.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Notify;
use updraft_blob::Blobs;
use updraft_delivery::Outbox;
use updraft_kernel::ports::{EventTargets, MetricsPort, ObjectsPort, RunnerPort};
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

use crate::background::{ASYNC_INVOCATIONS, AsyncInvocations, Letters, OUTGOING};
use crate::durable;
use crate::mappings::Sources;
use crate::prepared::Cache;

/// What the service is built of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub blobs: Arc<dyn Blobs>,
    pub runner: Arc<dyn RunnerPort>,
    pub metrics: Arc<dyn MetricsPort>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub outbox: Outbox,
    /// Who takes events; functions among them, see [`Lambda::event_target`].
    pub targets: EventTargets,
    pub timers: Timers,
    /// Where code may lie.
    pub objects: Arc<dyn ObjectsPort>,
    /// The ARNs of the access points of file systems that there are.
    pub file_systems: BTreeSet<String>,
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
    pub(crate) metrics: Arc<dyn MetricsPort>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) outbox: Outbox,
    pub(crate) targets: EventTargets,
    pub(crate) timers: Timers,
    pub(crate) objects: Arc<dyn ObjectsPort>,
    pub(crate) file_systems: BTreeSet<String>,
    pub(crate) settings: Settings,
    pub(crate) prepared: Cache,
    pub(crate) sources: Sources,
    /// Told when instances were ended that may have to be there.
    pub(crate) again: Notify,
}

impl Lambda {
    /// Registers itself with the outbox for what it calls and sends by itself, and with the timers, so: before they
    /// start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, blobs, runner, metrics, clock, rng, outbox, .. } = parts;
        let Parts { targets, timers, objects, file_systems, settings, .. } = parts;
        let service = Arc::new(Self {
            store,
            blobs,
            runner,
            metrics,
            clock,
            rng,
            outbox,
            targets,
            timers,
            objects,
            file_systems,
            settings,
            prepared: Cache::default(),
            sources: Sources::default(),
            again: Notify::new(),
        });
        let myself = || Arc::downgrade(&service);
        service.outbox.register(ASYNC_INVOCATIONS, Arc::new(AsyncInvocations(myself())));
        service.outbox.register(OUTGOING, Arc::new(Letters(myself())));
        service.outbox.register(durable::INVOCATIONS, Arc::new(durable::Invocations(myself())));
        service.outbox.register(durable::CHAINED, Arc::new(durable::ChainedCalls(myself())));
        service.outbox.register(durable::DELETIONS, Arc::new(durable::Deletions(myself())));
        service.timers.register(durable::OWNER, Arc::new(durable::Wakes(myself())));
        service
    }
}
