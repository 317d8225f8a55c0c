//! Functions that bring their own runtime: the package's `bootstrap` is executed and speaks the Runtime API itself.
//!
//! It must never know a language. Start reading at [`Provided`].

use std::fmt;
use std::path::Path;

use updraft_exec::{Availability, Launch, LaunchError, ReadOnly, Runtime};
use updraft_kernel::ports::FunctionSpec;

const NAMES: [&str; 3] = ["provided", "provided.al2", "provided.al2023"];

/// The operating-system-only runtimes.
#[derive(Clone, Default)]
pub struct Provided {
    tools: Vec<ReadOnly>,
}

impl Provided {
    /// `tools`: interpreters outside `/usr` which bootstraps written in a script language may call, such as the
    /// prefix of a Python that runs AWS's own client. Their `bin` folders are on the path.
    #[must_use]
    pub fn new(tools: Vec<ReadOnly>) -> Self {
        Self { tools }
    }
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provided").field("tools", &self.tools.len()).finish()
    }
}

impl Runtime for Provided {
    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn availability(&self, name: &str) -> Availability {
        Availability::Ready { version: name.to_owned(), note: None }
    }

    fn prepare(&self, spec: &FunctionSpec, code: &Path) -> Result<Launch, LaunchError> {
        // AWS: the message names both places, and says the same whether the file is missing or only not there yet.
        if !code.join("bootstrap").exists() {
            return Err(LaunchError::Init {
                kind: "Runtime.InvalidEntrypoint",
                message: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned(),
            });
        }
        if !is_executable(&code.join("bootstrap")) {
            return Err(LaunchError::Init {
                kind: "Runtime.InvalidEntrypoint",
                message: "fork/exec /var/task/bootstrap: permission denied".to_owned(),
            });
        }
        Ok(Launch {
            argv: vec!["/var/task/bootstrap".to_owned()],
            binds: self.tools.clone(),
            path: self.tools.iter().map(|tool| tool.inside.join("bin").to_string_lossy().into_owned()).collect(),
            version: spec.runtime.replace("provided.", "provided:"),
            ..Launch::default()
        })
    }
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
