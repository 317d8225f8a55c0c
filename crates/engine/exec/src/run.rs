//! One call from admission to its outcome.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use updraft_kernel::ports::{Concurrency, FunctionSpec, Invocation, RunOutcome, RunnerRefusal};
use updraft_sandbox::Remains;

use crate::accounts::{Entered, Place};
use crate::api::stream::Early;
use crate::debug::ALL_THE_TIME;
use crate::env::Initialization;
use crate::exec::Engine;
use crate::expect;
use crate::extensions;
use crate::failure::Failure;
use crate::function::{Admitted, Function, Turn, count};
use crate::instance::Instance;
use crate::instance::invoke::{Called, failed_start, invoke};
use crate::instance::settle::Outcome;
use crate::instance::start;
use crate::logs::instance::InstanceLog;
use crate::logs::platform::Beginning;
use crate::memory;
use crate::pool::Load;
use crate::reset::Environment;
use crate::runtime::{Launch, LaunchError};
use crate::stock::Start;

/// An instance is not given work if its credentials end sooner than this.
pub(crate) const CREDENTIALS_MARGIN: Duration = Duration::from_mins(20);

/// How many dying instances a call may meet. A runtime that posts an error and then exits looks alive for a moment.
const ATTEMPTS: usize = 3;

pub(crate) async fn run(
    engine: Arc<Engine>,
    function: Arc<Function>,
    (limit, place): (Option<u32>, Place),
    (mut call, early): (Invocation, Early),
) -> Result<RunOutcome, RunnerRefusal> {
    let entered = place.entered;
    for _ in 0..ATTEMPTS {
        let instance = match admit(&engine, &function, limit, &call).await? {
            Ok(instance) => instance,
            Err(failed) => return Ok(failed),
        };
        let (load, provisioned) = (function.load(), function.is_ahead(instance.id));
        let called = invoke(&instance, &*engine.clock, call, &early).await;
        function.saw(instance.peak(engine.clock.monotonic()));
        let free = |healthy| {
            function.release(&instance, healthy, engine.clock.monotonic());
            engine.idle.notify_one();
        };
        let mut outcome = match called {
            Called::Over { outcome, healthy } => {
                free(healthy);
                outcome
            }
            Called::Answered { outcome, rest } => {
                let (engine, function, instance) = (Arc::clone(&engine), Arc::clone(&function), Arc::clone(&instance));
                engine.tasks.clone().spawn("rest of an invocation", async move {
                    let healthy = rest.wait(&instance, &*engine.clock).await;
                    function.release(&instance, healthy, engine.clock.monotonic());
                    engine.idle.notify_one();
                    drop(place);
                });
                outcome
            }
            Called::Unseen(unseen) => {
                free(false);
                call = unseen;
                continue;
            }
        };
        outcome.usage.concurrency = concurrency(entered, load);
        if provisioned {
            (outcome.usage.provisioned, outcome.usage.init, outcome.cold_start) = (true, None, false);
        }
        return Ok(outcome);
    }
    Err(RunnerRefusal::Unavailable("the function's instances end as soon as they are idle".to_owned()))
}

fn concurrency(entered: Entered, load: Load) -> Concurrency {
    Concurrency {
        account: count(entered.all),
        unreserved: count(entered.unreserved),
        function: count(load.working),
        provisioned: count(load.ahead),
        provisioned_busy: count(load.ahead.saturating_sub(load.ahead_idle)),
    }
}

/// An instance for this call, or the outcome of a start that failed.
async fn admit(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    limit: Option<u32>,
    call: &Invocation,
) -> Result<Result<Arc<Instance>, RunOutcome>, RunnerRefusal> {
    let good_until = engine.clock.now().plus(CREDENTIALS_MARGIN);
    let turn = match function.admit(limit, engine.config.starts_at_once, good_until) {
        Admitted::Warm(instance) => return Ok(Ok(instance)),
        Admitted::Throttled => {
            return Err(RunnerRefusal::Throttled("ReservedFunctionConcurrentInvocationLimitExceeded"));
        }
        Admitted::Cold => Turn::Start,
        Admitted::Wait(told) => wait(engine, function, told).await,
    };
    if let Turn::Use(instance) = turn {
        return Ok(Ok(instance));
    }
    let brought = if engine.bursts.take(&function.spec, engine.clock.monotonic()) {
        Box::pin(bring_up(engine, function, Initialization::OnDemand)).await
    } else {
        Err(RunnerRefusal::Throttled("the function starts instances as fast as it may"))
    };
    function.start_over();
    if !matches!(brought, Ok(Brought::Up(_))) {
        function.lost();
    }
    Ok(match brought? {
        Brought::Up(instance) => Ok(instance),
        Brought::Failed { log, how, peak } => Err(failed_start(&log, (&function.spec, peak), call, how)),
    })
}

/// For an instance that becomes free, or the right to start one.
async fn wait(engine: &Engine, function: &Function, mut told: oneshot::Receiver<Turn>) -> Turn {
    loop {
        tokio::select! {
            Ok(turn) = &mut told => return turn,
            () = engine.clock.pause(engine.config.start_patience) => {}
        }
        if !function.is_occupied() {
            return function.stop_waiting(told);
        }
    }
}

