//! What this service offers to others: sending to queues.

use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::ports::{
    AttributeContent, EventAttribute, EventTargetPort, QueueAttribute, QueueMessage, QueuePort, Sender, TargetEvent,
};
use updraft_kernel::{Arn, AwsError, BoxFuture};
use updraft_store::{StoreExt, run};

use crate::errors::{invalid_parameter, no_such_queue};
use crate::messages::{Order, Spot};
use crate::model::letter::{Letter, check_text};
use crate::queue_url::QueueName;
use crate::{Sqs, table};

impl Sqs {
    /// For services that send messages as queues have them.
    #[must_use]
    pub fn queue_port(self: &Arc<Self>) -> Arc<dyn QueuePort> {
        Arc::clone(self) as Arc<dyn QueuePort>
    }

    /// For events that other parts of the platform, and functions' destinations, send to queues.
    #[must_use]
    pub fn event_target(self: &Arc<Self>) -> Arc<dyn EventTargetPort> {
        Arc::clone(self) as Arc<dyn EventTargetPort>
    }

    /// All in one transaction; which of them can't be sent is known before.
    async fn send_all(
        &self,
        queue: &QueueName,
        sender: &Sender,
        messages: &[QueueMessage],
    ) -> Result<Vec<Result<(), AwsError>>, AwsError> {
        let read = |message: &QueueMessage| (message.id.clone(), message.trace.clone(), letter(message));
        let read: Vec<_> = messages.iter().map(read).collect();
        let read = &read;
        let work = |mut tx| async move {
            let row = table::queue(&mut tx, queue.key()).await?;
            self.check_sender(sender, queue, &row)?;
            let spot = Spot::new(queue.clone(), row);
            let (mut results, mut orders) = (Vec::with_capacity(read.len()), Vec::with_capacity(read.len()));
            for (id, trace, letter) in read {
                let order = match letter {
                    Ok(letter) => order(&spot, letter.clone(), id, sender.service),
                    Err(why) => Err(invalid_parameter(why.clone())),
                };
                results.push(order.map(|order| orders.push(order.traced(trace.as_deref()).once())));
            }
            self.post(tx, &spot, orders, self.parts.clock.now()).await?;
            Ok(results)
        };
        run(&*self.parts.store, work).await
    }
}

/// What is sent, or why it can't be.
fn letter(message: &QueueMessage) -> Result<Letter, String> {
    let body = String::from_utf8(message.body.to_vec()).map_err(|_| "A message's body is text.".to_owned())?;
    check_text(&body).map_err(|err| err.message().to_owned())?;
    Ok(Letter {
        body,
        attributes: message.attributes.clone(),
        trace: None,
        delay: None,
        group: message.group.clone(),
        deduplication: message.deduplication.clone(),
    })
}

fn order(spot: &Spot, letter: Letter, id: &str, sender: &str) -> Result<Order, AwsError> {
    // AWS: a FIFO topic may have standard queues, which know nothing of its ids.
    let deduplication = letter.deduplication.filter(|_| spot.is_fifo());
    let letter = Letter { deduplication, ..letter };
    letter.suits(&spot.queue)?;
    if let Some(most) = letter.too_large_for(&spot.queue) {
        let why = format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
        return Err(invalid_parameter(why));
    }
    Order::new(spot, letter, id.to_owned(), sender.to_owned()).map_err(|lacks| lacks.of_one())
}

fn named(queue: &Arn) -> Result<QueueName, AwsError> {
    QueueName::of_arn(&queue.to_string()).ok_or_else(no_such_queue)
}

impl QueuePort for Sqs {
    fn send<'a>(
        &'a self,
        queue: &'a Arn,
        sender: &'a Sender,
        messages: Vec<QueueMessage>,
    ) -> BoxFuture<'a, Result<Vec<Result<(), AwsError>>, AwsError>> {
        Box::pin(async move { self.send_all(&named(queue)?, sender, &messages).await })
    }
}

impl EventTargetPort for Sqs {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let Ok(name) = named(target) else { return Ok(false) };
            Ok(self.parts.store.read().await?.row(&name.key()).await?.is_some())
        })
    }

    fn admits<'a>(&'a self, sender: &'a Sender, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let Ok(name) = named(target) else { return Ok(false) };
            let queue = self.parts.store.read().await?.row(&name.key()).await?;
            Ok(queue.is_some_and(|queue| self.check_sender(sender, &name, &queue).is_ok()))
        })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let TargetEvent { id, target, sender, body, attributes, trace, .. } = event;
            let attributes = attributes.into_iter().map(attribute).collect();
            let body: Bytes = body;
            let message = QueueMessage { id, body, attributes, group: None, deduplication: None, trace };
            let results = self.send_all(&named(&target)?, &sender, &[message]).await?;
            results.into_iter().collect()
        })
    }
}

fn attribute(said: EventAttribute) -> (String, QueueAttribute) {
    let data_type = if said.is_number { "Number" } else { "String" }.to_owned();
    (said.name, QueueAttribute { data_type, content: AttributeContent::Text(said.value) })
}
