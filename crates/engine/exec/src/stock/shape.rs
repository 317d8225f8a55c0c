//! What instances have in common that can stand in for each other before they are told their function.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use updraft_kernel::AccountId;
use updraft_kernel::ports::FunctionSpec;
use updraft_sandbox::{Bind, DEFAULT_UID, Limits, SandboxSpec, Symlink};

use crate::config::ExecConfig;
use crate::env::{AWS_PORT, RUNTIME_PORT, inside};
use crate::runtime::{Ahead, Launch, ReadOnly, RuntimeFile};

/// How many uids there are to give: neighbours must not share one.
pub(crate) const UIDS: u64 = 60_000;
/// AWS: processes and threads, and descriptors.
const PIDS: u32 = 1024;
const DESCRIPTORS: u64 = 1024;
/// Which part of what is free may be used for what is only likely to be needed: a sixteenth.
const SPARE: usize = 16;
/// Where functions' folders are shown later.
const PLACES: [&str; 3] = ["/var/task", "/opt", "/mnt"];
/// The loader remembers of a folder that it isn't there, so a process that is forked must have seen those in which
/// functions may bring libraries.
const LIBRARY_PLACES: [&str; 4] = ["/var/task/lib", "/opt/lib", "/var/lang/lib", "/var/runtime/lib"];

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    binds: Vec<ReadOnly>,
    files: Vec<RuntimeFile>,
    links: Vec<(PathBuf, PathBuf)>,
    pub(crate) ahead: Ahead,
    /// Forks of one process have its layout of memory in common: those of one account only.
    account: Option<AccountId>,
}

/// Of what tells shapes apart, and not of what files contain: it is asked for several times at each start.
impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.binds, &self.links, &self.account).hash(state);
        self.files.iter().for_each(|file| (&file.name, file.content.len()).hash(state));
        match &self.ahead {
            Ahead::Nothing => {}
            Ahead::Worker { argv, env } | Ahead::Zygote { argv, env, .. } => (argv, env).hash(state),
        }
    }
}

impl Shape {
    pub(crate) fn of(spec: &FunctionSpec, launch: &Launch) -> Self {
        let forks = matches!(launch.ahead, Ahead::Zygote { .. });
        Self {
            binds: launch.binds.clone(),
            files: launch.files.clone(),
            links: launch.links.clone(),
            ahead: launch.ahead.clone(),
            account: forks.then(|| spec.account.clone()),
        }
    }

    /// How many are kept ready. Processes that share nothing are dear: where nobody has `called` yet one of them is enough.
    pub(crate) fn wanted(&self, config: &ExecConfig, called: bool) -> usize {
        match self.ahead {
            Ahead::Worker { .. } if !called => config.ready_workers.min(1),
            Ahead::Worker { .. } => config.ready_workers,
            Ahead::Nothing | Ahead::Zygote { .. } => config.ready,
        }
    }

    /// How many may wait of those that may not be needed, where so many do already and so much memory is free besides.
    pub(crate) fn fit(&self, free: u64, ready: usize) -> usize {
        let all = usize::try_from(free / self.bytes()).unwrap_or(usize::MAX).saturating_add(ready);
        all / SPARE
    }

    /// What one that waits takes, roughly.
    fn bytes(&self) -> u64 {
        match self.ahead {
            Ahead::Nothing => 1 << 20,
            Ahead::Zygote { .. } => 4 << 20,
            Ahead::Worker { .. } => 48 << 20,
        }
    }

    /// Its sandbox. Memory and processor are limited when it is known to what.
    pub(crate) fn sandbox(&self, name: String, number: u64) -> SandboxSpec {
        let mut sandbox = self.root(name);
        sandbox.limits = Limits { memory_bytes: None, cpu_millis: None, pids: Some(PIDS), nofile: DESCRIPTORS };
        sandbox.listeners = vec![inside(RUNTIME_PORT), inside(AWS_PORT)];
        sandbox.uid = DEFAULT_UID + u32::try_from(number % UIDS).unwrap_or(0);
        sandbox
    }

    /// The root of a process that forks itself into sandboxes of this shape.
    pub(crate) fn zygote(&self, name: String, files: &[(PathBuf, Vec<u8>)]) -> SandboxSpec {
        let mut sandbox = self.root(name);
        sandbox.files.extend(files.iter().cloned());
        sandbox.places.extend(LIBRARY_PLACES.map(PathBuf::from));
        sandbox
    }

    fn root(&self, name: String) -> SandboxSpec {
        let mut sandbox = SandboxSpec::system(name);
        sandbox.binds.extend(self.binds.iter().map(|bind| Bind::read_only(&bind.host, &bind.inside)));
        let files = self.files.iter();
        sandbox.files.extend(files.map(|file| (Path::new("/var/runtime").join(&*file.name), file.content.to_vec())));
        let links = self.links.iter().cloned();
        sandbox.symlinks.extend(links.map(|(path, to)| Symlink { path, to }));
        sandbox.places = PLACES.map(PathBuf::from).into();
        sandbox
    }
}

/// The limits of a function's instances.
pub(crate) fn limits(spec: &FunctionSpec, cpu_millis: u32) -> Limits {
    Limits {
        memory_bytes: Some(u64::from(spec.memory_mb) << 20),
        cpu_millis: Some(cpu_millis),
        pids: Some(PIDS),
        nofile: DESCRIPTORS,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_shares_nothing_is_kept_once_until_somebody_calls() {
        let config = ExecConfig::new(PathBuf::new());
        let wanted = |ahead, called| {
            let (binds, files, links) = (Vec::new(), Vec::new(), Vec::new());
            Shape { binds, files, links, ahead, account: None }.wanted(&config, called)
        };
        let worker = || Ahead::Worker { argv: Vec::new(), env: BTreeMap::new() };
        assert_eq!([wanted(worker(), false), wanted(worker(), true)], [1, 2]);
        assert_eq!([wanted(Ahead::Nothing, false), wanted(Ahead::Nothing, true)], [4, 4]);
    }
}
