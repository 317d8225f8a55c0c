//! Many messages for one queue, sent together: while some are on their way, those that come meanwhile gather, and the
//! next transaction takes them all. So a topic that is published to often costs each of its queues few transactions,
//! and one that isn't waits for nobody.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use updraft_kernel::Arn;
use updraft_kernel::ports::{QueueMessage, QueuePort, Sender};

use super::sqs::told;
use super::{Answer, Sent};

/// Messages, and bytes of bodies, in one transaction (at least one message).
const MOST: usize = 100;
const MOST_BYTES: usize = 4 << 20;

/// One for each topic and queue that something is on its way between.
#[derive(Debug, Default)]
pub(crate) struct Couriers(Mutex<HashMap<(Arn, Arn), Arc<Courier>>>);

#[derive(Debug, Default)]
struct Courier {
    /// Whoever is through it sends for all.
    door: tokio::sync::Mutex<()>,
    waiting: Mutex<Vec<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    message: QueueMessage,
    answer: oneshot::Sender<Sent>,
}

impl Couriers {
    /// In their order: one result for each.
    pub(super) async fn send(
        &self,
        queues: &dyn QueuePort,
        (queue, sender): (&Arn, &Sender),
        messages: Vec<QueueMessage>,
    ) -> Vec<Sent> {
        let key = (sender.source.clone(), queue.clone());
        let courier = Arc::clone(self.0.lock().entry(key.clone()).or_default());
        let mut answers = courier.take(messages);
        let mut results = Vec::with_capacity(answers.len());
        for answer in &mut answers {
            results.push(courier.until_sent(queues, (queue, sender), answer).await);
        }
        let mut all = self.0.lock();
        // The one in the map and this one: nobody else comes any more.
        if Arc::strong_count(&courier) == 2 {
            all.remove(&key);
        }
        results
    }
}

impl Courier {
    fn take(&self, messages: Vec<QueueMessage>) -> Vec<oneshot::Receiver<Sent>> {
        let mut waiting = self.waiting.lock();
        let one = |message| {
            let (answer, answered) = oneshot::channel();
            waiting.push(Waiting { message, answer });
            answered
        };
        messages.into_iter().map(one).collect()
    }

    /// Sends what waits, whosever it is, until this one was among it.
    async fn until_sent(
        &self,
        queues: &dyn QueuePort,
        to: (&Arn, &Sender),
        answer: &mut oneshot::Receiver<Sent>,
    ) -> Sent {
        loop {
            let _through = tokio::select! {
                biased;
                sent = &mut *answer => return sent.unwrap_or_else(|_| given_up()),
                through = self.door.lock() => through,
            };
            match answer.try_recv() {
                Ok(sent) => return sent,
                Err(oneshot::error::TryRecvError::Closed) => return given_up(),
                Err(oneshot::error::TryRecvError::Empty) => self.send_some(queues, to).await,
            }
        }
    }

    async fn send_some(&self, queues: &dyn QueuePort, (queue, sender): (&Arn, &Sender)) {
        let (messages, answers): (Vec<_>, Vec<_>) =
            self.next().into_iter().map(|one| ((one.message.id.clone(), one.message), one.answer)).unzip();
        let (ids, messages): (Vec<_>, Vec<_>) = messages.into_iter().unzip();
        let results = match queues.send(queue, sender, messages).await {
            Ok(results) => results.into_iter().zip(ids).map(told).collect(),
            Err(error) => vec![Sent::refused(&error); ids.len()],
        };
        for (answer, sent) in answers.into_iter().zip(results) {
            if answer.send(sent).is_err() {
                tracing::debug!(queue = %queue, "whoever sent this has gone");
            }
        }
    }

    fn next(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock();
        let mut bytes = 0;
        let fits = |one: &&Waiting| {
            bytes += one.message.body.len();
            bytes <= MOST_BYTES
        };
        let count = waiting.iter().take(MOST).take_while(fits).count().max(1);
        let count = count.min(waiting.len());
        waiting.drain(..count).collect()
    }
}

/// Whoever sent it was stopped on the way, and nobody knows how far it came.
fn given_up() -> Sent {
    Sent::Later(Answer { status: 500, response: "sending was broken off".to_owned() })
}
