//! Bringing an instance up: sandbox, process, and the runtime's first word.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::{RwLock, oneshot, watch};
use updraft_kernel::RngExt;
use updraft_kernel::ports::{FunctionSpec, RunnerRefusal, SessionCredentials, SessionRequest};
use updraft_sandbox::{Command, Furniture, SandboxError, Stdio};

use super::supervise::{Attachments, attend};
use super::{Instance, Motion, mounts, sandbox};
use crate::api::session::{Session, Started};
use crate::env::{Initialization, Sources, environment};
use crate::exec::Engine;
use crate::function::Function;
use crate::logs::format;
use crate::logs::instance::{InstanceLog, LogTarget};
use crate::pool::InstanceId;
use crate::runtime::Launch;
use crate::stock::{Ready, Shape};

/// An instance whose runtime has not spoken yet.
pub(crate) struct Starting {
    pub(crate) instance: Arc<Instance>,
    started: oneshot::Receiver<Started>,
    began: Duration,
}

/// How a start went.
pub(crate) enum Outcome {
    Ready,
    /// The runtime said why not; the payload is the invocation's.
    Refused(bytes::Bytes),
    TimedOut,
    Exited,
}

/// What a start goes by.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    pub(crate) launch: &'a Launch,
    pub(crate) log: &'a Arc<InstanceLog>,
    /// The log's name.
    pub(crate) stream: &'a str,
    pub(crate) kind: Initialization,
}

/// Builds the sandbox and starts the process in it.
pub(crate) async fn launch(
    engine: &Arc<Engine>,
    function: &Arc<Function>,
    how: How<'_>,
) -> Result<Starting, RunnerRefusal> {
    let How { launch, stream, kind, .. } = how;
    let began = engine.clock.monotonic();
    let spec = &function.spec;
    let credentials = credentials(engine, spec);
    let env = environment(&Sources { spec, stream, credentials: &credentials, launch, kind });
    let (ready, stdio) = occupied(engine, spec, launch, &sandbox::command(spec, launch, env)).await?;
    let Ready { number, sandbox: built, listeners, .. } = ready;
    let [runtime, aws] = take_two(listeners)?;
    let (session, started) = Session::new();
    let instance = Arc::new(Instance {
        id: InstanceId(number),
        spec: Arc::clone(spec),
        session,
        log: Arc::clone(how.log),
        expires: credentials.expires,
        sandbox: RwLock::new(Some(built)),
        motion: Mutex::new(Motion::Running),
        exit: OnceLock::new(),
        ended: watch::Sender::new(false),
        init: Mutex::new(None),
        peak: Mutex::default(),
    });
    // Listed before its supervisor runs, which takes it off the list when it ends.
    function.joined(&instance);
    let with = Attachments { runtime, aws, stdio, sink: Arc::clone(&engine.endpoint) };
    attend(&instance, function, with, engine);
    Ok(Starting { instance, started, began })
}

/// A sandbox in which the function's process runs. What was prepared may have died meanwhile, all of it even: then one is
/// made now.
async fn occupied(
    engine: &Arc<Engine>,
    spec: &FunctionSpec,
    launch: &Launch,
    command: &Command,
) -> Result<(Ready, Stdio), RunnerRefusal> {
    for _ in 0..=engine.config.ready.max(engine.config.ready_workers) {
        let (mut ready, furniture) = prepared(engine, spec, launch).await?;
        match ready.sandbox.furnish(furniture).and_then(|()| ready.start(command.clone())) {
            Ok(stdio) => return Ok((ready, stdio)),
            Err(SandboxError::Gone) => tracing::warn!("a prepared instance was dead when it was needed"),
            Err(error) => return Err(refused(&error)),
        }
    }
    Err(refused(&SandboxError::Gone))
}

