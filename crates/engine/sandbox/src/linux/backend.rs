//! Makes process sandboxes, and refuses where they would not hold.

use std::io;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{OnceCell, Semaphore};

use super::cgroup::{self, Controller, Group};
use super::instance::{Nature, ProcessSandbox};
use super::launch::{self, Plan};
use super::nursery::Nursery;
use super::probe;
use super::reaper::Reaper;
use super::zygote::Zygote;
use crate::{
    Command, Config, HostMemory, Level, Occupant, Remains, Report, Sandbox, SandboxBackend, SandboxError, SandboxSpec,
    TunnelSpec,
};

/// More than are ever built at the same time: as many leaves as there are to build.
const BUILDERS: u32 = 1 << 20;

/// Sandboxes made of Linux processes.
#[derive(Clone, Debug)]
pub struct ProcessBackend(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    /// Or why limits cannot be enforced here.
    controller: Result<Box<dyn Controller>, String>,
    memory: cgroup::Memory,
    nursery: Arc<Nursery>,
    reaper: Reaper,
    /// Held by whatever builds, also when nobody waits for it any more.
    builders: Arc<Semaphore>,
    report: OnceCell<Report>,
    /// Why sandboxes can't have a tunnel.
    tunnel: OnceCell<Option<String>>,
}

impl ProcessBackend {
    /// Prepares the host's control groups and clears what dead supervisors left in them. Builds nothing yet.
    pub fn new(config: Config) -> io::Result<Self> {
        let controller =
            if config.control_groups { cgroup::detect() } else { Err("switched off by configuration".to_owned()) };
        match &controller {
            Ok(controller) => controller.sweep(),
            Err(reason) => tracing::warn!(reason, "control groups cannot be used"),
        }
        let memory = cgroup::Memory::find();
        let reaper = Reaper::start()?;
        let nursery = Arc::new(Nursery::new(config.helper.clone()));
        let (builders, report) = (Arc::new(Semaphore::new(BUILDERS as usize)), OnceCell::new());
        let tunnel = OnceCell::new();
        Ok(Self(Arc::new(Inner { config, controller, memory, nursery, reaper, builders, report, tunnel })))
    }

    /// Whether sandboxes get control groups.
    pub(super) fn has_groups(&self) -> bool {
        self.0.controller.is_ok()
    }

    async fn report(&self) -> &Report {
        self.0.report.get_or_init(|| probe::run(self)).await
    }

    /// Builds without asking whether the host is good enough; the probe has to.
    pub(super) async fn build_unchecked(&self, plan: Plan, level: Level) -> Result<Box<dyn Sandbox>, SandboxError> {
        self.aside(move |inner| inner.build(plan, None, level)).await
    }

    /// Work that blocks, and goes on without whoever asked for it.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, SandboxError> + Send + 'static,
    ) -> Result<T, SandboxError> {
        let leave = Arc::clone(&self.0.builders).try_acquire_owned().map_err(|_| SandboxError::Closed)?;
        let inner = Arc::clone(&self.0);
        // The leave comes last: what nobody takes is given up before it.
        let done = tokio::task::spawn_blocking(move || (work(&inner), leave)).await;
        done.map_err(|err| SandboxError::step("run the builder", io::Error::other(err)))?.0
    }

    /// Refuses where sandboxes would not hold as well as they have to.
    async fn admitted(&self) -> Result<Level, SandboxError> {
        let report = self.report().await;
        let minimum = self.0.config.minimum;
        let Some(missing) = report.obstacle(minimum) else { return Ok(report.level) };
        Err(SandboxError::TooWeak {
            found: report.level,
            minimum,
            missing: missing.name,
            mend: missing.mend,
            trouble: report.trouble.clone(),
        })
    }
}

impl Inner {
    /// `group`: the one that is inherited.
    fn build(&self, plan: Plan, group: Option<Arc<dyn Group>>, level: Level) -> Result<Box<dyn Sandbox>, SandboxError> {
        plan.spec.validate()?;
        let nature = Nature { level, limits: plan.spec.limits, uid: plan.spec.uid };
        let group = group.map_or_else(|| self.group(&plan.spec), |group| Ok(Some(group)))?;
        let built = launch::build(&self.nursery, plan, group, &self.reaper)?;
        Ok(Box::new(ProcessSandbox::new(built, Arc::clone(&self.nursery), nature, self.reaper.clone())))
    }

    fn group(&self, spec: &SandboxSpec) -> Result<Option<Arc<dyn Group>>, SandboxError> {
        let Ok(controller) = &self.controller else { return Ok(None) };
        let group = controller.create(&spec.name, &spec.limits);
        group.map(|group| Some(group.into())).map_err(|err| SandboxError::step("make the control group", err))
    }
}

impl SandboxBackend for ProcessBackend {
    fn probe(&self) -> BoxFuture<'_, Report> {
        async { self.report().await.clone() }.boxed()
    }

    fn memory(&self) -> Option<HostMemory> {
        self.0.memory.read()
    }

    fn probe_tunnel(&self, tunnel: TunnelSpec) -> BoxFuture<'_, Option<String>> {
        let tried = move || async move { probe::through(self, tunnel).await.err().map(|error| error.to_string()) };
        async move { self.0.tunnel.get_or_init(tried).await.clone() }.boxed()
    }

    fn build(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        async {
            let level = self.admitted().await?;
            self.build_unchecked(Plan { spec, occupant: Occupant::Command, open: false, tmp: None }, level).await
        }
        .boxed()
    }

    fn prepare(&self, spec: SandboxSpec, occupant: Occupant) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        async move {
            let level = self.admitted().await?;
            self.build_unchecked(Plan { spec, occupant, open: true, tmp: None }, level).await
        }
        .boxed()
    }

    fn inherit(
        &self,
        spec: SandboxSpec,
        occupant: Occupant,
        remains: Remains,
    ) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        async move {
            let level = self.admitted().await?;
            // Taken within, so that whatever isn't built there takes it away.
            let work = move |inner: &Inner| {
                let spec = SandboxSpec { uid: remains.uid, ..spec };
                let (tmp, group) = remains.taken();
                inner.build(Plan { spec, occupant, open: true, tmp }, group, level)
            };
            self.aside(work).await
        }
        .boxed()
    }

    fn zygote(&self, spec: SandboxSpec, command: Command) -> BoxFuture<'_, Result<Zygote, SandboxError>> {
        async move {
            self.admitted().await?;
            self.aside(move |inner| Zygote::start(&inner.nursery, spec, command)).await
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            drop(self.0.builders.acquire_many(BUILDERS).await);
            self.0.builders.close();
            self.0.reaper.finished().await;
        }
        .boxed()
    }
}
