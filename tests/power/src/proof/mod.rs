//! The proofs: record, cut at every write, open what is left, compare with what was promised.

mod blobs;
mod cuts;
mod faults;
mod http;
mod platform;
mod store;

use std::path::Path;

use anyhow::Result;

use crate::tracer::Fault;
use crate::workload::{Engine, Kind};

pub(crate) use cuts::Counts;
use faults::faults;

/// What is cut, and how one sees that nothing is missing.
pub(crate) trait Subject: Sync {
    /// What was promised so far.
    type Promises: Default + Clone + Send + Sync;
    /// What was found in a folder after a power cut.
    type Found: Send + Sync;

    /// # Errors
    /// If nobody can mean that.
    fn promise(&self, promises: &mut Self::Promises, line: &str) -> Result<()>;

    /// Opens the folder and checks what must hold whatever was promised; writes, and opens it once more.
    ///
    /// # Errors
    /// What is wrong.
    fn recover(&self, folder: &Path) -> Result<Self::Found>;

    /// # Errors
    /// What was promised and isn't there.
    fn judge(&self, found: &Self::Found, promises: &Self::Promises) -> Result<()>;
}

/// How one workload is run and cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) engine: Engine,
    pub(crate) clients: usize,
    pub(crate) steps: usize,
    /// Random images of each cut.
    pub(crate) seeds: u64,
    /// Cuts at every so manyth change.
    pub(crate) every: usize,
}

/// Records the workload and cuts it everywhere.
///
/// # Errors
/// The first thing that was lost.
pub(crate) fn power(plan: Plan) -> Result<Counts> {
    match plan.kind {
        Kind::Blobs => cuts::prove(plan, &blobs::BlobsSubject { engine: plan.engine }),
        _ => cuts::prove(plan, &store::StoreSubject::new(plan)),
    }
}

/// Everything the checks do with a store needs a runtime of its own: they run on many threads.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// One proof, with a name to ask for it.
pub(crate) struct Proof {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn Fn() -> Result<Counts>>,
}

/// The proofs in their short form, which takes a minute, or their long one.
pub(crate) fn all(long: bool) -> Vec<Proof> {
    let more = move |short: usize, longer: usize| if long { longer } else { short };
    let seeds = if long { 16 } else { 1 };
    let fjall = Engine::Fjall;
    let store = Plan { kind: Kind::Store, engine: fjall, clients: 3, steps: more(40, 150), seeds, every: 1 };
    let redb = Plan { engine: Engine::Redb, steps: more(12, 100), ..store };
    let rotate = Plan { kind: Kind::Rotate, clients: 2, steps: 4, seeds: 1, every: more(6, 1), ..store };
    let blobs = Plan { kind: Kind::Blobs, clients: 1, steps: more(10, 60), ..store };
    let small = Plan { clients: 2, steps: 12, seeds: 1, ..store };
    let small_redb = Plan { steps: 6, engine: Engine::Redb, ..small };
    let few = Plan { steps: 4, seeds: 1, ..blobs };
    let stride = more(6, 1);
    let proof = |name, run: Box<dyn Fn() -> Result<Counts>>| Proof { name, run };
    vec![
        proof("store: power cuts", Box::new(move || power(store))),
        proof("store: power cuts around a new journal", Box::new(move || power(rotate))),
        proof("redb: power cuts", Box::new(move || power(redb))),
        proof("blobs: power cuts", Box::new(move || power(blobs))),
        proof("store: a sync fails", Box::new(move || faults(small, Fault::Sync, false, stride))),
        proof("store: the disk is full", Box::new(move || faults(small, Fault::Full, true, stride))),
        proof("store: short writes", Box::new(move || faults(small, Fault::Short, false, stride))),
        // Not a failing sync: redb keeps to itself what fails while it is dropped (ADR 10).
        proof("redb: the disk is full", Box::new(move || faults(small_redb, Fault::Full, true, stride))),
        proof("blobs: a sync fails", Box::new(move || faults(few, Fault::Sync, false, stride))),
        proof("blobs: the disk is full", Box::new(move || faults(few, Fault::Full, true, stride))),
        proof("blobs: short writes", Box::new(move || faults(few, Fault::Short, false, stride))),
        proof("platform: power cuts", Box::new(move || platform::power(more(12, 400)))),
        proof("platform: a sync fails", Box::new(move || platform::failing(more(2, 20)))),
    ]
}
