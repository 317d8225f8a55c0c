//! The sandbox of a program that needs none: everything that an instance asks of its own, for a future instead of
//! processes.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::net::TcpSocket;
use tokio::sync::watch;
use updraft_kernel::BoxFuture;
use updraft_sandbox::{
    Command, ExitReason, ExitStatus, Furniture, Level, Remains, Sandbox, SandboxError, Stdio, Tunnel, Zygote,
};

/// What both sides look at.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Highest memory use, in bytes.
    pub(crate) peak: AtomicU64,
    /// Thousandths of a core; zero: no quota.
    pub(crate) cpu_millis: AtomicU32,
}

/// The platform's side.
#[derive(Debug)]
pub(crate) struct Quarters {
    kill: watch::Sender<bool>,
    over: watch::Receiver<Option<ExitReason>>,
    meter: Arc<Meter>,
}

/// The program's side.
#[derive(Debug)]
pub(crate) struct Tenant {
    killed: watch::Receiver<bool>,
    over: watch::Sender<Option<ExitReason>>,
    pub(crate) meter: Arc<Meter>,
}

impl Quarters {
    pub(crate) fn new() -> (Self, Tenant) {
        let (kill, killed) = watch::channel(false);
        let (tell, over) = watch::channel(None);
        let meter = Arc::new(Meter::default());
        (Self { kill, over, meter: Arc::clone(&meter) }, Tenant { killed, over: tell, meter })
    }
}

impl Tenant {
    /// Completes when it is to end.
    pub(crate) async fn killed(&mut self) {
        // Quarters that are dropped are left.
        drop(self.killed.wait_for(|killed| *killed).await);
    }

    pub(crate) fn is_over(&self, reason: ExitReason) {
        self.over.send_replace(Some(reason));
    }
}

/// How a program ends that is dropped.
const KILLED: ExitReason = ExitReason { status: ExitStatus::Killed, oom_killed: false };

/// What only processes can do.
fn no_process<T>() -> Result<T, SandboxError> {
    Err(SandboxError::Invalid("there are no processes in here".to_owned()))
}

async fn over(mut over: watch::Receiver<Option<ExitReason>>) -> ExitReason {
    over.wait_for(Option::is_some).await.ok().and_then(|reason| *reason).unwrap_or(KILLED)
}

impl Sandbox for Quarters {
    fn listeners(&mut self) -> Vec<TcpListener> {
        Vec::new()
    }

    fn tunnel(&mut self) -> Result<Option<Tunnel>, SandboxError> {
        Ok(None)
    }

    fn furnish(&mut self, _: Furniture) -> Result<(), SandboxError> {
        no_process()
    }

    fn start_seated(&mut self, _: Command, _: Vec<OwnedFd>) -> Result<(Stdio, UnixStream), SandboxError> {
        no_process()
    }

    fn start_from(&mut self, _: &Zygote) -> Result<(Stdio, UnixStream), SandboxError> {
        no_process()
    }

    fn start_beside(&self, _: Command) -> Result<(Stdio, BoxFuture<'static, ExitStatus>), SandboxError> {
        no_process()
    }

    fn outlive(&self) -> Result<BoxFuture<'static, ExitReason>, SandboxError> {
        no_process()
    }

    fn start(&mut self, _: Command) -> Result<Stdio, SandboxError> {
        no_process()
    }

    /// It has no signals to listen to, and nothing beside it that would need time.
    fn terminate(&self) {}

    fn socket(&self) -> BoxFuture<'static, Result<TcpSocket, SandboxError>> {
        Box::pin(std::future::ready(no_process()))
    }

    /// Between calls nobody polls the program: it stands still by itself.
    fn freeze(&self) -> Result<(), SandboxError> {
        Ok(())
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        Ok(())
    }

    fn set_cpu(&self, millis: Option<u32>) -> Result<(), SandboxError> {
        self.meter.cpu_millis.store(millis.unwrap_or(0), Ordering::Relaxed);
        Ok(())
    }

    fn kill(&self) {
        self.kill.send_replace(true);
    }

    fn wait(&self) -> BoxFuture<'_, ExitReason> {
        Box::pin(over(self.over.clone()))
    }

    fn peak_memory(&self) -> Option<u64> {
        Some(self.meter.peak.load(Ordering::Relaxed))
    }

    fn reset_peak(&self) {
        self.meter.peak.store(0, Ordering::Relaxed);
    }

    fn level(&self) -> Level {
        Level::Full
    }

    fn destroy(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.kill();
        Box::pin(async move {
            over(self.over).await;
        })
    }

    fn bequeath(self: Box<Self>) -> BoxFuture<'static, Option<Remains>> {
        let destroyed = self.destroy();
        Box::pin(async move {
            destroyed.await;
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_killed_ends_and_who_waits_hears_it() {
        let (quarters, mut tenant) = Quarters::new();
        quarters.kill();
        tenant.killed().await;
        let exit = ExitReason { status: ExitStatus::Code(3), oom_killed: false };
        tenant.is_over(exit);
        assert_eq!((quarters.wait().await, quarters.wait().await), (exit, exit), "as often as it is asked");
    }

    #[tokio::test]
    async fn a_program_that_was_dropped_was_killed() {
        let (quarters, tenant) = Quarters::new();
        drop(tenant);
        assert_eq!(quarters.wait().await, KILLED);
        Box::new(quarters).destroy().await;
    }

    #[tokio::test]
    async fn quarters_that_are_left_end_their_tenant() {
        let (quarters, mut tenant) = Quarters::new();
        drop(quarters);
        tenant.killed().await;
    }
}
