//! Runs a process and writes down what it does to the files of one folder, by looking at its system calls.
//!
//! The kernel stops the process at each call (ptrace), so that nothing can bypass it, however it was linked; what
//! can't be followed, such as a writable shared mapping, fails the recording. Calls that change something run one at
//! a time, so that their order is the kernel's; syncs overlap with them. Start reading at [`record`].

mod call;
mod fault;
mod launch;
mod names;
mod plan;
mod thread;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use anyhow::{Context, Result, bail, ensure};
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use parking_lot::Mutex;

use crate::disk::{Disk, Image};
use crate::trace::{Event, SyncId};

pub(crate) use fault::{Fault, Faults};
pub(crate) use launch::Program;

use fault::Injected;
use names::Names;
use plan::Plan;
use thread::Thread;

/// What a process did, and how it ended.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The folder before it began.
    pub(crate) base: Image,
    pub(crate) events: Vec<Event>,
    /// As a shell tells it: 128 and more for a signal.
    pub(crate) exit: i32,
    /// Faults that were injected.
    pub(crate) struck: usize,
    first_struck: Option<usize>,
}

impl Recording {
    /// How many events there were before the first fault.
    pub(crate) fn struck_at(&self) -> usize {
        self.first_struck.unwrap_or(self.events.len())
    }

    /// Compares what was written down with what is there: the proof that nothing was missed.
    ///
    /// # Errors
    /// If they differ.
    pub(crate) fn check_complete(&self, folder: &Path) -> Result<()> {
        let mut disk = Disk::of(&self.base)?;
        // Syncs change nothing that a process can see.
        let seen = |event: &&Event| !matches!(event, Event::SyncBegins { .. } | Event::SyncEnds { .. });
        self.events.iter().filter(seen).try_for_each(|event| disk.apply(event))?;
        let differences = Image::read(folder)?.differences(&disk.live());
        if !differences.is_empty() {
            bail!("the recording is incomplete: {} are not as it says", differences.join(", "));
        }
        Ok(())
    }
}

/// A process being recorded, as others may see it: they can add what they heard, and signal it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    events: Arc<Mutex<Vec<Event>>>,
    leader: Arc<AtomicI32>,
    over: Arc<AtomicBool>,
}

impl Live {
    /// It has ended, or never begun.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Somebody outside heard this.
    pub(crate) fn heard(&self, what: impl Into<String>) {
        self.push(Event::Said(what.into()));
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) -> Result<()> {
        let leader = self.leader.load(Ordering::Acquire);
        // To signal 0 is to signal ourselves.
        ensure!(leader > 0 && !self.is_over(), "it isn't running");
        Ok(kill(Pid::from_raw(leader), Signal::SIGTERM)?)
    }

    fn push(&self, event: Event) {
        self.events.lock().push(event);
    }
}

/// Runs the program to its end. `folder` is there, and nobody else writes it.
///
/// # Errors
/// If it does what can't be followed.
pub(crate) fn record(program: &Program, folder: &Path, faults: Faults, live: &Live) -> Result<Recording> {
    let recording = recorded(program, folder, faults, live);
    live.over.store(true, Ordering::Release);
    recording
}

fn recorded(program: &Program, folder: &Path, faults: Faults, live: &Live) -> Result<Recording> {
    let folder = folder.canonicalize()?;
    let base = Image::read(&folder)?;
    let leader = launch::start(program)?;
    live.leader.store(leader.as_raw(), Ordering::Release);
    let mut tracer = Tracer {
        leader,
        names: Names::new(folder, &base),
        live: live.clone(),
        faults,
        under_way: BTreeMap::new(),
        busy: None,
        waiting: VecDeque::new(),
        syncs: 0,
        first_struck: None,
    };
    let exit = tracer.run();
    if exit.is_err() {
        // It may have ended by itself.
        kill(leader, Signal::SIGKILL).ok();
    }
    let exit = exit?;
    let events = std::mem::take(&mut *live.events.lock());
    Ok(Recording { base, events, exit, struck: tracer.faults.struck(), first_struck: tracer.first_struck })
}

