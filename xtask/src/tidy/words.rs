//! What no file may say: paths of one machine, and the like (xtask/tidy.toml lists them).

use anyhow::Result;

use super::Finding;
use super::exceptions::Exceptions;
use crate::house;

pub(crate) fn check(files: &[String], exceptions: &Exceptions) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !exceptions.may_say.contains_key(*file)) {
        // What isn't text (an image, a golden byte string) says nothing.
        let Ok(text) = std::fs::read_to_string(house::root().join(file)) else { continue };
        for (word, why) in &exceptions.forbidden_words {
            let at = text.lines().position(|line| says(line, word));
            found.extend(at.map(|n| Finding::Wrong(format!("{file}:{} says {word:?}: {why}", n + 1))));
        }
    }
    Ok(found)
}

/// As a path of its own: `/mnt/x` is one, `https://host/mnt/x` and `${dir}/mnt/x` aren't.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '}' | '>' | ')' | '~')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_paths_count() {
        assert!(says("cd /mnt/x", "/mnt/"));
        assert!(says("\"/mnt/x\"", "/mnt/"));
        assert!(!says("https://host/mnt/x", "/mnt/"));
        assert!(!says("{dir}/mnt/x", "/mnt/"));
    }
}
