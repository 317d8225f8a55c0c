//! Queues as sources of events for functions.

mod event;
mod source;

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::ports::{EventSourcePort, Mapping, Source};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx};
use updraft_polling::Pollers;
use updraft_store::StoreExt;

use crate::Sqs;
use crate::errors::invalid_parameter;
use crate::polled::source::QueueSource;
use crate::queue_url::QueueName;

/// What polls queues for functions.
#[derive(Debug)]
pub struct PolledQueues {
    sqs: Arc<Sqs>,
    pollers: Arc<Pollers>,
}

impl PolledQueues {
    #[must_use]
    pub fn new(sqs: Arc<Sqs>, pollers: Arc<Pollers>) -> Self {
        Self { sqs, pollers }
    }

    async fn check_queue(&self, arn: &Arn, timeout: Duration) -> Result<(), AwsError> {
        let name = QueueName::of_arn(&arn.to_string()).ok_or_else(missing)?;
        let queue = self.sqs.parts.store.read().await?.row(&name.key()).await?.ok_or_else(missing)?;
        let (visibility, timeout) = (u64::from(queue.settings.visibility), timeout.as_secs());
        if visibility < timeout {
            return Err(invalid_parameter(format!(
                "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
            )));
        }
        Ok(())
    }
}

/// Recorded: `test_esm_with_not_existing_sqs_queue`.
fn missing() -> AwsError {
    invalid_parameter(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: \
         The specified queue does not exist.",
    )
}

impl EventSourcePort for PolledQueues {
    fn check<'a>(&'a self, _: &'a Ctx, source: Source<'a>) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(self.check_queue(source.arn, source.timeout))
    }

    fn begin<'a>(&'a self, mapping: &'a Arc<Mapping>) -> BoxFuture<'a, Result<(), String>> {
        let begun = match QueueName::of_arn(&mapping.source.to_string()) {
            Some(name) => self.pollers.begin(mapping, QueueSource::new(Arc::clone(&self.sqs), name, mapping)),
            None => Err(format!("PROBLEM: {} is no queue", mapping.source)),
        };
        Box::pin(std::future::ready(begun))
    }

    fn stop<'a>(&'a self, uuid: &'a str) -> BoxFuture<'a, ()> {
        self.pollers.stop(uuid);
        Box::pin(std::future::ready(()))
    }
}