struct Tracer {
    leader: Pid,
    names: Names,
    live: Live,
    faults: Faults,
    under_way: BTreeMap<Pid, UnderWay>,
    /// The thread whose call changes something now.
    busy: Option<Pid>,
    /// Threads held at the door of such a call.
    waiting: VecDeque<Pid>,
    syncs: SyncId,
    first_struck: Option<usize>,
}

/// A call between its entry and its exit.
struct UnderWay {
    plan: Plan,
    injected: Option<Injected>,
    sync: SyncId,
}

impl Tracer {
    fn run(&mut self) -> Result<i32> {
        loop {
            let stop = waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD));
            match stop.context("waiting for the process")? {
                WaitStatus::PtraceSyscall(tid) => alive(self.at_call(tid))?,
                WaitStatus::PtraceEvent(tid, ..) => alive(resume(tid, None))?,
                WaitStatus::Stopped(tid, signal) => alive(resume(tid, Some(signal)))?,
                WaitStatus::Exited(tid, code) if tid == self.leader => return Ok(code),
                WaitStatus::Signaled(tid, signal, _) if tid == self.leader => return Ok(128 + signal as i32),
                _ => {}
            }
        }
    }

    fn at_call(&mut self, tid: Pid) -> Result<()> {
        if ptrace::syscall_info(tid)?.op == libc::PTRACE_SYSCALL_INFO_ENTRY {
            self.enters(tid)
        } else {
            self.leaves(tid)
        }
    }

    fn enters(&mut self, tid: Pid) -> Result<()> {
        let thread = Thread::at(tid)?;
        let Some(plan) = call::plan(&thread, &self.names)? else { return resume(tid, None) };
        if plan.is_alone() {
            if self.busy.is_some() {
                self.waiting.push_back(tid);
                return Ok(());
            }
            self.busy = Some(tid);
        }
        self.begin(thread, plan)
    }

    fn begin(&mut self, mut thread: Thread, plan: Plan) -> Result<()> {
        let tid = thread.tid();
        self.syncs += 1;
        match &plan {
            Plan::Sync(target) => self.live.push(Event::SyncBegins { sync: self.syncs, target: target.clone() }),
            Plan::Say(line) => self.live.push(Event::Said(line.clone())),
            _ => {}
        }
        let injected = self.faults.strike(&plan);
        if let Some(injected) = &injected {
            self.first_struck.get_or_insert(self.live.events.lock().len());
            thread.before(injected)?;
            if plan.needs_room() && matches!(injected, Injected::Fails(_)) {
                self.live.push(Event::Refused(plan.path(&thread, &self.names)));
            }
        }
        self.under_way.insert(tid, UnderWay { plan, injected, sync: self.syncs });
        resume(tid, None)
    }

    fn leaves(&mut self, tid: Pid) -> Result<()> {
        let Some(under_way) = self.under_way.remove(&tid) else { return resume(tid, None) };
        let mut thread = Thread::at(tid)?;
        if let Some(injected) = &under_way.injected {
            thread.after(injected)?;
        }
        self.write_down(&under_way, &thread)?;
        resume(tid, None)?;
        if self.busy == Some(tid) {
            self.busy = None;
            if let Some(next) = self.waiting.pop_front() {
                return alive(self.enters(next));
            }
        }
        Ok(())
    }

    fn write_down(&mut self, under_way: &UnderWay, thread: &Thread) -> Result<()> {
        let answer = thread.answer();
        let events = match &under_way.plan {
            Plan::Sync(_) => vec![Event::SyncEnds { sync: under_way.sync, well: answer >= 0 }],
            plan if answer >= 0 => plan.events(answer.unsigned_abs(), thread, &mut self.names)?,
            _ => Vec::new(),
        };
        events.into_iter().for_each(|event| self.live.push(event));
        Ok(())
    }
}

fn resume(tid: Pid, signal: Option<Signal>) -> Result<()> {
    Ok(ptrace::syscall(tid, signal)?)
}

/// A thread may be gone at any time; the process's end is told by itself.
fn alive(result: Result<()>) -> Result<()> {
    match result {
        Err(err) if err.downcast_ref::<Errno>() == Some(&Errno::ESRCH) => Ok(()),
        other => other,
    }
}
