//! Bringing an instance up: sandbox, extensions, and the runtime's process.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::{Notify, RwLock, oneshot, watch};
use updraft_kernel::ports::{FunctionSpec, RunnerRefusal, SessionCredentials, SessionRequest};
use updraft_kernel::{BoxFuture, RngExt, UnixMillis};
use updraft_sandbox::{Command, ExitReason, Furniture, Remains, Sandbox, SandboxError};

use super::lodge::move_in;
use super::supervise::{attend, outlived, supervise};
use super::ways::{self, Ways};
use super::{Instance, Motion, mounts, sandbox};
use crate::api::pipes;
use crate::api::session::{Session, Started};
use crate::env::{Initialization, Sources, environment};
use crate::exec::Engine;
use crate::extensions::Registry;
use crate::extensions::launch::{self, Program, Running};
use crate::extensions::registry::Fault;
use crate::function::Function;
use crate::logs::format;
use crate::logs::instance::{InstanceLog, LogTarget};
use crate::logs::platform::{Beginning, Event};
use crate::pool::InstanceId;
use crate::reset::Environment;
use crate::resident::Lodger;
use crate::runtime::{By, Launch};
use crate::stock::{Ready, Seat, Shape, Voice};

/// An instance whose runtime has not spoken yet.
pub(crate) struct Starting {
    pub(super) instance: Arc<Instance>,
    pub(super) started: oneshot::Receiver<Started>,
    /// Its runtime was never started: the extensions, which come first, didn't register.
    pub(super) stopped: Option<Stopped>,
    pub(super) began: Duration,
    pub(super) beginning: Beginning,
    /// What it had at its start, of the processor, it keeps.
    pub(super) debugged: bool,
}

/// Why a start went no further.
pub(crate) enum Stopped {
    Fault(Fault),
    TimedOut,
}

/// What a start goes by.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    pub(crate) launch: &'a Launch,
    pub(crate) log: &'a Arc<InstanceLog>,
    /// The log's name.
    pub(crate) stream: &'a str,
    pub(crate) beginning: Beginning,
    pub(crate) extensions: &'a [Program],
    /// Whether it may have more than the function's share of the processor meanwhile.
    pub(crate) boosted: bool,
}

/// What runs first in a sandbox.
enum First {
    Runtime(Voice),
    /// With what they run beside of: the command is to be started when they have registered.
    Extensions {
        running: Vec<Running>,
        over: BoxFuture<'static, ExitReason>,
        command: Command,
    },
}

/// Brings up whatever the function is run by. Extensions have to register within `limit`.
pub(crate) async fn launch(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    how: How<'_>,
    limit: Duration,
    remains: Option<Remains>,
) -> Result<Starting, RunnerRefusal> {
    match &how.launch.resident {
        Some(Lodger(resident)) => move_in(engine, function, how, Arc::clone(resident)).await,
        None => launch_processes(engine, function, how, limit, remains).await,
    }
}

/// Builds the sandbox and starts the processes in it. Extensions have to register within `limit`.
async fn launch_processes(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    how: How<'_>,
    limit: Duration,
    remains: Option<Remains>,
) -> Result<Starting, RunnerRefusal> {
    let began = engine.clock.monotonic();
    let spec = &function.spec;
    let credentials = credentials(engine, spec);
    let env = environment(&Sources {
        spec,
        stream: how.stream,
        credentials: &credentials,
        launch: how.launch,
        kind: how.beginning.kind,
    });
    let (ready, first) = occupied(engine, spec, how, (&sandbox::command(spec, how.launch, env), remains)).await?;
    let Ready { number, sandbox: mut built, listeners, seat } = ready;
    let ([runtime, aws], listeners) = sorted(listeners)?;
    let ways = Ways { listeners, tunnel: built.tunnel().map_err(|error| refused(&error))? };
    let (instance, started) = assemble(engine, spec, how, (number, built, credentials.expires));
    // Listed before its supervisor runs, which takes it off the list when it ends.
    function.joined(&instance);
    attend(&instance, (runtime, aws), engine);
    ways::attend(&instance, ways, engine);
    let stopped = Box::pin(go_on(&instance, function, (first, seat, how.launch.by), limit)).await;
    engine.tasks.spawn("instance", supervise(Arc::clone(&instance), Arc::clone(function), Arc::clone(&engine.idle)));
    let debugged = function.is_debugged();
    Ok(Starting { instance, started, stopped: stopped?, began, beginning: how.beginning, debugged })
}

