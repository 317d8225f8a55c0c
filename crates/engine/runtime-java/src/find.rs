//! Which Javas there are.

use std::path::{Path, PathBuf};
use std::process::Command;

use updraft_exec::programs::real_program;

use crate::JavaConfig;

/// Where Linux distributions install them, each in a folder of its own.
const SYSTEM: &str = "/usr/lib/jvm";
/// Where Debian keeps what the others have in the installation's own folder: settings, and trusted certificates.
const ELSEWHERE: [&str; 2] = ["/etc", "/etc/ssl/certs/java"];

/// An installed Java.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) program: PathBuf,
    /// The folder that holds `bin/java` and what belongs to it.
    pub(crate) home: PathBuf,
    pub(crate) major: u32,
    pub(crate) version: String,
}

impl Found {
    /// What of it lies elsewhere on the host.
    pub(crate) fn settings(&self) -> Vec<PathBuf> {
        let [etc, certificates] = ELSEWHERE.map(PathBuf::from);
        [etc.join(format!("java-{}-openjdk", self.major)), certificates]
            .into_iter()
            .filter(|path| path.is_dir())
            .collect()
    }
}

/// Every Java that says its version; the user's first, then the path's, then the system's. Blocking.
pub(crate) fn installed(config: &JavaConfig) -> Vec<Found> {
    let mut programs = config.programs.clone();
    programs.extend(config.path.iter().map(|folder| folder.join("java")));
    let system = std::fs::read_dir(SYSTEM).into_iter().flatten().flatten();
    programs.extend(system.map(|entry| entry.path().join("bin/java")));
    let mut real: Vec<PathBuf> = Vec::new();
    for program in programs.iter().filter_map(|path| real_program(path)) {
        if !real.contains(&program) {
            real.push(program);
        }
    }
    real.iter().filter_map(|program| ask(program)).collect()
}

/// The same version, else the next newer, else the next older one.
pub(crate) fn closest(all: &[Found], wanted: u32) -> Option<&Found> {
    all.iter().min_by_key(|found| (found.major < wanted, found.major.abs_diff(wanted)))
}

fn ask(program: &Path) -> Option<Found> {
    let home = program.parent()?.parent()?.to_owned();
    let output = Command::new(program).arg("-version").env_clear().output().ok()?;
    let (major, version) = parse(&String::from_utf8(output.stderr).ok()?)?;
    Some(Found { program: program.to_owned(), home, major, version })
}

/// `openjdk version "17.0.15" 2025-04-15`; up to 8, versions began with 1.
fn parse(said: &str) -> Option<(u32, String)> {
    let version = said.split('"').nth(1)?;
    let major = version.trim_start_matches("1.").split(['.', '_', '-', '+']).next()?.parse().ok()?;
    Some((major, version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_old_and_new() {
        let major = |said| parse(said).map(|(major, _)| major);
        assert_eq!(major("openjdk version \"17.0.15\" 2025-04-15\nmore"), Some(17));
        assert_eq!(major("openjdk version \"1.8.0_392\""), Some(8));
        assert_eq!(major("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(major("openjdk version \"11-ea\""), Some(11));
        assert_eq!(major("Error: no version"), None);
    }

    #[test]
    fn the_closest_version_is_taken() {
        let java = |major| Found { program: PathBuf::new(), home: PathBuf::new(), major, version: String::new() };
        let all = [java(11), java(17), java(25)];
        let pick = |wanted| closest(&all, wanted).unwrap().major;
        assert_eq!((pick(8), pick(17), pick(21), pick(26)), (11, 17, 25, 25));
    }
}
