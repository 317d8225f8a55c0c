//! One living sandbox, as the supervisor sees it.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::TcpSocket;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::OnceCell;

use super::cgroup::Group;
use super::ending::{Ending, Forked};
use super::helper::limits;
use super::launch::Built;
use super::nursery::{Nursery, hear, unexpected};
use super::reaper::Reaper;
use super::sys::{creds, process};
use super::wire::{self, Answer, ForkRequest, FurnishRequest, Request, StartRequest};
use super::{Zygote, zygote};
use crate::{
    Command, ExitReason, ExitStatus, Furniture, Level, Limits, Remains, SANDBOX_GID, SANDBOX_UID, Sandbox,
    SandboxError, Stdio, Tunnel,
};

/// What has to be taken away when a sandbox ends.
#[derive(Debug)]
pub(super) struct Body {
    control: UnixStream,
    telling: Mutex<()>,
    /// The sandbox's init: with it, everything inside dies.
    init: OwnedFd,
    group: Option<Arc<dyn Group>>,
    /// What the kernel had killed in it before.
    oom_kills: u64,
    tmp: Mutex<Option<OwnedFd>>,
    /// By which others get in.
    gate: Option<OwnedFd>,
    user: Option<OwnedFd>,
    /// How the command ended, where that came instead of another answer. Held while an answer is waited for.
    said: Mutex<Option<ExitStatus>>,
}

impl Body {
    pub(super) fn new(control: UnixStream, init: OwnedFd, group: Option<Arc<dyn Group>>) -> Self {
        let (telling, tmp, said) = (Mutex::default(), Mutex::default(), Mutex::default());
        let oom_kills = group.as_deref().map_or(0, Group::oom_kills);
        Self { control, telling, init, group, oom_kills, tmp, gate: None, user: None, said }
    }

    pub(super) fn with_tmp(self, tmp: Option<OwnedFd>) -> Self {
        Self { tmp: Mutex::new(tmp), ..self }
    }

    /// By which `/tmp` stays: its files are there for as long as this is.
    pub(super) fn take_tmp(&self) -> Option<OwnedFd> {
        self.tmp.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the kernel has killed somebody inside for lack of memory.
    fn oom_killed(&self) -> bool {
        self.group().is_some_and(|group| group.oom_kills() > self.oom_kills)
    }

    pub(super) fn entered_by(self, gate: OwnedFd, user: Option<OwnedFd>) -> Self {
        Self { gate: Some(gate), user, ..self }
    }

    pub(super) fn control(&self) -> &UnixStream {
        &self.control
    }

    /// Sends one request to the init, whole: others may be sent at the same time.
    fn tell(&self, request: &Request, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        let _turn = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        wire::send(&self.control, request, fds)
    }

    pub(super) fn init(&self) -> &OwnedFd {
        &self.init
    }

    pub(super) fn group(&self) -> Option<&dyn Group> {
        self.group.as_deref()
    }

    /// First the signal, then the thaw: so frozen processes die without running another instruction.
    pub(super) fn kill(&self) {
        let killed = match process::signal(&self.init, libc::SIGKILL) {
            Err(err) if err.raw_os_error() != Some(libc::ESRCH) => Err(err),
            _ => self.group().map_or(Ok(()), Group::thaw),
        };
        if let Err(err) = killed {
            tracing::warn!(%err, "a sandbox could not be killed");
        }
    }

    /// A socket in the sandbox's network. Blocks for as long as the init takes.
    fn socket(&self) -> Result<OwnedFd, SandboxError> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        self.tell(&Request::Socket, &[]).map_err(sending("ask for a socket"))?;
        match hear(&self.control)? {
            (Answer::Socket, mut fds) => fds.pop().ok_or(SandboxError::Gone),
            (Answer::Exited(status), _) => {
                *said = Some(status);
                Err(SandboxError::Gone)
            }
            (answer, _) => Err(unexpected(answer)),
        }
    }

    /// How the command ended, once the init is dead: its last words are in the socket, if there were any.
    fn last_words(&self) -> ExitStatus {
        if let Some(status) = *self.said.lock().unwrap_or_else(PoisonError::into_inner) {
            return status;
        }
        while let Ok((answer, _)) = wire::receive::<Answer>(&self.control) {
            match answer {
                Answer::Exited(status) => return status,
                Answer::Failed { step, errno } => {
                    let err = io::Error::from_raw_os_error(errno);
                    tracing::error!(step, %err, "a sandbox could not be furnished");
                }
                _ => {}
            }
        }
        ExitStatus::Killed
    }
}