/// What came of a cold start.
pub(crate) enum Brought {
    Up(Arc<Instance>),
    /// `how`: the payload that the runtime posted, or the platform's verdict. `peak`: the most memory that it used.
    Failed {
        log: Arc<InstanceLog>,
        how: Result<Bytes, Failure>,
        peak: Option<u64>,
    },
}

pub(crate) async fn bring_up(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    kind: Initialization,
) -> Result<Brought, RunnerRefusal> {
    let spec = &function.spec;
    let runtime = engine.runtime(&spec.runtime);
    let runtime = runtime.ok_or_else(|| RunnerRefusal::UnknownRuntime(spec.runtime.clone()))?;
    let _held = memory::room(engine, function).await?;
    let _start = Start::begin(engine);
    let unpacked = engine.code.unpacked(spec).await?;
    let way = function.way();
    let launch = match expect::launch(engine, runtime, (spec, &unpacked), way).await {
        Ok(launch) => launch,
        Err(LaunchError::Unavailable(why)) => return Err(RunnerRefusal::Unavailable(why)),
        Err(LaunchError::Init { kind: error, message }) => {
            let Environment { log, .. } = start::open_log(engine, spec, &Launch::default(), kind);
            return Ok(Brought::Failed { log, how: Err(Failure::Init { kind: error, message }), peak: None });
        }
    };
    let extensions = extensions::launch::found(&unpacked).await.map_err(|error| {
        tracing::error!(%error, "a function's extensions could not be listed");
        RunnerRefusal::Unavailable(error.to_string())
    })?;
    if let Some(failure) = launch.resident.as_ref().and_then(|_| unfit(spec, !extensions.is_empty())) {
        let Environment { log, .. } = start::open_log(engine, spec, &launch, kind);
        return Ok(Brought::Failed { log, how: Err(failure), peak: None });
    }
    let mut beginning = Beginning { kind, suppressed: false };
    let Environment { log, stream, remains } = match again(function).await {
        Some(environment) => {
            beginning.suppressed = true;
            start::tell_start(&environment.log, spec, &launch, beginning);
            environment
        }
        None => start::open_log(engine, spec, &launch, kind),
    };
    let boosted = !beginning.suppressed || function.is_debugged();
    let how = start::How { launch: &launch, log: &log, stream: &stream, beginning, extensions: &extensions, boosted };
    let limit = if way.is_some() { ALL_THE_TIME } else { engine.config.init_timeout };
    // AWS: a start that takes too long is tried once more, within the function's own time limit; and as any other part of
    // an invocation, with the function's own share of the processor. So is one after a reset.
    let limit = if beginning.suppressed { spec.timeout } else { limit };
    let tried = match attempt(engine, function, how, limit, remains).await? {
        Tried::TimedOut(instance) if !beginning.suppressed => {
            let remains = left_by(engine, &instance).await;
            let beginning = Beginning { suppressed: true, ..beginning };
            let how = start::How { boosted: false, beginning, ..how };
            attempt(engine, function, how, spec.timeout, remains).await?
        }
        tried => tried,
    };
    let (how, instance) = match tried {
        Tried::Up(instance) => return Ok(Brought::Up(instance)),
        Tried::Failed(how, instance) => (how, instance),
        Tried::TimedOut(instance) => (Err(Failure::TimedOut(spec.timeout)), instance),
    };
    if kind == Initialization::OnDemand {
        function.reset(&instance, engine.clock.monotonic());
    }
    Ok(Brought::Failed { log, how, peak: instance.peak(engine.clock.monotonic()) })
}

/// What a program of the platform's own process can't have beside it.
fn unfit(spec: &FunctionSpec, extensions: bool) -> Option<Failure> {
    let what = match (extensions, spec.file_systems.is_empty()) {
        (true, _) => "extensions",
        (false, false) => "file systems",
        (false, true) => return None,
    };
    let message = format!("a WebAssembly component runs in no sandbox of processes, and without {what}");
    Some(Failure::Init { kind: "Runtime.InvalidEntrypoint", message })
}

/// The environment of an instance that came to grief.
async fn again(function: &Function) -> Option<Environment> {
    function.take_reset()?.settled().await
}

async fn left_by(engine: &Engine, instance: &Instance) -> Option<Remains> {
    instance.reset(engine.clock.monotonic())?.settled().await?.remains
}

enum Tried {
    Up(Arc<Instance>),
    Failed(Result<Bytes, Failure>, Arc<Instance>),
    TimedOut(Arc<Instance>),
}

async fn attempt(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    how: start::How<'_>,
    limit: Duration,
    remains: Option<Remains>,
) -> Result<Tried, RunnerRefusal> {
    let starting = start::launch(engine, function, how, limit, remains).await?;
    let (instance, outcome) = starting.settle(engine, limit).await;
    Ok(match outcome {
        Outcome::Ready => Tried::Up(instance),
        Outcome::Refused(_, payload) => Tried::Failed(Ok(payload), instance),
        Outcome::Exited => Tried::Failed(Err(Failure::Exited(instance.exit())), instance),
        Outcome::Faulted(fault) => Tried::Failed(Err(fault.into()), instance),
        Outcome::TimedOut => Tried::TimedOut(instance),
    })
}
