//! What this process knows of runs under way: all of it can be read again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Mutex as Turnstile, MutexGuard};
use updraft_kernel::AwsError;
use updraft_store::StoreExt;

use super::Kept;
use super::feed::Feed;
use crate::StepFunctions;
use crate::model::map_run::Cursor;
use crate::model::name::MapRunId;

/// A run's.
#[derive(Debug, Default)]
pub(super) struct Desk {
    papers: Turnstile<Papers>,
    again: AtomicBool,
}

/// Who has them moves the run on.
#[derive(Debug, Default)]
pub(super) struct Papers {
    kept: Option<Arc<Kept>>,
    feed: Option<Feed>,
}

impl Desk {
    /// Something has happened.
    pub(super) fn look_again(&self) {
        self.again.store(true, Ordering::SeqCst);
    }

    /// Whether something has happened since this was last asked.
    pub(super) fn is_to_look(&self) -> bool {
        self.again.swap(false, Ordering::SeqCst)
    }

    pub(super) fn is_left_to_look(&self) -> bool {
        self.again.load(Ordering::SeqCst)
    }

    /// `None`: somebody is at it, and looks again.
    pub(super) fn papers(&self) -> Option<MutexGuard<'_, Papers>> {
        self.papers.try_lock().ok()
    }
}

impl Papers {
    pub(super) async fn kept(&mut self, svc: &StepFunctions, run: &MapRunId) -> Result<Arc<Kept>, AwsError> {
        if let Some(kept) = &self.kept {
            return Ok(Arc::clone(kept));
        }
        let kept = Arc::new(Kept::read(&mut svc.parts.store.read().await?, run).await?);
        self.kept = Some(Arc::clone(&kept));
        Ok(kept)
    }

    /// What has been read and not been used, from there on.
    pub(super) fn feed(&mut self, at: &Cursor) -> &mut Feed {
        if self.feed.as_ref().is_none_or(|feed| !feed.is_at(at)) {
            self.feed = None;
        }
        self.feed.get_or_insert_with(|| Feed::new(at.clone()))
    }
}

/// By the run's ARN.
#[derive(Debug, Default)]
pub(crate) struct Desks(Mutex<HashMap<String, Arc<Desk>>>);

impl Desks {
    pub(super) fn of(&self, run: &MapRunId) -> Arc<Desk> {
        Arc::clone(self.0.lock().entry(run.arn().to_string()).or_default())
    }

    /// The run is over.
    pub(super) fn clear(&self, run: &MapRunId) {
        self.0.lock().remove(&run.arn().to_string());
    }
}
