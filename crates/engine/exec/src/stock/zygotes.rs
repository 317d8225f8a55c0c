//! The processes that others are forked from: started when they are first asked for, replaced when they are old.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use updraft_sandbox::{Command, SandboxError, Zygote};

use super::Shape;
use crate::config::ExecConfig;
use crate::env;
use crate::exec::Engine;
use crate::runtime::Ahead;

/// After a failure, this long passes before another one is tried.
const PAUSE: Duration = Duration::from_mins(1);

#[derive(Debug)]
struct Living {
    zygote: Zygote,
    /// Monotonic.
    born: Duration,
    forks: u32,
}

#[derive(Debug, Default)]
struct Slot {
    living: Option<Living>,
    starting: bool,
    failed: Option<Duration>,
}

#[derive(Debug, Default)]
pub(super) struct Zygotes(Mutex<HashMap<Arc<Shape>, Slot>>);

impl Slot {
    /// Whether one has to be started, to take the place of whatever is there.
    fn is_due(&self, now: Duration, config: &ExecConfig) -> bool {
        let rests = self.failed.is_some_and(|at| now.saturating_sub(at) < PAUSE);
        let fresh = self.living.as_ref().is_some_and(|living| {
            living.forks < config.zygote_forks && now.saturating_sub(living.born) < config.zygote_age
        });
        !self.starting && !rests && !fresh
    }
}

impl Zygotes {
    /// One to fork from, now; starts it if need be. `None`: this shape has none, or it isn't up yet.
    pub(super) fn get(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) -> Option<Zygote> {
        if !matches!(shape.ahead, Ahead::Zygote { .. }) || engine.is_draining() {
            return None;
        }
        let mut slots = self.0.lock();
        let slot = slots.entry(Arc::clone(shape)).or_default();
        if slot.is_due(engine.clock.monotonic(), &engine.config) {
            slot.starting = true;
            let (engine, shape) = (Arc::clone(engine), Arc::clone(shape));
            engine.tasks.clone().spawn("zygote", async move { begin(&engine, &shape).await });
        }
        slot.living.as_mut().map(|living| {
            living.forks += 1;
            living.zygote.clone()
        })
    }

    /// Whether there is one to fork from, if one is needed.
    pub(super) fn have(&self, shape: &Arc<Shape>) -> bool {
        let needed = matches!(shape.ahead, Ahead::Zygote { .. });
        !needed || self.0.lock().get(shape).is_some_and(|slot| slot.living.is_some())
    }

    fn started(&self, shape: &Arc<Shape>, now: Duration, zygote: Result<Zygote, SandboxError>) -> bool {
        let mut slots = self.0.lock();
        // Ended meanwhile: nobody wants it any more.
        let Some(slot) = slots.get_mut(shape) else { return false };
        slot.starting = false;
        match zygote {
            Ok(zygote) => {
                slot.failed = None;
                slot.living = Some(Living { zygote, born: now, forks: 0 });
                true
            }
            Err(error) => {
                tracing::warn!(%error, "instances can't be forked, and are started one by one");
                slot.failed = Some(now);
                false
            }
        }
    }

    pub(super) fn end(&self, shape: &Arc<Shape>) {
        drop(self.0.lock().remove(shape));
    }

    pub(super) fn clear(&self) {
        drop(std::mem::take(&mut *self.0.lock()));
    }
}

async fn begin(engine: &Arc<Engine>, shape: &Arc<Shape>) {
    let Ahead::Zygote { argv, env, files } = &shape.ahead else { return };
    let number = engine.number();
    let spec = shape.zygote(engine.sandbox_name(number), files);
    let command = Command { env: env::ahead(env), ..Command::new(argv.iter().map(OsString::from)) };
    let zygote = engine.backend.zygote(spec, command).await;
    if engine.stock.zygotes.started(shape, engine.clock.monotonic(), zygote) {
        engine.stock.zygote_is_up(engine, shape);
    }
}
