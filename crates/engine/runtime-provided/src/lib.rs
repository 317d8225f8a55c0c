//! Functions that bring their own runtime: the package's `bootstrap` is executed and speaks the Runtime API itself.
//!
//! It must never know a language. Start reading at [`Provided`].

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use updraft_exec::{Availability, Launch, LaunchError, ReadOnly, Runtime, Unpacked};
use updraft_kernel::ports::FunctionSpec;

const NAMES: [&str; 3] = ["provided", "provided.al2", "provided.al2023"];

/// Finds the folders of interpreters; asked once, when the first function needs them.
type FindTools = Box<dyn Fn() -> Vec<ReadOnly> + Send + Sync>;

/// The operating-system-only runtimes.
pub struct Provided {
    find: FindTools,
    found: OnceLock<Vec<ReadOnly>>,
}

impl Provided {
    /// `tools`: finds interpreters outside `/usr` which bootstraps written in a script language may call, such as the
    /// prefix of a Python that runs AWS's own client. Their `bin` folders are on the path. Looking for them takes
    /// long, so it isn't done before a function needs it.
    #[must_use]
    pub fn new(tools: impl Fn() -> Vec<ReadOnly> + Send + Sync + 'static) -> Self {
        Self { find: Box::new(tools), found: OnceLock::new() }
    }

    fn tools(&self) -> &[ReadOnly] {
        self.found.get_or_init(|| (self.find)())
    }
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provided").field("found", &self.found).finish_non_exhaustive()
    }
}

impl Runtime for Provided {
    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn availability(&self, name: &str) -> Availability {
        Availability::Ready { version: name.to_owned(), note: None }
    }

    fn expect(&self, _spec: &FunctionSpec) -> Option<Launch> {
        Some(Launch { binds: self.tools().to_vec(), ..Launch::default() })
    }

    fn prepare(&self, spec: &FunctionSpec, from: &Unpacked) -> Result<Launch, LaunchError> {
        let invalid = |message: String| LaunchError::Init { kind: "Runtime.InvalidEntrypoint", message };
        // AWS: the message names both places, and says the same whether the file is missing or only not there yet.
        let (host, inside) = from.find("bootstrap").ok_or_else(|| {
            invalid("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned())
        })?;
        if is_wasm(&host) {
            return Err(invalid(format!("{inside} is WebAssembly, which isn't run here: `updraft doctor` says why")));
        }
        if !is_executable(&host) {
            return Err(invalid(format!("fork/exec {inside}: permission denied")));
        }
        Ok(Launch {
            argv: vec![inside],
            binds: self.tools().to_vec(),
            path: self.tools().iter().map(|tool| tool.inside.join("bin").to_string_lossy().into_owned()).collect(),
            version: spec.runtime.replace("provided.", "provided:"),
            ..Launch::default()
        })
    }
}

/// Where components are run, that is another runtime's business, which comes before this one.
#[expect(clippy::disallowed_methods, reason = "the engine owns the folder of unpacked code")]
fn is_wasm(file: &Path) -> bool {
    let mut head = [0; 4];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *b"\0asm"
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
