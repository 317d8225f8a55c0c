//! Takes dead sandboxes away, off every hot path: their end is mostly waiting for the kernel.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use tokio::sync::oneshot;

use super::cgroup::Group;
use super::instance::Body;
use super::orphans;
use super::sys::process;

/// Killing is a matter of milliseconds, unless the kernel is stuck in a device.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often orphans are looked for meanwhile, where they are ours.
const ROUNDS: u32 = 500;
/// The kernel empties a group shortly after its last member has been waited for.
const PAUSE: Duration = Duration::from_millis(5);
const ATTEMPTS: usize = 400;

#[derive(Debug)]
enum Job {
    Bury {
        body: Arc<Body>,
        done: Option<oneshot::Sender<()>>,
    },
    /// But for its group.
    Empty {
        body: Arc<Body>,
        done: oneshot::Sender<bool>,
    },
    Remove(Arc<dyn Group>),
    /// To be told when all before it is done.
    Tell(oneshot::Sender<()>),
}

/// Hands bodies to a thread of its own, which ends when the last handle is gone.
#[derive(Clone, Debug)]
pub(super) struct Reaper(Sender<Job>);

impl Reaper {
    pub(super) fn start() -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel();
        // A thread and not a task: it must outlive the runtime's shutdown, and it blocks.
        std::thread::Builder::new().name("sandbox-reaper".into()).spawn(move || run(&jobs))?;
        Ok(Self(sender))
    }

    /// Kills what is left, removes every trace, then says so. Each body comes once.
    pub(super) fn bury(&self, body: Arc<Body>, done: Option<oneshot::Sender<()>>) {
        self.order(Job::Bury { body, done });
    }

    /// Kills what is left, and says whether nobody is.
    pub(super) fn empty(&self, body: Arc<Body>, done: oneshot::Sender<bool>) {
        self.order(Job::Empty { body, done });
    }

    /// Removes what an emptied body has left.
    pub(super) fn remove(&self, group: Arc<dyn Group>) {
        self.order(Job::Remove(group));
    }

    /// Resolves when all that was ordered until now is done.
    pub(super) async fn finished(&self) {
        let (done, told) = oneshot::channel();
        self.order(Job::Tell(done));
        if told.await.is_err() {
            tracing::debug!("the sandbox reaper is gone");
        }
    }

    fn order(&self, job: Job) {
        if self.0.send(job).is_err() {
            tracing::error!("the sandbox reaper has died");
        }
    }
}

fn run(jobs: &Receiver<Job>) {
    for job in jobs {
        // Whoever asked may have stopped waiting.
        let outcome = match job {
            Job::Bury { body, done } => {
                let buried = bury(&body);
                done.and_then(|done| done.send(()).err());
                buried
            }
            Job::Empty { body, done } => {
                let emptied = empty(&body);
                done.send(emptied.is_ok()).ok();
                emptied
            }
            Job::Remove(group) => remove(&*group),
            Job::Tell(done) => {
                done.send(()).ok();
                Ok(())
            }
        };
        if let Err(err) = outcome {
            tracing::warn!(%err, "a sandbox left traces behind");
        }
    }
}

fn bury(body: &Body) -> io::Result<()> {
    empty(body)?;
    drop(body.take_tmp());
    body.group().map_or(Ok(()), remove)
}

fn empty(body: &Body) -> io::Result<()> {
    body.kill();
    if !await_death(body.init())? {
        return Err(io::ErrorKind::TimedOut.into());
    }
    match process::reap(body.init()) {
        // Somebody has waited for it already.
        Err(err) if err.raw_os_error() != Some(libc::ECHILD) => Err(err),
        _ => Ok(()),
    }
}

fn await_death(init: &OwnedFd) -> io::Result<bool> {
    if orphans::are_others() {
        return process::wait_dead(init, PATIENCE);
    }
    for _ in 0..ROUNDS {
        if process::wait_dead(init, PATIENCE / ROUNDS)? {
            return Ok(true);
        }
        orphans::bury();
    }
    Ok(false)
}

#[expect(clippy::disallowed_methods, reason = "the reaper's own thread; the kernel tells nobody when a group is empty")]
fn remove(group: &dyn Group) -> io::Result<()> {
    for _ in 0..ATTEMPTS {
        match group.remove() {
            Err(err) if err.kind() == io::ErrorKind::ResourceBusy => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    group.remove()
}
