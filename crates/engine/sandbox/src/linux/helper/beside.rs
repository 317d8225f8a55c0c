//! Programs that run beside the command, such as extensions.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

use super::command;
use crate::linux::sys::process::{self, Fork, Pid};
use crate::{Command, ExitStatus};

/// Where each is told of when it has ended.
#[derive(Debug)]
pub(super) struct Besides {
    join: Vec<File>,
    ends: HashMap<i32, File>,
}

impl Besides {
    pub(super) fn new(join: Vec<File>) -> Self {
        Self { join, ends: HashMap::new() }
    }

    /// `fds`: standard output, standard error, and where the exit status goes. A program that can't be started is told
    /// of by closing that without a word.
    pub(super) fn start(&mut self, command: &Command, mut fds: Vec<OwnedFd>) {
        let Some(end) = fds.pop().map(File::from) else { return };
        match process::fork(false) {
            Ok(Fork::Child) => {
                drop(end);
                command::run_beside(command, fds, &self.join)
            }
            Ok(Fork::Parent(pid)) => {
                self.ends.insert(pid.0, end);
            }
            Err(_) => {}
        }
    }

    /// Harmless for those who were never started here: orphans end up with the init, too.
    pub(super) fn ended(&mut self, pid: Pid, status: ExitStatus) {
        if let Some(mut end) = self.ends.remove(&pid.0) {
            // Nobody may listen any more.
            drop(end.write_all(&status.to_bytes()));
        }
    }
}