/// An instance that lives in this sandbox. The receiver hears how the runtime's start went.
pub(super) fn assemble(
    engine: &Engine,
    spec: &Arc<FunctionSpec>,
    how: How<'_>,
    (number, sandbox, expires): (u64, Box<dyn Sandbox>, UnixMillis),
) -> (Arc<Instance>, oneshot::Receiver<Started>) {
    let (session, started) = Session::new();
    let (leave, left) = oneshot::channel();
    how.log.hub.begin();
    let instance = Arc::new(Instance {
        id: InstanceId(number),
        spec: Arc::clone(spec),
        session,
        log: Arc::clone(how.log),
        extensions: Registry::new(how.extensions.iter().map(|program| program.name.clone()).collect()),
        host: Arc::clone(&engine.host),
        expires,
        sandbox: RwLock::new(Some(sandbox)),
        motion: Mutex::new(Motion::Running),
        thawed: Notify::new(),
        parting: false.into(),
        runtime_over: watch::Sender::new(false),
        exit: OnceLock::new(),
        ended: watch::Sender::new(false),
        init: Mutex::new(None),
        suppressed: Mutex::default(),
        stream: how.stream.to_owned(),
        leave: Mutex::new(Some(leave)),
        left: Mutex::new(Some(left)),
        spent: false.into(),
        peak: Mutex::default(),
    });
    (instance, started)
}

/// Lets what runs first do its part, and then starts the runtime.
async fn go_on(
    instance: &Arc<Instance>,
    function: &Arc<Function>,
    (first, seat, by): (First, Seat, By),
    limit: Duration,
) -> Result<Option<Stopped>, RunnerRefusal> {
    let (running, over, command) = match first {
        First::Runtime(voice) => {
            hear(instance, voice);
            return Ok(None);
        }
        First::Extensions { running, over, command } => (running, over, command),
    };
    let tasks = &instance.host.tasks;
    for (number, Running { program, stdio, ended }) in (0..).zip(running) {
        instance.follow(stdio, Some(number));
        tasks.spawn("extension", launch::watch(program, ended, Arc::clone(&instance.extensions)));
    }
    let mut shutdown = tasks.shutdown();
    let registered = tokio::select! {
        registered = instance.extensions.registered() => registered.map_err(Stopped::Fault),
        () = instance.host.clock.pause(limit) => Err(Stopped::TimedOut),
        () = shutdown.requested() => {
            instance.kill();
            return Err(RunnerRefusal::Stopping);
        }
    };
    if let Err(stopped) = registered {
        return Ok(Some(stopped));
    }
    let mut slot = instance.sandbox.write().await;
    let built = slot.as_deref_mut().ok_or(RunnerRefusal::Stopping)?;
    let voice = seat.start(built, command, by).map_err(|error| {
        built.kill();
        refused(&error)
    })?;
    drop(slot);
    hear(instance, voice);
    tasks.spawn("runtime beside extensions", outlived(Arc::clone(instance), Arc::clone(function), over));
    Ok(None)
}

/// Everything that the runtime says, whichever way.
fn hear(instance: &Arc<Instance>, (stdio, pipes): Voice) {
    instance.follow(stdio, None);
    if let Some(pipes) = pipes {
        instance.host.tasks.spawn("runtime's pipes", pipes::serve(pipes, Arc::clone(instance)));
    }
}

/// A sandbox in which the function's process runs, or its extensions do. What was prepared may have died meanwhile, all of
/// it even: then one is made now.
async fn occupied(
    engine: &Arc<Engine>,
    spec: &FunctionSpec,
    how: How<'_>,
    (command, mut remains): (&Command, Option<Remains>),
) -> Result<(Ready, First), RunnerRefusal> {
    let most = engine.config.ready.max(engine.config.ready_workers).max(engine.config.ready_most);
    for _ in 0..=most {
        let (mut ready, furniture) = prepared(engine, spec, how, remains.take()).await?;
        let seat = std::mem::take(&mut ready.seat);
        let furnished = ready.sandbox.furnish(furniture);
        let first = if how.extensions.is_empty() {
            furnished.and_then(|()| seat.start(&mut *ready.sandbox, command.clone(), how.launch.by)).map(First::Runtime)
        } else {
            ready.seat = seat;
            furnished.and_then(|()| start_extensions(&ready, how.extensions, command))
        };
        match first {
            Ok(first) => return Ok((ready, first)),
            Err(SandboxError::Gone) => tracing::warn!("a prepared instance was dead when it was needed"),
            Err(error) => return Err(refused(&error)),
        }
    }
    Err(refused(&SandboxError::Gone))
}

