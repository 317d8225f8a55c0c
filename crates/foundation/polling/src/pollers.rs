//! [`Pollers`]: all mappings that a service polls.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use updraft_kernel::ports::{FunctionPort, Mapping, MappingsPort, MetricsPort};
use updraft_kernel::{BoxFuture, Clock, Rng, Tasks, UnixMillis};
use updraft_nodes::{Lease, Nodes};
use updraft_store::Topic;
use updraft_timers::Settles;

use crate::load::Load;
use crate::mapped::Mapped;
use crate::poller::Poller;
use crate::settle::{Ask, Standing};
use crate::source::Source;
use crate::stream::{Reader, Stream};

/// Leases that the mappings of a service share: fixed in number, for a lease that was asked for stays.
const LEASES: u64 = 16;

/// What pollers need of the platform. Lambda is known weakly, for it knows whoever polls.
#[derive(Debug)]
pub struct Parts {
    pub functions: Weak<dyn FunctionPort>,
    pub mappings: Weak<dyn MappingsPort>,
    pub metrics: Arc<dyn MetricsPort>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub tasks: Tasks,
}

/// Polls for all mappings of one service.
#[derive(Debug)]
pub struct Pollers {
    service: &'static str,
    parts: Arc<Parts>,
    nodes: Nodes,
    all: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    /// By UUID: a loop for each shard of a stream, else one.
    polled: HashMap<String, Vec<Polled>>,
    /// Calls outlive the poller that made them.
    loads: HashMap<String, Weak<Load>>,
}

#[derive(Debug)]
struct Polled {
    /// Dropped to stop it.
    asks: mpsc::UnboundedSender<Ask>,
    standing: Arc<Standing>,
}

impl Pollers {
    /// `service` tells its leases from those of others. Before [`Nodes::start`].
    #[must_use]
    pub fn new(service: &'static str, parts: Parts, nodes: &Nodes) -> Self {
        // Each node asks for all of them, whichever mappings it knows yet; one that nobody holds on to can go at any time.
        (0..LEASES).for_each(|number| drop(nodes.lease(&lease_name(service, number))));
        Self { service, parts: Arc::new(parts), nodes: nodes.clone(), all: Mutex::default() }
    }

    /// Polls as the mapping says, no longer as an earlier revision of it did.
    ///
    /// # Errors
    /// If it can't, with what `LastProcessingResult` is to say.
    pub fn begin(&self, mapping: &Arc<Mapping>, source: impl Source) -> Result<(), String> {
        self.stop(&mapping.uuid);
        let load = self.all.lock().load(&mapping.uuid);
        let mapped = Arc::new(Mapped::new(Arc::clone(mapping), source, Arc::clone(&self.parts), load)?);
        let (asks, receiver) = mpsc::unbounded_channel();
        let (standing, lease) = (Arc::<Standing>::default(), self.lease(&mapping.uuid));
        let polled = Polled { asks, standing: Arc::clone(&standing) };
        self.all.lock().polled.insert(mapping.uuid.clone(), vec![polled]);
        let tasks = &self.parts.tasks;
        tasks.spawn("event source poller", Poller::new(mapped, lease, receiver, standing).run(tasks.shutdown()));
        Ok(())
    }

    /// As [`Self::begin`], for what is read in order.
    ///
    /// # Errors
    /// If it can't, with what `LastProcessingResult` is to say.
    pub fn begin_stream(&self, mapping: &Arc<Mapping>, stream: impl Stream) -> Result<(), String> {
        self.stop(&mapping.uuid);
        let (shards, load) = (stream.shards(), Arc::<Load>::default());
        let mapped = Arc::new(Mapped::new(Arc::clone(mapping), stream, Arc::clone(&self.parts), load)?);
        let begin = |shard: usize| {
            let name = format!("{}/{shard}", mapping.uuid);
            let (load, lease) = (self.all.lock().load(&name), self.lease(&name));
            let (asks, receiver) = mpsc::unbounded_channel();
            let standing = Arc::<Standing>::default();
            let polled = Polled { asks, standing: Arc::clone(&standing) };
            let reader = Reader::new(Arc::clone(&mapped), shard, (lease, load), (receiver, standing));
            self.parts.tasks.spawn("event source shard", reader.run(self.parts.tasks.shutdown()));
            polled
        };
        let polled = (0..shards).map(begin).collect();
        self.all.lock().polled.insert(mapping.uuid.clone(), polled);
        Ok(())
    }

    /// No longer polls. Calls that are under way go on.
    pub fn stop(&self, uuid: &str) {
        self.all.lock().polled.remove(uuid);
    }

    fn lease(&self, uuid: &str) -> Lease {
        self.nodes.lease(&lease_name(self.service, Topic::of(&[uuid.as_bytes()]).0 % LEASES))
    }
}

fn lease_name(service: &str, number: u64) -> String {
    format!("{service} polling {number}")
}

impl All {
    /// What is under way for a mapping.
    fn load(&mut self, uuid: &str) -> Arc<Load> {
        self.loads.retain(|_, load| load.strong_count() > 0);
        let load = self.loads.get(uuid).and_then(Weak::upgrade).unwrap_or_default();
        self.loads.insert(uuid.to_owned(), Arc::downgrade(&load));
        load
    }
}

impl Settles for Pollers {
    /// Waits until each has looked and has nothing to do, and its calls have ended; not for ever, for functions may take
    /// long.
    fn settle(&self) -> BoxFuture<'_, bool> {
        let all = self.all.lock();
        let asked: Vec<_> =
            all.polled.values().flatten().map(|polled| (polled.asks.clone(), Arc::clone(&polled.standing))).collect();
        drop(all);
        Box::pin(async move {
            let clock = &*self.parts.clock;
            let answers = asked.into_iter().map(|(asks, standing)| async move { standing.ask(asks, clock).await });
            join_all(answers).await.into_iter().any(|worked| worked)
        })
    }

    fn next_due(&self) -> Option<UnixMillis> {
        self.all.lock().polled.values().flatten().filter_map(|polled| polled.standing.due()).min()
    }
}
