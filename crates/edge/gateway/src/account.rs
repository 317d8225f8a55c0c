//! The accounts of a request: kept open until the last byte of its answer is out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use tracing::Span;
use updraft_kernel::{AwsError, Clock};

use crate::access::Noted;
use crate::metrics::Metrics;
use crate::observe;

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
    /// Where it was for a bucket.
    pub(crate) noted: Option<Box<Noted>>,
    pub(crate) closed: bool,
}

impl Account {
    /// The request is answered with an error, or its answer breaks off with it.
    pub(crate) fn failed(&mut self, err: &AwsError) {
        observe::failed(&self.span, err);
        if let Some(noted) = &mut self.noted {
            noted.failed(err);
        }
    }

    /// The answer begins.
    pub(crate) fn answered(&mut self, headers: &HeaderMap) {
        if let Some(noted) = &mut self.noted {
            noted.answered(headers, self.clock.monotonic().saturating_sub(self.from));
        }
    }

    /// So many bytes of the answer are taken.
    pub(crate) fn sent(&mut self, bytes: usize) {
        if let Some(noted) = &mut self.noted {
            noted.sent(bytes);
        }
    }

    /// Counts the request as one that was answered with this status; the first time only.
    pub(crate) fn close(&mut self, status: u16) {
        if !std::mem::replace(&mut self.closed, true) {
            let took = self.clock.monotonic().saturating_sub(self.from);
            self.metrics.observe(self.service, self.operation, status, took);
            if let Some(noted) = self.noted.take() {
                noted.over(status, took);
            }
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
