//! A process that forks itself into sandboxes: an interpreter with everything loaded that functions need in common.
//!
//! It runs our own code only, in a root like that of sandboxes and without a network, but with the nursery's privileges:
//! entering namespaces takes them. What it is asked for is [`crate::linux::wire::ForkRequest`]; what the fork has to do
//! is written there and in docs/adr/0013-prepared-instances.md.

use std::convert::Infallible;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use super::nursery::{Nursery, Rights};
use super::{Failure, Step, command, root};
use crate::linux::sys::{creds, process};
use crate::linux::{SEAT, ZYGOTE_FILTERS};
use crate::{Command, SandboxSpec};

/// Not the one of processes: a fork is made in the sandbox's, which must be below the zygote's own.
const NAMESPACES: libc::c_int = libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;

/// Returns only on failure.
pub(super) fn run(
    nursery: &Nursery,
    (control, output): (&UnixStream, Option<OwnedFd>),
    mut spec: SandboxSpec,
    command: &Command,
) -> Result<Infallible, Failure> {
    process::unshare(NAMESPACES).step("make namespaces")?;
    spec.files.push((ZYGOTE_FILTERS.into(), nursery.filters.to_bytes()));
    root::enter_beside(&spec, nursery.rights)?;
    #[expect(clippy::disallowed_methods, reason = "the zygote's own null device")]
    let null = File::open("/dev/null").step("open the null device")?;
    process::install(&null, 0).step("close standard input")?;
    for number in 1..=2 {
        let output = output.as_ref().map_or(null.as_fd(), AsFd::as_fd);
        process::install(output, number).step("open the standard streams")?;
    }
    process::close_on_exec_above_stdio().step("keep descriptors in")?;
    let seat = control.as_fd().try_clone_to_owned().and_then(process::out_of_the_way);
    seat.and_then(|seat| process::install(seat, SEAT)).step("hand on the socket")?;
    if nursery.rights == Rights::OwnUser {
        creds::keep_capabilities_over_exec().step("keep capabilities")?;
    }
    command::exec(command).step("run the zygote")
}
