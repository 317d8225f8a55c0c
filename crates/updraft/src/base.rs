//! What every part of a platform stands on: time, chance, tasks, state, and who else works on that state.

use std::sync::Arc;

use anyhow::Result;
use updraft_blob::Blobs;
use updraft_delivery::Outbox;
use updraft_kernel::{Clock, OsRng, Rng, Tasks, VirtualClock};
use updraft_nodes::{Nodes, Settings};
use updraft_store::Store;
use updraft_timers::{Timers, load_clock};

use crate::config::Config;
use crate::data::{DataFolder, Secret};
use crate::open;
use crate::places;
use crate::shared;

/// What every part is given: time, chance, tasks, state.
pub(crate) struct Base {
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) tasks: Tasks,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) nodes: Nodes,
    pub(crate) timers: Timers,
    pub(crate) outbox: Outbox,
}

impl Base {
    pub(crate) async fn open(config: &Config, data: &DataFolder, tasks: &Tasks) -> Result<Self> {
        let rng: Arc<dyn Rng> = Arc::new(OsRng);
        let store = open::whole_store(config, data).await?;
        let clock = Arc::new(load_clock(&*store).await?);
        let time: Arc<dyn Clock> = clock.clone();
        let blobs = open::blobs(config, data, Arc::clone(&rng), Arc::clone(&time)).await?;
        if store.is_shared() {
            shared::same_blobs(&*store, &*blobs).await?;
        }
        let nodes = nodes(config, Arc::clone(&time), Arc::clone(&rng)).await?;
        let timers = Timers::new(Arc::clone(&store), Arc::clone(&time), &nodes);
        let outbox = Outbox::new(Arc::clone(&store), time, Arc::clone(&rng), timers.clone(), &nodes);
        Ok(Self { clock, rng, tasks: tasks.clone(), store, blobs, nodes, timers, outbox })
    }

    /// In the store where several nodes have it in common, in the data folder where there is only one.
    pub(crate) async fn secret(&self, data: &DataFolder) -> Result<Secret> {
        if self.store.is_shared() { shared::secret(&*self.store, &*self.rng).await } else { data.secret() }
    }

    pub(crate) fn time(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }
}

/// Who else works on this store.
async fn nodes(config: &Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Nodes> {
    let Some(store) = open::store_for_beats(config).await? else { return Ok(Nodes::alone()) };
    let name = config.node_name.clone().unwrap_or_else(|| places::host_and_port(config.listen));
    let settings = Settings::new(&name, &format!("http://{}", config.listen), env!("CARGO_PKG_VERSION"));
    Ok(Nodes::join(updraft_nodes::Parts { store, clock, rng, settings }).await?)
}
