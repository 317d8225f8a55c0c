//! Which interpreters there are, told by the names of files: none is run to find out.

use std::path::{Path, PathBuf};

use updraft_exec::programs::real_program;

use crate::PythonConfig;

/// An interpreter that looks usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// 11 for Python 3.11.
    pub(crate) minor: u32,
    pub(crate) program: PathBuf,
}

/// The better of two with the same version comes first: the user's, the system's, the path's, pyenv's.
pub(crate) fn candidates(config: &PythonConfig) -> Vec<Candidate> {
    let system = PathBuf::from("/usr/bin");
    let mut folders: Vec<PathBuf> = Vec::new();
    if config.path.contains(&system) {
        folders.push(system);
    }
    folders.extend(config.path.iter().cloned());
    folders.extend(config.home.iter().flat_map(|home| pyenv(home)));
    let named = config.interpreters.iter().cloned();
    let found = named.chain(folders.iter().flat_map(|folder| in_folder(folder)));
    let mut all: Vec<Candidate> = Vec::new();
    for candidate in found.filter_map(|path| candidate(&path)) {
        if !all.contains(&candidate) {
            all.push(candidate);
        }
    }
    all
}

/// Those to try for a wanted version, best first: the same, then newer ones, then older ones.
pub(crate) fn closest(all: &[Candidate], wanted: u32) -> Vec<&Candidate> {
    let mut sorted: Vec<&Candidate> = all.iter().collect();
    sorted.sort_by_key(|candidate| (candidate.minor < wanted, candidate.minor.abs_diff(wanted)));
    sorted
}

fn candidate(path: &Path) -> Option<Candidate> {
    let program = real_program(path)?;
    let minor = minor_of(&program).or_else(|| minor_of(path))?;
    Some(Candidate { minor, program })
}

/// `…/python3.11` is 11.
fn minor_of(program: &Path) -> Option<u32> {
    program.file_name()?.to_str()?.strip_prefix("python3.")?.parse().ok()
}

fn pyenv(home: &Path) -> Vec<PathBuf> {
    let versions = std::fs::read_dir(home.join(".pyenv/versions")).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders
}

fn in_folder(folder: &Path) -> Vec<PathBuf> {
    (8..=14).map(|minor| folder.join(format!("python3.{minor}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(minors: &[u32]) -> Vec<Candidate> {
        minors.iter().map(|m| Candidate { minor: *m, program: PathBuf::from(format!("/p{m}")) }).collect()
    }

    fn order(minors: &[u32], wanted: u32) -> Vec<u32> {
        closest(&all(minors), wanted).iter().map(|candidate| candidate.minor).collect()
    }

    #[test]
    fn the_same_version_comes_first_then_newer_then_older_ones() {
        assert_eq!(order(&[9, 11, 12, 13], 12), [12, 13, 11, 9]);
        assert_eq!(order(&[9, 11], 12), [11, 9]);
        assert_eq!(order(&[14, 13], 12), [13, 14]);
    }
}
