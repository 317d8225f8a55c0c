//! Messages that belong together: what a stack trace is made of, where a function printed it line by line. Pure.

use crate::feed::Entry;
use crate::report::is_platforms;

const PYTHON: &str = "Traceback (most recent call last):";
/// What Python writes between the traces of errors that caused one another.
const LINKS: [&str; 2] = [
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
];
/// What Java writes in front of the next trace.
const CAUSES: [&str; 2] = ["Caused by: ", "Suppressed: "];

/// One or more messages of one stream.
pub(super) type Block = Vec<Entry>;

/// Puts consecutive messages together.
pub(super) fn of(entries: Vec<Entry>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut trace = Trace::Not;
    for entry in entries {
        let line = entry.message.trim_end();
        let same = blocks.last().and_then(|block| block.last()).is_some_and(|last| last.stream == entry.stream);
        let (joins, next) = if same { trace.goes_on(line) } else { (false, Trace::begins(line)) };
        trace = next;
        match blocks.last_mut() {
            Some(block) if joins => block.push(entry),
            _ => blocks.push(vec![entry]),
        }
    }
    blocks
}

/// How far into a trace the last message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trace {
    Not,
    /// A record of an error, behind which its trace comes.
    Ahead,
    /// Python's: ends with the first line that isn't indented, which says what the error is.
    Open,
    /// Behind the end of one; another may be linked to it.
    Over,
}

impl Trace {
    fn begins(line: &str) -> Self {
        match line.lines().last() {
            Some(PYTHON) => Self::Open,
            _ if line.starts_with("[ERROR]") && !line.contains('\n') => Self::Ahead,
            _ => Self::Not,
        }
    }

    /// Whether `line` belongs to what was before it, and how far it is then.
    fn goes_on(self, line: &str) -> (bool, Self) {
        let indented = line.starts_with([' ', '\t']);
        let begins = Self::begins(line);
        match self {
            _ if is_platforms(line) => (false, Self::Not),
            Self::Open if indented => (true, Self::Open),
            Self::Open => (true, Self::Over),
            Self::Ahead | Self::Over if begins == Self::Open => (true, Self::Open),
            Self::Over if line.is_empty() || LINKS.contains(&line) => (true, Self::Over),
            _ if indented || CAUSES.iter().any(|cause| line.starts_with(cause)) => (true, self),
            _ => (false, begins),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(stream: &str, message: &str) -> Entry {
        Entry { time: String::new(), stream: stream.to_owned(), message: format!("{message}\n") }
    }

    /// `lines`, and in front of which of them a new block begins.
    fn check(lines: &[&str], beginnings: &[usize]) {
        let blocks = of(lines.iter().map(|line| entry("s", line)).collect());
        let mut at = 0;
        let mut found = Vec::new();
        for block in blocks {
            found.push(at);
            at += block.len();
        }
        assert_eq!(found, beginnings, "{lines:?}");
    }

    #[test]
    fn ordinary_lines_stand_alone() {
        check(&["one", "two", "", "three"], &[0, 1, 2, 3]);
        check(&["START RequestId: 1 Version: 1", "  indented by the function", "END RequestId: 1"], &[0, 2]);
    }

    #[test]
    fn a_trace_of_python_is_one_with_its_error_and_with_those_that_led_to_it() {
        let trace = [PYTHON, "  File \"/var/task/app.py\", line 3, in handler", "    fail()", "ValueError: no"];
        check(&[&trace[..], &["next"]].concat(), &[0, 4]);
        check(&[&["[ERROR]\tfailed"], &trace[..], &["next"]].concat(), &[0, 5]);
        let linked = [&trace[..], &["", LINKS[0], ""], &trace[..], &["next"]].concat();
        check(&linked, &[0, 11]);
    }

    #[test]
    fn frames_and_causes_belong_to_their_error() {
        check(&["Error: no", "    at handler (/var/task/index.mjs:3:9)", "    at next", "more"], &[0, 3]);
        check(&["java.lang.X: no", "\tat a.B.c(B.java:1)", "Caused by: java.io.Y", "\tat d", "more"], &[0, 4]);
    }

    #[test]
    fn streams_are_never_mixed() {
        let blocks = of(vec![entry("a", PYTHON), entry("b", "  indented"), entry("b", "other")]);
        assert_eq!(blocks.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
