//! An engine over real sandboxes, with everything else in memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::Value;
use updraft_blob::{BlobsExt, MemBlobs};
use updraft_kernel::ports::{
    CodeLocation, FunctionSpec, Invocation, LayerSpec, LogSpec, RunOutcome, RunnerPort, RunnerRefusal, Usage,
};
use updraft_kernel::{AccountId, Arn, Clock, OsRng, Region, RngExt, SystemClock, Tasks};
use updraft_network::{Host, Network, Policy};
use updraft_sandbox::{Config, Level, ProcessBackend};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::host::{HostOfTests, Observed};
use super::ports::{Credentials, MemoryLogs, NameTeller};
use super::{Package, Sample, SampleFile, Subject};
use crate::{Exec, ExecConfig, ExecDeps};

/// See the module.
pub struct World {
    pub exec: Exec,
    pub logs: Arc<MemoryLogs>,
    pub clock: Arc<dyn Clock>,
    pub(super) host: Arc<HostOfTests>,
    subject: Arc<dyn Subject>,
    blobs: Arc<MemBlobs>,
    tasks: Tasks,
    data: PathBuf,
    calls: AtomicU64,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("exec", &self.exec).finish_non_exhaustive()
    }
}

/// What a call came to, with its payload read as JSON.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub request_id: String,
    pub value: Value,
    pub failed: bool,
    pub cold: bool,
    pub tail: String,
    pub usage: Usage,
}

impl World {
    /// On real sandboxes, however well this host isolates.
    ///
    /// # Panics
    /// If the host can't hold sandboxes at all.
    #[must_use]
    pub fn new(subject: Arc<dyn Subject>) -> Self {
        Self::configured(subject, |usual| usual)
    }

    fn configured(subject: Arc<dyn Subject>, change: impl FnOnce(ExecConfig) -> ExecConfig) -> Self {
        let weakest = Config { minimum: Level::None, ..Config::default() };
        let backend = ProcessBackend::new(weakest).expect("a sandbox backend");
        let data = std::env::temp_dir().join(format!("updraft-suite-{}", OsRng.uuid()));
        let logs = Arc::<MemoryLogs>::default();
        let (clock, tasks): (Arc<dyn Clock>, _) = (Arc::new(SystemClock::new()), Tasks::new());
        let blobs = Arc::new(MemBlobs::new(Arc::new(OsRng), Arc::clone(&clock)));
        let host = Arc::<HostOfTests>::default();
        let backend = Observed { inner: backend, host: Arc::clone(&host) };
        let deps = ExecDeps {
            backend: Arc::new(backend),
            blobs: Arc::clone(&blobs) as _,
            credentials: Arc::new(Credentials),
            logs: Arc::clone(&logs) as _,
            clock: Arc::clone(&clock),
            rng: Arc::new(OsRng),
            tasks: tasks.clone(),
            runtimes: vec![subject.runtime()],
            endpoint: Arc::new(NameTeller(tasks.clone())),
            network: Arc::new(Network::new(Policy::none(), Arc::new(Host), Arc::clone(&clock), Arc::new(OsRng))),
        };
        // On a busy host a start takes longer than calls would wait in earnest.
        let config = ExecConfig {
            start_patience: Duration::from_secs(30),
            memory_reserve: Some(100 << 20),
            ..ExecConfig::new(data.clone())
        };
        let exec = Exec::new(change(config), deps);
        Self { exec, logs, clock, host, subject, blobs, tasks, data, calls: AtomicU64::new(0) }
    }

    /// Another one, in which functions start so many instances within ten seconds.
    pub(super) fn with_burst(&self, burst: u32) -> Self {
        Self::configured(Arc::clone(&self.subject), |usual| ExecConfig { burst, ..usual })
    }

    /// Waits until there are instances that are ready to be told their function.
    ///
    /// # Panics
    /// If there are none within half a minute.
    pub async fn prepare(&self) {
        self.call(&self.sample(Sample::Echo), "{}").await;
        self.until("something prepared", || self.exec.ready() > 0).await;
    }

    /// Waits for something that no event announces.
    ///
    /// # Panics
    /// If it doesn't come within half a minute.
    pub async fn until(&self, what: &str, done: impl Fn() -> bool) {
        for _ in 0..3000 {
            if done() {
                return;
            }
            self.clock.pause(Duration::from_millis(10)).await;
        }
        panic!("still not: {what}");
    }

    /// A function made from one of the runtime's samples.
    #[must_use]
    pub fn sample(&self, sample: Sample) -> FunctionSpec {
        self.function(&self.subject.package(sample))
    }

