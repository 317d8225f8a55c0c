//! The engine's parts, held together, and the kernel's [`RunnerPort`] on top of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use updraft_blob::Blobs;
use updraft_kernel::ports::{
    CredentialsPort, DebugHow, Debugging, FunctionErrorKind, FunctionSpec, Invocation, LogsPort, Provisioned,
    RunOutcome, RunnerPort, RunnerRefusal, Streamed, Usage,
};
use updraft_kernel::{AccountId, BoxFuture, Clock, Region, Rng, RngExt, Tasks};
use updraft_network::Network;
use updraft_sandbox::SandboxBackend;

use crate::accounts::Accounts;
use crate::ahead;
use crate::api::stream::{Begun, Early};
use crate::burst::Bursts;
use crate::carry::Carried;
use crate::code::{self, CodeStore};
use crate::config::ExecConfig;
use crate::debug::{self, Debuggers};
use crate::expect::{self, Asked};
use crate::function::{Function, FunctionKey};
use crate::host::Host;
use crate::keeper;
use crate::logs::sink::LogSink;
use crate::memory::Headroom;
use crate::run;
use crate::runtime::{Availability, Runtime};
use crate::sink::ConnectionSink;
use crate::stock::Stock;

/// What the engine is built from.
#[derive(Clone, Debug)]
pub struct ExecDeps {
    pub backend: Arc<dyn SandboxBackend>,
    pub blobs: Arc<dyn Blobs>,
    pub credentials: Arc<dyn CredentialsPort>,
    pub logs: Arc<dyn LogsPort>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub tasks: Tasks,
    pub runtimes: Vec<Arc<dyn Runtime>>,
    /// Takes the connections that functions open to the platform's API.
    pub endpoint: Arc<dyn ConnectionSink>,
    /// What functions reach beyond that.
    pub network: Arc<Network>,
}

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) config: ExecConfig,
    pub(crate) backend: Arc<dyn SandboxBackend>,
    pub(crate) credentials: Arc<dyn CredentialsPort>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) tasks: Tasks,
    pub(crate) host: Arc<Host>,
    pub(crate) endpoint: Arc<dyn ConnectionSink>,
    pub(crate) network: Arc<Network>,
    pub(crate) code: CodeStore,
    pub(crate) logs: Arc<LogSink>,
    pub(crate) stock: Stock,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) bursts: Bursts,
    pub(crate) headroom: Arc<Headroom>,
    pub(crate) debuggers: Debuggers,
    pub(crate) asked: Asked,
    pub(crate) functions: Mutex<HashMap<FunctionKey, Arc<Function>>>,
    /// Told when an instance became idle.
    pub(crate) idle: Arc<Notify>,
    runtimes: Vec<Arc<dyn Runtime>>,
    counter: AtomicU64,
    /// Keeps the names of this process's sandboxes apart from another's.
    tag: String,
    draining: AtomicBool,
}

