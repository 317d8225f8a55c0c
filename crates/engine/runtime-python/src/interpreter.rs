//! An interpreter that was tried, with the client compiled for it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;
use updraft_exec::PYTHON_ZYGOTE;

const PROBE: &str = include_str!("probe.py");
/// Paths inside, and sources.
const MODULES: [(&str, &str); 3] = [
    (CLIENT, include_str!("client/bootstrap.py")),
    ("/var/zygote/main.py", include_str!("client/zygote_main.py")),
    ("/var/zygote/zygote.py", PYTHON_ZYGOTE),
];
pub(crate) const CLIENT: &str = "/var/runtime/bootstrap.py";

/// What an interpreter says about itself.
#[derive(Debug)]
pub(crate) struct Interpreter {
    pub(crate) program: PathBuf,
    /// 11 for 3.11.7.
    pub(crate) minor: u32,
    pub(crate) version: String,
    pub(crate) prefix: PathBuf,
    /// The client as a `.pyc` file.
    pub(crate) client: Vec<u8>,
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
            stdin.write_all(json!(BTreeMap::from(MODULES)).to_string().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let told: Told = serde_json::from_slice(&output.stdout)?;
        Self::from_told(program, told).ok_or_else(|| io::Error::other("the interpreter's answer makes no sense"))
    }

    fn from_told(program: &Path, told: Told) -> Option<Self> {
        let minor = told.version.split('.').nth(1)?.parse().ok()?;
        let modules = told.modules.iter().map(|(path, hex)| Some((path.with_extension("pyc"), unhex(hex)?)));
        let mut modules: BTreeMap<_, _> = modules.collect::<Option<_>>()?;
        let client = modules.remove(&Path::new(CLIENT).with_extension("pyc"))?;
        let zygote = told.forks.then(|| modules.into_iter().collect());
        Some(Self { program: program.to_owned(), minor, version: told.version, prefix: told.prefix, client, zygote })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    digits?.chunks_exact(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok()).collect()
}
