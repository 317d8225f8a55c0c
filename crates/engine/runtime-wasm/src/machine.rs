//! The engine that compiles and isolates: one for all functions.
//!
//! What isolates an instance: its own linear memories, which it can't name anything outside of, and no import but those
//! that `state.rs` answers. What bounds it: `limits.rs` its memory, `pulse.rs` and `metered.rs` its time.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};
use wasmtime_wasi::p2::bindings::filesystem::types;

use crate::cache::Cache;
use crate::component::Programs;
use crate::files::{Scratch, Within};
use crate::pulse::Pulse;
use crate::state::State;

/// How many instances there can be. AWS: an account's calls at a time, and as many that wait.
const INSTANCES: u32 = 2000;
/// A component is several modules: its own, and some that adapt it. Usually one of them has a memory.
const MODULES: u32 = 8000;
const MEMORIES: u32 = 3000;
/// Of a table, in entries: whole interpreters have some ten thousands.
const TABLE: usize = 100_000;
/// Of what the engine keeps for one instance besides its memory, in bytes.
const BOOKKEEPING: usize = 4 << 20;
/// AWS has none. A linear memory of 32 bits ends there.
const MEMORY: usize = 4 << 30;

/// See the module.
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) pulse: Pulse,
    pub(crate) cache: Cache,
    pub(crate) scratch: Scratch,
    pub(crate) programs: Programs,
    /// One component is compiled at a time, by all cores.
    pub(crate) compiling: Arc<Semaphore>,
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").finish_non_exhaustive()
    }
}

impl Machine {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let engine = engine()?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        // In place of what is there already.
        linker.allow_shadowing(true);
        types::add_to_linker::<State, Within>(&mut linker, State::files)?;
        linker.allow_shadowing(false);
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        Ok(Self {
            pulse: Pulse::start(&engine)?,
            cache: Cache::new(&folder.join("code"), &engine),
            scratch: Scratch::new(folder.join("tmp"))?,
            programs: Programs::default(),
            linker,
            engine,
            compiling: Arc::new(Semaphore::new(1)),
        })
    }
}

/// With memory laid out ahead, where the host has that much address space to give.
fn engine() -> Result<Engine> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    Engine::new(&config).or_else(|error| {
        tracing::warn!(%error, "no room is kept for WebAssembly's memories; each is made when it is needed");
        Engine::new(&self::config())
    })
}

fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(MODULES)
        .total_memories(MEMORIES)
        .total_tables(MODULES)
        .total_stacks(INSTANCES)
        .max_component_instance_size(BOOKKEEPING)
        .max_core_instance_size(BOOKKEEPING)
        .max_tables_per_module(4)
        .table_elements(TABLE)
        .max_memory_size(MEMORY);
    pool
}
