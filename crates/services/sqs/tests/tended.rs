//! What timers do for a queue that nobody asks for: what was kept for long enough goes, and CloudWatch is told how full it is.

use serde_json::json;
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{QueueMessage, Sender};

use crate::inbox::{Inbox, handle};

const DAY: u64 = 24 * 3_600_000;

/// Moves the clock, and lets happen what is due meanwhile.
async fn pass(inbox: &Inbox, millis: u64) {
    let until = inbox.queues.world.clock().now().plus(std::time::Duration::from_millis(millis));
    while let Some(due) = inbox.queues.timers.next_due().await.unwrap().filter(|due| *due <= until) {
        to(inbox, due.max(inbox.queues.world.clock().now()));
        inbox.queues.timers.run_due().await.unwrap();
    }
    to(inbox, until);
}

fn to(inbox: &Inbox, at: UnixMillis) {
    let by = at.since(inbox.queues.world.clock().now());
    inbox.advance(u64::try_from(by.as_millis()).unwrap());
}

#[tokio::test]
async fn expired_messages_leave_a_queue_that_nobody_uses() {
    let inbox = Inbox::standard(json!({})).await;
    let before = inbox.queues.rows().await;
    for n in 0..100 {
        let input = json!({ "MessageBody": n.to_string(), "MessageGroupId": format!("g{}", n % 3) });
        inbox.ok("SendMessage", input).await;
    }
    inbox.advance(1000);
    let last = inbox.send("last").await;
    pass(&inbox, 4 * DAY - 1001).await;
    assert!(inbox.queues.rows().await > before + 200, "a millisecond early");
    pass(&inbox, 1).await;
    let found = inbox.receive(json!({ "MaxNumberOfMessages": 10 })).await;
    assert_eq!((found.len(), &found[0]["MessageId"]), (1, &last["MessageId"]));
    inbox.delete(&handle(&found[0])).await;
    assert_eq!(inbox.queues.rows().await, before + 1, "the count is left");
}

#[tokio::test]
async fn of_fifo_queues_messages_and_ids_go() {
    let inbox = Inbox::fifo(json!({ "MessageRetentionPeriod": "60" })).await;
    let before = inbox.queues.rows().await;
    for n in 0..40 {
        inbox.post("g", &n.to_string()).await;
    }
    pass(&inbox, DAY).await;
    assert_eq!(inbox.queues.rows().await, before + 1);
    assert_eq!(inbox.counts().await, (0, 0, 0));
}

#[tokio::test]
async fn what_a_service_sends_twice_is_there_once_and_its_ids_go() {
    let inbox = Inbox::standard(json!({})).await;
    let queue = updraft_kernel::Arn::parse("arn:aws:sqs:us-east-1:000000000000:q").unwrap();
    let sender = Sender::new("sns.amazonaws.com", queue.clone());
    let message = |id: &str| QueueMessage {
        id: id.to_owned(),
        body: "b".into(),
        attributes: Default::default(),
        group: None,
        deduplication: None,
        trace: None,
    };
    let port = inbox.queues.sqs.queue_port();
    let before = inbox.queues.rows().await;
    for ids in [&["1", "2", "2"][..], &["1"], &["3", "2"]] {
        let messages = ids.iter().map(|id| message(id)).collect();
        let results = port.send(&queue, &sender, messages).await.unwrap();
        assert!(results.iter().all(Result::is_ok) && results.len() == ids.len());
        inbox.advance(100_000);
    }
    assert_eq!(inbox.counts().await, (3, 0, 0));
    assert_eq!(inbox.queues.rows().await, before + 1 + 3 * 3, "two rows of each, its id, and the count");
    inbox.advance(300_000);
    port.send(&queue, &sender, vec![message("1")]).await.unwrap();
    assert_eq!(inbox.counts().await, (4, 0, 0), "after five minutes it is another one");
    pass(&inbox, DAY).await;
    assert_eq!(inbox.queues.rows().await, before + 1 + 4 * 2);
}

