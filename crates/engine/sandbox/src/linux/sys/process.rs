//! Processes, namespaces and signals.
#![expect(unsafe_code, reason = "process system calls")]

use std::convert::Infallible;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{check, fd_number, retry};
use crate::ExitStatus;

/// A process in the numbering of the caller's namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pid(pub(crate) i32);

/// Leaves namespaces; `libc::CLONE_NEW*`.
pub(crate) fn unshare(flags: libc::c_int) -> io::Result<()> {
    // SAFETY: no memory is passed; the callers are single-threaded helpers.
    check(unsafe { libc::unshare(flags) }).map(drop)
}

/// Enters namespaces of others: `of` is a descriptor of one of them, or of a process whose `kinds` are meant.
pub(crate) fn join(of: impl AsFd, kinds: libc::c_int) -> io::Result<()> {
    // SAFETY: no memory is passed; the callers are single-threaded helpers.
    check(unsafe { libc::setns(of.as_fd().as_raw_fd(), kinds) }).map(drop)
}

/// The kernel reaps whatever this process starts, without anybody having to wait for it.
pub(crate) fn leave_children_to_the_kernel() {
    // SAFETY: SIG_IGN runs no code of ours.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}

/// Waits for the end of one child, however it ends.
pub(crate) fn wait_for_child(pid: Pid) -> io::Result<()> {
    // SAFETY: a null status is allowed.
    retry(|| unsafe { libc::waitpid(pid.0, std::ptr::null_mut(), 0) }).map(drop)
}

/// Which side of a fork one is on.
#[derive(Debug)]
pub(crate) enum Fork {
    Child,
    Parent(Pid),
}

/// Forks. With `sibling` the new process becomes a child of the caller's parent.
///
/// Only for the single-threaded helper: in a process with threads the child could find locks held for ever.
pub(crate) fn fork(sibling: bool) -> io::Result<Fork> {
    let flags = libc::SIGCHLD | if sibling { libc::CLONE_PARENT } else { 0 };
    // SAFETY: without CLONE_VM and with a null stack this is a plain fork; the caller has a single thread.
    let pid = check(unsafe { libc::syscall(libc::SYS_clone, flags as libc::c_ulong, 0, 0, 0, 0) })?;
    Ok(if pid == 0 { Fork::Child } else { Fork::Parent(Pid(fd_number(pid)?)) })
}

/// A descriptor for a process, by which it can be waited for and signalled without mistaking it for another.
pub(crate) fn pidfd_open(pid: Pid) -> io::Result<OwnedFd> {
    // SAFETY: no memory is passed.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.0, 0) })?;
    // SAFETY: the call has just made this descriptor and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd_number(fd)?) })
}

/// Sends a signal through a descriptor made by [`pidfd_open`].
pub(crate) fn signal(process: impl AsFd, signal: libc::c_int) -> io::Result<()> {
    let fd = process.as_fd().as_raw_fd();
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: a null siginfo is allowed.
    check(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, no_info, 0) }).map(drop)
}

/// Signals all processes of the pid namespace but the caller.
pub(crate) fn signal_all(signal: libc::c_int) -> io::Result<()> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::kill(-1, signal) }).map(drop)
}

/// Signals a child that hasn't been waited for.
pub(crate) fn signal_child(pid: Pid, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::kill(pid.0, signal) }).map(drop)
}

/// Takes the exit status of a dead child away, so that it stops being a zombie. Does not wait.
pub(crate) fn reap(process: impl AsFd) -> io::Result<()> {
    let id = libc::id_t::try_from(process.as_fd().as_raw_fd()).map_err(io::Error::other)?;
    // SAFETY: all-zero is a valid siginfo_t.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: `info` is valid for writes during the call.
    check(unsafe { libc::waitid(libc::P_PIDFD, id, &raw mut info, libc::WEXITED | libc::WNOHANG) }).map(drop)
}

/// The next dead child, if there is one.
pub(crate) fn next_dead_child() -> Option<(Pid, ExitStatus)> {
    let mut status = 0;
    // SAFETY: `status` is valid for writes during the call.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) };
    let ended = if libc::WIFSIGNALED(status) {
        ExitStatus::Signal(libc::WTERMSIG(status))
    } else {
        ExitStatus::Code(libc::WEXITSTATUS(status))
    };
    (pid > 0).then_some((Pid(pid), ended))
}

/// Blocks `signals` and returns a descriptor from which they can be read.
pub(crate) fn take_signals(signals: &[libc::c_int]) -> io::Result<OwnedFd> {
    // SAFETY: all-zero is a valid sigset_t; it is emptied properly next.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is valid for reads and writes in all of these calls.
    unsafe {
        libc::sigemptyset(&raw mut set);
        for signal in signals {
            libc::sigaddset(&raw mut set, *signal);
        }
        check(libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()))?;
    }
    // SAFETY: as above; -1 asks for a new descriptor.
    let fd = check(unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) })?;
    // SAFETY: the call has just made this descriptor and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Reads what a descriptor of [`take_signals`] holds, so that it stops being readable.
pub(crate) fn drain_signals(signals: impl AsFd) {
    let mut info = [0_u8; size_of::<libc::signalfd_siginfo>()];
    // SAFETY: `info` is valid for writes of its size.
    while unsafe { libc::read(signals.as_fd().as_raw_fd(), info.as_mut_ptr().cast(), info.len()) } > 0 {}
}

/// Gives all signals their default meaning and blocks none: what a new program expects.
pub(crate) fn reset_signals() -> io::Result<()> {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL runs no code of ours. Signals that cannot be set answer an error that does not matter.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: all-zero is the empty set on Linux.
    let none: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `none` is valid for reads.
    check(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut()) }).map(drop)
}

