//! File sizes. (Function sizes are clippy's: `too_many_lines`, `cognitive_complexity`.)

use anyhow::Result;

use super::Finding;
use super::exceptions::Exceptions;
use crate::house;

/// A file this long is looked at again.
const SMELL: usize = 500;
/// A file longer than this is split.
const LIMIT: usize = 800;
const KINDS: [&str; 5] = [".rs", ".py", ".mjs", ".js", ".sh"];

pub(crate) fn check(files: &[String], exceptions: &Exceptions) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let source = files.iter().filter(|file| KINDS.iter().any(|kind| file.ends_with(kind)));
    for file in source.filter(|file| !exceptions.is_generated(file)) {
        let lines = house::read(&house::root().join(file))?.lines().count();
        found.extend(judge(file, lines, exceptions.long_files.contains_key(file)));
    }
    Ok(found)
}

fn judge(file: &str, lines: usize, excepted: bool) -> Option<Finding> {
    match lines {
        _ if excepted || lines <= SMELL => None,
        ..=LIMIT => Some(Finding::Smell(format!("{file} has {lines} lines; aim at 200"))),
        _ => Some(Finding::Wrong(format!("{file} has {lines} lines; the limit is {LIMIT}: split it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_each_limit() {
        assert!(judge("f", 500, false).is_none());
        assert!(matches!(judge("f", 501, false), Some(Finding::Smell(_))));
        assert!(matches!(judge("f", 800, false), Some(Finding::Smell(_))));
        assert!(matches!(judge("f", 801, false), Some(Finding::Wrong(_))));
        assert!(judge("f", 801, true).is_none());
    }
}
