//! debugpy: what lets debuggers into Python, if it is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use updraft_exec::{Ahead, By, DebugWay, Launch, ReadOnly, Unpacked};

use crate::interpreter::Interpreter;

/// Where the host's is seen inside.
const INSIDE: &str = "/var/lang/debugpy/debugpy";
const WHERE: &str = "import importlib.util as u; print(u.find_spec('debugpy').submodule_search_locations[0])";
/// Imported when Python itself starts: what of it is compiled in can't be stepped through, and debugpy complains.
const NOT_FROZEN: [&str; 2] = ["-X", "frozen_modules=off"];
const FROZEN_SINCE: u32 = 11;

/// Whether the function brings its own, in its package or a layer.
pub(crate) fn is_brought(from: &Unpacked, version: &str) -> bool {
    let there = |folder: PathBuf| folder.join("debugpy").is_dir();
    let layers = from
        .layers
        .iter()
        .flat_map(|layers| [layers.join("python"), layers.join(format!("python/lib/{version}/site-packages"))]);
    std::iter::once(from.code.to_path_buf()).chain(layers).any(there)
}

/// The host's: in the folder that was named, or where the interpreter itself finds it. Blocking, some tens of
/// milliseconds.
pub(crate) fn of_host(named: Option<&Path>, interpreter: &Interpreter) -> Option<PathBuf> {
    if let Some(folder) = named {
        return Some(folder.join("debugpy")).filter(|folder| folder.is_dir());
    }
    let mut command = Command::new(&interpreter.program);
    command.args(["-s", "-E", "-c", WHERE]).env_clear().stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    folder.is_dir().then_some(folder)
}

/// `debugpy`: the host's, unless the function brings its own.
pub(crate) fn opened(mut launch: Launch, way: DebugWay, minor: u32, debugpy: Option<PathBuf>) -> Launch {
    if minor >= FROZEN_SINCE {
        launch.argv.splice(1..1, NOT_FROZEN.map(str::to_owned));
    }
    launch.argv.extend(["--debugger".to_owned(), way.port.to_string()]);
    launch.argv.extend(way.wait.then(|| "--wait".to_owned()));
    launch.binds.extend(debugpy.map(|host| ReadOnly { host, inside: INSIDE.into() }));
    (launch.ahead, launch.by) = (Ahead::Nothing, By::Api);
    launch
}

pub(crate) fn missing(interpreter: &Interpreter) -> String {
    format!(
        "debugpy is needed to debug Python functions: `{} -m pip install debugpy`, or `pip install --target FOLDER \
         debugpy` and `updraft start --debugpy FOLDER`; or put it into the function's own folder",
        interpreter.program.display()
    )
}
