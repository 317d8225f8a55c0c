//! One batch: handed over, and settled by what came of it.

use std::sync::Arc;

use updraft_kernel::Shutdown;

use crate::answer::{Answer, judge};
use crate::batch::Batch;
use crate::call::{Called, call};
use crate::load::Busy;
use crate::mapped::Mapped;
use crate::source::Source;

/// AWS's words for it.
pub(crate) const FAILED: &str = "Function call failed";

pub(crate) async fn work<S: Source>(mapped: Arc<Mapped<S>>, batch: Batch<S::Token>, busy: Busy, shutdown: Shutdown) {
    mapped.count(&[("InvokedEventCount", batch.0.len())]);
    match call(&mapped, &batch, shutdown).await {
        Called::Answered(payload) => answered(&mapped, batch, &payload).await,
        Called::Failed => failed(&mapped, batch.0.len()).await,
        Called::Refused => {}
        Called::Stopped => give_back(&mapped, batch).await,
    }
    drop(busy);
}

async fn answered<S: Source>(mapped: &Mapped<S>, batch: Batch<S::Token>, payload: &[u8]) {
    let answer = match mapped.mapping.reports_failures {
        true => judge(payload, |id| batch.0.iter().any(|item| item.id == id)),
        false => Answer::All,
    };
    let count = batch.0.len();
    let done: Vec<_> = match answer {
        Answer::All => batch.0,
        Answer::AllBut(named) => batch.0.into_iter().filter(|item| !named.contains(&item.id)).collect(),
        Answer::Nothing => return failed(mapped, count).await,
    };
    let (kept, left) = (done.len(), count - done.len());
    mapped.count(&[("FailedInvokeEventCount", left)]);
    if settle(mapped, done.into_iter().map(|item| item.token).collect()).await {
        mapped.scaling.lock().ended();
        mapped.count(&[("DeletedEventCount", kept)]);
        mapped.fine().await;
    }
}

async fn failed<S: Source>(mapped: &Mapped<S>, count: usize) {
    mapped.count(&[("FailedInvokeEventCount", count)]);
    mapped.scaling.lock().failed();
    mapped.problem(FAILED).await;
}

async fn give_back<S: Source>(mapped: &Mapped<S>, batch: Batch<S::Token>) {
    let tokens = batch.0.into_iter().map(|item| item.token).collect();
    if let Err(err) = mapped.source.give_back(tokens).await {
        tracing::debug!(uuid = mapped.mapping.uuid, error = ?err, "records come again later than they might");
    }
}

/// Whether they will never come again.
pub(crate) async fn settle<S: Source>(mapped: &Mapped<S>, tokens: Vec<S::Token>) -> bool {
    if tokens.is_empty() {
        return true;
    }
    match mapped.source.done(tokens).await {
        Ok(()) => true,
        Err(err) => {
            tracing::warn!(uuid = mapped.mapping.uuid, error = ?err, "records that are dealt with will come again");
            false
        }
    }
}