#[tokio::test]
async fn cloudwatch_is_told_each_minute_how_full_a_queue_is() {
    let inbox = Inbox::standard(json!({})).await;
    for body in ["a", "b", "c"] {
        inbox.send(body).await;
    }
    inbox.ok("SendMessage", json!({ "MessageBody": "d", "DelaySeconds": 900 })).await;
    let taken = inbox.receive(json!({ "VisibilityTimeout": 90 })).await;
    pass(&inbox, 60_000).await;
    inbox.delete(&handle(&taken[0])).await;
    pass(&inbox, 60_000).await;
    let told = |name: &str| inbox.queues.metrics.of(name);
    assert_eq!(told("ApproximateNumberOfMessagesVisible"), [2.0, 2.0]);
    assert_eq!(told("ApproximateNumberOfMessagesNotVisible"), [1.0, 0.0]);
    assert_eq!(told("ApproximateNumberOfMessagesDelayed"), [1.0, 1.0]);
    assert_eq!(told("ApproximateAgeOfOldestMessage"), [60.0, 120.0]);
    pass(&inbox, DAY).await;
    let count = told("ApproximateAgeOfOldestMessage").len();
    assert_eq!(count, 60, "for an hour after something was done with it, while there is something in it");
    pass(&inbox, DAY).await;
    assert_eq!(told("ApproximateAgeOfOldestMessage").len(), count);
    inbox.send("e").await;
    pass(&inbox, 60_000).await;
    assert_eq!(told("ApproximateAgeOfOldestMessage").len(), count + 1);
}

#[tokio::test]
async fn cloudwatch_is_told_of_quiet_groups() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    let send = async |group: Option<&str>, delay: u32| {
        let mut input = json!({ "MessageBody": "b", "DelaySeconds": delay });
        if let Some(group) = group {
            input["MessageGroupId"] = group.into();
        }
        inbox.ok("SendMessage", input).await;
    };
    for _ in 0..35 {
        send(Some("noisy"), 0).await;
    }
    for _ in 0..3 {
        assert_eq!(inbox.bodies().await.len(), 10);
    }
    inbox.advance(10_000);
    for (group, delay) in [(Some("a"), 0), (Some("a"), 900), (None, 0), (Some("noisy"), 900)] {
        send(group, delay).await;
    }
    pass(&inbox, 50_000).await;
    let told = |name: &str| inbox.queues.metrics.of(name);
    assert_eq!(told("ApproximateNumberOfNoisyGroups"), [1.0]);
    assert_eq!(told("ApproximateNumberOfMessagesVisible"), [7.0]);
    assert_eq!(told("ApproximateNumberOfMessagesVisibleInQuietGroups"), [2.0], "one says no group");
    assert_eq!(told("ApproximateNumberOfMessagesNotVisible"), [30.0]);
    assert_eq!(told("ApproximateNumberOfMessagesNotVisibleInQuietGroups"), [0.0]);
    assert_eq!(told("ApproximateNumberOfMessagesDelayed"), [2.0]);
    assert_eq!(told("ApproximateNumberOfMessagesDelayedInQuietGroups"), [1.0]);
    assert_eq!(told("ApproximateAgeOfOldestMessage"), [60.0]);
    assert_eq!(told("ApproximateAgeOfOldestMessageInQuietGroups"), [50.0]);
}

#[tokio::test]
async fn where_no_message_says_a_group_cloudwatch_is_told_of_none() {
    let inbox = Inbox::standard(json!({})).await;
    inbox.send("a").await;
    pass(&inbox, 60_000).await;
    assert_eq!(inbox.queues.metrics.of("ApproximateNumberOfMessagesVisible"), [1.0]);
    assert!(inbox.queues.metrics.of("ApproximateNumberOfNoisyGroups").is_empty());
    assert!(inbox.queues.metrics.of("ApproximateNumberOfGroupsWithInflightMessages").is_empty());
}

#[tokio::test]
async fn cloudwatch_is_told_of_a_fifo_queues_groups_and_duplicates() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "600" })).await;
    for (group, body) in [("g", "1"), ("g", "2"), ("h", "3"), ("i", "4"), ("g", "1"), ("i", "2")] {
        inbox.post(group, body).await;
    }
    assert_eq!(inbox.receive(json!({ "MaxNumberOfMessages": 3 })).await.len(), 3);
    pass(&inbox, 60_000).await;
    let told = |name: &str| inbox.queues.metrics.of(name);
    assert_eq!(told("ApproximateNumberOfGroupsWithInflightMessages"), [2.0]);
    assert_eq!(told("NumberOfDeduplicatedSentMessages").iter().sum::<f64>().to_string(), "2");
    assert_eq!(told("NumberOfMessagesSent").iter().sum::<f64>().to_string(), "4");
    assert_eq!(told("SentMessageSize").len(), 4);
}

#[tokio::test]
async fn of_an_empty_queue_cloudwatch_is_told_for_five_minutes() {
    let inbox = Inbox::standard(json!({})).await;
    let told = || inbox.queues.metrics.of("ApproximateNumberOfMessagesVisible");
    inbox.send("a").await;
    inbox.delete(&inbox.handle().await).await;
    pass(&inbox, DAY).await;
    assert_eq!(told(), [0.0; 5]);
    inbox.send("b").await;
    pass(&inbox, 60_000).await;
    assert_eq!(told().len(), 6, "and again when it is used again");
}