fn start_extensions(ready: &Ready, programs: &[Program], command: &Command) -> Result<First, SandboxError> {
    let over = ready.sandbox.outlive()?;
    let running = launch::start(&*ready.sandbox, programs, &command.env)?;
    Ok(First::Extensions { running, over, command: command.clone() })
}

/// A sandbox, and everything of the function that is to be in it but its process.
async fn prepared(
    engine: &Arc<Engine>,
    spec: &FunctionSpec,
    how: How<'_>,
    remains: Option<Remains>,
) -> Result<(Ready, Furniture), RunnerRefusal> {
    let unpacked = engine.code.unpacked(spec).await?;
    let mut furniture = sandbox::furniture(spec, &unpacked, how.boosted);
    let shape = Arc::new(Shape::of(spec, how.launch));
    let (binds, uid) = mounts::of(&spec.file_systems, &engine.config.file_systems)?.unzip();
    furniture.binds.extend(binds.into_iter().flatten());
    if let Some(remains) = remains {
        match engine.stock.inherit(engine, &shape, remains).await {
            Ok(ready) => return Ok((ready, furniture)),
            Err(error) => tracing::warn!(%error, "what an instance left could not be used again"),
        }
    }
    let taken = match uid {
        None => engine.stock.take(engine, &shape).await,
        Some(uid) => Ready::build_as(engine, &shape, uid).await,
    };
    taken.map(|ready| (ready, furniture)).map_err(|error| refused(&error))
}

/// A log for one instance-to-be, opened with what AWS says first.
pub(crate) fn open_log(engine: &Engine, spec: &FunctionSpec, launch: &Launch, kind: Initialization) -> Environment {
    let digits = engine.rng.uuid().replace('-', "");
    let stream = format::stream(engine.clock.now(), &spec.version, &digits);
    let target = LogTarget::of(spec, stream.clone());
    let log = InstanceLog::new(target, Arc::clone(&engine.clock), Arc::clone(&engine.logs), engine.config.log_bytes);
    tell_start(&log, spec, launch, Beginning { kind, suppressed: false });
    Environment { log, stream, remains: None }
}

/// What AWS says first; of a start within a call, which is suppressed, only to those who listen.
pub(crate) fn tell_start(log: &Arc<InstanceLog>, spec: &FunctionSpec, launch: &Launch, beginning: Beginning) {
    log.hub.begin();
    log.note(&Event::InitStart { version: &launch.version, note: launch.note.as_deref(), beginning, spec });
}

pub(super) fn credentials(engine: &Engine, spec: &FunctionSpec) -> SessionCredentials {
    engine.credentials.issue(SessionRequest {
        account: spec.account.clone(),
        role: spec.role.clone(),
        session_name: spec.name.clone(),
        expires: engine.clock.now().plus(engine.config.session),
    })
}

/// The two that the platform itself listens on come first, then the ways out.
fn sorted(listeners: Vec<std::net::TcpListener>) -> Result<([TcpListener; 2], Vec<TcpListener>), RunnerRefusal> {
    let turned: Result<Vec<_>, _> = listeners.into_iter().map(TcpListener::from_std).collect();
    let mut all = turned.unwrap_or_default();
    let ways = all.split_off(all.len().min(2));
    let two = all.try_into().map_err(|_| {
        tracing::error!("the sandbox did not hand out its listeners");
        RunnerRefusal::Unavailable("the sandbox has no network of its own; see `updraft doctor`".to_owned())
    })?;
    Ok((two, ways))
}

fn refused(error: &SandboxError) -> RunnerRefusal {
    tracing::error!(%error, "a sandbox could not be made");
    RunnerRefusal::Unavailable(error.to_string())
}
