//! Deleting executions: marked in one transaction, and taken away in many.

use std::sync::Weak;
use std::time::Duration;

use updraft_delivery::{Attempt, Delivery, Target as DeliveryTarget, Verdict};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::{Tx, clear, decode_row, run};

use super::arn::ExecutionId;
use super::attempt::stopping;
use super::keys::{ExecutionKey, NameKey, StatusKey};
use super::rows::Status;
use super::timers::What;
use super::turn::DueRow;
use super::work::Work;
use crate::Lambda;

/// The kind of delivery that takes an execution away.
pub(crate) const DELETIONS: &str = "lambda.durable-deletion";

/// How long to leave a store that fails.
const PAUSE: Duration = Duration::from_secs(1);

impl Work<'_> {
    /// Has an execution that has ended taken away. Its name is free from now on.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn delete(&mut self) -> Result<(), AwsError> {
        if self.row.status == Status::Deleting {
            return Ok(());
        }
        self.row.status = Status::Deleting;
        self.row.deleting = Some(self.now);
        self.wait_no_more(What::Expire).await?;
        let function = self.id.function(&self.row.function);
        let key = NameKey(&function, &self.row.name);
        if self.tx.row(&key).await?.is_some_and(|row| row.0 == self.id.id) {
            self.tx.delete_row(&key);
        }
        let id = format!("{}/deletion", self.id.id);
        self.deliver(DELETIONS, id, 0).await
    }
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct Deletions(pub(crate) Weak<Lambda>);

impl DeliveryTarget for Deletions {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(svc) = self.0.upgrade() else { return stopping() };
            let due = match decode_row::<DueRow>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(due) => due,
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            let id = ExecutionId { account: due.account, region: due.region, id: due.id };
            match take_away(&svc, &id).await {
                Ok(()) => Verdict::Done,
                Err(error) => Verdict::Busy { reason: format!("{error:?}"), after: PAUSE },
            }
        })
    }
}

/// First what lists find it by, with the execution itself left for a repetition to begin at; then everything.
async fn take_away(svc: &Lambda, id: &ExecutionId) -> Result<(), AwsError> {
    run(&*svc.store, |tx| unlist(svc, tx, id.clone())).await?;
    Ok(clear(&*svc.store, ExecutionKey(id).whole()).await?)
}

async fn unlist(svc: &Lambda, mut tx: Tx, id: ExecutionId) -> Result<(), AwsError> {
    let Some(work) = Work::load(svc, &mut tx, id.clone()).await? else { return Ok(()) };
    let function = id.function(&work.row.function);
    let key = StatusKey { function: &function, status: work.row.status, started: work.row.started, id: &id.id };
    work.tx.delete_row(&key);
    tx.commit().await?;
    Ok(())
}
