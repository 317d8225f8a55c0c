//! Debuggers in functions: one port of the host's loopback for each function that is debugged, and the way from there
//! into its one instance.
//!
//! While a function is debugged it has all the time there is, since people think; its instance never rests, since its
//! debugger talks to it when there is no call, too. Whatever was started for debugging ends with it.

mod open;
mod relay;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;
use updraft_network::Network;

pub(crate) use open::open;

use crate::exec::Engine;
use crate::function::FunctionKey;

/// Instead of a function's own limits: nobody sits longer over one call.
pub(crate) const ALL_THE_TIME: Duration = Duration::from_hours(24);

/// Where a debugger is let in, inside and outside alike, and whether everything waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebugWay {
    pub port: u16,
    pub wait: bool,
}

/// One function that is debugged.
#[derive(Debug)]
pub(crate) struct Debugged {
    pub(crate) key: FunctionKey,
    pub(crate) way: DebugWay,
    over: watch::Sender<bool>,
}

impl Debugged {
    pub(crate) fn is_over(&self) -> bool {
        *self.over.borrow()
    }
}

#[derive(Debug)]
struct Slot {
    debugged: Arc<Debugged>,
    /// Who asked last: only then does it end with them.
    asked: u64,
}

/// All that are.
#[derive(Debug, Default)]
pub(crate) struct Debuggers(Mutex<HashMap<FunctionKey, Slot>>);

impl Debuggers {
    pub(crate) fn of(&self, key: &FunctionKey) -> Option<Arc<Debugged>> {
        self.0.lock().get(key).map(|slot| Arc::clone(&slot.debugged))
    }

    /// The function is debugged from now on; where it is already, in the same way, that goes on.
    ///
    /// # Returns
    /// The listener, where there is a new one to attend to.
    fn begin(&self, network: &Network, key: &FunctionKey, way: DebugWay, asked: u64) -> io::Result<Begun> {
        let mut slots = self.0.lock();
        if let Some(known) = slots.get_mut(key)
            && known.debugged.way == way
        {
            known.asked = asked;
            return Ok((Arc::clone(&known.debugged), None));
        }
        if let Some(old) = slots.remove(key) {
            old.debugged.over.send_replace(true);
        }
        let listener = network.listen(way.port)?;
        let debugged = Arc::new(Debugged { key: key.clone(), way, over: watch::Sender::new(false) });
        slots.insert(key.clone(), Slot { debugged: Arc::clone(&debugged), asked });
        Ok((debugged, Some(listener)))
    }

    fn end(&self, key: &FunctionKey, asked: u64) -> bool {
        let mut slots = self.0.lock();
        let is_last = slots.get(key).is_some_and(|slot| slot.asked == asked);
        if is_last && let Some(slot) = slots.remove(key) {
            slot.debugged.over.send_replace(true);
        }
        is_last
    }
}

type Begun = (Arc<Debugged>, Option<TcpListener>);

/// With it, debugging ends.
#[derive(Debug)]
struct Held {
    engine: Weak<Engine>,
    key: FunctionKey,
    asked: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(engine) = self.engine.upgrade() else { return };
        if engine.debuggers.end(&self.key, self.asked) {
            let function = engine.functions.lock().remove(&self.key);
            if let Some(function) = function {
                function.retire();
            }
        }
    }
}
