//! Bringing up an instance that is a program of the platform's own process.

use std::ffi::OsString;
use std::sync::Arc;

use tokio::sync::Semaphore;
use updraft_kernel::ports::RunnerRefusal;
use updraft_sandbox::{ExitReason, ExitStatus};

use super::Instance;
use super::start::{How, Starting, assemble, credentials};
use super::supervise::supervise;
use crate::env::{Sources, environment};
use crate::exec::Engine;
use crate::failure::Exit;
use crate::function::Function;
use crate::resident::{CONNECTIONS, End, Life, Quarters, Resident, Tenant};

/// What only processes find something at.
const OF_PROCESSES: [&str; 4] = ["AWS_LAMBDA_RUNTIME_API", "LD_LIBRARY_PATH", "PATH", "LAMBDA_RUNTIME_DIR"];

pub(super) async fn move_in(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    how: How<'_>,
    resident: Arc<dyn Resident>,
) -> Result<Starting, RunnerRefusal> {
    let began = engine.clock.monotonic();
    let spec = &function.spec;
    let files = engine.code.unpacked(spec).await?;
    let credentials = credentials(engine, spec);
    let (launch, stream) = (how.launch, how.stream);
    let env = environment(&Sources { spec, stream, credentials: &credentials, launch, kind: how.beginning.kind });
    let (quarters, tenant) = Quarters::new();
    let place = (engine.number(), Box::new(quarters) as _, credentials.expires);
    let (instance, started) = assemble(engine, spec, how, place);
    function.joined(&instance);
    let life = Life {
        instance: Arc::clone(&instance),
        env: env.into_iter().filter_map(text).filter(|(name, _)| !OF_PROCESSES.contains(&name.as_str())).collect(),
        files,
        endpoint: Arc::clone(&engine.endpoint),
        network: Arc::clone(&engine.network),
        places: Arc::new(Semaphore::new(CONNECTIONS)),
        meter: Arc::clone(&tenant.meter),
    };
    engine.tasks.spawn("resident", live(Arc::clone(&instance), resident, life, tenant));
    engine.tasks.spawn("instance", supervise(Arc::clone(&instance), Arc::clone(function), Arc::clone(&engine.idle)));
    let debugged = function.is_debugged();
    Ok(Starting { instance, started, stopped: None, began, beginning: how.beginning, debugged })
}

fn text((name, value): (OsString, OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

/// Lives until it ends by itself or is killed, and then tells how it came.
async fn live(instance: Arc<Instance>, resident: Arc<dyn Resident>, life: Life, mut tenant: Tenant) {
    let end = tokio::select! {
        end = resident.live(life) => end,
        () = tenant.killed() => End::Killed,
    };
    let oom_killed = end == End::OutOfMemory;
    let exit = match end {
        End::Exited(code) => Exit::Code(code),
        End::OutOfMemory => Exit::OutOfMemory,
        End::Trapped(why) => Exit::Trapped(why),
        End::Killed => Exit::Signal(9),
    };
    instance.exit.get_or_init(|| exit);
    tenant.is_over(ExitReason { status: ExitStatus::Killed, oom_killed });
}
