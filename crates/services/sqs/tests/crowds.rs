//! Many senders and receivers of one queue at once: each message is received by one of them, and groups in their order.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use updraft_kernel::Tasks;
use updraft_testkit::wait_until;

use crate::inbox::{Inbox, bodies, handle};

/// Senders and receivers at once: what came, by receiver.
async fn at_once(inbox: Inbox, fifo: bool) -> Vec<Vec<String>> {
    const EACH: usize = 60;
    let (inbox, tasks) = (Arc::new(inbox), Tasks::new());
    let got = Arc::new(std::sync::Mutex::new(vec![Vec::new(); 6]));
    for sender in 0..4 {
        let inbox = Arc::clone(&inbox);
        tasks.spawn("a sender", async move {
            for n in 0..EACH {
                let body = format!("{sender}-{n}");
                if fifo {
                    inbox.post(&format!("g{sender}"), &body).await;
                } else {
                    inbox.send(&body).await;
                }
            }
        });
    }
    let count = |got: &Vec<Vec<String>>| got.iter().map(Vec::len).sum::<usize>();
    for receiver in 0..6 {
        let (inbox, got) = (Arc::clone(&inbox), Arc::clone(&got));
        tasks.spawn("a receiver", async move {
            while count(&got.lock().unwrap()) < 4 * EACH {
                let found = inbox.receive(json!({ "MaxNumberOfMessages": 3 })).await;
                got.lock().unwrap()[receiver].extend(bodies(&found));
                for message in &found {
                    inbox.delete(&handle(message)).await;
                }
                tokio::task::yield_now().await;
            }
        });
    }
    wait_until(std::time::Duration::from_secs(120), || count(&got.lock().unwrap()) >= 4 * EACH).await.unwrap();
    assert_eq!(tasks.panics(), 0);
    std::mem::take(&mut *got.lock().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_receivers_get_each_message_once() {
    let got = at_once(Inbox::standard(json!({})).await, false).await;
    let mut all: Vec<_> = got.into_iter().flatten().collect();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), count), (240, 240));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_receivers_get_each_group_in_order() {
    let got = at_once(Inbox::fifo(json!({})).await, true).await;
    for one in &got {
        let mut last = BTreeMap::new();
        for body in one {
            let (group, n) = body.split_once('-').unwrap();
            let n: i32 = n.parse().unwrap();
            let before = last.insert(group, n).unwrap_or(-1);
            assert!(before < n, "{group}: {n} after {before}");
        }
    }
    let mut all: Vec<_> = got.into_iter().flatten().collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 240);
}
