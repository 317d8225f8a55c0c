//! From the wish to debug a function to its instance with a debugger's door open.

use std::any::Any;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::ports::{DebugHow, Debugging, FunctionSpec, RunnerRefusal};

use super::{Begun, DebugWay, Debugged, Held, relay};
use crate::env::{Initialization, taken};
use crate::exec::Engine;
use crate::function::{Admitted, Function, FunctionKey};
use crate::run::{Brought, CREDENTIALS_MARGIN, bring_up};
use crate::runtime::LaunchError;

/// How often it is looked whether a port is free again, and how long it takes in between.
const LOOKS: usize = 50;
const LOOK: Duration = Duration::from_millis(20);

/// # Errors
/// If it isn't allowed, the language has no debugger here, or the port can't be had: with what to do.
pub(crate) async fn open(
    engine: &Arc<Engine>,
    spec: &Arc<FunctionSpec>,
    how: DebugHow,
) -> Result<Debugging, RunnerRefusal> {
    let refused = |why: String| RunnerRefusal::Unavailable(why);
    if !engine.config.debuggers {
        let advice = "this platform lets no debuggers in; start it with --allow-debug to debug functions";
        return Err(refused(advice.to_owned()));
    }
    let way = way(engine, spec, how)?;
    check_launch(engine, spec, way).await?;
    let (key, asked) = (FunctionKey::of(spec), engine.number());
    let begun = begun(engine, &key, way, asked).await;
    let (debugged, listener) = begun.map_err(|error| refused(no_port(way.port, &error)))?;
    let held = Held { engine: Arc::downgrade(engine), key, asked };
    if let Some(listener) = listener {
        let work = relay::attend(Arc::clone(engine), debugged, listener);
        engine.tasks.spawn("way in for debuggers", work);
    }
    let function = engine.function(spec);
    let beside = Arc::clone(engine);
    engine.tasks.spawn("instance to debug", async move { start(&beside, &function).await });
    let held: Box<dyn Any + Send + Sync> = Box::new(held);
    Ok(Debugging { port: way.port, runtime: spec.runtime.clone(), held })
}

/// The port may be that of one that has ended a moment ago.
async fn begun(engine: &Engine, key: &FunctionKey, way: DebugWay, asked: u64) -> io::Result<Begun> {
    let mut looks = 0..LOOKS;
    loop {
        match engine.debuggers.begin(&engine.network, key, way, asked) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && looks.next().is_some() => {}
            begun => return begun,
        }
        engine.clock.pause(LOOK).await;
    }
}

fn way(engine: &Engine, spec: &FunctionSpec, how: DebugHow) -> Result<DebugWay, RunnerRefusal> {
    let runtime = engine.runtime(&spec.runtime).ok_or_else(|| RunnerRefusal::UnknownRuntime(spec.runtime.clone()))?;
    let usual = runtime.debug_port().ok_or_else(|| {
        RunnerRefusal::Unavailable(format!("there is no debugger for {}: only for Python and Node", spec.runtime))
    })?;
    let port = how.port.unwrap_or(usual);
    let others = engine.network.listeners();
    if taken().iter().chain(&others).any(|known| known.port() == port) {
        let why = format!("port {port} means something else to functions; say another one for the debugger");
        return Err(RunnerRefusal::Unavailable(why));
    }
    Ok(DebugWay { port, wait: how.wait })
}

/// What would keep the instance from starting is told at once.
async fn check_launch(engine: &Engine, spec: &FunctionSpec, way: DebugWay) -> Result<(), RunnerRefusal> {
    let unpacked = engine.code.unpacked(spec).await?;
    let runtime = engine.runtime(&spec.runtime).ok_or_else(|| RunnerRefusal::UnknownRuntime(spec.runtime.clone()))?;
    match runtime.prepare_debugged(spec, &unpacked, way) {
        Ok(_) => Ok(()),
        Err(LaunchError::Unavailable(why)) => Err(RunnerRefusal::Unavailable(why)),
        // The function's own fault is told where those are: in its log, and to callers.
        Err(LaunchError::Init { .. }) => Ok(()),
    }
}

fn no_port(port: u16, error: &io::Error) -> String {
    format!("a debugger can't be listened for at 127.0.0.1:{port} ({error}); say another port")
}

/// Starts the instance, as a call would; does nothing where there is one.
pub(super) async fn start(engine: &Arc<Engine>, function: &Arc<Function>) {
    match function.admit(None, 1, engine.clock.now().plus(CREDENTIALS_MARGIN)) {
        Admitted::Warm(instance) => function.release(&instance, true, engine.clock.monotonic()),
        // Somebody is at it.
        Admitted::Wait(_) => function.lost(),
        Admitted::Throttled => {}
        Admitted::Cold => {
            let brought = Box::pin(bring_up(engine, function, Initialization::OnDemand)).await;
            function.start_over();
            match brought {
                Ok(Brought::Up(instance)) => return function.release(&instance, true, engine.clock.monotonic()),
                Ok(Brought::Failed { log, .. }) => drop(log.close(&[], false)),
                Err(refusal) => {
                    let name = &function.spec.name;
                    tracing::warn!(%refusal, function = name, "an instance could not be started for a debugger");
                }
            }
            function.lost();
        }
    }
}

impl Debugged {
    /// The function as it is now.
    pub(super) fn function(&self, engine: &Engine) -> Option<Arc<Function>> {
        engine.functions.lock().get(&self.key).cloned()
    }
}
