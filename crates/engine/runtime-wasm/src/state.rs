//! What a store holds: everything that a component's imports are answered with.

use std::path::Path;
use std::sync::Arc;

use updraft_exec::{Life, Printed};
use updraft_kernel::RngExt;
use wasmtime::component::ResourceTable;
use wasmtime::{Result, Store};
use wasmtime_wasi::filesystem::WasiFilesystemCtxView;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::files::{Files, Quota, Tmp};
use crate::http::Hooks;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::metered::{Share, on_beat};
use crate::seams::{Chance, Monotonic, Output, WallClock};

/// How many things of the platform's a component may hold at a time: streams, files, requests, headers.
const RESOURCES: usize = 10_000;

pub(crate) struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    table: ResourceTable,
    quota: Arc<Quota>,
    limits: Limits,
    pub(crate) share: Share,
}

impl State {
    fn new(life: &Arc<Life>, tmp: &Tmp) -> Result<Self> {
        let mut table = ResourceTable::new();
        table.set_max_capacity(RESOURCES);
        Ok(Self {
            wasi: wasi(life, &tmp.folder)?,
            quota: Arc::clone(&tmp.quota),
            http: WasiHttpCtx::new(),
            hooks: Hooks(Arc::clone(life)),
            table,
            limits: Limits::new(Arc::clone(life)),
            share: Share::new(Arc::clone(life)),
        })
    }

    /// What `wasi:filesystem` is answered by.
    pub(crate) fn files(&mut self) -> Files<'_> {
        let inner = WasiFilesystemCtxView { ctx: self.wasi.filesystem(), table: &mut self.table };
        Files { inner, quota: &self.quota }
    }
}

/// A store in which one instance lives.
pub(crate) fn store(machine: &Machine, life: &Arc<Life>, tmp: &Tmp) -> Result<Store<State>> {
    let mut store = Store::new(&machine.engine, State::new(life, tmp)?);
    store.limiter(|state| &mut state.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(on_beat);
    Ok(store)
}

/// No sockets and no names: what isn't given here isn't there.
fn wasi(life: &Arc<Life>, tmp: &Path) -> Result<WasiCtx> {
    let (clock, rng) = (life.clock(), life.rng());
    let output = |way| Output { life: Arc::clone(life), way };
    let mut wasi = WasiCtxBuilder::new();
    wasi.args(&["bootstrap"])
        .envs(life.env())
        .initial_cwd("/var/task")
        .stdout(output(Printed::Out))
        .stderr(output(Printed::Err))
        .wall_clock(WallClock(Arc::clone(clock)))
        .monotonic_clock(Monotonic(Arc::clone(clock)))
        .secure_random(Chance(Arc::clone(rng)))
        .insecure_random(Chance(Arc::clone(rng)))
        .insecure_random_seed(u128::from(rng.u64()))
        .allow_tcp(false)
        .allow_udp(false)
        .preopened_dir(&*life.files().code, "/var/task", FsPerms::ReadOnly)?
        .preopened_dir(tmp, "/tmp", FsPerms::ReadWrite)?;
    if let Some(layers) = &life.files().layers {
        wasi.preopened_dir(&**layers, "/opt", FsPerms::ReadOnly)?;
    }
    Ok(wasi.build())
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}
