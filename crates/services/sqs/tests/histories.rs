//! Random histories of one queue beside a model of it, in virtual time: what is received is what can be seen, all that can
//! be seen is received, in order where there is one, and the counts are exact. And many receivers at once, each of which
//! gets its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use updraft_kernel::{RngExt, SeededRng, Tasks};
use updraft_testkit::wait_until;

use crate::inbox::{Inbox, bodies, handle};

/// What the model knows of a message that isn't deleted. Times in milliseconds since the beginning.
#[derive(Clone, Debug)]
struct Known {
    body: String,
    group: String,
    visible: u64,
    receives: u32,
}

/// A handle that somebody holds.
#[derive(Clone, Debug)]
struct Held {
    body: String,
    receives: u32,
    handle: String,
}

struct History {
    inbox: Inbox,
    rng: SeededRng,
    fifo: bool,
    now: u64,
    sent: u32,
    /// In the order of sending.
    known: Vec<Known>,
    held: Vec<Held>,
}

impl History {
    async fn new(seed: u64, fifo: bool) -> Self {
        let inbox = if fifo { Inbox::fifo(json!({})).await } else { Inbox::standard(json!({})).await };
        let (known, held) = (Vec::new(), Vec::new());
        Self { inbox, rng: SeededRng::new(seed), fifo, now: 0, sent: 0, known, held }
    }

    async fn step(&mut self) {
        match self.rng.below(10) {
            0..3 => self.send().await,
            3..6 => self.receive().await,
            6 => self.delete().await,
            7 => self.change().await,
            8 => self.advance(),
            _ => self.count().await,
        }
    }

    async fn send(&mut self) {
        for _ in 0..=self.rng.below(4) {
            self.sent += 1;
            let body = self.sent.to_string();
            let group = format!("g{}", self.rng.below(4));
            let delay = if self.fifo { 0 } else { self.rng.below(3) };
            if self.fifo {
                self.inbox.post(&group, &body).await;
            } else {
                let input = json!({ "MessageBody": body, "MessageGroupId": group, "DelaySeconds": delay });
                self.inbox.ok("SendMessage", input).await;
            }
            self.known.push(Known { body, group, visible: self.now + delay * 1000, receives: 0 });
        }
    }

    /// What can be received now, in an order that is right: group by group on FIFO queues.
    fn visible(&self) -> Vec<&Known> {
        let mut blocked = BTreeSet::new();
        let mut visible = Vec::new();
        for known in &self.known {
            if known.visible > self.now {
                blocked.insert(&known.group);
            } else if !(self.fifo && blocked.contains(&known.group)) {
                visible.push(known);
            }
        }
        visible
    }

    async fn receive(&mut self) {
        let (most, seconds) = (1 + self.rng.below(10), self.rng.below(5));
        let ask = json!({ "MaxNumberOfMessages": most, "VisibilityTimeout": seconds });
        let found = self.inbox.receive(ask).await;
        let got = bodies(&found);
        let can: Vec<_> = self.visible().into_iter().cloned().collect();
        let expected = usize::try_from(most).unwrap().min(can.len());
        assert_eq!(got.len(), expected, "of {can:?} came {got:?} at {}", self.now);
        assert_eq!(got.iter().collect::<BTreeSet<_>>().len(), got.len(), "one came twice: {got:?}");
        for body in &got {
            assert!(can.iter().any(|known| known.body == *body), "{body} can't be seen at {}: {can:?}", self.now);
        }
        if self.fifo {
            self.in_order(&got, &can);
        }
        for message in &found {
            self.took(message, self.now + seconds * 1000);
        }
    }

    /// Of each group what came is what is in front, in its order.
    fn in_order(&self, got: &[String], can: &[Known]) {
        let mut by_group: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for body in got {
            let known = can.iter().find(|known| known.body == *body).unwrap();
            by_group.entry(&known.group).or_default().push(body);
        }
        for (group, got) in by_group {
            let front = can.iter().filter(|known| known.group == group).map(|known| known.body.as_str());
            assert_eq!(got, front.take(got.len()).collect::<Vec<_>>(), "group {group}");
        }
    }

