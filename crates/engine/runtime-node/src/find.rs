//! Which Nodes there are.

use std::path::{Path, PathBuf};
use std::process::Command;

use updraft_exec::programs::real_program;

use crate::NodeConfig;

/// An installed Node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) program: PathBuf,
    pub(crate) major: u32,
    pub(crate) version: String,
}

impl Found {
    /// The folder that holds `bin/node` and what belongs to it.
    pub(crate) fn prefix(&self) -> Option<&Path> {
        self.program.parent()?.parent()
    }
}

/// Every Node that says its version; the user's first, then the path's, then nvm's. Blocking.
pub(crate) fn installed(config: &NodeConfig) -> Vec<Found> {
    let mut programs: Vec<PathBuf> = config.interpreters.clone();
    programs.extend(config.path.iter().map(|folder| folder.join("node")));
    programs.extend(config.home.iter().flat_map(|home| nvm(home)));
    let mut real: Vec<PathBuf> = Vec::new();
    for program in programs.iter().filter_map(|path| real_program(path)) {
        if !real.contains(&program) {
            real.push(program);
        }
    }
    real.iter().filter_map(|program| ask(program)).collect()
}

/// The same major version, else the next newer, else the next older one.
pub(crate) fn closest(all: &[Found], wanted: u32) -> Option<&Found> {
    all.iter().min_by_key(|found| (found.major < wanted, found.major.abs_diff(wanted)))
}

fn nvm(home: &Path) -> Vec<PathBuf> {
    let versions = std::fs::read_dir(home.join(".nvm/versions/node")).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin/node")).collect();
    found.sort();
    found
}

fn ask(program: &Path) -> Option<Found> {
    let output = Command::new(program).arg("--version").env_clear().output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().strip_prefix('v')?.to_owned();
    let major = version.split('.').next()?.parse().ok()?;
    Some(Found { program: program.to_owned(), major, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_version_is_taken() {
        let node = |major: u32| Found { program: PathBuf::new(), major, version: String::new() };
        let all = [node(18), node(20), node(24)];
        let pick = |wanted| closest(&all, wanted).unwrap().major;
        assert_eq!((pick(18), pick(22), pick(24), pick(26)), (18, 24, 24, 24));
    }
}
