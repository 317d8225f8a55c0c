//! How much memory this process takes.

/// What the operating system keeps in memory for this process, in bytes. `None` where it doesn't say.
#[expect(clippy::disallowed_methods, reason = "a test looks at its own process")]
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm").ok()?.split_whitespace().nth(1)?.parse().ok()?;
    // Of 4 KiB on every machine this runs on, if not less than it takes.
    pages.checked_mul(4_096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_used_is_seen() {
        let before = resident_bytes().unwrap_or_default();
        let used = vec![7u8; 64 << 20];
        let after = resident_bytes().unwrap_or_default();
        assert!(after >= before + used.len() as u64 / 2 || after == 0, "{before} {after}");
    }
}
