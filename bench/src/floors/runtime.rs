//! A bare Runtime API server and one real runtime client of ours in a plain process: no sandbox, no pool, no gateway.

use std::convert::Infallible;
use std::fs::Permissions;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    /// Its handler imports boto3 and makes a client, as AWS's examples do.
    PythonWithSdk,
    Node,
    /// A native program, this one: see [`super::bootstrap`].
    Provided,
}

const EMPTY: &str = "def handler(event, context):\n    return event\n";
/// Functions have the SDK in their runtime; the bare one is told where it is.
const WITH_SDK: &str = "import os, sys
if 'FLOOR_SDK' in os.environ:
    sys.path.append(os.environ['FLOOR_SDK'])
import boto3
client = boto3.client('s3', region_name='us-east-1')
def handler(event, context):
    return event
";

impl Language {
    pub(crate) fn runtime(self) -> &'static str {
        match self {
            Self::Python | Self::PythonWithSdk => "python3.13",
            Self::Node => "nodejs22.x",
            Self::Provided => "provided.al2023",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::PythonWithSdk => "Python with boto3 and a client",
            Self::Node => "Node",
            Self::Provided => "provided",
        }
    }

    /// File and content of a function that does nothing.
    ///
    /// # Errors
    /// If this program can't be read.
    pub(crate) fn empty(self) -> Result<(&'static str, Vec<u8>)> {
        Ok(match self {
            Self::Python => ("main.py", EMPTY.into()),
            Self::PythonWithSdk => ("main.py", WITH_SDK.into()),
            Self::Node => ("main.mjs", "export const handler = async (event) => event;\n".into()),
            Self::Provided => (super::bootstrap::NAME, std::fs::read(std::env::current_exe()?)?),
        })
    }

    /// The bare start: the interpreter with our client of the Runtime API, from the folder where it lies.
    fn command(self, folder: &Path) -> Command {
        let client = |of: &str| format!("{}/../crates/engine/runtime-{of}/src/client", env!("CARGO_MANIFEST_DIR"));
        match self {
            Self::Python | Self::PythonWithSdk => {
                let mut command = Command::new("python3");
                command.args(["-I", "-S", "-X", "utf8", "-c", START_PYTHON, &client("python")]);
                command
            }
            Self::Node => {
                let mut command = Command::new("node");
                command.arg(client("node") + "/index.cjs");
                command
            }
            Self::Provided => Command::new(folder.join(super::bootstrap::NAME)),
        }
    }
}

/// In a sandbox the client is compiled ahead and found in `/var/runtime`.
const START_PYTHON: &str = "import sys
sys.path.insert(0, sys.argv[1])
path = sys.argv.pop() + '/bootstrap.py'
exec(compile(open(path).read(), path, 'exec'))
";

/// What passes between the measurement and the server's connections.
struct Desk {
    /// Connections that aren't seen to be over yet.
    open: AtomicUsize,
    events: Mutex<mpsc::Receiver<()>>,
    answers: mpsc::Sender<()>,
}

pub(crate) struct BareRuntime {
    runtime: tokio::runtime::Runtime,
    desk: Arc<Desk>,
    address: SocketAddr,
    events: mpsc::Sender<()>,
    answers: mpsc::Receiver<()>,
    language: Language,
    folder: PathBuf,
    sdk: Option<PathBuf>,
    client: Option<Child>,
}

impl BareRuntime {
    /// A server with the files its client needs; no client yet.
    ///
    /// # Errors
    /// If no port or folder can be had.
    pub(crate) fn new(language: Language, folder: PathBuf) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let (name, content) = language.empty()?;
        let file = folder.join(name);
        std::fs::write(&file, content)?;
        std::fs::set_permissions(&file, Permissions::from_mode(0o755))?;
        let (events, receiver) = mpsc::channel(1);
        let (sender, answers) = mpsc::channel(1);
        let desk = Arc::new(Desk { open: AtomicUsize::new(0), events: Mutex::new(receiver), answers: sender });
        runtime.spawn(accept(listener, Arc::clone(&desk)));
        Ok(Self { runtime, desk, address, events, answers, language, folder, sdk: None, client: None })
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// With the folder of an SDK.
    pub(crate) fn with_sdk(mut self, sdk: &Path) -> Self {
        self.sdk = Some(sdk.to_owned());
        self
    }

