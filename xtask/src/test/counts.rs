//! Reading the closing lines of test runners.

use super::Outcome;

/// nextest: `Summary [ 1.2s] 12 tests run: 11 passed (1 slow), 1 failed, 2 skipped`.
pub(crate) fn nextest(text: &str) -> Option<Outcome> {
    let line = text.lines().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
    let (_, counts) = line.split_once("run:")?;
    Some(Outcome {
        passed: before(counts, "passed"),
        failed: before(counts, "failed") + before(counts, "timed out"),
        skipped: before(counts, "skipped"),
        note: String::new(),
    })
}

/// `cargo test`: one `test result: ok. 3 passed; 0 failed; 1 ignored; …` per target.
pub(crate) fn libtest(text: &str) -> Option<Outcome> {
    let mut sum = Outcome::default();
    let mut lines = text.lines().filter(|line| line.starts_with("test result:")).peekable();
    lines.peek()?;
    for line in lines {
        sum.passed += before(line, "passed");
        sum.failed += before(line, "failed");
        sum.skipped += before(line, "ignored");
    }
    Some(sum)
}

/// pytest: `=== 12 passed, 1 skipped in 3.21s ===`.
pub(crate) fn pytest(text: &str) -> Option<Outcome> {
    let closes = |line: &&str| {
        line.contains(" in ") && ["passed", "failed", "error", "skipped"].iter().any(|word| line.contains(word))
    };
    let line = text.lines().rev().find(closes)?;
    Some(Outcome {
        passed: before(line, "passed"),
        failed: before(line, "failed") + before(line, "error"),
        skipped: before(line, "skipped"),
        note: String::new(),
    })
}

/// The number that stands before the word; 0 where there is none.
fn before(line: &str, word: &str) -> u32 {
    let found = line.match_indices(word).find_map(|(at, _)| {
        let head = line.get(..at)?.trim_end();
        let digits = head.rfind(|c: char| !c.is_ascii_digit()).map_or(head, |i| head.get(i + 1..).unwrap_or_default());
        digits.parse().ok()
    });
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(passed: u32, failed: u32, skipped: u32) -> Option<Outcome> {
        Some(Outcome { passed, failed, skipped, note: String::new() })
    }

    #[test]
    fn closing_lines_are_understood() {
        let text = "x\n     Summary [   0.010s] 13 tests run: 11 passed (1 slow), 1 failed, 1 timed out, 2 skipped\n";
        assert_eq!(nextest(text), outcome(11, 2, 2));
        assert_eq!(pytest("===== 1 failed, 12 passed, 3 skipped in 3.21s ====="), outcome(12, 1, 3));
        assert_eq!(pytest("2 passed, 1 error in 0.1s"), outcome(2, 1, 0));
        let text =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0\ntest result: FAILED. 2 passed; 4 failed; 0 ignored";
        assert_eq!(libtest(text), outcome(5, 4, 1));
    }

    #[test]
    fn no_closing_line_is_no_success() {
        assert_eq!(nextest("error: could not compile"), None);
        assert_eq!(pytest(""), None);
        assert_eq!(libtest("error"), None);
    }
}
