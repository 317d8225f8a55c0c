//! Makes process sandboxes, and refuses where they would not hold.

use std::io;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::cgroup::{self, Controller, Group};
use super::instance::ProcessSandbox;
use super::launch;
use super::probe;
use super::reaper::Reaper;
use crate::{Config, Level, Report, Sandbox, SandboxBackend, SandboxError, SandboxSpec};

/// Sandboxes made of Linux processes.
#[derive(Clone, Debug)]
pub struct ProcessBackend(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    /// Or why limits cannot be enforced here.
    controller: Result<Box<dyn Controller>, String>,
    reaper: Reaper,
    report: OnceCell<Report>,
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
        let reaper = Reaper::start()?;
        Ok(Self(Arc::new(Inner { config, controller, reaper, report: OnceCell::new() })))
    }

    /// Whether sandboxes get control groups.
    pub(super) fn has_groups(&self) -> bool {
        self.0.controller.is_ok()
    }

    async fn report(&self) -> &Report {
        self.0.report.get_or_init(|| probe::run(self)).await
    }

    /// Builds without asking whether the host is good enough; the probe has to.
    pub(super) async fn build_unchecked(
        &self,
        spec: SandboxSpec,
        level: Level,
    ) -> Result<Box<dyn Sandbox>, SandboxError> {
        let inner = Arc::clone(&self.0);
        let built = tokio::task::spawn_blocking(move || inner.build(spec, level)).await;
        built.map_err(|err| SandboxError::step("run the builder", io::Error::other(err)))?
    }
}

impl Inner {
    fn build(&self, spec: SandboxSpec, level: Level) -> Result<Box<dyn Sandbox>, SandboxError> {
        spec.validate()?;
        let uid = spec.uid;
        let group = self.group(&spec)?;
        let built = launch::build(&self.config.helper, spec, group, &self.reaper)?;
        Ok(Box::new(ProcessSandbox::new(built, level, uid, self.reaper.clone())))
    }

    fn group(&self, spec: &SandboxSpec) -> Result<Option<Box<dyn Group>>, SandboxError> {
        let Ok(controller) = &self.controller else { return Ok(None) };
        let group = controller.create(&spec.name, &spec.limits);
        group.map(Some).map_err(|err| SandboxError::step("make the control group", err))
    }
}

impl SandboxBackend for ProcessBackend {
    fn probe(&self) -> BoxFuture<'_, Report> {
        async { self.report().await.clone() }.boxed()
    }

    fn build(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>> {
        async {
            let report = self.report().await;
            if let Some(missing) = report.obstacle(self.0.config.minimum) {
                return Err(SandboxError::TooWeak {
                    found: report.level,
                    minimum: self.0.config.minimum,
                    missing: missing.name,
                    mend: missing.mend,
                    trouble: report.trouble.clone(),
                });
            }
            self.build_unchecked(spec, report.level).await
        }
        .boxed()
    }
}