/// What a sandbox was made as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nature {
    pub(super) level: Level,
    pub(super) limits: Limits,
    /// Host user that owns the command's output pipes, so that `/dev/stdout` can be opened by name inside.
    pub(super) uid: u32,
}

/// A sandbox made of processes.
#[derive(Debug)]
pub(super) struct ProcessSandbox {
    body: Arc<Body>,
    nursery: Arc<Nursery>,
    command: Option<UnixStream>,
    /// Where the exit status of a fork comes from.
    fork: Option<Arc<Forked>>,
    /// The fork's end is not the sandbox's.
    outlived: AtomicBool,
    listeners: Vec<TcpListener>,
    tunnel: Option<OwnedFd>,
    nature: Nature,
    started: bool,
    /// Burying twice could hit the groups of a new sandbox of the same name.
    buried: bool,
    exit: OnceCell<ExitReason>,
    reaper: Reaper,
}

impl ProcessSandbox {
    pub(super) fn new(built: Built, nursery: Arc<Nursery>, nature: Nature, reaper: Reaper) -> Self {
        let Built { body, command, listeners, tunnel } = built;
        Self {
            body: Arc::new(body),
            nursery,
            command,
            fork: None,
            outlived: AtomicBool::new(false),
            listeners,
            tunnel,
            nature,
            started: false,
            buried: false,
            exit: OnceCell::new(),
            reaper,
        }
    }

    async fn await_exit(&self) -> ExitReason {
        let status = match &self.fork {
            None => None,
            // With a fork's end everything ends, as with a command's.
            Some(fork) => tokio::select! {
                status = fork.ended(), if !self.outlived.load(Ordering::SeqCst) => {
                    self.body.kill();
                    Some(status)
                }
                () = self.await_init() => None,
            },
        };
        self.await_init().await;
        let oom_killed = self.body.oom_killed();
        ExitReason { status: status.unwrap_or_else(|| self.body.last_words()), oom_killed }
    }

    async fn await_init(&self) {
        if let Err(err) = await_death(self.body.init()).await {
            tracing::error!(%err, "a sandbox cannot be waited for and is killed");
            self.body.kill();
        }
    }

    /// Output pipes: those that are read here, and their other ends.
    fn stdio(&self) -> Result<(Stdio, [OwnedFd; 2]), SandboxError> {
        let failed = |err| SandboxError::step("make output pipes", err);
        let (stdout, out) = self.pipe().map_err(failed)?;
        let (stderr, err) = self.pipe().map_err(failed)?;
        Ok((Stdio { stdout, stderr }, [out, err]))
    }

    /// Hands the command over. `seat`: what it is to find under number 3, and from 5 on, if that is anything.
    fn launch(&mut self, command: Command, seat: Vec<OwnedFd>) -> Result<Stdio, SandboxError> {
        if std::mem::replace(&mut self.started, true) {
            return Err(SandboxError::AlreadyStarted);
        }
        let to = self.command.take().ok_or(SandboxError::AlreadyStarted)?;
        let (stdio, fds) = self.stdio()?;
        let fds: Vec<_> = fds.iter().chain(&seat).map(AsFd::as_fd).collect();
        let request = StartRequest { command, seated: !seat.is_empty() };
        wire::send(&to, &request, &fds).map_err(sending("send the command"))?;
        Ok(stdio)
    }

    fn fork(&mut self, zygote: &Zygote) -> Result<(Stdio, UnixStream), SandboxError> {
        if std::mem::replace(&mut self.started, true) {
            return Err(SandboxError::AlreadyStarted);
        }
        let (stdio, outputs) = self.stdio()?;
        let failed = |err| SandboxError::step("make a seat", err);
        let (seat, theirs) = zygote::seat().map_err(failed)?;
        let (end, told) = io::pipe().map_err(failed)?;
        let body = Arc::clone(&self.body);
        let gate = body.gate.as_ref().ok_or(SandboxError::Gone)?;
        let join = self.joining().map_err(|err| SandboxError::step("open the control group", err))?;
        let first = [body.init.as_fd(), gate.as_fd(), theirs.as_fd()];
        let then = outputs.iter().map(AsFd::as_fd).chain([told.as_fd()]).chain(body.user.as_ref().map(AsFd::as_fd));
        let fds: Vec<_> = first.into_iter().chain(then).chain(join.iter().map(AsFd::as_fd)).collect();
        let pid = zygote.fork(&self.fork_request(), &seat, &fds)?;
        let forked = Forked::new(pid, end.into()).map_err(|err| SandboxError::step("watch the fork", err))?;
        self.fork = Some(Arc::new(forked));
        Ok((stdio, seat))
    }

