//! A place in a text that is being read.

/// Reads a text from the front, one character after the other.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// In bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What was read since `from`.
    pub(super) fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    pub(super) fn spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.get(..rest.find(|c| !wanted(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    /// A whole number with an optional sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let from = self.at;
        self.eat("-");
        self.take_while(|c| c.is_ascii_digit());
        self.since(from).parse().ok().or_else(|| {
            self.at = from;
            None
        })
    }

    /// A number as JSON writes them.
    pub(super) fn number(&mut self) -> Option<serde_json::Number> {
        let from = self.at;
        self.take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
        serde_json::from_str(self.since(from)).ok()
    }

    /// A text between two of the quotes that stand next, as it is written: a backslash takes the character behind it
    /// with it. None where it has no end.
    pub(super) fn quoted(&mut self) -> Option<&'a str> {
        let quote = self.next()?;
        let from = self.at;
        loop {
            match self.next()? {
                '\\' => drop(self.next()?),
                c if c == quote => return self.text.get(from..self.at - 1),
                _ => {}
            }
        }
    }
}
