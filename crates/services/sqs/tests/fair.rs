//! Fair queues: a group that has much in flight comes after those that have little.

use serde_json::{Value, json};

use crate::inbox::{Inbox, bodies, handle};

async fn send(inbox: &Inbox, group: &str, body: &str) {
    inbox.ok("SendMessage", json!({ "MessageBody": body, "MessageGroupId": group })).await;
}

async fn receive(inbox: &Inbox, most: usize) -> Vec<Value> {
    inbox.receive(json!({ "MaxNumberOfMessages": most })).await
}

/// So many of one group are in flight, and so many more wait.
async fn with_a_noisy_one(inbox: &Inbox, in_flight: usize, waiting: usize) -> Vec<String> {
    for n in 0..in_flight + waiting {
        send(inbox, "noisy", &format!("noisy-{n}")).await;
    }
    let mut handles = Vec::new();
    while handles.len() < in_flight {
        handles.extend(receive(inbox, (in_flight - handles.len()).min(10)).await.iter().map(handle));
    }
    handles
}

#[tokio::test]
async fn quiet_groups_come_before_a_noisy_one() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    with_a_noisy_one(&inbox, 30, 50).await;
    for body in ["a-1", "b-1", "a-2"] {
        inbox.advance(1);
        send(&inbox, &body[..1], body).await;
    }
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-1"], "who has waited longest is first");
    let next = bodies(&receive(&inbox, 4).await);
    assert_eq!((&next[0], &next[1]), (&"b-1".to_owned(), &"a-2".to_owned()));
    assert!(next[2..].iter().all(|body| body.starts_with("noisy")), "and then there is room for it: {next:?}");
}

#[tokio::test]
async fn few_in_flight_are_not_noisy() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    with_a_noisy_one(&inbox, 29, 5).await;
    inbox.advance(1);
    send(&inbox, "a", "a-1").await;
    assert!(bodies(&receive(&inbox, 1).await)[0].starts_with("noisy"));
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-1"], "now they are thirty");
}

#[tokio::test]
async fn a_group_is_quiet_again_once_it_has_little_in_flight() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    let handles = with_a_noisy_one(&inbox, 32, 5).await;
    inbox.advance(1);
    for n in 0..4 {
        send(&inbox, "a", &format!("a-{n}")).await;
    }
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-0"]);
    inbox.delete(&handles[0]).await;
    inbox.change(&handles[1], 0).await;
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-1"], "thirty are left");
    inbox.delete(&handles[2]).await;
    assert!(bodies(&receive(&inbox, 1).await)[0].starts_with("noisy"), "twenty-nine are");
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-2"]);
    inbox.advance(1_200_000);
    assert!(bodies(&receive(&inbox, 1).await)[0].starts_with("noisy"), "nothing is in flight, nor was lately");
}

#[tokio::test]
async fn a_group_that_takes_long_is_noisy_with_few_in_flight() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    for n in 0..5 {
        send(&inbox, "slow", &format!("slow-{n}")).await;
    }
    inbox.advance(1);
    for n in 0..3 {
        send(&inbox, "a", &format!("a-{n}")).await;
    }
    let taken = receive(&inbox, 2).await;
    assert_eq!(bodies(&taken), ["slow-0", "slow-1"]);
    inbox.advance(4_000);
    assert_eq!(bodies(&receive(&inbox, 1).await), ["slow-2"], "eight seconds say nothing yet");
    inbox.advance(2_000);
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-0"], "these took fourteen");
    for message in &taken {
        inbox.delete(&handle(message)).await;
    }
    inbox.advance(1_000);
    assert_eq!(bodies(&receive(&inbox, 1).await), ["a-1"], "it took nearly all of the time lately");
}

#[tokio::test]
async fn a_group_that_was_drained_is_quiet_again() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    send(&inbox, "slow", "slow-0").await;
    let taken = receive(&inbox, 1).await;
    inbox.advance(20_000);
    inbox.delete(&handle(&taken[0])).await;
    send(&inbox, "slow", "slow-1").await;
    inbox.advance(1);
    send(&inbox, "a", "a-0").await;
    assert_eq!(bodies(&receive(&inbox, 1).await), ["slow-1"]);
}

#[tokio::test]
async fn what_is_delayed_or_comes_back_of_a_quiet_group_is_found_when_it_can_be_seen() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    with_a_noisy_one(&inbox, 30, 50).await;
    let late = json!({ "MessageBody": "late", "MessageGroupId": "a", "DelaySeconds": 5 });
    inbox.ok("SendMessage", late).await;
    assert!(bodies(&receive(&inbox, 1).await)[0].starts_with("noisy"));
    send(&inbox, "b", "b-1").await;
    let taken = receive(&inbox, 1).await;
    assert_eq!(bodies(&taken), ["b-1"]);
    assert!(bodies(&receive(&inbox, 1).await)[0].starts_with("noisy"));
    inbox.change(&handle(&taken[0]), 0).await;
    assert_eq!(bodies(&receive(&inbox, 1).await), ["b-1"]);
    inbox.advance(5_000);
    assert_eq!(bodies(&receive(&inbox, 1).await), ["late"]);
}

#[tokio::test]
async fn dead_letters_and_what_has_expired_leave_no_trace_of_their_groups() {
    let inbox = Inbox::standard(json!({ "MessageRetentionPeriod": "60" })).await;
    let before = inbox.queues.rows().await;
    send(&inbox, "a", "a-1").await;
    let taken = receive(&inbox, 1).await;
    inbox.delete(&handle(&taken[0])).await;
    assert_eq!(inbox.queues.rows().await, before + 1, "the count is left");
    for group in ["a", "b", "b"] {
        send(&inbox, group, group).await;
    }
    inbox.advance(60_000);
    assert!(receive(&inbox, 10).await.is_empty());
    assert_eq!(inbox.queues.rows().await, before + 1);
}

/// However much of the noisy group there is, and whatever is done between: nothing is lost and nothing comes twice.
#[tokio::test]
async fn all_is_received_once_with_many_groups_and_one_that_is_noisy() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "600" })).await;
    let handles = with_a_noisy_one(&inbox, 40, 100).await;
    for n in 0..60 {
        send(&inbox, &format!("g{}", n % 20), &format!("quiet-{n}")).await;
    }
    let mut all = Vec::new();
    loop {
        let found = receive(&inbox, 7).await;
        if found.is_empty() {
            break;
        }
        for message in &found {
            inbox.delete(&handle(message)).await;
        }
        all.extend(bodies(&found));
    }
    assert!(all[..60].iter().all(|body| body.starts_with("quiet")), "{all:?}");
    for handle in &handles {
        inbox.delete(handle).await;
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 160);
    assert_eq!(inbox.counts().await, (0, 0, 0));
    assert_eq!(inbox.queues.rows().await, 2, "the queue and its count");
}
