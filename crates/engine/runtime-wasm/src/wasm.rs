//! Which functions are components, and which are left to the runtime whose names they share.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use updraft_exec::{Availability, Launch, LaunchError, Lodger, Runtime, Unpacked};
use updraft_kernel::ports::FunctionSpec;

use crate::guest::Guest;
use crate::machine::Machine;

/// What every binary of WebAssembly begins with.
const MAGIC: [u8; 4] = *b"\0asm";
/// The version, and what makes it a component instead of a module.
const COMPONENT: [u8; 4] = [0x0d, 0, 1, 0];
/// In `INIT_START Runtime Version: …`.
const VERSION: &str = concat!("provided:wasm.updraft", env!("CARGO_PKG_VERSION"));

/// The operating-system-only runtimes, where the `bootstrap`, or the file that the handler names, may be a component.
#[derive(Debug)]
pub struct Wasm {
    processes: Arc<dyn Runtime>,
    /// Where compiled code is kept, and what instances write.
    folder: PathBuf,
    machine: OnceLock<Result<Arc<Machine>, String>>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Component,
    Module,
    Other,
}

impl Wasm {
    /// `processes`: runs what is no component. `folder`: of this process alone; for compiled code, and for what instances
    /// write. It is made when the first of them is started.
    #[must_use]
    pub fn new(processes: Arc<dyn Runtime>, folder: PathBuf) -> Self {
        Self { processes, folder, machine: OnceLock::new() }
    }

    fn machine(&self) -> Result<&Arc<Machine>, LaunchError> {
        let made =
            self.machine.get_or_init(|| Machine::new(&self.folder).map(Arc::new).map_err(|error| format!("{error:#}")));
        made.as_ref().map_err(|why| LaunchError::Unavailable(format!("WebAssembly can't be run here: {why}")))
    }
}

impl Runtime for Wasm {
    fn names(&self) -> &'static [&'static str] {
        self.processes.names()
    }

    fn availability(&self, name: &str) -> Availability {
        self.processes.availability(name)
    }

    /// Whether it is a component, and then needs none of it, is seen by its code.
    fn expect(&self, spec: &FunctionSpec) -> Option<Launch> {
        if is_wasm(&spec.handler) { None } else { self.processes.expect(spec) }
    }

    fn prepare(&self, spec: &FunctionSpec, from: &Unpacked) -> Result<Launch, LaunchError> {
        let Some((file, inside)) = entry(spec, from) else { return self.processes.prepare(spec, from) };
        match kind(&file) {
            Kind::Other => self.processes.prepare(spec, from),
            Kind::Module => Err(LaunchError::Init {
                kind: "Runtime.InvalidEntrypoint",
                message: format!(
                    "{inside} is a WebAssembly module; a component is needed (`wasm-tools component new` makes one of it)"
                ),
            }),
            Kind::Component => {
                let guest = Guest { machine: Arc::clone(self.machine()?), file };
                Ok(Launch { version: VERSION.to_owned(), resident: Some(Lodger(Arc::new(guest))), ..Launch::default() })
            }
        }
    }
}

/// The file that would be run. A `bootstrap` comes first, as on AWS, where the handler's name is its own business.
fn entry(spec: &FunctionSpec, from: &Unpacked) -> Option<(PathBuf, String)> {
    let named = || Some(spec.handler.as_str()).filter(|name| is_wasm(name)).and_then(|name| from.find(name));
    from.find("bootstrap").or_else(named)
}

/// A name of a file within the package that says what it is.
fn is_wasm(name: &str) -> bool {
    let path = Path::new(name);
    let within = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    within && path.extension().is_some_and(|extension| extension == "wasm")
}

#[expect(clippy::disallowed_methods, reason = "the engine owns the folder of unpacked code")]
fn kind(file: &Path) -> Kind {
    let mut head = [0; 8];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut head));
    match (read, head.split_at(4)) {
        (Ok(()), (magic, rest)) if magic == MAGIC => {
            if rest == COMPONENT {
                Kind::Component
            } else {
                Kind::Module
            }
        }
        _ => Kind::Other,
    }
}
