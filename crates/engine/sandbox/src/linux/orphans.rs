//! Where the platform is the first process of a container, whoever loses its parent becomes its child. A zygote's forks are
//! such, when it ends: the sandboxes that they are in don't end before somebody has waited for them.
#![expect(clippy::disallowed_methods, reason = "orphans are found by files of /proc")]

use std::fs;

use super::sys::process::{self, Pid};

/// Whether there is somebody else to take care of them.
pub(super) fn are_others() -> bool {
    std::process::id() != 1
}

/// Waits for those that have ended inside of sandboxes. What was started here has others who wait for it.
pub(super) fn bury() {
    let depth = fs::read_to_string("/proc/self/status").map_or(1, |own| numbers(&own).len());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let texts = entries.filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok());
    for orphan in texts.filter_map(|status| orphan(&status, depth)) {
        // One that another has waited for meanwhile is gone as well.
        process::wait_for_child(orphan).ok();
    }
}

/// Its number here, if it is a dead child of the first process and belongs to a sandbox, whose own first process it isn't.
fn orphan(status: &str, depth: usize) -> Option<Pid> {
    let numbers = numbers(status);
    let dead = field(status, "State:")?.starts_with('Z') && field(status, "PPid:")? == "1";
    let inside = numbers.len() > depth && numbers.last() != Some(&1);
    let number = numbers.get(depth.checked_sub(1)?)?;
    (dead && inside).then_some(Pid(*number))
}

/// What it is called in each namespace, from the outermost that is seen here.
fn numbers(status: &str) -> Vec<i32> {
    field(status, "NSpid:").into_iter().flat_map(str::split_whitespace).filter_map(|text| text.parse().ok()).collect()
}

fn field<'a>(status: &'a str, key: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orphans_are_dead_and_of_sandboxes() {
        let status =
            |state, parent, numbers| format!("Name:\tx\nState:\t{state}\nPPid:\t{parent}\nNSpid:\t{numbers}\n");
        let found = |state, parent, numbers| orphan(&status(state, parent, numbers), 1).map(|pid| pid.0);
        assert_eq!(found("Z (zombie)", 1, "70\t4"), Some(70));
        assert_eq!(found("S (sleeping)", 1, "70\t4"), None);
        assert_eq!(found("Z (zombie)", 7, "70\t4"), None);
        assert_eq!(found("Z (zombie)", 1, "70"), None, "a command of our own");
        assert_eq!(found("Z (zombie)", 1, "70\t1"), None, "a sandbox's init");
        assert_eq!(orphan(&status("Z (zombie)", 1, "900\t70\t4"), 2).map(|pid| pid.0), Some(70));
    }
}
