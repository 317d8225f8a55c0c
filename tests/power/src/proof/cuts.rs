//! Cutting the power after every change, in several ways, and looking at what is left.
#![expect(clippy::disallowed_methods, reason = "images are written, opened, and kept if they are wrong")]

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::{Context, Result, anyhow, bail, ensure};
use parking_lot::Mutex;
use tempfile::TempDir;

use super::{Plan, Subject};
use crate::disk::{Disk, Image, Survival};
use crate::trace::Event;
use crate::tracer::{Faults, Live, Program, Recording, record};
use crate::workload::Kind;

/// How much was proved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Events of the recordings.
    pub(crate) events: usize,
    /// Moments at which the power was cut.
    pub(crate) cuts: usize,
    /// Disks that were looked at.
    pub(crate) images: usize,
    /// Those that were not the same as another.
    pub(crate) distinct: usize,
    /// Faults that were injected.
    pub(crate) faults: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.events += other.events;
        self.cuts += other.cuts;
        self.images += other.images;
        self.distinct += other.distinct;
        self.faults += other.faults;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, cuts, images, distinct, faults } = self;
        write!(f, "{events} events, {cuts} cuts, {images} images ({distinct} distinct), {faults} faults")
    }
}

pub(crate) fn prove<S: Subject>(plan: Plan, subject: &S) -> Result<Counts> {
    let (recording, _folder) = record_workload(plan, Faults::NONE)?;
    if recording.exit != 0 {
        bail!("the workload failed without any fault: exit {}", recording.exit);
    }
    Cuts { subject, seeds: plan.seeds, from: 0, every: plan.every }.check(&recording)
}

/// Runs the workload in a process of its own. The folder is what it left.
pub(crate) fn record_workload(plan: Plan, faults: Faults) -> Result<(Recording, TempDir)> {
    let place = tempfile::tempdir_in(scratch())?;
    let root = place.path().join("disk");
    std::fs::create_dir(&root)?;
    if plan.kind == Kind::Rotate {
        fill(plan, &root)?;
    }
    let program = program(plan, &root, place.path().join("log"))?;
    let recording = record(&program, &root, faults, &Live::default()).with_context(|| log_of(&program))?;
    recording.check_complete(&root)?;
    if recording.exit != 0 && recording.struck == 0 {
        bail!(log_of(&program));
    }
    Ok((recording, place))
}

/// Done before, and not recorded: it is much, and proves nothing new.
fn fill(plan: Plan, root: &Path) -> Result<()> {
    let program = program(Plan { kind: Kind::Fill, ..plan }, root, PathBuf::new())?;
    let status = Command::new(&program.path).args(&program.args).status()?;
    ensure!(status.success(), "the store couldn't be filled: {status}");
    Ok(())
}

fn program(plan: Plan, root: &Path, log: PathBuf) -> Result<Program> {
    let args = format!("run {} --engine {}", name(plan.kind)?, name(plan.engine)?);
    let sizes = format!("--clients {} --steps {}", plan.clients, plan.steps);
    let words = args.split(' ').chain(sizes.split(' ')).map(Into::into);
    Ok(Program { path: std::env::current_exe()?, args: words.chain([root.to_owned().into_os_string()]).collect(), log })
}

pub(crate) fn log_of(program: &Program) -> String {
    format!("the recorded process said: {}", std::fs::read_to_string(&program.log).unwrap_or_default())
}

fn name(value: impl clap::ValueEnum) -> Result<String> {
    Ok(value.to_possible_value().context("a value without a name")?.get_name().to_owned())
}

/// Memory where there is a folder of it: what is written here needn't survive anything.
pub(crate) fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if tempfile::tempfile_in(memory).is_ok() { memory.to_owned() } else { std::env::temp_dir() }
}

/// The cuts of one recording.
pub(crate) struct Cuts<'a, S> {
    pub(crate) subject: &'a S,
    pub(crate) seeds: u64,
    /// No cuts before this event.
    pub(crate) from: usize,
    /// Cuts at every so manyth change.
    pub(crate) every: usize,
}

/// One disk to look at.
struct Job<P> {
    cut: usize,
    survival: Survival,
    image: Image,
    promises: Arc<P>,
}

/// What the lookers share.
struct Looks<F> {
    found: Mutex<HashMap<u64, Arc<F>>>,
    wrong: Mutex<Option<anyhow::Error>>,
}

