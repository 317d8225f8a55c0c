//! The host's memory. Instances may be promised more of it than there is, as few of them use what they may, but not
//! without a word, and none is started that what is really left has no room for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use updraft_kernel::ports::RunnerRefusal;
use updraft_sandbox::HostMemory;

use crate::config::ExecConfig;
use crate::exec::Engine;
use crate::function::Function;
use crate::pool::InstanceId;

/// What an instance is taken to need whose function has never run.
const UNKNOWN: u64 = 64 << 20;
/// How often a start looks whether what was ended has given its memory back, and how long it waits in between.
const LOOKS: usize = 8;
const PAUSE: Duration = Duration::from_millis(50);
/// How often it is looked whether the host runs short, while there is something that could be ended.
const WATCH: Duration = Duration::from_secs(1);

/// What is left for instances.
#[derive(Debug)]
pub(crate) struct Headroom {
    reserve: Option<u64>,
    /// What those that start now are taken to need, which they haven't got yet.
    coming: Mutex<u64>,
    /// Monotonic: when it was looked at last.
    watched: Mutex<Option<Duration>>,
    /// Each is said once, until it is over.
    short: AtomicBool,
    promised: AtomicBool,
}

/// What one that starts will need; let go of when it has it.
#[derive(Debug)]
pub(crate) struct Held {
    headroom: Arc<Headroom>,
    bytes: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut coming = self.headroom.coming.lock();
        *coming = coming.saturating_sub(self.bytes);
    }
}

/// What a start needs and doesn't find, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lack {
    needed: u64,
    free: u64,
    reserve: u64,
}

impl Lack {
    fn missing(self) -> u64 {
        self.needed.saturating_sub(self.free)
    }

    fn refusal(self) -> RunnerRefusal {
        let [needed, free, reserve] = [self.needed, self.free, self.reserve].map(mib);
        RunnerRefusal::Full(format!(
            "This machine has no memory for another instance: it takes {needed} MB, and {free} MB are free beyond the \
             reserve of {reserve} MB."
        ))
    }
}

impl Headroom {
    pub(crate) fn new(reserve: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            reserve,
            coming: Mutex::default(),
            watched: Mutex::default(),
            short: false.into(),
            promised: false.into(),
        })
    }

    fn reserve(&self, memory: HostMemory) -> u64 {
        self.reserve.unwrap_or_else(|| ExecConfig::usual_reserve(memory.total))
    }

    /// A host that doesn't say what it has is taken to have enough.
    fn hold(self: &Arc<Self>, memory: Option<HostMemory>, needed: u64) -> Result<Held, Lack> {
        let mut coming = self.coming.lock();
        if let Some(memory) = memory {
            let reserve = self.reserve(memory);
            let free = self.free(memory).saturating_sub(*coming);
            if free < needed {
                return Err(Lack { needed, free, reserve });
            }
        }
        *coming = coming.saturating_add(needed);
        Ok(Held { headroom: Arc::clone(self), bytes: needed })
    }

    /// What there is beyond the reserve.
    pub(crate) fn free(&self, memory: HostMemory) -> u64 {
        memory.available.saturating_sub(self.reserve(memory))
    }

    /// How much of the reserve is used.
    fn overdrawn(&self, memory: HostMemory) -> u64 {
        self.reserve(memory).saturating_sub(memory.available)
    }

    /// Whether it is time to look at it; if not, when it will be.
    fn look(&self, now: Duration) -> Result<(), Duration> {
        let mut watched = self.watched.lock();
        let left = watched.map_or(Duration::ZERO, |then| WATCH.saturating_sub(now.saturating_sub(then)));
        if !left.is_zero() {
            return Err(left);
        }
        *watched = Some(now);
        Ok(())
    }

    fn tell_promises(&self, memory: HostMemory, promised: u64) {
        let most = memory.total.saturating_sub(self.reserve(memory));
        if promised <= most {
            self.promised.store(false, Ordering::Relaxed);
        } else if !self.promised.swap(true, Ordering::Relaxed) {
            let (promised, most) = (mib(promised), mib(most));
            tracing::warn!(promised, most, "instances may use more memory, in MB, than this machine has for them");
        }
    }

    fn tell_shortage(&self, lack: Lack) {
        if !self.short.swap(true, Ordering::Relaxed) {
            let Lack { needed, free, reserve } = lack;
            let [needed, free, reserve] = [needed, free, reserve].map(mib);
            tracing::warn!(
                needed,
                free,
                reserve,
                "this machine has no memory, in MB, for another instance; calls are refused"
            );
        }
    }
}

/// What an instance is likely to need, of what it may use.
pub(crate) fn needed(limit: u64, seen: u64) -> u64 {
    limit.min(if seen == 0 { UNKNOWN } else { seen })
}

/// Room for one instance more: idle ones end for it, the oldest first.
///
/// # Errors
/// If there is none all the same.
pub(crate) async fn room(engine: &Engine, function: &Function) -> Result<Held, RunnerRefusal> {
    let (needed, mut given) = (function.needed(), 0_u64);
    let mut looks = 0..LOOKS;
    loop {
        let memory = engine.backend.memory();
        let lack = match engine.headroom.hold(memory, needed) {
            Ok(held) => {
                engine.headroom.short.store(false, Ordering::Relaxed);
                if let Some(memory) = memory {
                    engine.headroom.tell_promises(memory, promised(engine).saturating_add(function.limit()));
                }
                return Ok(held);
            }
            Err(lack) => lack,
        };
        given = given.saturating_add(relieve(engine, lack.missing().saturating_sub(given)));
        if given == 0 || looks.next().is_none() {
            engine.headroom.tell_shortage(lack);
            return Err(lack.refusal());
        }
        engine.clock.pause(PAUSE).await;
    }
}