    /// The files by which a process gets into the control groups. The kernel judges writes by who opened them.
    fn joining(&self) -> io::Result<Vec<std::fs::File>> {
        let membership = self.body.group().map(Group::membership);
        let files = membership.into_iter().flat_map(|membership| membership.join);
        files.map(|path| std::fs::File::options().write(true).open(path)).collect()
    }

    fn fork_request(&self) -> ForkRequest {
        let root = creds::is_root();
        let user_namespace = self.body.user.is_some();
        let (uid, gid) = if user_namespace { (SANDBOX_UID, SANDBOX_GID) } else { (self.nature.uid, self.nature.uid) };
        let limits = limits(&self.nature.limits, self.body.group().is_some());
        ForkRequest { user_namespace, uid, gid, leave_groups: root, limits }
    }

    /// By the control group; else answers what the init is to do instead.
    fn limit(&self, wanted: Option<&Limits>) -> io::Result<Vec<(u32, u64)>> {
        match (wanted, self.body.group()) {
            (None, _) => Ok(Vec::new()),
            (Some(wanted), Some(group)) => group.set_limits(wanted).map(|()| Vec::new()),
            (Some(wanted), None) => Ok(limits(wanted, false)),
        }
    }

    fn furnish_now(&mut self, furniture: &Furniture) -> Result<(), SandboxError> {
        furniture.validate()?;
        let (trees, directories) = self.nursery.grafts(&furniture.binds)?;
        let limits =
            self.limit(furniture.limits.as_ref()).map_err(|err| SandboxError::step("change the limits", err))?;
        let targets = furniture.binds.iter().map(|bind| bind.target.clone()).zip(directories).collect();
        let fds: Vec<_> = trees.iter().map(AsFd::as_fd).collect();
        let request = Request::Furnish(FurnishRequest { targets, tmp_bytes: furniture.tmp_bytes, limits });
        self.body.tell(&request, &fds).map_err(sending("send the furniture"))
    }

    fn pipe(&self) -> io::Result<(Receiver, OwnedFd)> {
        let (reader, writer) = io::pipe()?;
        // Without root there is one user only, who owns the pipe already.
        drop(std::os::unix::fs::fchown(&writer, Some(self.nature.uid), Some(self.nature.uid)));
        Ok((Receiver::from_owned_fd(reader.into())?, writer.into()))
    }
}

/// What a failure to send means.
fn sending(step: &'static str) -> impl Fn(io::Error) -> SandboxError {
    move |err| match err.kind() {
        io::ErrorKind::BrokenPipe => SandboxError::Gone,
        _ => SandboxError::step(step, err),
    }
}

/// Waits for the init's death and reaps it.
async fn await_death(init: &OwnedFd) -> io::Result<()> {
    process::death_of(init)?.readable().await?.retain_ready();
    match process::reap(init) {
        // The reaper was faster.
        Err(err) if err.raw_os_error() != Some(libc::ECHILD) => Err(err),
        _ => Ok(()),
    }
}

impl Sandbox for ProcessSandbox {
    fn listeners(&mut self) -> Vec<TcpListener> {
        std::mem::take(&mut self.listeners)
    }

    fn tunnel(&mut self) -> Result<Option<Tunnel>, SandboxError> {
        let end = self.tunnel.take().map(Tunnel::new).transpose();
        end.map_err(|err| SandboxError::step("watch the tunnel", err))
    }

    fn furnish(&mut self, furniture: Furniture) -> Result<(), SandboxError> {
        self.furnish_now(&furniture)
    }

    fn start(&mut self, command: Command) -> Result<Stdio, SandboxError> {
        self.launch(command, Vec::new())
    }

    fn start_seated(&mut self, command: Command, given: Vec<OwnedFd>) -> Result<(Stdio, UnixStream), SandboxError> {
        let (ours, theirs) = UnixStream::pair().map_err(|err| SandboxError::step("make a seat", err))?;
        Ok((self.launch(command, std::iter::once(theirs.into()).chain(given).collect())?, ours))
    }

    fn start_from(&mut self, zygote: &Zygote) -> Result<(Stdio, UnixStream), SandboxError> {
        self.fork(zygote)
    }

    fn start_beside(&self, command: Command) -> Result<(Stdio, BoxFuture<'static, ExitStatus>), SandboxError> {
        let (stdio, [out, err]) = self.stdio()?;
        let (end, told) = io::pipe().map_err(|err| SandboxError::step("make a pipe", err))?;
        let fds = [out.as_fd(), err.as_fd(), told.as_fd()];
        self.body.tell(&Request::Beside(command), &fds).map_err(sending("send a command"))?;
        let end = Ending::new(end.into()).map_err(|err| SandboxError::step("watch a process", err))?;
        Ok((stdio, async move { end.told().await.unwrap_or(ExitStatus::Killed) }.boxed()))
    }