/// Which of two descriptors have something to read, or have hung up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wakes {
    pub(crate) socket: bool,
    pub(crate) signal: bool,
}

/// Waits for either, or for the end of `limit` if there is one.
pub(crate) fn wait_for(socket: impl AsFd, signals: impl AsFd, limit: Option<Duration>) -> io::Result<Wakes> {
    let limit = limit.map_or(-1, |limit| libc::c_int::try_from(limit.as_millis()).unwrap_or(libc::c_int::MAX));
    let poll = |fd: i32| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let mut fds = [poll(socket.as_fd().as_raw_fd()), poll(signals.as_fd().as_raw_fd())];
    // SAFETY: `fds` is valid for reads and writes, and its length is given.
    retry(|| unsafe { libc::poll(fds.as_mut_ptr(), 2, limit) })?;
    let [socket, signal] = fds.map(|fd| fd.revents != 0);
    Ok(Wakes { socket, signal })
}

/// Becomes readable when the process behind `pidfd` is dead.
pub(crate) fn death_of(pidfd: &OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the clone is owned by the result and stays open as long as it is registered.
    unsafe { AsyncFd::register_with_interest(pidfd.try_clone()?, Interest::READABLE) }.map_err(io::Error::from)
}

/// Waits until the process behind `pidfd` is dead; false if that takes longer than `limit`.
pub(crate) fn wait_dead(pidfd: &OwnedFd, limit: Duration) -> io::Result<bool> {
    let mut fds = [libc::pollfd { fd: pidfd.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
    let limit = libc::c_int::try_from(limit.as_millis()).unwrap_or(libc::c_int::MAX);
    // SAFETY: `fds` is valid for reads and writes, and its length is given.
    Ok(retry(|| unsafe { libc::poll(fds.as_mut_ptr(), 1, limit) })? > 0)
}

/// Makes the caller the leader of a new session without terminal.
pub(crate) fn new_session() -> io::Result<()> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::setsid() }).map(drop)
}

/// Limits a resource of the caller and its future children, soft and hard alike.
pub(crate) fn limit(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: `limit` is valid for reads.
    check(unsafe { libc::setrlimit(resource, &raw const limit) }).map(drop)
}

/// As [`limit`], of a process in the caller's namespace.
pub(crate) fn limit_other(pid: u32, resource: u32, value: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    // SAFETY: `limit` is valid for reads; no old value is asked for.
    check(unsafe { libc::prlimit(pid, resource, &raw const limit, std::ptr::null_mut()) }).map(drop)
}

/// Sets the host name of the uts namespace.
pub(crate) fn set_hostname(name: &str) -> io::Result<()> {
    // SAFETY: pointer and length describe `name`.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// A copy whose number is none of those that programs expect something under.
pub(crate) fn out_of_the_way(fd: OwnedFd) -> io::Result<OwnedFd> {
    // SAFETY: no memory is passed.
    let copy = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 64) })?;
    // SAFETY: the call has just made this descriptor and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Makes `fd` the descriptor `number`, which stays open across an exec.
pub(crate) fn install(fd: impl AsFd, number: i32) -> io::Result<()> {
    // SAFETY: whatever the helper owns under `number` (a standard stream, or one it is done with) is no longer used.
    check(unsafe { libc::dup2(fd.as_fd().as_raw_fd(), number) }).map(drop)
}

/// Marks every descriptor above the standard streams to be closed by the next exec.
pub(crate) fn close_on_exec_above_stdio() -> io::Result<()> {
    // SAFETY: no memory is passed; nothing is closed yet.
    check(unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) }).map(drop)
}

/// Closes a descriptor that a fork has inherited from a process which goes on using its own.
pub(crate) fn close_inherited(fd: impl AsFd) {
    // SAFETY: the fork never returns to the code that owns it.
    drop(unsafe { OwnedFd::from_raw_fd(fd.as_fd().as_raw_fd()) });
}

/// Closes every descriptor above the standard streams.
///
/// Only as the first thing in a fresh process, before anything owns a descriptor.
pub(crate) fn close_above_stdio() -> io::Result<()> {
    // SAFETY: nothing in this process owns a descriptor yet.
    check(unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) }).map(drop)
}

/// Replaces the program. Returns only on failure.
pub(crate) fn exec(argv: &[CString], env: &[CString]) -> io::Result<Infallible> {
    let Some(program) = argv.first() else { return Err(io::Error::from_raw_os_error(libc::EINVAL)) };
    let pointers = |list: &[CString]| -> Vec<*const libc::c_char> {
        list.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (args, vars) = (pointers(argv), pointers(env));
    // SAFETY: both arrays end with null, and their strings outlive the call.
    unsafe { libc::execve(program.as_ptr(), args.as_ptr(), vars.as_ptr()) };
    Err(io::Error::last_os_error())
}

/// Whether there is a process of this number to be signalled.
pub(crate) fn exists(pid: Pid) -> bool {
    // SAFETY: signal 0 only asks.
    check(unsafe { libc::kill(pid.0, 0) }).is_ok()
}

/// Asks to be traced by the parent.
pub(crate) fn trace_me() -> io::Result<()> {
    // SAFETY: this request takes no further arguments.
    check(unsafe { libc::ptrace(libc::PTRACE_TRACEME) }).map(drop)
}

/// Ends the process at once, without running anything of the process it was forked from.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: does not return and runs no handlers.
    unsafe { libc::_exit(code) }
}
