//! Long polls, in virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use updraft_kernel::Tasks;
use updraft_testkit::wait_until;

use crate::inbox::{Inbox, bodies, handle};

/// Polls that go on, and what they came to.
struct Polls {
    inbox: Arc<Inbox>,
    tasks: Tasks,
    answered: Arc<AtomicUsize>,
    got: tokio::sync::mpsc::UnboundedReceiver<Vec<Value>>,
    done: tokio::sync::mpsc::UnboundedSender<Vec<Value>>,
}

impl Polls {
    fn of(inbox: Inbox) -> Self {
        let (done, got) = tokio::sync::mpsc::unbounded_channel();
        Self { inbox: Arc::new(inbox), tasks: Tasks::new(), answered: Arc::default(), got, done }
    }

    /// One more, which waits already when this answers.
    async fn begin(&self, input: Value) {
        let (inbox, answered, done) = (Arc::clone(&self.inbox), Arc::clone(&self.answered), self.done.clone());
        self.tasks.spawn("a poll", async move {
            let found = inbox.receive(input).await;
            answered.fetch_add(1, Ordering::SeqCst);
            done.send(found).unwrap();
        });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    async fn until_answered(&self, count: usize) {
        wait_until(Duration::from_secs(20), || self.answered() == count).await.unwrap();
    }
}

#[tokio::test]
async fn a_poll_ends_with_the_first_message() {
    let mut polls = Polls::of(Inbox::standard(json!({})).await);
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    assert_eq!(polls.answered(), 0);
    polls.inbox.send("a").await;
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_poll_goes_on_while_its_queue_is_purged_and_gets_what_comes_then() {
    let mut polls = Polls::of(Inbox::standard(json!({})).await);
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.ok("PurgeQueue", json!({})).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    polls.inbox.send("a").await;
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_poll_without_messages_ends_in_time_and_not_before() {
    let mut polls = Polls::of(Inbox::standard(json!({ "ReceiveMessageWaitTimeSeconds": "5" })).await);
    polls.begin(json!({})).await;
    polls.begin(json!({ "WaitTimeSeconds": 3 })).await;
    polls.inbox.advance(2_999);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(polls.answered(), 0);
    polls.inbox.advance(1);
    polls.until_answered(1).await;
    polls.inbox.advance(1_999);
    assert_eq!(polls.answered(), 1);
    polls.inbox.advance(1);
    polls.until_answered(2).await;
    assert!(polls.got.recv().await.unwrap().is_empty());
    assert!(polls.inbox.receive(json!({ "WaitTimeSeconds": 0 })).await.is_empty(), "zero doesn't wait");
}

#[tokio::test]
async fn a_poll_learns_of_delays_and_timeouts_that_end() {
    let mut polls = Polls::of(Inbox::standard(json!({ "VisibilityTimeout": "4" })).await);
    polls.inbox.send("seen").await;
    polls.inbox.handle().await;
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.advance(4_000);
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["seen"]);
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.ok("SendMessage", json!({ "MessageBody": "late", "DelaySeconds": 2 })).await;
    polls.inbox.advance(1_999);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(polls.answered(), 1);
    polls.inbox.advance(1);
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["late"]);
}

#[tokio::test]
async fn a_poll_learns_of_another_receives_timeout() {
    let mut polls = Polls::of(Inbox::standard(json!({})).await);
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.ok("SendMessage", json!({ "MessageBody": "a", "DelaySeconds": 1 })).await;
    polls.inbox.advance(1_000);
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["a"]);
    polls.inbox.advance(29_000);
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.advance(1_000);
    let found = polls.got.recv().await.unwrap();
    assert_eq!(bodies(&found), ["a"]);
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.change(&handle(&found[0]), 0).await;
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["a"]);
}

#[tokio::test]
async fn a_poll_learns_that_a_group_can_go_on() {
    let mut polls = Polls::of(Inbox::fifo(json!({})).await);
    for body in ["1", "2"] {
        polls.inbox.post("g", body).await;
    }
    let first = polls.inbox.handle().await;
    polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    polls.inbox.delete(&first).await;
    assert_eq!(bodies(&polls.got.recv().await.unwrap()), ["2"]);
}

#[tokio::test]
async fn a_poll_ends_with_its_queue() {
    let inbox = Arc::new(Inbox::standard(json!({})).await);
    let poll = inbox.call("ReceiveMessage", json!({ "WaitTimeSeconds": 20 }));
    let end = async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        inbox.ok("DeleteQueue", json!({})).await;
        inbox.advance(20_000);
    };
    let (answer, ()) = futures_util::future::join(poll, end).await;
    assert_eq!(answer.unwrap_err().code, "QueueDoesNotExist");
}

#[tokio::test]
async fn each_message_ends_one_of_a_thousand_polls() {
    let mut polls = Polls::of(Inbox::standard(json!({})).await);
    for _ in 0..1_000 {
        polls.begin(json!({ "WaitTimeSeconds": 20 })).await;
    }
    for n in 0..5 {
        polls.inbox.send(&n.to_string()).await;
        assert_eq!(bodies(&polls.got.recv().await.unwrap()), [n.to_string()]);
    }
    join_all((5..1_000).map(|n| {
        let inbox = &polls.inbox;
        async move { inbox.send(&n.to_string()).await }
    }))
    .await;
    let mut all = Vec::new();
    for _ in 5..1_000 {
        all.extend(bodies(&polls.got.recv().await.unwrap()));
    }
    all.sort_by_key(|body| body.parse::<u32>().unwrap());
    assert_eq!(all, (5..1_000).map(|n| n.to_string()).collect::<Vec<_>>(), "none twice");
}