impl Engine {
    /// Numbers instances; never repeats within the process.
    pub(crate) fn number(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    pub(crate) fn sandbox_name(&self, number: u64) -> String {
        format!("updraft-{}-{number}", self.tag)
    }

    pub(crate) fn runtime(&self, name: &str) -> Option<&Arc<dyn Runtime>> {
        self.runtimes.iter().find(|runtime| runtime.names().contains(&name))
    }

    /// What the host has left beyond its reserve, in bytes.
    pub(crate) fn free_memory(&self) -> u64 {
        self.backend.memory().map_or(u64::MAX, |memory| self.headroom.free(memory))
    }

    /// The function as `spec` describes it. An older revision retires.
    pub(crate) fn function(&self, spec: &Arc<FunctionSpec>) -> Arc<Function> {
        let mut functions = self.functions.lock();
        let key = FunctionKey::of(spec);
        let debugged = self.debuggers.of(&key);
        if let Some(known) = functions.get(&key)
            && known.spec.revision == spec.revision
            && known.is_debugged_by(debugged.as_ref())
        {
            return Arc::clone(known);
        }
        let fresh = match debugged {
            None => Function::new(Arc::clone(spec)),
            Some(debugged) => Function::debugged(spec, debugged),
        };
        if let Some(old) = functions.insert(key, Arc::clone(&fresh)) {
            old.retire();
        }
        fresh
    }
}

/// Runs functions. Cloning gives another handle to the same engine.
#[derive(Clone, Debug)]
pub struct Exec(Arc<Engine>);

impl Exec {
    /// Starts the engine's background work on `deps.tasks`; call it within a tokio runtime.
    #[must_use]
    pub fn new(config: ExecConfig, deps: ExecDeps) -> Self {
        let tag = deps.rng.text("0123456789abcdef", 8);
        let engine = Arc::new(Engine {
            backend: deps.backend,
            credentials: deps.credentials,
            host: Host::new(Arc::clone(&deps.clock), Arc::clone(&deps.rng), deps.tasks.clone()),
            clock: deps.clock,
            rng: deps.rng,
            tasks: deps.tasks,
            endpoint: deps.endpoint,
            network: deps.network,
            code: CodeStore::new(&config.data, deps.blobs, tag.clone()),
            tag,
            logs: Arc::new(LogSink::new(deps.logs)),
            stock: Stock::default(),
            accounts: Accounts::new(config.account_instances),
            bursts: Bursts::new(config.burst),
            headroom: Headroom::new(config.memory_reserve),
            debuggers: Debuggers::default(),
            asked: Asked::default(),
            functions: Mutex::default(),
            idle: Arc::default(),
            runtimes: deps.runtimes,
            counter: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            config,
        });
        // Nobody waits for it, and its failure is in the log.
        drop(tokio::task::spawn_blocking(engine.code.sweeper()));
        let (clock, pause) = (Arc::clone(&engine.clock), engine.config.log_flush);
        let flush = Arc::clone(&engine.logs).run(clock, pause, engine.tasks.shutdown());
        engine.tasks.spawn("function logs", flush);
        engine.tasks.spawn("idle instances", keeper::run(Arc::clone(&engine)));
        Self(engine)
    }

    /// Every runtime name with what this host can do about it, for `updraft doctor`.
    #[must_use]
    pub fn availability(&self) -> Vec<(&'static str, Availability)> {
        let all = self.0.runtimes.iter();
        all.flat_map(|runtime| runtime.names().iter().map(|name| (*name, runtime.availability(name)))).collect()
    }

    /// How many instances are ready to be told what for.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.0.stock.len()
    }

    /// How many instances of functions there are.
    #[must_use]
    pub fn instances(&self) -> usize {
        self.0.functions.lock().values().map(|function| function.living()).sum()
    }

    /// Takes no more calls, ends what is idle, and waits until the calls at work are done, at most `grace`. Stopping
    /// the task group afterwards ends what is left.
    pub async fn drain(&self, grace: Duration) {
        const LOOK: Duration = Duration::from_millis(10);
        self.0.draining.store(true, Ordering::SeqCst);
        let functions: Vec<_> = self.0.functions.lock().drain().map(|(_, function)| function).collect();
        for function in functions {
            function.retire();
        }
        self.0.stock.clear();
        let until = self.0.clock.monotonic().saturating_add(grace);
        while (self.0.accounts.all() > 0 || self.0.host.partings() > 0) && self.0.clock.monotonic() < until {
            self.0.clock.pause(LOOK).await;
        }
        self.0.logs.flush();
    }

