//! Components, compiled and linked: each once, however many instances there are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OnceCell;
use wasmtime::component::Component;
use wasmtime::{Error, Result};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::bindings::FunctionPre;
use crate::machine::Machine;
use crate::state::State;

/// How many are kept at hand that no instance uses.
const KEPT: usize = 256;

/// What a component is called by.
pub(crate) enum Program {
    Handler(FunctionPre<State>),
    Proxy(ProxyPre<State>),
}

impl Program {
    fn of(machine: &Machine, component: &Component) -> Result<Self> {
        let linked = machine.linker.instantiate_pre(component)?;
        if let Ok(handler) = FunctionPre::new(linked.clone()) {
            return Ok(Self::Handler(handler));
        }
        ProxyPre::new(linked).map(Self::Proxy).map_err(|error| {
            error.context("the component exports neither updraft:lambda/handler nor wasi:http/incoming-handler")
        })
    }
}

type Cell = Arc<OnceCell<Arc<Program>>>;

/// By the file of each, which is in a folder that is named by what is in it.
#[derive(Default)]
pub(crate) struct Programs(Mutex<HashMap<PathBuf, Cell>>);

impl Programs {
    fn cell(&self, file: &Path) -> Cell {
        let mut known = self.0.lock();
        if known.len() >= KEPT && !known.contains_key(file) {
            known.retain(|_, cell| cell.get().is_some_and(|program| Arc::strong_count(program) > 1));
        }
        Arc::clone(known.entry(file.to_owned()).or_default())
    }

    /// # Errors
    /// If the file is no component, or none that could be called here.
    pub(crate) async fn get(&self, machine: &Arc<Machine>, file: &Path) -> Result<Arc<Program>> {
        let cell = self.cell(file);
        cell.get_or_try_init(|| make(Arc::clone(machine), file.to_owned())).await.cloned()
    }
}

async fn make(machine: Arc<Machine>, file: PathBuf) -> Result<Arc<Program>> {
    let turn = Arc::clone(&machine.compiling).acquire_owned().await.map_err(Error::new)?;
    let work = move || {
        // Kept to the end, also where nobody waits for it any more: what is compiled then is found the next time.
        let _turn = turn;
        let component = machine.cache.load(&machine.engine, &file)?;
        Program::of(&machine, &component).map(Arc::new)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::new)?
}
