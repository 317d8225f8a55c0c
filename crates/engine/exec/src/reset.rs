//! AWS: when a call times out or the runtime ends under it, the environment is reset, and kept. All of its processes end;
//! its `/tmp` and its log stream are there for the next call, which starts the runtime anew within its own time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use updraft_sandbox::Remains;

use crate::logs::instance::InstanceLog;

/// What an instance leaves, as soon as nobody is left in it.
pub(crate) type Left = oneshot::Receiver<Option<Remains>>;
pub(crate) type Leave = oneshot::Sender<Option<Remains>>;

/// An environment without an instance.
#[derive(Debug)]
pub(crate) struct Reset {
    pub(crate) log: Arc<InstanceLog>,
    /// The log's name.
    pub(crate) stream: String,
    pub(crate) left: Left,
    /// Monotonic.
    pub(crate) since: Duration,
}

/// One in which a runtime is to be started, for the first time or again.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) log: Arc<InstanceLog>,
    pub(crate) stream: String,
    /// There was one before.
    pub(crate) remains: Option<Remains>,
}

impl Reset {
    /// `None`: nothing could be kept.
    pub(crate) async fn settled(self) -> Option<Environment> {
        let Self { log, stream, left, .. } = self;
        let remains = left.await.ok().flatten()?;
        Some(Environment { log, stream, remains: Some(remains) })
    }
}
