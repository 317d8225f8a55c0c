//! An interpreter that was tried, with the client compiled for it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

const CLIENT: &str = include_str!("client/bootstrap.py");
const PROBE: &str = include_str!("probe.py");

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
}

#[derive(Deserialize)]
struct Told {
    version: String,
    prefix: PathBuf,
    client: String,
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
            stdin.write_all(CLIENT.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let told: Told = serde_json::from_slice(&output.stdout)?;
        Self::from_told(program, told).ok_or_else(|| io::Error::other("the interpreter's answer makes no sense"))
    }

    fn from_told(program: &Path, told: Told) -> Option<Self> {
        let minor = told.version.split('.').nth(1)?.parse().ok()?;
        let client = unhex(&told.client)?;
        Some(Self { program: program.to_owned(), minor, version: told.version, prefix: told.prefix, client })
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    digits?.chunks_exact(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok()).collect()
}
