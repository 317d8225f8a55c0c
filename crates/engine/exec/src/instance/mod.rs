//! One running copy of a function: its sandbox, its Runtime API, its log.

mod farewell;
pub(crate) mod invoke;
mod lodge;
mod mounts;
pub(crate) mod sandbox;
pub(crate) mod settle;
pub(crate) mod start;
pub(crate) mod supervise;
#[cfg(test)]
mod tests;
pub(crate) mod ways;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Notify, RwLock, watch};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::FunctionSpec;
use updraft_sandbox::{ExitReason, ExitStatus, Sandbox};

use crate::api::server::Ended;
use crate::api::session::Session;
use crate::extensions::Registry;
use crate::failure::Exit;
use crate::host::Host;
use crate::logs::instance::InstanceLog;
use crate::pool::InstanceId;
use crate::reset::{Leave, Left, Reset};

/// What a living instance is made of. Its supervisor owns its end.
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    pub(crate) spec: Arc<FunctionSpec>,
    pub(crate) session: Arc<Session>,
    pub(crate) log: Arc<InstanceLog>,
    pub(crate) extensions: Arc<Registry>,
    pub(crate) host: Arc<Host>,
    /// The credentials in its environment are good until then.
    pub(crate) expires: UnixMillis,
    /// Taken out by the supervisor, who destroys it.
    sandbox: RwLock<Option<Box<dyn Sandbox>>>,
    motion: Mutex<Motion>,
    thawed: Notify,
    /// It has been told to end by and by.
    parting: AtomicBool,
    /// The runtime's process has ended; whatever runs beside it may go on.
    runtime_over: watch::Sender<bool>,
    exit: OnceLock<Exit>,
    ended: watch::Sender<bool>,
    /// How long the start took, until the first report has told it.
    init: Mutex<Option<Duration>>,
    /// How long it took within a call, which is told of it.
    suppressed: Mutex<Duration>,
    /// The log's name.
    stream: String,
    /// What there is of it when it has ended, unless it is spent.
    left: Mutex<Option<Left>>,
    leave: Mutex<Option<Leave>>,
    /// It has come to its end in order: nothing goes on in its place.
    spent: AtomicBool,
    /// Highest memory use, in bytes, and when that was read.
    peak: Mutex<(Duration, Option<u64>)>,
}

/// May its processes run?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Motion {
    Running,
    Frozen,
    /// Killed: never frozen again, since frozen processes don't die.
    Ending,
}

/// Reading the highest memory use costs as much as a small invocation's round trip, so busy instances read it this
/// often only.
const PEAK_EVERY: Duration = Duration::from_millis(50);

impl Instance {
    /// Runs `f` on the sandbox if it still exists.
    fn with_sandbox<T>(&self, f: impl FnOnce(&dyn Sandbox) -> T) -> Option<T> {
        let slot = self.sandbox.try_read().ok()?;
        slot.as_deref().map(f)
    }

    /// Hears when it has ended.
    pub(crate) fn ended(&self) -> Ended {
        self.ended.subscribe()
    }

    /// To whoever listens at this port inside.
    pub(crate) async fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let made = self.with_sandbox(Sandbox::socket).ok_or(io::ErrorKind::NotConnected)?;
        to_listener(made.await.map_err(io::Error::other)?, port).await
    }

    /// Completes when it isn't frozen.
    pub(crate) async fn running(&self) {
        loop {
            let thawed = self.thawed.notified();
            if *self.motion.lock() != Motion::Frozen {
                return;
            }
            thawed.await;
        }
    }

    /// It is to leave nothing when it ends.
    pub(crate) fn spend(&self) {
        self.spent.store(true, Ordering::SeqCst);
    }

    /// What goes on in its place; once.
    pub(crate) fn reset(&self, now: Duration) -> Option<Reset> {
        let left = self.left.lock().take()?;
        Some(Reset { log: Arc::clone(&self.log), stream: self.stream.clone(), left, since: now })
    }

    /// Ends it at once. Its supervisor cleans up.
    pub(crate) fn kill(&self) {
        let mut motion = self.motion.lock();
        self.kill_locked(&mut motion);
    }

    fn kill_locked(&self, motion: &mut Motion) {
        if *motion == Motion::Frozen
            && let Some(Err(error)) = self.with_sandbox(Sandbox::thaw)
        {
            tracing::warn!(%error, "a sandbox that is to end could not be thawed");
        }
        *motion = Motion::Ending;
        self.with_sandbox(Sandbox::kill);
    }

    /// Stops an idle instance until it is needed. `still_idle` is asked under the lock that [`Self::thaw`] takes, so
    /// that an instance which was given work meanwhile is never frozen.
    pub(crate) fn freeze(&self, still_idle: impl FnOnce() -> bool) {
        let mut motion = self.motion.lock();
        if *motion != Motion::Running || !still_idle() {
            return;
        }
        match self.with_sandbox(Sandbox::freeze) {
            Some(Ok(())) => *motion = Motion::Frozen,
            Some(Err(error)) => tracing::debug!(%error, "an idle sandbox could not be frozen"),
            None => {}
        }
    }

    /// Highest memory use since the start, in bytes. AWS: never reset between invocations.
    pub(crate) fn peak(&self, now: Duration) -> Option<u64> {
        let mut peak = self.peak.lock();
        let (read, known) = *peak;
        if known.is_none() || now.saturating_sub(read) >= PEAK_EVERY {
            *peak = (now, self.with_sandbox(Sandbox::peak_memory).flatten().or(known));
        }
        peak.1
    }

    /// All of its processes have ended: what they used at most doesn't change any more.
    fn settle_peak(&self, last: Option<u64>) {
        let mut peak = self.peak.lock();
        let known = if self.exit() == Exit::OutOfMemory { Some(u64::from(self.spec.memory_mb) << 20) } else { last };
        *peak = (Duration::MAX, known.or(peak.1));
    }

    pub(crate) fn thaw(&self) {
        let mut motion = self.motion.lock();
        if *motion != Motion::Frozen {
            return;
        }
        *motion = Motion::Running;
        self.thawed.notify_waiters();
        if let Some(Err(error)) = self.with_sandbox(Sandbox::thaw) {
            tracing::warn!(%error, "a sandbox could not be thawed; it is ended");
            self.kill_locked(&mut motion);
        }
    }

    /// How the process ended, once it has.
    pub(crate) fn exit(&self) -> Exit {
        self.exit.get().cloned().unwrap_or(Exit::Signal(9))
    }
}

/// Where connections from outside come from, inside.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// From another address than the listener's. Where nobody listens yet at a port that is one of those that connections are
/// given, the kernel may give it to this one, which then reaches itself, and takes the port from whoever is about to listen.
async fn to_listener(socket: TcpSocket, port: u16) -> io::Result<TcpStream> {
    socket.bind(SocketAddr::from((OUTSIDE, 0)))?;
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("id", &self.id).field("function", &self.spec.name).finish_non_exhaustive()
    }
}

impl From<ExitReason> for Exit {
    fn from(reason: ExitReason) -> Self {
        match reason.status {
            _ if reason.oom_killed => Self::OutOfMemory,
            ExitStatus::Code(code) => Self::Code(code),
            ExitStatus::Signal(signal) => Self::Signal(signal),
            ExitStatus::Killed => Self::Signal(9),
        }
    }
}
