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
struct Job {
    /// `None`: to be told when all before it is done.
    body: Option<Arc<Body>>,
    done: Option<oneshot::Sender<()>>,
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
        self.order(Job { body: Some(body), done });
    }

    /// Resolves when all that was to be buried until now is.
    pub(super) async fn finished(&self) {
        let (done, told) = oneshot::channel();
        self.order(Job { body: None, done: Some(done) });
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
    for Job { body, done } in jobs {
        if let Some(Err(err)) = body.as_deref().map(bury) {
            tracing::warn!(%err, "a sandbox left traces behind");
        }
        if let Some(done) = done {
            // Whoever asked may have stopped waiting.
            done.send(()).ok();
        }
    }
}

fn bury(body: &Body) -> io::Result<()> {
    body.kill();
    if !await_death(body.init())? {
        return Err(io::ErrorKind::TimedOut.into());
    }
    match process::reap(body.init()) {
        // Somebody has waited for it already.
        Err(err) if err.raw_os_error() != Some(libc::ECHILD) => return Err(err),
        _ => {}
    }
    body.group().map_or(Ok(()), remove)
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
