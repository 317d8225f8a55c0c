//! What an instance does to its sandbox, tried on one that only takes notes.

use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, RwLock};
use tokio::net::TcpSocket;
use tokio::sync::{Notify, watch};
use updraft_kernel::ports::{LogBatch, LogPage, LogQuery, LogsPort};
use updraft_kernel::{AwsError, BoxFuture, SeededRng, SystemClock, Tasks, UnixMillis};
use updraft_sandbox::{
    Command, ExitReason, ExitStatus, Furniture, Level, Remains, Sandbox, SandboxError, Stdio, Tunnel, Zygote,
};

use super::{Instance, Motion, OUTSIDE, to_listener};
use crate::api::session::Session;
use crate::extensions::Registry;
use crate::host::Host;
use crate::logs::instance::{InstanceLog, LogTarget};
use crate::logs::sink::LogSink;
use crate::pool::InstanceId;
use crate::testing::spec;

type Notes = Arc<RwLock<Vec<&'static str>>>;

#[derive(Debug)]
struct NoteTaker(Notes);

impl Sandbox for NoteTaker {
    fn listeners(&mut self) -> Vec<TcpListener> {
        Vec::new()
    }
    fn tunnel(&mut self) -> Result<Option<Tunnel>, SandboxError> {
        Ok(None)
    }
    fn furnish(&mut self, _: Furniture) -> Result<(), SandboxError> {
        Ok(())
    }
    fn start(&mut self, _: Command) -> Result<Stdio, SandboxError> {
        Err(SandboxError::Unsupported)
    }
    fn start_seated(&mut self, _: Command, _: Vec<OwnedFd>) -> Result<(Stdio, UnixStream), SandboxError> {
        Err(SandboxError::Unsupported)
    }
    fn start_from(&mut self, _: &Zygote) -> Result<(Stdio, UnixStream), SandboxError> {
        Err(SandboxError::Unsupported)
    }
    fn start_beside(&self, _: Command) -> Result<(Stdio, BoxFuture<'static, ExitStatus>), SandboxError> {
        Err(SandboxError::Unsupported)
    }
    fn outlive(&self) -> Result<BoxFuture<'static, ExitReason>, SandboxError> {
        Err(SandboxError::Unsupported)
    }
    fn terminate(&self) {
        self.0.write().push("terminate");
    }
    fn socket(&self) -> BoxFuture<'static, Result<TcpSocket, SandboxError>> {
        Box::pin(std::future::ready(Err(SandboxError::Unsupported)))
    }
    fn freeze(&self) -> Result<(), SandboxError> {
        self.0.write().push("freeze");
        Ok(())
    }
    fn thaw(&self) -> Result<(), SandboxError> {
        self.0.write().push("thaw");
        Ok(())
    }
    fn set_cpu(&self, _: Option<u32>) -> Result<(), SandboxError> {
        Ok(())
    }
    fn kill(&self) {
        self.0.write().push("kill");
    }
    fn wait(&self) -> BoxFuture<'_, ExitReason> {
        Box::pin(std::future::pending())
    }
    fn peak_memory(&self) -> Option<u64> {
        self.0.write().push("peak");
        Some(7)
    }
    fn reset_peak(&self) {}
    fn level(&self) -> Level {
        Level::None
    }
    fn destroy(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
    fn bequeath(self: Box<Self>) -> BoxFuture<'static, Option<Remains>> {
        Box::pin(std::future::ready(None))
    }
}

#[derive(Debug)]
struct NoLogs;

impl LogsPort for NoLogs {
    fn append(&self, _: LogBatch) {}
    fn read<'a>(&'a self, _: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(std::future::ready(Ok(LogPage::default())))
    }
}

fn instance() -> (Instance, Notes) {
    let (notes, spec) = (Notes::default(), Arc::new(spec("python3.12")));
    let (clock, target) = (Arc::new(SystemClock::new()), LogTarget::of(&spec, String::new()));
    let host = Host::new(Arc::clone(&clock) as _, Arc::new(SeededRng::new(1)), Tasks::new());
    let sink = Arc::new(LogSink::new(Arc::new(NoLogs)));
    let instance = Instance {
        id: InstanceId(1),
        session: Session::new().0,
        log: InstanceLog::new(target, clock, sink, 1000),
        extensions: Registry::new(Vec::new()),
        host,
        spec,
        expires: UnixMillis::MAX,
        sandbox: tokio::sync::RwLock::new(Some(Box::new(NoteTaker(Arc::clone(&notes))))),
        motion: Mutex::new(Motion::Running),
        thawed: Notify::new(),
        parting: false.into(),
        runtime_over: watch::Sender::new(false),
        exit: OnceLock::new(),
        ended: watch::Sender::new(false),
        init: Mutex::new(None),
        suppressed: Mutex::default(),
        stream: String::new(),
        left: Mutex::default(),
        leave: Mutex::default(),
        spent: false.into(),
        peak: Mutex::default(),
    };
    (instance, notes)
}

#[test]
fn an_instance_that_was_given_work_is_not_frozen() {
    let (instance, notes) = instance();
    instance.freeze(|| false);
    assert!(notes.read().is_empty());
}

#[test]
fn a_frozen_instance_is_thawed_once_before_its_work() {
    let (instance, notes) = instance();
    instance.thaw();
    instance.freeze(|| true);
    instance.freeze(|| true);
    instance.thaw();
    instance.thaw();
    assert_eq!(*notes.read(), ["freeze", "thaw"]);
}

#[test]
fn what_is_frozen_is_thawed_to_be_killed_and_what_is_killed_is_never_frozen() {
    let (instance, notes) = instance();
    instance.freeze(|| true);
    instance.kill();
    instance.freeze(|| true);
    assert_eq!(*notes.read(), ["freeze", "thaw", "kill"]);
}

#[test]
fn a_busy_instance_reads_its_memory_seldom() {
    let (instance, notes) = instance();
    let at = std::time::Duration::from_millis;
    for millis in [0, 10, 49] {
        assert_eq!(instance.peak(at(millis)), Some(7));
    }
    assert_eq!(notes.read().len(), 1);
    instance.peak(at(50));
    assert_eq!(notes.read().len(), 2);
}

#[tokio::test]
async fn who_is_connected_to_from_outside_sees_another_address_than_its_own() {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stream = to_listener(TcpSocket::new_v4().unwrap(), port).await.unwrap();
    let (_, from) = listener.accept().await.unwrap();
    assert_eq!((from, from.ip()), (stream.local_addr().unwrap(), OUTSIDE.into()));
}
