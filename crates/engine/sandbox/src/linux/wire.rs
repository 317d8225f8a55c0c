//! What supervisor and helper say to each other over their socket: length-prefixed postcard, with descriptors.

use std::io::{self, Read, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::sys::socket;
use crate::{Command, ExitStatus, SandboxSpec};

/// Larger than any spec or command with its environment; smaller than what would hurt.
const MAX_FRAME: usize = 64 << 20;

/// Supervisor to helper, first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BuildRequest {
    pub(crate) spec: SandboxSpec,
    pub(crate) cgroup: Option<Membership>,
}

/// How the helper puts the command into its control group and keeps it from staying frozen for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    /// Files into which a process writes `0` to join.
    pub(crate) join: Vec<PathBuf>,
    /// File and content that thaw the group.
    pub(crate) thaw: (PathBuf, String),
}

/// Supervisor to the waiting command process. Descriptors: standard output, standard error.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StartRequest {
    pub(crate) command: Command,
}

/// Helper to supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The sandbox's init runs. Descriptors: its pidfd, then one per listener.
    Spawned,
    /// Everything is built; a [`StartRequest`] is waited for.
    Ready,
    /// A step of the construction failed.
    Failed { step: String, errno: i32 },
    /// The command has ended.
    Exited(ExitStatus),
}

fn malformed(err: postcard::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, err)
}

/// Sends one frame; `fds` travel with it.
pub(crate) fn send<T: Serialize>(mut to: &UnixStream, frame: &T, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let body = postcard::to_stdvec(frame).map_err(malformed)?;
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