/// A sandbox, and everything of the function that is to be in it but its process.
async fn prepared(
    engine: &Arc<Engine>,
    spec: &FunctionSpec,
    launch: &Launch,
) -> Result<(Ready, Furniture), RunnerRefusal> {
    let unpacked = engine.code.unpacked(spec).await?;
    let mut furniture = sandbox::furniture(spec, &unpacked);
    let shape = Arc::new(Shape::of(spec, launch));
    let taken = match mounts::of(&spec.file_systems, &engine.config.file_systems)? {
        None => engine.stock.take(engine, &shape).await,
        Some((binds, uid)) => {
            furniture.binds.extend(binds);
            Ready::build_as(engine, &shape, uid).await
        }
    };
    taken.map(|ready| (ready, furniture)).map_err(|error| refused(&error))
}

impl Starting {
    /// Why the start failed is told in the log, as AWS does.
    fn note(&self, engine: &Engine, kind: Option<&str>) {
        let took = engine.clock.monotonic().saturating_sub(self.began);
        self.instance.log.note(format::init_report(took, kind));
    }

    /// Waits for the runtime's first word, at most `limit`; whatever isn't ready then is ended.
    pub(crate) async fn settle(mut self, engine: &Engine, limit: Duration) -> (Arc<Instance>, Outcome) {
        let heard = tokio::select! {
            started = &mut self.started => Some(started),
            () = engine.clock.pause(limit) => None,
        };
        let outcome = match heard {
            Some(Ok(Started::Ready)) => Outcome::Ready,
            Some(Ok(Started::Failed { kind, payload })) => {
                self.note(engine, Some(&kind));
                Outcome::Refused(payload)
            }
            Some(Err(_)) => {
                self.note(engine, Some("Runtime.ExitError"));
                Outcome::Exited
            }
            None => {
                self.note(engine, None);
                Outcome::TimedOut
            }
        };
        let instance = self.instance;
        if matches!(outcome, Outcome::Ready) {
            *instance.init.lock() = Some(engine.clock.monotonic().saturating_sub(self.began));
            let quota = sandbox::cpu_millis(instance.spec.memory_mb);
            if let Some(Err(error)) = instance.with_sandbox(|s| s.set_cpu(Some(quota))) {
                tracing::debug!(%error, "a sandbox runs without a processor quota");
            }
        } else {
            instance.kill();
        }
        (instance, outcome)
    }
}

/// A log for one instance-to-be, opened with what AWS says first.
pub(crate) fn open_log(engine: &Engine, spec: &FunctionSpec, launch: &Launch) -> (Arc<InstanceLog>, String) {
    let digits = engine.rng.uuid().replace('-', "");
    let stream = format::stream(engine.clock.now(), &spec.version, &digits);
    let target = LogTarget {
        account: spec.account.clone(),
        region: spec.region.clone(),
        group: spec.logging.group.clone(),
        stream: stream.clone(),
    };
    let log = InstanceLog::new(target, Arc::clone(&engine.clock), Arc::clone(&engine.logs), engine.config.log_bytes);
    log.note(format::init_start(&launch.version, launch.note.as_deref()));
    (log, stream)
}

fn credentials(engine: &Engine, spec: &FunctionSpec) -> SessionCredentials {
    engine.credentials.issue(SessionRequest {
        account: spec.account.clone(),
        role: spec.role.clone(),
        session_name: spec.name.clone(),
        expires: engine.clock.now().plus(engine.config.session),
    })
}

fn take_two(listeners: Vec<std::net::TcpListener>) -> Result<[TcpListener; 2], RunnerRefusal> {
    let turned: Result<Vec<_>, _> = listeners.into_iter().map(TcpListener::from_std).collect();
    turned.ok().and_then(|list| list.try_into().ok()).ok_or_else(|| {
        tracing::error!("the sandbox did not hand out its two listeners");
        RunnerRefusal::Unavailable("the sandbox has no network of its own; see `updraft doctor`".to_owned())
    })
}

fn refused(error: &SandboxError) -> RunnerRefusal {
    tracing::error!(%error, "a sandbox could not be made");
    RunnerRefusal::Unavailable(error.to_string())
}
