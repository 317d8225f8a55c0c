//! What a runtime says about functions: asked when one is deployed, since it is likely to be called soon, and at each start.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::ports::FunctionSpec;

use crate::debug::DebugWay;
use crate::exec::Engine;
use crate::runtime::{Launch, LaunchError, Runtime, Unpacked};
use crate::stock::Shape;

/// The names that runtimes were asked for: whatever a first answer takes long for is done then.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<BTreeSet<String>>);

impl Asked {
    fn has(&self, name: &str) -> bool {
        self.0.lock().contains(name)
    }

    fn note(&self, name: &str) {
        self.0.lock().insert(name.to_owned());
    }
}

/// Makes ready what doesn't depend on the function's code: the first call finds what any other would find.
pub(crate) fn expect(engine: &Arc<Engine>, spec: &Arc<FunctionSpec>) {
    let Some(runtime) = engine.runtime(&spec.runtime).cloned() else { return };
    let (engine, spec) = (Arc::clone(engine), Arc::clone(spec));
    engine.tasks.clone().spawn("expected function", async move {
        let about = Arc::clone(&spec);
        let launch = tokio::task::spawn_blocking(move || runtime.expect(&about)).await;
        if let Ok(Some(launch)) = launch {
            engine.asked.note(&spec.runtime);
            engine.stock.expect(&engine, &Arc::new(Shape::of(&spec, &launch)));
        }
    });
}

/// How the function is started. Where that may take long it is found off the async threads, which others wait for.
pub(crate) async fn launch(
    engine: &Engine,
    runtime: &Arc<dyn Runtime>,
    (spec, unpacked): (&Arc<FunctionSpec>, &Unpacked),
    way: Option<DebugWay>,
) -> Result<Launch, LaunchError> {
    if engine.asked.has(&spec.runtime) {
        return prepared(&**runtime, spec, unpacked, way);
    }
    let (runtime, about, unpacked) = (Arc::clone(runtime), Arc::clone(spec), unpacked.clone());
    let launch = tokio::task::spawn_blocking(move || prepared(&*runtime, &about, &unpacked, way)).await;
    let launch = launch.map_err(|error| LaunchError::Unavailable(error.to_string()))?;
    engine.asked.note(&spec.runtime);
    launch
}

fn prepared(
    runtime: &dyn Runtime,
    spec: &FunctionSpec,
    unpacked: &Unpacked,
    way: Option<DebugWay>,
) -> Result<Launch, LaunchError> {
    match way {
        None => runtime.prepare(spec, unpacked),
        Some(way) => runtime.prepare_debugged(spec, unpacked, way),
    }
}
