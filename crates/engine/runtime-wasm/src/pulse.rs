//! What interrupts programs that compute: a beat every millisecond, as long as one runs. At each, whoever computes lets
//! others have the thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak, Result};

/// As long as a program computes at one go.
pub(crate) const BEAT: Duration = Duration::from_millis(1);
/// How many beats the thread goes on when nothing runs: waking it costs more than a small call.
const GRACE: u32 = 100;

#[derive(Debug)]
pub(crate) struct Pulse {
    running: Arc<AtomicUsize>,
    thread: Thread,
}

/// As long as it is kept, there is a beat.
#[derive(Debug)]
pub(crate) struct Running(Arc<AtomicUsize>);

impl Pulse {
    /// It ends with the engine.
    pub(crate) fn start(engine: &Engine) -> Result<Self> {
        let running = Arc::new(AtomicUsize::new(0));
        let (watched, weak) = (Arc::clone(&running), engine.weak());
        // Not a task: it must go on when all of the platform's threads compute.
        let beating = thread::Builder::new().name("wasm-pulse".to_owned()).spawn(move || beat(&watched, &weak))?;
        Ok(Self { running, thread: beating.thread().clone() })
    }

    pub(crate) fn running(&self) -> Running {
        if self.running.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Running(Arc::clone(&self.running))
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        // So that it sees that the engine is gone.
        self.thread.unpark();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn beat(running: &AtomicUsize, engine: &EngineWeak) {
    let mut idle = 0;
    while let Some(engine) = engine.upgrade() {
        engine.increment_epoch();
        drop(engine);
        idle = if running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        if idle > GRACE {
            thread::park();
        } else {
            thread::park_timeout(BEAT);
        }
    }
}
