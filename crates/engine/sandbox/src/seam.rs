//! The seam: how the engine asks for sandboxes, whatever they are made of.

use std::fmt::Debug;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::net::TcpSocket;
use tokio::net::unix::pipe::Receiver;

use crate::{
    Command, Furniture, HostMemory, Level, Occupant, Remains, Report, SandboxError, SandboxSpec, Tunnel, TunnelSpec,
    Zygote,
};

/// A maker of sandboxes.
pub trait SandboxBackend: Debug + Send + Sync + 'static {
    /// Builds a throw-away sandbox, tries to escape from it and says what held. Cached after the first call.
    fn probe(&self) -> BoxFuture<'_, Report>;

    /// What there is for all sandboxes together, right now. `None`: the host doesn't say.
    fn memory(&self) -> Option<HostMemory>;

    /// Tries whether sandboxes can have a [`SandboxSpec::tunnel`] here, by sending something through one. Cached after the
    /// first call.
    ///
    /// # Returns
    /// What the system said where they can't.
    fn probe_tunnel(&self, tunnel: TunnelSpec) -> BoxFuture<'_, Option<String>>;

    /// Builds a sandbox up to "ready, waiting for its command", so that sandboxes can be pooled.
    /// Refuses with [`SandboxError::TooWeak`] below the configured minimum level.
    fn build(&self, spec: SandboxSpec) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>>;

    /// As [`Self::build`], for something that isn't known yet: [`Sandbox::furnish`] is to come before anything of a
    /// customer's is started or told.
    fn prepare(&self, spec: SandboxSpec, occupant: Occupant) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>>;

    /// As [`Self::prepare`], with the `/tmp` and the control group of one that has ended, and its user.
    fn inherit(
        &self,
        spec: SandboxSpec,
        occupant: Occupant,
        remains: Remains,
    ) -> BoxFuture<'_, Result<Box<dyn Sandbox>, SandboxError>>;

    /// Starts a process of our own that forks itself into sandboxes, which must show the same files as `spec`. It runs
    /// without a network, with all that it takes to enter sandboxes: never a customer's code.
    fn zygote(&self, spec: SandboxSpec, command: Command) -> BoxFuture<'_, Result<Zygote, SandboxError>>;

    /// Makes no more sandboxes, and resolves when all that were given up have been taken away.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// One sandbox. Dropping it kills everything inside; [`Sandbox::destroy`] also waits for it.
pub trait Sandbox: Debug + Send + Sync + 'static {
    /// The listeners inside the sandbox in the order of [`SandboxSpec::listeners`], non-blocking. Empty from the second call on.
    fn listeners(&mut self) -> Vec<TcpListener>;

    /// The supervisor's end of [`SandboxSpec::tunnel`]. Must be called within a tokio runtime. `None` from the second call on.
    fn tunnel(&mut self) -> Result<Option<Tunnel>, SandboxError>;

    /// Shows what the sandbox is for and sets its limits, once, in one that was prepared. Whoever waits inside goes on
    /// when that is done; a failure ends the sandbox.
    fn furnish(&mut self, furniture: Furniture) -> Result<(), SandboxError>;

    /// Runs a program of ours, which may start before there is furniture. It finds a socket as descriptor 3, and must read a
    /// byte from descriptor 4, its gate, before it runs anything of a customer's. From 5 on it finds what it is given.
    fn start_seated(&mut self, command: Command, given: Vec<OwnedFd>) -> Result<(Stdio, UnixStream), SandboxError>;

    /// In place of a command: a fork of the zygote, which waits at the other end of the socket. Blocks for some
    /// milliseconds. The fork must not run anything before it has been told to over the socket, and has then read a byte
    /// from its gate.
    fn start_from(&mut self, zygote: &Zygote) -> Result<(Stdio, UnixStream), SandboxError>;

    /// Runs one more program, until it or the command ends.
    fn start_beside(&self, command: Command) -> Result<(Stdio, BoxFuture<'static, ExitStatus>), SandboxError>;

    /// From now on the command's end is not the sandbox's: what runs beside goes on, until it is killed. To be called
    /// before the command is started. Resolves when the command has ended, or the sandbox with it.
    fn outlive(&self) -> Result<BoxFuture<'static, ExitReason>, SandboxError>;

    /// Runs the command; at most once. Returns as soon as it is handed over; must be called within a tokio runtime.
    /// A program that cannot be executed ends with exit code 126 or 127, and says why on stderr.
    fn start(&mut self, command: Command) -> Result<Stdio, SandboxError>;

    /// Asks the command to end by itself, by SIGTERM. It may not listen.
    fn terminate(&self);

    /// A socket that reaches what listens inside, such as an extension.
    fn socket(&self) -> BoxFuture<'static, Result<TcpSocket, SandboxError>>;

    /// Stops all processes inside, until [`Sandbox::thaw`].
    fn freeze(&self) -> Result<(), SandboxError>;

    /// Lets frozen processes run again.
    fn thaw(&self) -> Result<(), SandboxError>;

    /// Changes the processor quota: thousandths of a core, `None` for no quota (the boost during initialisation).
    fn set_cpu(&self, millis: Option<u32>) -> Result<(), SandboxError>;

    /// Kills everything inside, at once. [`Sandbox::wait`] then resolves.
    fn kill(&self);

    /// Resolves when the command has ended and nothing inside is left alive. May be called again and from several tasks.
    fn wait(&self) -> BoxFuture<'_, ExitReason>;

    /// Highest memory use since the last reset in bytes, where the host counts it.
    fn peak_memory(&self) -> Option<u64>;

    /// Starts a new measurement of [`Sandbox::peak_memory`].
    fn reset_peak(&self);

    /// How well this sandbox isolates.
    fn level(&self) -> Level;

    /// Kills what is left, waits for it and removes every trace on the host.
    fn destroy(self: Box<Self>) -> BoxFuture<'static, ()>;

    /// As [`Self::destroy`], but for what [`SandboxBackend::inherit`] takes. `None`: nothing could be kept.
    fn bequeath(self: Box<Self>) -> BoxFuture<'static, Option<Remains>>;
}

/// What the command writes.
#[derive(Debug)]
pub struct Stdio {
    /// Standard output.
    pub stdout: Receiver,
    /// Standard error.
    pub stderr: Receiver,
}

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitReason {
    /// Exit code or signal.
    pub status: ExitStatus,
    /// The kernel killed a process inside because the memory limit was reached.
    pub oom_killed: bool,
}

/// Exit code or signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitStatus {
    /// The command exited by itself.
    Code(i32),
    /// The command was killed by this signal.
    Signal(i32),
    /// The whole sandbox was killed, or died before it could say how the command ended.
    Killed,
}

impl ExitStatus {
    /// Which of the two it is, and the number with its lowest byte first: what is written when a process has ended.
    pub(crate) fn to_bytes(self) -> [u8; 5] {
        let (kind, number) = match self {
            Self::Code(code) => (0, code),
            Self::Signal(signal) => (1, signal),
            Self::Killed => (1, 9),
        };
        let [a, b, c, d] = number.to_le_bytes();
        [kind, a, b, c, d]
    }

    /// `None`: nobody has written it.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [kind, number @ ..] => {
                let number = i32::from_le_bytes(number.try_into().ok()?);
                Some(if *kind == 0 { Self::Code(number) } else { Self::Signal(number) })
            }
            [] => None,
        }
    }
}
