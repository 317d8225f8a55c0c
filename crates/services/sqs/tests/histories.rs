//! Random histories of one queue beside a model of it, in virtual time: what is received is what can be seen, all that can
//! be seen is received, in order where there is one, what was received too often is with the dead letters once, duplicates
//! are there once, and the counts are exact. Served by one node, or by two in turn.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use updraft_kernel::{RngExt, SeededRng};

use crate::inbox::{Inbox, bodies, handle};

/// A queue, and how it is served.
#[derive(Clone, Copy, Debug)]
struct Kind {
    fifo: bool,
    nodes: usize,
    /// A message received so often becomes a dead letter.
    most: Option<u32>,
    /// The queue's, in seconds.
    delay: u64,
}

impl Kind {
    async fn begin(self) -> (Vec<Inbox>, Option<String>) {
        let attributes = json!({ "DelaySeconds": self.delay.to_string() });
        let first = if self.fifo { Inbox::fifo(attributes).await } else { Inbox::standard(attributes).await };
        let mut dead = None;
        if let Some(most) = self.most {
            let (name, attributes) =
                if self.fifo { ("d.fifo", json!({ "FifoQueue": "true" })) } else { ("d", json!({})) };
            dead = Some(first.beside(name, attributes).await);
            let target = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
            let policy = json!({ "deadLetterTargetArn": target, "maxReceiveCount": most }).to_string();
            first.ok("SetQueueAttributes", json!({ "Attributes": { "RedrivePolicy": policy } })).await;
        }
        let mut inboxes = vec![first];
        for _ in 1..self.nodes {
            inboxes.push(inboxes[0].of_another_node());
        }
        (inboxes, dead)
    }
}

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
    kind: Kind,
    /// Of each node.
    inboxes: Vec<Inbox>,
    /// The queue of dead letters.
    dead: Option<String>,
    rng: SeededRng,
    fifo: bool,
    now: u64,
    sent: u32,
    /// In the order of sending.
    known: Vec<Known>,
    held: Vec<Held>,
}

impl History {
    async fn new(seed: u64, kind: Kind) -> Self {
        let ((inboxes, dead), rng) = (kind.begin().await, SeededRng::new(seed));
        let (known, held) = (Vec::new(), Vec::new());
        Self { kind, inboxes, dead, rng, fifo: kind.fifo, now: 0, sent: 0, known, held }
    }

    /// Of any node.
    fn inbox(&self) -> &Inbox {
        let any = self.rng.below(u64::try_from(self.inboxes.len()).unwrap());
        &self.inboxes[usize::try_from(any).unwrap()]
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
        let mut entries = Vec::new();
        for _ in 0..=self.rng.below(4) {
            self.sent += 1;
            let body = self.sent.to_string();
            let group = format!("g{}", self.rng.below(4));
            let own = if self.fifo {
                None
            } else {
                [None, Some(0), Some(1), Some(3)][usize::try_from(self.rng.below(4)).unwrap()]
            };
            entries.push(self.entry(&body, &group, own));
            let visible = self.now + own.unwrap_or(self.kind.delay) * 1000;
            self.known.push(Known { body, group, visible, receives: 0 });
        }
        if self.fifo && self.rng.below(3) == 0 {
            // What was sent before, whatever became of it.
            let body = (1 + self.rng.below(self.sent.into())).to_string();
            entries.push(self.entry(&body, "another", None));
        }
        if self.rng.below(2) == 0 {
            let answer = self.inbox().ok("SendMessageBatch", json!({ "Entries": entries })).await;
            assert_eq!(answer["Successful"].as_array().unwrap().len(), entries.len(), "{answer}");
            return;
        }
        for mut entry in entries {
            entry.as_object_mut().unwrap().remove("Id");
            self.inbox().ok("SendMessage", entry).await;
        }
    }

    fn entry(&self, body: &str, group: &str, delay: Option<u64>) -> Value {
        let id = format!("e{}", self.rng.u64());
        let mut entry = json!({ "Id": id, "MessageBody": body, "MessageGroupId": group });
        if self.fifo {
            entry["MessageDeduplicationId"] = body.into();
        }
        if let Some(delay) = delay {
            entry["DelaySeconds"] = delay.into();
        }
        entry
    }