    /// From the start of a new process to its answer.
    ///
    /// # Errors
    /// If the interpreter is missing or its client doesn't answer.
    pub(crate) fn cold(&mut self) -> Result<Duration> {
        self.end();
        let started = Instant::now();
        self.client = Some(self.spawn()?);
        self.exchange()?;
        Ok(started.elapsed())
    }

    /// Round trips of one warm client.
    ///
    /// # Errors
    /// As [`Self::cold`].
    pub(crate) fn warm(&mut self, count: usize) -> Result<Vec<Duration>> {
        if self.client.is_none() {
            self.cold()?;
        }
        (0..count)
            .map(|_| {
                let started = Instant::now();
                self.exchange()?;
                Ok(started.elapsed())
            })
            .collect()
    }

    fn exchange(&mut self) -> Result<()> {
        let Self { runtime, events, answers, .. } = self;
        runtime.block_on(async {
            events.send(()).await.context("the server is gone")?;
            let answer = tokio::time::timeout(Duration::from_secs(30), answers.recv()).await;
            answer.context("the runtime client doesn't answer")?.context("the server is gone")
        })
    }

    fn spawn(&self) -> Result<Child> {
        let mut command = self.language.command(&self.folder);
        command.env("AWS_LAMBDA_RUNTIME_API", self.address.to_string()).env("_HANDLER", "main.handler");
        command.env("LAMBDA_TASK_ROOT", &self.folder).env("AWS_LAMBDA_FUNCTION_NAME", "floor");
        command.env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST").env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
        command.env("AWS_LAMBDA_LOG_GROUP_NAME", "floor").env("AWS_LAMBDA_LOG_STREAM_NAME", "floor");
        command.envs(self.sdk.as_ref().map(|sdk| ("FLOOR_SDK", sdk)));
        command.env("AWS_ACCESS_KEY_ID", "floor").env("AWS_SECRET_ACCESS_KEY", "floor");
        command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir(&self.folder);
        command.spawn().with_context(|| format!("{} can't be started", command.get_program().display()))
    }

    fn end(&mut self) {
        if let Some(mut client) = self.client.take() {
            // It may have ended by itself; either way it is gone.
            client.kill().ok();
            client.wait().ok();
            // What still waits on its connection would take the next one's event.
            while self.desk.open.load(Ordering::SeqCst) > 0 {
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    }
}

impl Drop for BareRuntime {
    fn drop(&mut self) {
        self.end();
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((stream, _)) = listener.accept().await {
        let desk = Arc::clone(&desk);
        desk.open.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            stream.set_nodelay(true).ok();
            let at = Arc::clone(&desk);
            let service = service_fn(move |request| answer(Arc::clone(&at), request));
            // Its client is killed at the end: that is no error.
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
            desk.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// `GET …/next` waits for an event; `POST …/response` says it is answered.
async fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    if parts.method == Method::GET {
        desk.events.lock().await.recv().await;
        return Ok(event());
    }
    body.collect().await.ok();
    desk.answers.send(()).await.ok();
    let mut accepted = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}")));
    *accepted.status_mut() = hyper::StatusCode::ACCEPTED;
    Ok(accepted)
}

fn event() -> Response<Full<Bytes>> {
    let deadline = jiff::Timestamp::now().as_millisecond() + 30_000;
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    let headers = response.headers_mut();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:floor"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
        ("content-type", "application/json"),
    ] {
        headers.insert(name, hyper::header::HeaderValue::from_static(value));
    }
    headers.insert("lambda-runtime-deadline-ms", deadline.into());
    response
}