    fn took(&mut self, message: &Value, until: u64) {
        let body = message["Body"].as_str().unwrap();
        let known = self.known.iter_mut().find(|known| known.body == body).unwrap();
        known.visible = until;
        known.receives += 1;
        self.held.push(Held { body: body.to_owned(), receives: known.receives, handle: handle(message) });
    }

    fn any_held(&self) -> Option<Held> {
        let index = self.rng.below(u64::try_from(self.held.len()).unwrap());
        self.held.get(usize::try_from(index).unwrap()).cloned()
    }

    /// Where in the model the message of a handle is that is still good.
    fn in_flight(&self, held: &Held) -> Option<usize> {
        let found = self.known.iter().position(|known| known.body == held.body)?;
        let known = &self.known[found];
        (known.receives == held.receives && (known.visible > self.now || !self.fifo)).then_some(found)
    }

    async fn delete(&mut self) {
        let Some(held) = self.any_held() else { return };
        let answer = self.inbox.call("DeleteMessage", json!({ "ReceiptHandle": held.handle })).await;
        let there = self.known.iter().any(|known| known.body == held.body);
        match self.in_flight(&held) {
            Some(found) => {
                answer.unwrap();
                self.known.remove(found);
            }
            None if self.fifo && there => assert!(answer.unwrap_err().message.ends_with("has expired.")),
            None => drop(answer.unwrap()),
        }
    }

    async fn change(&mut self) {
        let (Some(held), seconds) = (self.any_held(), self.rng.below(6)) else { return };
        let input = json!({ "ReceiptHandle": held.handle, "VisibilityTimeout": seconds });
        let answer = self.inbox.call("ChangeMessageVisibility", input).await;
        let there = self.known.iter().any(|known| known.body == held.body);
        match self.in_flight(&held).filter(|found| self.known[*found].visible > self.now) {
            Some(found) => {
                answer.unwrap();
                self.known[found].visible = self.now + seconds * 1000;
            }
            None => assert_eq!(answer.is_ok(), there && !self.fifo, "{held:?}"),
        }
    }

    fn advance(&mut self) {
        let by = [1, 500, 999, 1_000, 1_001, 3_000][usize::try_from(self.rng.below(6)).unwrap()];
        self.now += by;
        self.inbox.advance(by);
    }

    async fn count(&self) {
        let of = |which: fn(&Known, u64) -> bool| self.known.iter().filter(|known| which(known, self.now)).count();
        let visible = of(|known, now| known.visible <= now);
        let in_flight = of(|known, now| known.visible > now && known.receives > 0);
        let delayed = of(|known, now| known.visible > now && known.receives == 0);
        let (v, n, d) = self.inbox.counts().await;
        assert_eq!([v, n, d].map(|n| usize::try_from(n).unwrap()), [visible, in_flight, delayed], "at {}", self.now);
    }

    /// Everything that wasn't deleted comes, and then there is nothing.
    async fn end(mut self) {
        self.now += 100_000;
        self.inbox.advance(100_000);
        while !self.known.is_empty() {
            let found = self.inbox.receive(json!({ "MaxNumberOfMessages": 10 })).await;
            assert!(!found.is_empty(), "lost: {:?}", self.known);
            for message in &found {
                self.inbox.delete(&handle(message)).await;
                self.known.retain(|known| message["Body"] != known.body.as_str());
            }
        }
        self.inbox.advance(100_000);
        assert!(self.inbox.bodies().await.is_empty());
        assert_eq!(self.inbox.counts().await, (0, 0, 0));
    }
}

async fn histories(fifo: bool) {
    for seed in 0..40 {
        let mut history = History::new(seed, fifo).await;
        for _ in 0..120 {
            history.step().await;
        }
        history.end().await;
    }
}

#[tokio::test]
async fn histories_of_standard_queues() {
    histories(false).await;
}

#[tokio::test]
async fn histories_of_fifo_queues() {
    histories(true).await;
}

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
