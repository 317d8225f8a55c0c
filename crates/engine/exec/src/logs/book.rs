//! What one instance has printed and is not yet handed on: lines, limits, and the tail. Pure.

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::LogLine;

use super::tail::Tail;

/// AWS: the longest event that CloudWatch Logs takes, in bytes; a longer line becomes several.
const LINE_LIMIT: usize = 256 << 10;

/// Which of the two a line came by; their bytes must not mix within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Out,
    Err,
}

/// The log of one instance.
#[derive(Debug)]
pub(crate) struct Book {
    tail: Tail,
    lines: Vec<LogLine>,
    partial_out: Vec<u8>,
    partial_err: Vec<u8>,
    /// How much may still be kept of this invocation, in bytes.
    left: usize,
    budget: usize,
    dropped: u64,
}

impl Book {
    /// `budget`: how many bytes of one invocation's output are kept.
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            tail: Tail::default(),
            lines: Vec::new(),
            partial_out: Vec::new(),
            partial_err: Vec::new(),
            left: budget,
            budget,
            dropped: 0,
        }
    }

    /// A new invocation: its own tail, its own budget.
    pub(crate) fn open(&mut self, at: UnixMillis) {
        self.close(at);
        self.tail.clear();
        self.left = self.budget;
    }

    /// A new invocation that what was printed before belongs to: the start that failed for it.
    pub(crate) fn open_after_start(&mut self, at: UnixMillis) {
        self.close(at);
        self.left = self.budget;
    }

    /// What is printed now ends here; says how much was left out.
    pub(crate) fn close(&mut self, at: UnixMillis) {
        for source in [Source::Out, Source::Err] {
            let rest = std::mem::take(self.partial(source));
            if !rest.is_empty() {
                self.keep(&rest, at);
            }
        }
        if self.dropped > 0 {
            let (dropped, budget) = (self.dropped, self.budget);
            self.dropped = 0;
            self.platform(
                format!("updraft: {dropped} bytes of output were dropped; one invocation may log {budget} bytes\n"),
                at,
            );
        }
    }

    /// A line of the platform's own: always kept.
    pub(crate) fn platform(&mut self, text: String, at: UnixMillis) {
        self.tail.start_line();
        self.tail.write(text.as_bytes());
        self.lines.push(LogLine { at, message: text });
    }

    /// Takes a line of the platform's back, if it wasn't handed on yet.
    pub(crate) fn take_back(&mut self, text: &str) {
        self.lines.retain(|line| line.message != text);
    }

    /// Bytes that the function printed.
    pub(crate) fn print(&mut self, source: Source, mut bytes: &[u8], at: UnixMillis) {
        while self.left > 0 && !bytes.is_empty() {
            let end = bytes.iter().position(|b| *b == b'\n').map(|i| i + 1);
            let partial = self.partial(source);
            let room = LINE_LIMIT.saturating_sub(partial.len()).max(1);
            let take = end.unwrap_or(bytes.len()).min(room);
            let Some((now, rest)) = bytes.split_at_checked(take) else { break };
            partial.extend_from_slice(now);
            bytes = rest;
            if partial.ends_with(b"\n") || partial.len() >= LINE_LIMIT {
                let line = std::mem::take(partial);
                self.keep(&line, at);
            }
        }
        if !bytes.is_empty() {
            self.dropped += bytes.len() as u64;
            self.tail.write(bytes);
        }
    }

    /// The lines kept so far, which are then no longer held here.
    pub(crate) fn take(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.lines)
    }

    pub(crate) fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    pub(crate) fn tail(&mut self) -> &[u8] {
        self.tail.read()
    }

    fn partial(&mut self, source: Source) -> &mut Vec<u8> {
        match source {
            Source::Out => &mut self.partial_out,
            Source::Err => &mut self.partial_err,
        }
    }

    fn keep(&mut self, line: &[u8], at: UnixMillis) {
        self.left = self.left.saturating_sub(line.len());
        // AWS: runtimes write the line breaks within a message as carriage returns; the log shows them as breaks.
        let message = String::from_utf8_lossy(line).replace('\r', "\n");
        self.tail.write(message.as_bytes());
        self.lines.push(LogLine { at, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1);

    fn messages(book: &mut Book) -> Vec<String> {
        book.take().into_iter().map(|line| line.message).collect()
    }

    #[test]
    fn lines_are_put_together_per_source() {
        let mut book = Book::new(1000);
        book.print(Source::Out, b"a", NOW);
        book.print(Source::Err, b"x\n", NOW);
        book.print(Source::Out, b"b\nc\rd\nrest", NOW);
        book.close(NOW);
        assert_eq!(messages(&mut book), ["x\n", "ab\n", "c\nd\n", "rest"]);
    }

    #[test]
    fn a_flood_is_counted_and_not_kept_but_its_end_is_in_the_tail() {
        let mut book = Book::new(100);
        for _ in 0..1000 {
            book.print(Source::Out, b"0123456789012345678901234567890123456789\n", NOW);
        }
        book.print(Source::Out, b"the end\n", NOW);
        book.close(NOW);
        let kept = messages(&mut book);
        assert_eq!(kept.len(), 4, "three lines and the note: {kept:?}");
        assert_eq!(kept[3], "updraft: 40885 bytes of output were dropped; one invocation may log 100 bytes\n");
        assert!(String::from_utf8_lossy(book.tail()).contains("the end\n"));
        book.open(NOW);
        book.print(Source::Out, b"again\n", NOW);
        assert_eq!(messages(&mut book), ["again\n"], "each invocation has its own budget");
    }

    #[test]
    fn a_call_shows_the_start_that_failed_for_it_and_no_other_calls_log() {
        let mut book = Book::new(1000);
        book.print(Source::Err, b"no module", NOW);
        book.open_after_start(NOW);
        book.platform("START\n".to_owned(), NOW);
        assert_eq!(book.tail(), b"no module\nSTART\n");
        book.open(NOW);
        book.platform("START\n".to_owned(), NOW);
        assert_eq!(book.tail(), b"START\n");
    }

    #[test]
    fn a_line_without_end_becomes_several() {
        let mut book = Book::new(usize::MAX);
        book.print(Source::Out, &vec![b'x'; LINE_LIMIT + 1], NOW);
        book.close(NOW);
        let lengths: Vec<usize> = messages(&mut book).iter().map(String::len).collect();
        assert_eq!(lengths, [LINE_LIMIT, 1]);
    }
}