    /// Admits a call. What it comes to is known when the future completes, which nobody needs to wait for.
    fn start(
        &self,
        spec: &Arc<FunctionSpec>,
        call: (Invocation, Early),
    ) -> Result<impl Future<Output = Result<RunOutcome, RunnerRefusal>> + Send + 'static, RunnerRefusal> {
        let engine = &self.0;
        if engine.is_draining() {
            return Err(RunnerRefusal::Stopping);
        }
        if engine.runtime(&spec.runtime).is_none() {
            return Err(RunnerRefusal::UnknownRuntime(spec.runtime.clone()));
        }
        let place = engine.accounts.enter(&spec.account, spec.max_instances.is_some());
        let place = place.ok_or(RunnerRefusal::Throttled("ConcurrentInvocationLimitExceeded"))?;
        let (function, limit) = (engine.function(spec), spec.max_instances);
        Ok(run::run(Arc::clone(engine), function, (limit, place), call))
    }

    /// Runs the call in a task of its own, so that it goes on whether or not its answer is taken.
    async fn start_streaming(&self, spec: &Arc<FunctionSpec>, call: Invocation) -> Result<Streamed, RunnerRefusal> {
        let (tell, mut begun) = oneshot::channel();
        let (told, mut ended) = oneshot::channel();
        let work = self.start(spec, (call, Early::new(tell)))?;
        self.0.tasks.spawn("streamed invocation", async move { drop(told.send(work.await)) });
        let Begun { content_type, pieces } = tokio::select! {
            // An answer that has begun is streamed, also where it is over already.
            biased;
            Ok(begun) = &mut begun => begun,
            outcome = &mut ended => return outcome.unwrap_or(Err(RunnerRefusal::Stopping)).map(Streamed::whole),
        };
        let pieces = stream::unfold(pieces, |mut pieces| async { Some((pieces.recv().await?, pieces)) });
        let ended = Box::pin(async move { ended.await.ok().and_then(Result::ok).unwrap_or_else(lost) });
        Ok(Streamed { content_type, pieces: pieces.boxed(), ended })
    }
}

/// The outcome of a call that had begun to answer, and whose end nobody will tell: a bug has ended its task.
fn lost() -> RunOutcome {
    let payload = Bytes::from_static(br#"{"errorType":"Runtime.Unknown","errorMessage":"The platform failed."}"#);
    let (error, usage) = (Some(FunctionErrorKind::Unhandled), Usage::default());
    RunOutcome { payload, error, log_tail: None, cold_start: false, usage }
}

impl RunnerPort for Exec {
    fn run<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>> {
        Box::pin(async move { Carried::new(&self.0.tasks, self.start(spec, (call, Early::default()))?).await })
    }

    fn stream<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<Streamed, RunnerRefusal>> {
        Box::pin(self.start_streaming(spec, call))
    }

    fn expect(&self, spec: &Arc<FunctionSpec>) {
        expect::expect(&self.0, spec);
    }

    fn provision(&self, spec: &Arc<FunctionSpec>, count: u32) {
        let function = self.0.function(spec);
        function.want(usize::try_from(count).unwrap_or(usize::MAX));
        ahead::start_missing(&self.0, &function);
    }

    fn provisioned(&self, spec: &FunctionSpec) -> Provisioned {
        let functions = self.0.functions.lock();
        functions.get(&FunctionKey::of(spec)).map(|function| function.provisioned()).unwrap_or_default()
    }

    fn debug<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        how: DebugHow,
    ) -> BoxFuture<'a, Result<Debugging, RunnerRefusal>> {
        Box::pin(debug::open(&self.0, spec, how))
    }

    fn retire<'a>(&'a self, account: &'a AccountId, region: &'a Region, name: &'a str) -> BoxFuture<'a, ()> {
        let named = |key: &FunctionKey| key.account == *account && key.region == *region && key.name == name;
        let retired: Vec<_> = self.0.functions.lock().extract_if(|key, _| named(key)).collect();
        for (_, function) in retired {
            function.retire();
        }
        Box::pin(std::future::ready(()))
    }

    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal> {
        code::check(zip).map_err(|error| RunnerRefusal::BadCode(error.to_string()))
    }
}
