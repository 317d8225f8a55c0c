//! External extensions: the programs that lie in `/opt/extensions`.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use updraft_kernel::BoxFuture;
use updraft_sandbox::{Command, ExitStatus, Sandbox, SandboxError, Stdio};

use super::Registry;
use crate::runtime::Unpacked;

/// Where they are, in the sandbox and in layers.
const FOLDER: &str = "extensions";

/// AWS: variables that only the runtime's process has.
const RUNTIMES_OWN: [&str; 8] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// AWS: extensions are known by their file's name.
    pub(crate) name: String,
    runnable: bool,
}

/// One that runs.
pub(crate) struct Running {
    pub(crate) program: Program,
    pub(crate) stdio: Stdio,
    pub(crate) ended: BoxFuture<'static, ExitStatus>,
}

/// Those that the layers bring, by name.
pub(crate) async fn found(unpacked: &Unpacked) -> io::Result<Vec<Program>> {
    let Some(layers) = unpacked.layers.clone() else { return Ok(Vec::new()) };
    tokio::task::spawn_blocking(move || look(&layers)).await.map_err(io::Error::other)?
}

/// AWS: every file right in the folder is one; folders beside them are for their parts.
fn look(layers: &Arc<Path>) -> io::Result<Vec<Program>> {
    let entries = match fs::read_dir(layers.join(FOLDER)) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let mut programs = Vec::new();
    for entry in entries {
        let entry = entry?;
        // A link says nothing about what it leads to inside; it is tried.
        let kind = entry.metadata()?;
        if !kind.is_dir() {
            let runnable = kind.is_symlink() || kind.permissions().mode() & 0o111 != 0;
            programs.push(Program { name: entry.file_name().to_string_lossy().into_owned(), runnable });
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

/// Starts them all, beside the runtime that is yet to be started.
pub(crate) fn start(
    sandbox: &dyn Sandbox,
    programs: &[Program],
    env: &[(OsString, OsString)],
) -> Result<Vec<Running>, SandboxError> {
    let env: Vec<_> = env.iter().filter(|(name, _)| !RUNTIMES_OWN.iter().any(|own| name == own)).cloned().collect();
    let start = |program: &Program| {
        let mut command = Command::new([format!("/opt/{FOLDER}/{}", program.name)]);
        command.env.clone_from(&env);
        let (stdio, ended) = sandbox.start_beside(command)?;
        Ok(Running { program: program.clone(), stdio, ended })
    };
    programs.iter().map(start).collect()
}

/// Tells the registry when the program has ended.
pub(crate) async fn watch(program: Program, ended: BoxFuture<'static, ExitStatus>, registry: Arc<Registry>) {
    let (kind, why) = verdict(&program, ended.await);
    registry.exited(&program.name, kind, why);
}

/// Its error type, and the reason in words.
fn verdict(program: &Program, status: ExitStatus) -> (&'static str, String) {
    let launch = |why: &str| ("Extension.LaunchError", format!("fork/exec /opt/{FOLDER}/{}: {why}", program.name));
    match status {
        ExitStatus::Code(126) if !program.runnable => launch("permission denied"),
        ExitStatus::Code(126) => launch("exec format error"),
        ExitStatus::Code(127) => launch("no such file or directory"),
        ExitStatus::Code(0) => ("Extension.Crash", "exit code 0".to_owned()),
        ExitStatus::Code(code) => ("Extension.Crash", format!("exit status {code}")),
        ExitStatus::Signal(signal) => ("Extension.Crash", format!("signal: {}", crate::failure::signal_name(signal))),
        ExitStatus::Killed => ("Extension.Crash", "signal: killed".to_owned()),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the engine owns the folder of unpacked code")]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folder_is_an_extension() {
        let layers = tempfile::tempdir().unwrap();
        let path = Arc::from(layers.path());
        assert_eq!(look(&path).unwrap(), []);
        let folder = layers.path().join(FOLDER);
        fs::create_dir_all(folder.join("parts")).unwrap();
        for (name, mode) in [("b", 0o755), ("a", 0o644)] {
            fs::write(folder.join(name), "").unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let program = |name: &str, runnable| Program { name: name.to_owned(), runnable };
        assert_eq!(look(&path).unwrap(), [program("a", false), program("b", true)]);
    }

    #[test]
    fn what_does_not_start_is_told_from_what_crashes() {
        let program = Program { name: "x".to_owned(), runnable: false };
        let said = verdict(&program, ExitStatus::Code(126));
        assert_eq!(said, ("Extension.LaunchError", "fork/exec /opt/extensions/x: permission denied".to_owned()));
        assert_eq!(verdict(&program, ExitStatus::Code(2)), ("Extension.Crash", "exit status 2".to_owned()));
        assert_eq!(verdict(&program, ExitStatus::Signal(9)), ("Extension.Crash", "signal: killed".to_owned()));
    }
}
