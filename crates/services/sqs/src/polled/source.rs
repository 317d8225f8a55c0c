//! A queue, as pollers see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use updraft_kernel::ports::Mapping;
use updraft_kernel::{AwsError, BoxFuture};
use updraft_polling::{Record, Source, Taken};
use updraft_store::{StoreExt, Tx, Watch, run};

use super::event;
use crate::messages::{Ask, Change, Changed, Spot};
use crate::model::receipt::Receipt;
use crate::queue_url::QueueName;
use crate::{Sqs, table};

/// Messages of one look. AWS's pollers receive as everybody does.
const LOOK: usize = 10;
/// Messages dealt with in one transaction.
const TOGETHER: usize = 100;

#[derive(Debug)]
pub(super) struct QueueSource {
    sqs: Arc<Sqs>,
    name: QueueName,
    /// As events name it.
    arn: String,
    region: String,
    /// Of the queue that is watched.
    watched: AtomicU64,
}

impl QueueSource {
    pub(super) fn new(sqs: Arc<Sqs>, name: QueueName, mapping: &Mapping) -> Self {
        let (arn, region) = (mapping.source.to_string(), mapping.source.region.clone());
        Self { sqs, name, arn, region, watched: AtomicU64::new(0) }
    }

    async fn spot(&self, tx: &mut Tx) -> Result<Spot, AwsError> {
        Ok(Spot::new(self.name.clone(), table::queue(tx, self.name.key()).await?))
    }

    async fn look(&self, most: usize) -> Result<Taken<String>, AwsError> {
        let ask = Ask { most: most.min(LOOK), visibility: None, attempt: None };
        let look = self.sqs.look(&self.name, &ask).await?;
        let visibility = Duration::from_secs(look.spot.queue.settings.visibility.into());
        let records = look.received.iter().map(|received| Record {
            id: received.message.id.clone(),
            event: event::record(received, &self.arn, &self.region),
            trace: received.message.trace.clone(),
            token: received.receipt.clone(),
        });
        Ok(Taken {
            records: records.collect(),
            hidden_until: self.sqs.parts.clock.now().plus(visibility),
            next: look.next,
            anew: look.spot.rows.number != self.watched.load(Ordering::SeqCst),
        })
    }

    async fn discard(&self, receipts: &[(Receipt, String)]) -> Result<(), AwsError> {
        run(&*self.sqs.parts.store, |mut tx| async move {
            let spot = self.spot(&mut tx).await?;
            let now = self.sqs.parts.clock.now();
            // One whose time has passed comes again, as it would for everybody.
            self.sqs.discard(tx, &spot, receipts, now).await.map(drop)
        })
        .await
    }

    async fn show(&self, changes: &[Change]) -> Result<(), AwsError> {
        run(&*self.sqs.parts.store, |mut tx| async move {
            let spot = self.spot(&mut tx).await?;
            let now = self.sqs.parts.clock.now();
            let mut moved = Vec::new();
            for change in changes {
                match spot.change(&mut tx, change, now).await {
                    Err(err) if err.code().status >= 500 => return Err(err),
                    Ok(Changed::Yes(one)) => moved.push(one),
                    _ => {}
                }
            }
            tx.commit().await?;
            self.sqs.changed(&spot, &moved);
            Ok(())
        })
        .await
    }
}

impl Source for QueueSource {
    type Token = String;

    fn take(&self, most: usize) -> BoxFuture<'_, Result<Taken<String>, AwsError>> {
        Box::pin(self.look(most))
    }

    fn watch(&self) -> BoxFuture<'_, Result<Watch, AwsError>> {
        Box::pin(async move {
            let rows = self.spot(&mut self.sqs.parts.store.read().await?).await?.rows;
            self.watched.store(rows.number, Ordering::SeqCst);
            Ok(self.sqs.parts.store.watch(rows.topic()))
        })
    }

    fn done(&self, records: Vec<String>) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let receipts: Vec<_> =
                records.into_iter().filter_map(|handle| Some((Receipt::parse(&handle)?, handle))).collect();
            for some in receipts.chunks(TOGETHER) {
                unless_gone(self.discard(some).await)?;
            }
            Ok(())
        })
    }

    fn give_back(&self, records: Vec<String>) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let now = |handle: String| Some(Change { receipt: Receipt::parse(&handle)?, handle, seconds: 0 });
            let changes: Vec<_> = records.into_iter().filter_map(now).collect();
            for some in changes.chunks(TOGETHER) {
                unless_gone(self.show(some).await)?;
            }
            Ok(())
        })
    }

    fn seen(&self, event: &Value) -> Value {
        event::seen(event)
    }
}

/// Of a queue that is no more nothing comes again.
fn unless_gone(done: Result<(), AwsError>) -> Result<(), AwsError> {
    done.or_else(|err| if err.code().status < 500 { Ok(()) } else { Err(err) })
}
