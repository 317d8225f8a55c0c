//! Second process: pid 1 of the sandbox. Builds the root, waits for what is to be shown in it, gives up every privilege,
//! and watches over the rest.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::beside::Besides;
use super::nursery::Nursery;
use super::outer::OpenGroup;
use super::privileges::Identity;
use super::{Failure, Step, command, privileges, report, root};
use crate::linux::sys::process::{self, Fork, Pid};
use crate::linux::sys::socket;
use crate::linux::wire::{self, Answer, BuildRequest, Request};

/// What the outer process leaves to the inner one.
#[derive(Debug)]
pub(super) struct Setup<'a> {
    pub(super) nursery: &'a Nursery,
    pub(super) control: &'a UnixStream,
    pub(super) command: Option<UnixStream>,
    /// What is inherited.
    pub(super) tmp: Option<OwnedFd>,
    pub(super) request: &'a BuildRequest,
    pub(super) group: Option<OpenGroup>,
    pub(super) user: Option<OwnedFd>,
    /// Whoever is to run a customer's code reads a byte here first.
    pub(super) gate: PipeReader,
    pub(super) opener: PipeWriter,
}

/// Never returns into code of the outer process.
pub(super) fn run(setup: Setup<'_>) -> ! {
    let control = setup.control;
    process::exit_now(report(control, build_and_watch(setup)))
}

fn build_and_watch(setup: Setup<'_>) -> Result<(), Failure> {
    let Setup { nursery, control, command, tmp, request, group, user, gate, opener } = setup;
    let spec = &request.spec;
    let tmp = root::enter(spec, nursery.rights, tmp)?;
    privileges::limit(spec, group.is_some())?;
    // Before the fork: the child's death must not be missed.
    let signals = process::take_signals(&[libc::SIGCHLD]).step("take signals")?;
    let identity = Identity { uid: spec.uid, rights: nursery.rights, user: user.as_ref() };
    let (join, thaw) = group.map_or((Vec::new(), None), |group| (group.join, Some(group.thaw)));
    let mut main = None;
    if let Some(orders) = command {
        match process::fork(false).step("fork the command")? {
            Fork::Child => {
                drop((signals, thaw, opener));
                command::run(&orders, (&join, tmp), gate, || privileges::give_up(&identity, &nursery.filters))
            }
            Fork::Parent(pid) => main = Some(pid),
        }
    } else {
        wire::send(control, &Answer::Ready, &[tmp.as_fd()]).step("say ready")?;
    }
    drop((gate, tmp));
    if !request.open || furnished(control, &identity)? {
        privileges::give_up(&identity, &nursery.filters)?;
        drop(user);
        open_gate(opener).step("open the gate")?;
        Watch { control, signals, main, outlived: None, besides: Besides::new(join), stopped: None }.run();
    }
    // Whatever is left inside dies with us, but frozen processes of version 1 only die once they are thawed.
    thaw.map_or(Ok(()), |(mut file, text)| file.write_all(text.as_bytes())).step("thaw the control group")
}

/// Waits for the furniture. `false`: the supervisor has gone, or given up on the sandbox.
fn furnished(control: &UnixStream, identity: &Identity<'_>) -> Result<bool, Failure> {
    match wire::receive(control) {
        Ok((Request::Furnish(request), trees)) => {
            root::furnish(&request.targets, &trees, request.tmp_bytes)?;
            privileges::limit_all(&request.limits, identity).step("limit resources")?;
            Ok(true)
        }
        Ok(_) => Err(io::ErrorKind::InvalidInput.into()).step("furnish before anything runs"),
        Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(err) => Err(err).step("wait for the furniture"),
    }
}

fn open_gate(mut opener: PipeWriter) -> io::Result<()> {
    match opener.write_all(&[1]) {
        // Nobody waits at it: a zygote's gate is handed on later, and the byte stays in the pipe until then.
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// What the init does for the rest of its life.
struct Watch<'a> {
    control: &'a UnixStream,
    signals: OwnedFd,
    /// The command, whose end is the end,
    main: Option<Pid>,
    /// unless it is told here.
    outlived: Option<File>,
    besides: Besides,
    /// While everything is stopped: how long until everything is told so again.
    stopped: Option<Duration>,
}

/// Somebody who is just telling everybody to go on stops only after that. So all are told again, first soon and then more
/// and more seldom: who gets away once is caught by one of the next.
const STOP_AGAIN: Duration = Duration::from_millis(5);
const STOP_SELDOM: Duration = Duration::from_mins(1);

impl Watch<'_> {
    /// Obeys and collects the dead, until the command is among them or the supervisor has gone.
    fn run(mut self) {
        loop {
            // Without being able to wait there is nothing left to watch.
            let Ok(wakes) = process::wait_for(self.control, &self.signals, self.stopped) else { return };
            if wakes.signal {
                process::drain_signals(&self.signals);
            }
            while let Some((pid, status)) = process::next_dead_child() {
                if Some(pid) != self.main {
                    self.besides.ended(pid, status);
                    continue;
                }
                self.main = None;
                // A supervisor that has gone needs no answer.
                match self.outlived.take() {
                    Some(mut told) => drop(told.write_all(&status.to_bytes())),
                    None => return drop(wire::send(self.control, &Answer::Exited(status), &[])),
                }
            }
            if wakes.socket && !self.obey() {
                return;
            }
            if !wakes.socket && !wakes.signal {
                self.stop_all();
            }
        }
    }

    /// With nobody left to signal there is nothing to stop.
    fn stop_all(&mut self) {
        drop(process::signal_all(libc::SIGSTOP));
        self.stopped = Some(self.stopped.map_or(STOP_AGAIN, |pause| (pause * 2).min(STOP_SELDOM)));
    }

    fn let_run(&mut self) {
        self.stopped = None;
        drop(process::signal_all(libc::SIGCONT));
    }

    /// `false`: the supervisor has gone.
    fn obey(&mut self) -> bool {
        match wire::receive(self.control) {
            Ok((Request::Beside(command), fds)) => {
                self.besides.start(&command, fds);
                true
            }
            Ok((Request::Outlive, mut fds)) => {
                self.outlived = fds.pop().map(File::from);
                true
            }
            Ok((Request::Stop, _)) => {
                self.stop_all();
                true
            }
            Ok((Request::Continue, _)) => {
                self.let_run();
                true
            }
            Ok((Request::Terminate, _)) => {
                // A command that has ended meanwhile needs no asking.
                drop(self.main.map(|main| process::signal_child(main, libc::SIGTERM)));
                true
            }
            Ok((Request::Socket, _)) => self.hand_out_socket(),
            // Too late for furniture; whoever asks for it doesn't know what it does.
            Ok((Request::Furnish(_), _)) | Err(_) => false,
        }
    }
}

impl Watch<'_> {
    /// `false`: the supervisor has gone.
    fn hand_out_socket(&self) -> bool {
        let sent = match socket::tcp() {
            Ok(made) => wire::send(self.control, &Answer::Socket, &[made.as_fd()]),
            Err(source) => {
                wire::send(self.control, &Answer::from(Failure { step: "make a socket".into(), source }), &[])
            }
        };
        sent.is_ok()
    }
}