    fn stored(&self, files: &[SampleFile]) -> CodeLocation {
        let stored = self.blobs.put_bytes(pack(files)).now_or_never();
        let id = stored.expect("blobs in memory don't wait").expect("a stored package").id.to_string();
        CodeLocation { blob: id.clone(), sha256: id }
    }

    /// A function over layers of these files, the first at the bottom.
    #[must_use]
    pub fn layered(&self, package: &Package, layers: &[Vec<SampleFile>]) -> FunctionSpec {
        let layers = layers.iter().map(|files| LayerSpec { arn: "layer".to_owned(), code: self.stored(files) });
        FunctionSpec { layers: layers.collect(), ..self.function(package) }
    }

    /// A function made from these files, with 256 MB and 10 seconds.
    #[must_use]
    pub fn function(&self, package: &Package) -> FunctionSpec {
        let name = format!("f-{}", OsRng.uuid());
        FunctionSpec {
            account: AccountId::local(),
            region: Region::default_region(),
            name,
            version: "$LATEST".to_owned(),
            revision: "1".to_owned(),
            runtime: package.runtime.to_owned(),
            handler: package.handler.to_owned(),
            role: Arn::parse("arn:aws:iam::000000000000:role/r").expect("an ARN"),
            code: self.stored(&package.files),
            layers: Vec::new(),
            file_systems: Vec::new(),
            environment: BTreeMap::new(),
            memory_mb: 256,
            timeout: Duration::from_secs(10),
            ephemeral_mb: 512,
            logging: LogSpec {
                group: "/aws/lambda/f".to_owned(),
                json: false,
                application_level: "INFO".to_owned(),
                system_level: "INFO".to_owned(),
            },
            tracing: false,
            max_instances: None,
        }
    }

    /// Calls a function, which must be run.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn call(&self, spec: &FunctionSpec, event: &str) -> Outcome {
        match self.try_call(spec, event).await {
            Ok(outcome) => outcome,
            Err(refusal) => panic!("refused: {refusal}"),
        }
    }

    /// Calls a function.
    ///
    /// # Errors
    /// If it is refused.
    pub async fn try_call(&self, spec: &FunctionSpec, event: &str) -> Result<Outcome, RunnerRefusal> {
        let call = self.invocation(spec, event);
        let request_id = call.request_id.clone();
        let RunOutcome { payload, error, log_tail, cold_start, usage } =
            self.exec.run(&Arc::new(spec.clone()), call).await?;
        let value = serde_json::from_slice(&payload)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&payload)));
        let tail = String::from_utf8_lossy(&log_tail.unwrap_or_default()).into_owned();
        Ok(Outcome { request_id, value, failed: error.is_some(), cold: cold_start, tail, usage })
    }

    pub(super) fn invocation(&self, spec: &FunctionSpec, event: &str) -> Invocation {
        Invocation {
            request_id: format!("call-{}", self.calls.fetch_add(1, Ordering::SeqCst)),
            invoked_arn: format!("arn:aws:lambda:us-east-1:000000000000:function:{}", spec.name),
            payload: Bytes::copy_from_slice(event.as_bytes()),
            client_context: Some(r#"{"custom":{"a":"b"},"client":{"app_title":"t"}}"#.to_owned()),
            trace_header: Some("Root=1-2-3".to_owned()),
            tail: true,
        }
    }

    /// Waits until the log holds what `found` looks for.
    ///
    /// # Panics
    /// If it doesn't within five seconds.
    pub async fn logged(&self, found: impl Fn(&str) -> bool) {
        for _ in 0..500 {
            if self.logs.messages().iter().any(|message| found(message)) {
                return;
            }
            self.clock.pause(Duration::from_millis(10)).await;
        }
        panic!("not in the log: {:#?}", self.logs.messages());
    }

    /// Ends everything. Panics in background tasks fail the case.
    pub(super) async fn stop(self) {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0, "a background task panicked");
        if let Err(error) = unlock_and_remove(&self.data) {
            println!("{} is left behind: {error}", self.data.display());
        }
    }
}

/// Unpacked code is read-only, folders included.
fn unlock_and_remove(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if !folder.exists() {
        return Ok(());
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.symlink_metadata()?.is_dir() {
            unlock_and_remove(&path)?;
        }
    }
    std::fs::remove_dir_all(folder)
}

fn pack(files: &[SampleFile]) -> Bytes {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text, executable) in files {
        let mode = if *executable { 0o755 } else { 0o644 };
        writer.start_file(*path, SimpleFileOptions::default().unix_permissions(mode)).expect("an entry");
        writer.write_all(text.as_bytes()).expect("a written entry");
    }
    writer.finish().expect("a zip").into_inner().into()
}
