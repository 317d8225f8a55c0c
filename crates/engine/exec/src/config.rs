//! How much may run, for how long, and where unpacked code is kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Set once, by the binary.
#[derive(Clone, Debug)]
pub struct ExecConfig {
    /// Unpacked code and the runtimes' own files are kept under here.
    pub data: PathBuf,
    /// Instances of one account that may work at the same time.
    pub account_instances: usize,
    /// How many instances of one function may be starting at the same time. In a burst, later calls take the first
    /// instance that becomes free, which is sooner than a start of their own on a busy host.
    pub starts_at_once: usize,
    /// How many instances of one function may be started within ten seconds, beyond those that were asked for ahead.
    /// AWS: 1,000, for all of its versions.
    pub burst: u32,
    /// What of the host's memory isn't given to instances, in bytes; `None`: [`Self::usual_reserve`].
    pub memory_reserve: Option<u64>,
    /// After waiting so long for an instance, a call starts one all the same.
    pub start_patience: Duration,
    /// An instance without work ends after this long.
    pub idle_after: Duration,
    /// An instance without work is frozen after this long, so that busy functions never pay for it.
    pub freeze_after: Duration,
    /// How long a start may take before it is tried again within the invocation. AWS: 10 s.
    pub init_timeout: Duration,
    /// How much one invocation (or the start) may print into its log; the rest is counted and dropped.
    pub log_bytes: usize,
    /// How soon printed lines are handed to the log store.
    pub log_flush: Duration,
    /// How long a session of the function's role is good for.
    pub session: Duration,
    /// How many sandboxes, with whatever waits in them, are kept ready for a runtime that is in use.
    pub ready: usize,
    /// How many at most, where so many were started at the same time lately and the host has memory to spare.
    pub ready_most: usize,
    /// As [`Self::ready`], for processes that can't share memory with each other.
    pub ready_workers: usize,
    /// A runtime that nobody has called for this long has nothing ready any more.
    pub ready_for: Duration,
    /// A process that forks others is replaced after this long, or so many forks: they have its layout of memory in common.
    pub zygote_age: Duration,
    pub zygote_forks: u32,
    /// The host's folder behind each access point of a file system, by its ARN.
    pub file_systems: BTreeMap<String, PathBuf>,
    /// Whether functions may be debugged.
    pub debuggers: bool,
}

impl ExecConfig {
    /// The usual limits, with everything kept under `data`.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            account_instances: 1000,
            starts_at_once: 4,
            burst: 1000,
            memory_reserve: None,
            start_patience: Duration::from_millis(300),
            idle_after: Duration::from_mins(5),
            freeze_after: Duration::from_millis(5),
            init_timeout: Duration::from_secs(10),
            log_bytes: 4 << 20,
            log_flush: Duration::from_millis(20),
            session: Duration::from_hours(12),
            ready: 4,
            ready_most: 100,
            ready_workers: 2,
            ready_for: Duration::from_mins(10),
            zygote_age: Duration::from_hours(1),
            zygote_forks: 1000,
            file_systems: BTreeMap::new(),
            debuggers: false,
        }
    }
    /// What is kept of a host's memory unless something else is said: a twentieth, but 128 MB at least and 1 GB at most.
    #[must_use]
    pub fn usual_reserve(total: u64) -> u64 {
        (total / 20).clamp(128 << 20, 1 << 30)
    }
}