impl<S: Subject> Cuts<'_, S> {
    pub(crate) fn check(&self, recording: &Recording) -> Result<Counts> {
        let looks = Looks { found: Mutex::default(), wrong: Mutex::default() };
        let (jobs, queue) = sync_channel(8);
        let queue = Mutex::new(queue);
        let mut counts = std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(|| self.look_at_all(&queue, &looks, recording));
            }
            self.cut_everywhere(recording, &looks, jobs)
        })?;
        if let Some(wrong) = looks.wrong.into_inner() {
            return Err(wrong);
        }
        counts.distinct = looks.found.into_inner().len();
        Ok(counts)
    }

    fn cut_everywhere(
        &self,
        recording: &Recording,
        looks: &Looks<S::Found>,
        jobs: SyncSender<Job<S::Promises>>,
    ) -> Result<Counts> {
        let mut disk = Disk::of(&recording.base)?;
        let mut promises = Arc::new(S::Promises::default());
        let mut counts = Counts { events: recording.events.len(), ..Counts::default() };
        let mut changes = 0;
        for (number, event) in recording.events.iter().enumerate() {
            disk.apply(event)?;
            if let Event::Said(line) = event {
                self.subject.promise(Arc::make_mut(&mut promises), line)?;
            }
            let last = number + 1 == recording.events.len();
            changes += usize::from(event.is_of_the_disk());
            let is_meant = event.is_of_the_disk() && changes.is_multiple_of(self.every);
            if !(is_meant || last) || number < self.from {
                continue;
            }
            counts.cuts += 1;
            for survival in self.survivals(number as u64) {
                counts.images += 1;
                let image = disk.after_cut(survival);
                let job = Job { cut: number + 1, survival, image, promises: Arc::clone(&promises) };
                if looks.wrong.lock().is_some() || jobs.send(job).is_err() {
                    return Ok(counts);
                }
            }
        }
        Ok(counts)
    }

    /// Every cut has chances of its own.
    fn survivals(&self, cut: u64) -> impl Iterator<Item = Survival> {
        let chances = (0..self.seeds).map(move |seed| Survival::Some(cut << 20 | seed));
        [Survival::Synced, Survival::Everything].into_iter().chain(chances)
    }

    fn look_at_all(&self, queue: &Mutex<Receiver<Job<S::Promises>>>, looks: &Looks<S::Found>, recording: &Recording) {
        loop {
            let Ok(job) = queue.lock().recv() else { return };
            if let Err(err) = self.look(&job, looks) {
                looks.wrong.lock().get_or_insert_with(|| told(err, &job, recording));
            }
        }
    }

    fn look(&self, job: &Job<S::Promises>, looks: &Looks<S::Found>) -> Result<()> {
        let hash = job.image.hash();
        let known = looks.found.lock().get(&hash).cloned();
        let found = match known {
            Some(found) => found,
            None => {
                let found = Arc::new(self.recover(&job.image)?);
                looks.found.lock().insert(hash, Arc::clone(&found));
                found
            }
        };
        self.subject.judge(&found, &job.promises)
    }

    fn recover(&self, image: &Image) -> Result<S::Found> {
        let folder = tempfile::tempdir_in(scratch())?;
        image.write(folder.path())?;
        let work = std::panic::AssertUnwindSafe(|| self.subject.recover(folder.path()));
        std::panic::catch_unwind(work).unwrap_or_else(|_| bail!("opening it panics"))
    }
}

/// The error, with all that is needed to see it again.
fn told<P>(err: anyhow::Error, job: &Job<P>, recording: &Recording) -> anyhow::Error {
    let kept = tempfile::Builder::new().prefix("updraft-power-").tempdir().map(TempDir::keep);
    let kept = kept.map_err(anyhow::Error::from).and_then(|folder| job.image.write(&folder).map(|()| folder));
    let kept = kept.map_or_else(|err| err.to_string(), |folder| folder.display().to_string());
    err.context(anyhow!("power cut after event {}, {:?}; the disk is kept in {kept}", job.cut, job.survival))
        .context(last_events(recording, job.cut))
}

/// What led to it, for people.
pub(crate) fn last_events(recording: &Recording, upto: usize) -> String {
    let upto = upto.min(recording.events.len());
    let before = recording.events.get(upto.saturating_sub(12)..upto).unwrap_or_default();
    let lines: Vec<_> = before.iter().map(short).collect();
    format!("the last events:\n  {}", lines.join("\n  "))
}

fn short(event: &Event) -> String {
    match event {
        Event::Write { file, at, bytes } => format!("Write {} bytes at {at} of {file}", bytes.len()),
        other => format!("{other:?}"),
    }
}
