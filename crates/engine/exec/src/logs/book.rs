//! What one instance has printed and is not yet handed on: lines, limits, and the tail. Pure.

use std::collections::BTreeMap;

use updraft_kernel::UnixMillis;
use updraft_kernel::ports::LogLine;

use super::level::Level;
use super::tail::Tail;

/// AWS: the longest event that CloudWatch Logs takes, in bytes; a longer line becomes several.
const LINE_LIMIT: usize = 256 << 10;

/// Which of the pipes a line came by; their bytes must not mix within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Out,
    Err,
    /// One of an extension's; by its number.
    Extension(u32),
}

/// A line that was printed, for whoever listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) by_extension: bool,
    pub(crate) at: UnixMillis,
    pub(crate) text: String,
}

/// The log of one instance.
#[derive(Debug)]
pub(crate) struct Book {
    tail: Tail,
    lines: Vec<LogLine>,
    partial: BTreeMap<Source, Vec<u8>>,
    /// How much may still be kept of this invocation, in bytes.
    left: usize,
    budget: usize,
    dropped: u64,
    /// Objects of less than this level are not kept.
    least: Option<Level>,
    heard: Option<Vec<Heard>>,
}

impl Book {
    /// `budget`: how many bytes of one invocation's output are kept.
    pub(crate) fn new(budget: usize, least: Option<Level>) -> Self {
        Self {
            tail: Tail::default(),
            lines: Vec::new(),
            partial: BTreeMap::new(),
            left: budget,
            budget,
            dropped: 0,
            least,
            heard: None,
        }
    }

    pub(crate) fn budget(&self) -> usize {
        self.budget
    }

    /// A new invocation: its own tail, its own budget.
    pub(crate) fn open(&mut self) {
        self.tail.clear();
        self.left = self.budget;
    }

    /// A new invocation that what was printed before belongs to: the start that failed for it.
    pub(crate) fn open_after_start(&mut self) {
        self.left = self.budget;
    }

    /// What is printed now ends here. How much was left out, in bytes.
    pub(crate) fn close(&mut self, at: UnixMillis) -> u64 {
        for (source, rest) in std::mem::take(&mut self.partial) {
            if !rest.is_empty() {
                self.keep(source, &rest, at);
            }
        }
        std::mem::take(&mut self.dropped)
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

    /// Bytes that were printed.
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
                self.keep(source, &line, at);
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

    /// Lines that are printed from now on can be heard, too.
    pub(crate) fn listen(&mut self) {
        self.heard.get_or_insert_default();
    }

    pub(crate) fn heard(&mut self) -> Vec<Heard> {
        self.heard.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn partial(&mut self, source: Source) -> &mut Vec<u8> {
        self.partial.entry(source).or_default()
    }

    fn keep(&mut self, source: Source, line: &[u8], at: UnixMillis) {
        self.left = self.left.saturating_sub(line.len());
        // AWS: runtimes write the line breaks within a message as carriage returns; the log shows them as breaks.
        let message = String::from_utf8_lossy(line).replace('\r', "\n");
        if let Some(heard) = &mut self.heard {
            let by_extension = matches!(source, Source::Extension(_));
            heard.push(Heard { by_extension, at, text: message.clone() });
        }
        if self.least.is_some_and(|least| Level::of_line(&message).is_some_and(|level| level < least)) {
            return;
        }
        self.tail.write(message.as_bytes());
        self.lines.push(LogLine { at, message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1);

    fn book(budget: usize) -> Book {
        Book::new(budget, None)
    }

    fn messages(book: &mut Book) -> Vec<String> {
        book.take().into_iter().map(|line| line.message).collect()
    }

    #[test]
    fn lines_are_put_together_per_source() {
        let mut book = book(1000);
        book.print(Source::Out, b"a", NOW);
        book.print(Source::Err, b"x\n", NOW);
        book.print(Source::Extension(0), b"y", NOW);
        book.print(Source::Out, b"b\nc\rd\nrest", NOW);
        book.close(NOW);
        assert_eq!(messages(&mut book), ["x\n", "ab\n", "c\nd\n", "rest", "y"]);
    }

    #[test]
    fn a_flood_is_counted_and_not_kept_but_its_end_is_in_the_tail() {
        let mut book = book(100);
        for _ in 0..1000 {
            book.print(Source::Out, b"0123456789012345678901234567890123456789\n", NOW);
        }
        book.print(Source::Out, b"the end\n", NOW);
        assert_eq!(book.close(NOW), 40885);
        assert_eq!(messages(&mut book).len(), 3);
        assert!(String::from_utf8_lossy(book.tail()).contains("the end\n"));
        book.open();
        book.print(Source::Out, b"again\n", NOW);
        assert_eq!(messages(&mut book), ["again\n"], "each invocation has its own budget");
        assert_eq!(book.close(NOW), 0);
    }

    #[test]
    fn a_call_shows_the_start_that_failed_for_it_and_no_other_calls_log() {
        let mut book = book(1000);
        book.print(Source::Err, b"no module", NOW);
        book.close(NOW);
        book.open_after_start();
        book.platform("START\n".to_owned(), NOW);
        assert_eq!(book.tail(), b"no module\nSTART\n");
        book.open();
        book.platform("START\n".to_owned(), NOW);
        assert_eq!(book.tail(), b"START\n");
    }

    #[test]
    fn a_line_without_end_becomes_several() {
        let mut book = book(usize::MAX);
        book.print(Source::Out, &vec![b'x'; LINE_LIMIT + 1], NOW);
        book.close(NOW);
        let lengths: Vec<usize> = messages(&mut book).iter().map(String::len).collect();
        assert_eq!(lengths, [LINE_LIMIT, 1]);
    }

    #[test]
    fn what_is_less_important_is_heard_and_not_kept() {
        let mut book = Book::new(1000, Some(Level::Warn));
        book.print(Source::Out, b"early\n", NOW);
        book.listen();
        book.print(Source::Out, b"{\"level\":\"INFO\"}\n{\"level\":\"error\"}\n", NOW);
        book.print(Source::Extension(1), b"plain\n", NOW);
        assert_eq!(messages(&mut book), ["early\n", "{\"level\":\"error\"}\n", "plain\n"]);
        let heard: Vec<_> = book.heard().into_iter().map(|line| (line.by_extension, line.text)).collect();
        let expected = [(false, "{\"level\":\"INFO\"}\n"), (false, "{\"level\":\"error\"}\n"), (true, "plain\n")];
        assert_eq!(heard, expected.map(|(by, text)| (by, text.to_owned())));
        assert!(book.heard().is_empty());
    }
}