    fn outlive(&self) -> Result<BoxFuture<'static, ExitReason>, SandboxError> {
        let body = Arc::clone(&self.body);
        let reason = move |status| {
            let oom_killed = body.oom_killed();
            ExitReason { status, oom_killed }
        };
        if let Some(fork) = self.fork.clone() {
            self.outlived.store(true, Ordering::SeqCst);
            return Ok(async move { reason(fork.ended().await) }.boxed());
        }
        let (end, told) = io::pipe().map_err(|err| SandboxError::step("make a pipe", err))?;
        self.body.tell(&Request::Outlive, &[told.as_fd()]).map_err(sending("ask to outlive"))?;
        let end = Ending::new(end.into()).map_err(|err| SandboxError::step("watch a process", err))?;
        Ok(async move { reason(end.told().await.unwrap_or(ExitStatus::Killed)) }.boxed())
    }

    fn terminate(&self) {
        let asked = match &self.fork {
            Some(fork) => fork.signal(libc::SIGTERM),
            None => self.body.tell(&Request::Terminate, &[]),
        };
        if let Err(err) = asked {
            tracing::debug!(%err, "a command could not be asked to end");
        }
    }

    fn socket(&self) -> BoxFuture<'static, Result<TcpSocket, SandboxError>> {
        let body = Arc::clone(&self.body);
        async move {
            let made = tokio::task::spawn_blocking(move || body.socket()).await;
            let made = made.map_err(|err| SandboxError::step("ask for a socket", io::Error::other(err)))??;
            let socket = std::net::TcpStream::from(made);
            socket.set_nonblocking(true).map_err(|err| SandboxError::step("use a socket", err))?;
            Ok(TcpSocket::from_std_stream(socket))
        }
        .boxed()
    }

    fn freeze(&self) -> Result<(), SandboxError> {
        let frozen = self.body.group().map_or_else(|| self.body.tell(&Request::Stop, &[]), Group::freeze);
        frozen.map_err(|err| SandboxError::step("freeze", err))
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        let thawed = self.body.group().map_or_else(|| self.body.tell(&Request::Continue, &[]), Group::thaw);
        thawed.map_err(|err| SandboxError::step("thaw", err))
    }

    fn set_cpu(&self, millis: Option<u32>) -> Result<(), SandboxError> {
        let set = self.body.group().map_or(Ok(()), |group| group.set_cpu(millis));
        set.map_err(|err| SandboxError::step("set the processor quota", err))
    }

    fn kill(&self) {
        self.body.kill();
    }

    fn wait(&self) -> BoxFuture<'_, ExitReason> {
        async { *self.exit.get_or_init(|| self.await_exit()).await }.boxed()
    }

    fn peak_memory(&self) -> Option<u64> {
        self.body.group()?.peak_memory()
    }

    fn reset_peak(&self) {
        if let Some(Err(err)) = self.body.group().map(Group::reset_peak) {
            tracing::debug!(%err, "the memory peak was not reset");
        }
    }

    fn level(&self) -> Level {
        self.nature.level
    }

    fn destroy(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        let (done, destroyed) = tokio::sync::oneshot::channel();
        self.buried = true;
        self.reaper.bury(Arc::clone(&self.body), Some(done));
        async {
            if destroyed.await.is_err() {
                tracing::debug!("the reaper is gone");
            }
        }
        .boxed()
    }

    fn bequeath(mut self: Box<Self>) -> BoxFuture<'static, Option<Remains>> {
        let Some(tmp) = self.body.take_tmp() else { return self.destroy().map(|()| None).boxed() };
        let (done, emptied) = tokio::sync::oneshot::channel();
        self.buried = true;
        let (group, uid, reaper) = (self.body.group.clone(), self.nature.uid, self.reaper.clone());
        let remains = Remains { tmp: Some(tmp), group, uid, reaper };
        self.reaper.empty(Arc::clone(&self.body), done);
        // Only if nobody is left inside: the next one's neighbour would have its user, and its files.
        async move { emptied.await.is_ok_and(|empty| empty).then_some(remains) }.boxed()
    }
}

impl Drop for ProcessSandbox {
    fn drop(&mut self) {
        if !self.buried {
            self.reaper.bury(Arc::clone(&self.body), None);
        }
    }
}
