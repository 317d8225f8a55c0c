//! An interpreter that was tried, with the client compiled for it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;
use updraft_exec::{PYTHON_ZYGOTE, RuntimeFile};

const PROBE: &str = include_str!("probe.py");
/// The client: names below [`RUNTIME`], and sources.
const CLIENT: [(&str, &str); 13] = [
    ("bootstrap.py", include_str!("client/bootstrap.py")),
    ("snapshot_restore_py.py", include_str!("client/snapshot_restore_py.py")),
    ("updraft_debug.py", include_str!("client/updraft_debug.py")),
    ("updraft_process.py", include_str!("client/updraft_process.py")),
    ("awslambdaric/__init__.py", include_str!("client/awslambdaric/__init__.py")),
    ("awslambdaric/__main__.py", include_str!("client/awslambdaric/__main__.py")),
    ("awslambdaric/bootstrap.py", include_str!("client/awslambdaric/bootstrap.py")),
    ("awslambdaric/lambda_context.py", include_str!("client/awslambdaric/lambda_context.py")),
    ("awslambdaric/lambda_runtime_client.py", include_str!("client/awslambdaric/lambda_runtime_client.py")),
    ("awslambdaric/lambda_runtime_exception.py", include_str!("client/awslambdaric/lambda_runtime_exception.py")),
    ("awslambdaric/lambda_runtime_log_utils.py", include_str!("client/awslambdaric/lambda_runtime_log_utils.py")),
    ("awslambdaric/lambda_runtime_marshaller.py", include_str!("client/awslambdaric/lambda_runtime_marshaller.py")),
    ("awslambdaric/response_stream.py", include_str!("client/awslambdaric/response_stream.py")),
];
/// Paths inside, and sources.
const ZYGOTE: [(&str, &str); 3] = [
    ("/var/zygote/main.py", include_str!("client/zygote_main.py")),
    ("/var/zygote/sdk_ahead.py", include_str!("client/sdk_ahead.py")),
    ("/var/zygote/zygote.py", PYTHON_ZYGOTE),
];
const RUNTIME: &str = "/var/runtime/";

/// What an interpreter says about itself.
#[derive(Debug)]
pub(crate) struct Interpreter {
    pub(crate) program: PathBuf,
    /// 11 for 3.11.7.
    pub(crate) minor: u32,
    pub(crate) version: String,
    pub(crate) prefix: PathBuf,
    /// The client as `.pyc` files.
    pub(crate) client: Vec<RuntimeFile>,
    /// What it takes to fork it into sandboxes, likewise: paths and content. `None`: it can't be.
    pub(crate) zygote: Option<Vec<(PathBuf, Vec<u8>)>>,
}

#[derive(Deserialize)]
struct Told {
    version: String,
    prefix: PathBuf,
    modules: BTreeMap<PathBuf, String>,
    forks: bool,
}

impl Interpreter {
    /// Runs the interpreter once, on our own code only. Blocking, some tens of milliseconds.
    pub(crate) fn probe(program: &Path) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(["-I", "-S", "-c", PROBE])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            let client = CLIENT.map(|(name, source)| (format!("{RUNTIME}{name}"), source));
            let zygote = ZYGOTE.map(|(path, source)| (path.to_owned(), source));
            let modules: BTreeMap<_, _> = client.into_iter().chain(zygote).collect();
            stdin.write_all(json!(modules).to_string().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let told: Told = serde_json::from_slice(&output.stdout)?;
        Self::from_told(program, told).ok_or_else(|| io::Error::other("the interpreter's answer makes no sense"))
    }

    fn from_told(program: &Path, told: Told) -> Option<Self> {
        let minor = told.version.split('.').nth(1)?.parse().ok()?;
        let modules = told.modules.iter().map(|(path, hex)| Some((path.with_extension("pyc"), unhex(hex)?)));
        let (client, zygote): (Vec<_>, Vec<_>) =
            modules.collect::<Option<Vec<_>>>()?.into_iter().partition(|(path, _)| path.starts_with(RUNTIME));
        let client = client.into_iter().map(|(path, content)| {
            let name = path.strip_prefix(RUNTIME).ok()?.to_str()?.to_owned();
            Some(RuntimeFile { name: name.into(), content: content.into() })
        });
        let client = client.collect::<Option<_>>()?;
        let zygote = told.forks.then_some(zygote);
        Some(Self { program: program.to_owned(), minor, version: told.version, prefix: told.prefix, client, zygote })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    digits?.chunks_exact(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok()).collect()
}
