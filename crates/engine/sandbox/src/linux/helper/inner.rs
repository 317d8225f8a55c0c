//! Second process: pid 1 of the sandbox. Builds the root, gives up every privilege, and watches over the rest.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use super::outer::{OpenGroup, Rights};
use super::{Failure, Step, command, filter, privileges, report, root};
use crate::linux::sys::process::{self, Fork, Pid};
use crate::linux::wire::{self, Answer};
use crate::{SandboxSpec, linux};

/// What the outer process leaves to the inner one.
#[derive(Debug)]
pub(super) struct Setup<'a> {
    pub(super) control: &'a UnixStream,
    /// Asks the outer process to map the user.
    pub(super) map: UnixStream,
    pub(super) spec: &'a SandboxSpec,
    pub(super) group: Option<OpenGroup>,
    pub(super) rights: Rights,
}

/// Never returns into code of the outer process.
pub(super) fn run(setup: Setup<'_>) -> ! {
    let control = setup.control;
    process::exit_now(report(control, build_and_watch(setup)))
}

fn build_and_watch(setup: Setup<'_>) -> Result<(), Failure> {
    root::enter(setup.spec, setup.rights)?;
    privileges::limit(setup.spec, setup.group.is_some())?;
    privileges::give_up(setup.spec, setup.rights, setup.map)?;
    filter::install()?;
    // Before the fork: the child's death must not be missed.
    let signals = process::take_signals(&[libc::SIGCHLD, linux::STOP_ALL, linux::CONTINUE_ALL]).step("take signals")?;
    let (join, thaw) = setup.group.map_or((Vec::new(), None), |group| (group.join, Some(group.thaw)));
    match process::fork(false).step("fork the command")? {
        Fork::Child => {
            drop((signals, thaw));
            command::run(setup.control, join)
        }
        Fork::Parent(pid) => {
            drop(join);
            watch(setup.control, &signals, pid);
            // Whatever is left inside dies with us, but frozen processes of version 1 only die once they are thawed.
            thaw.map_or(Ok(()), |(mut file, text)| file.write_all(text.as_bytes())).step("thaw the control group")
        }
    }
}

/// Collects the dead, until the command is among them or the supervisor has gone.
fn watch(control: &UnixStream, signals: &OwnedFd, command: Pid) {
    loop {
        match process::wait_for(control, signals) {
            Ok(true) => return,
            Ok(false) => obey(signals),
            // Without being able to wait there is nothing left to watch.
            Err(_) => return,
        }
        while let Some((pid, status)) = process::next_dead_child() {
            if pid == command {
                // A supervisor that has gone needs no answer.
                return drop(wire::send(control, &Answer::Exited(status), &[]));
            }
        }
    }
}

/// Stops or continues everything, where the host has no freezer. Only the supervisor is obeyed: from outside of the
/// namespace the sender's number is 0.
fn obey(signals: &OwnedFd) {
    while let Some((signal, sender)) = process::next_signal(signals) {
        let result = match signal {
            linux::STOP_ALL if sender == Pid(0) => process::signal_all(libc::SIGSTOP),
            linux::CONTINUE_ALL if sender == Pid(0) => process::signal_all(libc::SIGCONT),
            _ => Ok(()),
        };
        // With nobody left to signal there is nothing to stop.
        drop(result);
    }
}