/// Ends idle instances where the host's reserve is being used.
///
/// # Returns
/// How long until it is to be looked at again, as far as there is something to look at.
pub(crate) fn keep(engine: &Engine, functions: &[Arc<Function>], now: Duration) -> Option<Duration> {
    let worth = |next: Duration| functions.iter().any(|function| !function.idle().is_empty()).then_some(next);
    if let Err(left) = engine.headroom.look(now) {
        return worth(left);
    }
    let memory = engine.backend.memory()?;
    let overdrawn = engine.headroom.overdrawn(memory);
    if relieve(engine, overdrawn) > 0 {
        tracing::info!(
            overdrawn = mib(overdrawn),
            "idle instances were ended, for this machine runs short of memory (MB)"
        );
    }
    worth(WATCH)
}

/// Ends so much of what is idle as is likely to give `bytes` back: what ended instances left, instances, the oldest first, and then what is kept
/// ready. Those that were asked for ahead stay.
///
/// # Returns
/// What is likely to come back.
fn relieve(engine: &Engine, bytes: u64) -> u64 {
    if bytes == 0 {
        return 0;
    }
    let functions: Vec<Arc<Function>> = engine.functions.lock().values().cloned().collect();
    let mut idle: Vec<(Duration, InstanceId, &Arc<Function>)> = functions
        .iter()
        .flat_map(|function| function.idle().into_iter().map(move |(since, id)| (since, id, function)))
        .collect();
    idle.sort_by_key(|(since, id, _)| (*since, *id));
    let resets = functions.iter().map(|function| {
        let forgotten = u64::try_from(function.forget_resets()).unwrap_or(u64::MAX);
        function.needed().saturating_mul(forgotten)
    });
    let mut back = resets.fold(0, u64::saturating_add);
    for (_, id, function) in idle {
        if back >= bytes {
            break;
        }
        if function.end_idle(id) {
            back = back.saturating_add(function.needed());
        }
    }
    if back < bytes && engine.stock.len() > 0 {
        engine.stock.clear();
        return bytes;
    }
    back
}

/// What all instances together may use.
fn promised(engine: &Engine) -> u64 {
    engine.functions.lock().values().map(|function| function.promised()).fold(0, u64::saturating_add)
}

fn mib(bytes: u64) -> u64 {
    bytes >> 20
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn host(available: u64) -> Option<HostMemory> {
        Some(HostMemory { total: 8192 * MB, available: available * MB })
    }

    #[test]
    fn what_starts_is_counted_until_it_has_its_memory() {
        let headroom = Headroom::new(Some(100 * MB));
        let first = headroom.hold(host(300), 128 * MB).unwrap();
        let lack = headroom.hold(host(300), 128 * MB).unwrap_err();
        assert_eq!(lack, Lack { needed: 128 * MB, free: 72 * MB, reserve: 100 * MB });
        assert_eq!(lack.missing(), 56 * MB);
        let text = "This machine has no memory for another instance: it takes 128 MB, and 72 MB are free beyond the \
                    reserve of 100 MB.";
        assert_eq!(lack.refusal(), RunnerRefusal::Full(text.to_owned()));
        drop(first);
        assert!(headroom.hold(host(300), 200 * MB).is_ok(), "to the last byte");
        assert!(headroom.hold(host(300), 201 * MB).is_err());
    }

    #[test]
    fn a_host_that_says_nothing_has_enough() {
        assert!(Headroom::new(Some(u64::MAX)).hold(None, u64::MAX).is_ok());
    }

    #[test]
    fn the_reserve_is_a_part_of_the_host_unless_it_is_set() {
        let headroom = Headroom::new(None);
        let of = |total| headroom.reserve(HostMemory { total, available: 0 });
        assert_eq!([512, 8000, 64_000].map(|mb| of(mb * MB) / MB), [128, 400, 1024]);
        assert_eq!(Headroom::new(Some(7)).reserve(HostMemory { total: 9, available: 0 }), 7);
    }

    #[test]
    fn the_reserve_can_be_used_and_is_missed() {
        let headroom = Headroom::new(Some(100 * MB));
        let missing = |available| headroom.overdrawn(HostMemory { total: 8192 * MB, available: available * MB });
        assert_eq!([200, 100, 99, 0].map(missing), [0, 0, MB, 100 * MB]);
        let free = |available| headroom.free(HostMemory { total: 8192 * MB, available: available * MB });
        assert_eq!([1700, 101, 99].map(free), [1600 * MB, MB, 0]);
    }

    #[test]
    fn what_is_known_of_a_function_tells_what_it_needs() {
        assert_eq!(needed(1024 * MB, 0), UNKNOWN);
        assert_eq!(needed(1024 * MB, 700 * MB), 700 * MB);
        assert_eq!(needed(32 * MB, 0), 32 * MB);
        assert_eq!(needed(128 * MB, 700 * MB), 128 * MB, "no more than it may have");
    }

    #[test]
    fn it_is_looked_at_once_in_a_while_however_often_it_is_asked_for() {
        let headroom = Headroom::new(None);
        let at = |millis| headroom.look(Duration::from_millis(millis));
        assert_eq!(
            [5, 10, 1004, 1005].map(at),
            [Ok(()), Err(Duration::from_millis(995)), Err(Duration::from_millis(1)), Ok(())]
        );
    }

    #[test]
    fn promises_that_cannot_be_kept_are_told_once() {
        let headroom = Headroom::new(Some(192 * MB));
        let memory = HostMemory { total: 8192 * MB, available: 8192 * MB };
        let told = |promised| {
            headroom.tell_promises(memory, promised * MB);
            headroom.promised.load(Ordering::Relaxed)
        };
        assert_eq!([8000, 8001, 9000, 8000].map(told), [false, true, true, false]);
    }
}