    fn is_dead(&self, known: &Known) -> bool {
        self.kind.most.is_some_and(|most| known.receives >= most)
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
        let found = self.inbox().receive(ask).await;
        let got = bodies(&found);
        let can: Vec<_> = self.visible().into_iter().filter(|known| !self.is_dead(known)).cloned().collect();
        let expected = usize::try_from(most).unwrap().min(can.len());
        assert_eq!(got.len(), expected, "of {can:?} came {got:?} at {}", self.now);
        assert_eq!(got.iter().collect::<BTreeSet<_>>().len(), got.len(), "one came twice: {got:?}");
        for body in &got {
            assert!(can.iter().any(|known| known.body == *body), "{body} can't be seen at {}: {can:?}", self.now);
        }
        if self.fifo {
            self.in_order(&got, &can);
        }
        self.bury().await;
        for message in &found {
            self.took(message, self.now + seconds * 1000);
        }
    }

    /// Whatever came to the dead letters was received often enough and could be seen, and comes in its order; how many.
    async fn bury(&mut self) -> usize {
        let Some(dead) = self.dead.clone() else { return 0 };
        let mut buried: Vec<Known> = Vec::new();
        loop {
            let ask = json!({ "QueueUrl": dead, "MaxNumberOfMessages": 10 });
            let found = self.inbox().receive(ask).await;
            if found.is_empty() {
                break;
            }
            for message in &found {
                let input = json!({ "QueueUrl": dead, "ReceiptHandle": handle(message) });
                self.inbox().ok("DeleteMessage", input).await;
                let at = self.known.iter().position(|known| message["Body"] == known.body.as_str());
                let known = self.known.remove(at.unwrap_or_else(|| panic!("nobody knows of {message}")));
                assert!(self.is_dead(&known) && known.visible <= self.now, "{known:?} at {}", self.now);
                buried.push(known);
            }
        }
        for pair in buried.windows(2).filter(|pair| self.fifo && pair[0].group == pair[1].group) {
            let [first, second] = [&pair[0], &pair[1]].map(|known| known.body.parse::<u32>().unwrap());
            assert!(first < second, "{second} was buried before {first}");
        }
        buried.len()
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
        let answer = self.inbox().call("DeleteMessage", json!({ "ReceiptHandle": held.handle })).await;
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
        let answer = self.inbox().call("ChangeMessageVisibility", input).await;
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
        self.inboxes[0].advance(by);
    }

    async fn count(&self) {
        let of = |which: fn(&Known, u64) -> bool| self.known.iter().filter(|known| which(known, self.now)).count();
        let visible = of(|known, now| known.visible <= now);
        let in_flight = of(|known, now| known.visible > now && known.receives > 0);
        let delayed = of(|known, now| known.visible > now && known.receives == 0);
        let (v, n, d) = self.inbox().counts().await;
        assert_eq!([v, n, d].map(|n| usize::try_from(n).unwrap()), [visible, in_flight, delayed], "at {}", self.now);
    }

    /// Everything that wasn't deleted comes, and then there is nothing.
    async fn end(mut self) {
        self.now += 100_000;
        self.inboxes[0].advance(100_000);
        while !self.known.is_empty() {
            let found = self.inbox().receive(json!({ "MaxNumberOfMessages": 10 })).await;
            let buried = self.bury().await;
            assert!(!found.is_empty() || buried > 0, "lost: {:?}", self.known);
            for message in &found {
                self.inbox().delete(&handle(message)).await;
                self.known.retain(|known| message["Body"] != known.body.as_str());
            }
        }
        self.inboxes[0].advance(100_000);
        for inbox in &self.inboxes {
            assert!(inbox.bodies().await.is_empty());
            assert_eq!(inbox.counts().await, (0, 0, 0));
        }
    }
}

async fn histories(kind: Kind) {
    for seed in 0..20 {
        let mut history = History::new(seed, kind).await;
        for _ in 0..120 {
            history.step().await;
        }
        history.end().await;
    }
}

const STANDARD: Kind = Kind { fifo: false, nodes: 1, most: None, delay: 0 };
const FIFO: Kind = Kind { fifo: true, ..STANDARD };

#[tokio::test]
async fn histories_of_standard_queues() {
    histories(STANDARD).await;
}

#[tokio::test]
async fn histories_of_fifo_queues() {
    histories(FIFO).await;
}

#[tokio::test]
async fn histories_of_standard_queues_with_dead_letters_and_a_delay() {
    histories(Kind { most: Some(2), delay: 1, ..STANDARD }).await;
}

#[tokio::test]
async fn histories_of_fifo_queues_with_dead_letters_and_a_delay() {
    histories(Kind { most: Some(2), delay: 1, ..FIFO }).await;
}

#[tokio::test]
async fn histories_of_standard_queues_on_two_nodes() {
    histories(Kind { nodes: 2, most: Some(3), ..STANDARD }).await;
}

#[tokio::test]
async fn histories_of_fifo_queues_on_two_nodes() {
    histories(Kind { nodes: 2, most: Some(3), ..FIFO }).await;
}
