//! What supervisor, nursery and sandboxes say to each other over their sockets: length-prefixed frames, with descriptors.

use std::io::{self, Read, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::sys::socket;
use crate::{Bind, Command, ExitStatus, SandboxSpec};

/// Larger than any spec or command with its environment; smaller than what would hurt.
const MAX_FRAME: usize = 64 << 20;

/// Supervisor to nursery. Nothing is answered on the socket that it came by.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// A sandbox. Descriptors: the control socket of its init, if there is to be a command that of the
    /// command, and what is inherited.
    Build(BuildRequest),
    /// Detached copies of parts of the host's tree. Descriptor: where the answer goes.
    Graft(Vec<Bind>),
    /// A process to be forked into sandboxes. Descriptors: its control socket, and where it prints.
    Zygote { spec: SandboxSpec, command: Command },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BuildRequest {
    pub(crate) spec: SandboxSpec,
    pub(crate) cgroup: Option<Membership>,
    /// The init keeps what it needs to obey one [`Request::Furnish`]. Until then nothing of a customer's may run inside.
    pub(crate) open: bool,
    /// The last descriptor is a `/tmp` that is there already.
    pub(crate) inherits: bool,
}

/// How a process gets into the control group of a sandbox, and how its init keeps it from staying frozen for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    /// Files into which a process writes `0` to join.
    pub(crate) join: Vec<PathBuf>,
    /// File and content that thaw the group.
    pub(crate) thaw: (PathBuf, String),
}

/// Supervisor to a sandbox's init.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// The init then gives up its privileges. Descriptors: the trees.
    Furnish(FurnishRequest),
    /// Runs one more program. Descriptors: standard output, standard error, and where its exit status goes.
    Beside(Command),
    /// Stays when the command has ended. Descriptor: where its exit status goes.
    Outlive,
    /// Asks the command to end by itself (SIGTERM).
    Terminate,
    /// Makes a TCP socket in the sandbox's network. Answered with [`Answer::Socket`].
    Socket,
    /// Stops everything inside, where the host has no freezer. Not asked for by a signal: of those that are sent by number
    /// one at most is pending, and whoever is inside may send them, too, so that it gets lost among theirs.
    Stop,
    /// Lets everything run again.
    Continue,
}

/// What a prepared sandbox becomes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FurnishRequest {
    /// Where the detached trees are shown, and whether they are directories.
    pub(crate) targets: Vec<(PathBuf, bool)>,
    /// The new size of `/tmp`.
    pub(crate) tmp_bytes: Option<u64>,
    /// Resource and value, for each process that is inside already: where there are no control groups.
    pub(crate) limits: Vec<(u32, u64)>,
}

/// Supervisor to the waiting command process. Descriptors: standard output, standard error, and the seat if there is one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StartRequest {
    pub(crate) command: Command,
    /// A program of ours, which runs at once, and passes the gate itself: it finds the seat under number 3 and the gate
    /// under number 4.
    pub(crate) seated: bool,
}

/// What the supervisor hears.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The sandbox's init runs. Descriptors: its pidfd, the gate, its user namespace and the end of its tunnel if it has
    /// them, then one per listener.
    Spawned { user_namespace: bool, tunnel: bool },
    /// Everything is built; a [`StartRequest`] or a fork is waited for. Descriptor: a copy of `/tmp`.
    Ready,
    /// The trees are the descriptors, in order. Are they directories?
    Grafted(Vec<bool>),
    /// Descriptor: the socket.
    Socket,
    /// A step of the construction failed.
    Failed { step: String, errno: i32 },
    /// The command has ended.
    Exited(ExitStatus),
}

/// To a zygote, as JSON. Descriptors: the sandbox's init, its gate, the seat, standard output, standard error, where the
/// exit status goes, then the user namespace if there is one, then the files by which control groups are joined.
#[derive(Debug, Serialize)]
pub(crate) struct ForkRequest {
    pub(crate) user_namespace: bool,
    /// Whom to become once inside.
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Whether there are supplementary groups to leave.
    pub(crate) leave_groups: bool,
    /// Resource and value, soft and hard alike.
    pub(crate) limits: Vec<(u32, u64)>,
}

fn malformed(err: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, err)
}

/// Sends one frame; `fds` travel with it.
pub(crate) fn send<T: Serialize>(to: &UnixStream, frame: &T, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    send_bytes(to, &postcard::to_stdvec(frame).map_err(malformed)?, fds)
}

/// Sends four bytes of length, lowest first, and JSON; `fds` travel with it.
pub fn send_json<T: Serialize>(to: &UnixStream, frame: &T, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    send_bytes(to, &serde_json::to_vec(frame).map_err(malformed)?, fds)
}

fn send_bytes(mut to: &UnixStream, body: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(|_| io::Error::from_raw_os_error(libc::EMSGSIZE))?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(body);
    let sent = socket::send(to, &bytes, fds)?;
    to.write_all(bytes.get(sent..).unwrap_or_default())
}

/// Receives one frame and the descriptors that came with it.
pub(crate) fn receive<T: DeserializeOwned>(mut from: &UnixStream) -> io::Result<(T, Vec<OwnedFd>)> {
    let mut length = [0; 4];
    let (got, fds) = socket::receive(from, &mut length)?;
    if got == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    from.read_exact(length.get_mut(got..).unwrap_or_default())?;
    let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
    if length > MAX_FRAME {
        return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((postcard::from_bytes(&body).map_err(malformed)?, fds))
}
