//! The accounts of a request: kept open until the last byte of its answer is out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::Span;
use updraft_kernel::Clock;

use crate::metrics::Metrics;

/// What a client that hung up is counted as, in the absence of any status it was told.
const GONE: u16 = 499;

/// What is written down of a request once it is over. Dropped before it was closed: its client has hung up.
pub(crate) struct Account {
    pub(crate) metrics: Metrics,
    pub(crate) clock: Arc<dyn Clock>,
    /// When the request came.
    pub(crate) from: Duration,
    pub(crate) span: Span,
    pub(crate) service: &'static str,
    /// `-` where the request never became an operation.
    pub(crate) operation: &'static str,
    pub(crate) closed: bool,
}

impl Account {
    /// Counts the request as one that was answered with this status; the first time only.
    pub(crate) fn close(&mut self, status: u16) {
        if !std::mem::replace(&mut self.closed, true) {
            let took = self.clock.monotonic().saturating_sub(self.from);
            self.metrics.observe(self.service, self.operation, status, took);
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.close(GONE);
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("operation", &self.operation).finish_non_exhaustive()
    }
}
