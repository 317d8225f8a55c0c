//! The last 4 KiB of an invocation's log, for `LogType=Tail`.

const SIZE: usize = 4096;

/// Keeps the end of whatever is written to it.
#[derive(Debug, Default)]
pub(crate) struct Tail(Vec<u8>);

impl Tail {
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let from = bytes.len().saturating_sub(SIZE);
        self.0.extend_from_slice(bytes.get(from..).unwrap_or_default());
        // Trimmed seldom, so that many short lines don't each move the whole tail.
        if self.0.len() > 4 * SIZE {
            self.trim();
        }
    }

    /// What comes next is on a line of its own, whatever was printed last.
    pub(crate) fn start_line(&mut self) {
        if self.0.last().is_some_and(|last| *last != b'\n') {
            self.0.push(b'\n');
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn read(&mut self) -> &[u8] {
        self.trim();
        &self.0
    }

    fn trim(&mut self) {
        let excess = self.0.len().saturating_sub(SIZE);
        self.0.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_started_once() {
        let mut tail = Tail::default();
        tail.start_line();
        tail.write(b"no break");
        tail.start_line();
        tail.start_line();
        tail.write(b"END\n");
        tail.start_line();
        assert_eq!(tail.read(), b"no break\nEND\n");
    }

    #[test]
    fn only_the_end_is_kept() {
        let mut tail = Tail::default();
        for n in 0..10_000 {
            tail.write(format!("line {n}\n").as_bytes());
        }
        assert_eq!(tail.read().len(), SIZE);
        assert!(tail.read().ends_with(b"line 9999\n"));
        tail.write(&[b'x'; 3 * SIZE]);
        assert_eq!(tail.read(), [b'x'; SIZE]);
    }
}
