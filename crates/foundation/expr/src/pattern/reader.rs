//! A pattern's text as the tokens of JSON, each error with its place.
//!
//! AWS: the places in its messages are those of a reader that goes token by token: after a name it has already looked at
//! the value's first token, and of a text it has read no more than the quote until somebody asks for it. Parsers that
//! give values can't tell these places, so this is our own.

use super::error::PatternError;

/// Deeper patterns are refused. AWS: it takes some more, but no event is as deep.
const MAX_DEPTH: usize = 128;
/// So much of a pattern is repeated in messages.
const SNIPPET: usize = 500;
const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name(String),
    /// What it says is [`Reader::text`].
    Text,
    Number(&'a str),
    True,
    False,
    Null,
    /// After the last value.
    End,
}

struct Nest {
    object: bool,
    start: usize,
    entries: usize,
}

pub(super) struct Reader<'a> {
    source: &'a str,
    /// Of the next byte.
    at: usize,
    /// Where the text begins of which no more than the quote is read.
    open: Option<usize>,
    /// The value's first token, when a name was given.
    ahead: Option<Token<'a>>,
    nests: Vec<Nest>,
}

type Result<T> = std::result::Result<T, PatternError>;

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, at: 0, open: None, ahead: None, nests: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>> {
        if let Some(token) = self.ahead.take() {
            return self.entered(token);
        }
        if let Some(start) = self.open.take() {
            self.skip_text(start, "was expecting closing quote for a string value")?;
        }
        match self.peek_past_space() {
            None => self.ended(),
            Some(c @ ('}' | ']')) => self.closed(c),
            Some(_) => self.entry(),
        }
    }

    /// What the text says that was just given as [`Token::Text`].
    pub(super) fn text(&mut self) -> Result<String> {
        let start = self.open.take().unwrap_or(self.at);
        self.skip_text(start, "was expecting closing quote for a string value")?;
        self.unescaped(start)
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> PatternError {
        PatternError::new(reason.into()).and_at(&self.place(self.at))
    }

    /// An error that gets the present place too.
    pub(super) fn and_here(&self, error: PatternError) -> PatternError {
        error.and_at(&self.place(self.at))
    }

    pub(super) fn fail<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(self.error(reason))
    }

    fn entry(&mut self) -> Result<Token<'a>> {
        let Some(nest) = self.nests.last_mut() else { return self.value().and_then(|token| self.entered(token)) };
        let (object, first) = (nest.object, nest.entries == 0);
        nest.entries += 1;
        if !first {
            self.comma(if object { "Object" } else { "Array" })?;
        }
        if object { self.name() } else { self.value().and_then(|token| self.entered(token)) }
    }

    fn comma(&mut self, what: &str) -> Result<()> {
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(())
            }
            _ => self.unexpected(&format!("was expecting comma to separate {what} entries")),
        }
    }

    fn name(&mut self) -> Result<Token<'a>> {
        if self.peek_past_space() != Some('"') {
            return self.unexpected("was expecting double-quote to start field name");
        }
        let start = self.at + 1;
        self.skip_text(start, "in field name")?;
        let name = self.unescaped(start)?;
        if self.peek_past_space() != Some(':') {
            return self.unexpected("was expecting a colon to separate field name and value");
        }
        self.at += 1;
        self.ahead = Some(self.value()?);
        Ok(Token::Name(name))
    }

    fn value(&mut self) -> Result<Token<'a>> {
        let Some(c) = self.peek_past_space() else { return self.ended() };
        let token = match c {
            '"' => Token::Text,
            '{' => Token::StartObject,
            '[' => Token::StartArray,
            '-' | '0'..='9' => return self.number(),
            c if c.is_alphabetic() || c == '_' || c == '$' => return self.word(),
            '}' => return self.unexpected("expected a value"),
            _ => return self.unexpected(&format!("expected a valid value {VALUES}")),
        };
        self.at += 1;
        if token == Token::Text {
            self.open = Some(self.at);
        }
        Ok(token)
    }

    fn word(&mut self) -> Result<Token<'a>> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        self.at += length;
        match word {
            "true" => Ok(Token::True),
            "false" => Ok(Token::False),
            "null" => Ok(Token::Null),
            _ => self.fail(format!("Unrecognized token '{word}': was expecting {VALUES}")),
        }
    }

    fn number(&mut self) -> Result<Token<'a>> {
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        if self.peek() == Some('0') {
            self.at += 1;
            if self.peek().is_some_and(|c| c.is_ascii_digit()) {
                return self.fail("Invalid numeric value: Leading zeroes not allowed");
            }
        } else {
            self.digits("expected digit (0-9) to follow minus sign, for valid numeric value")?;
        }
        if self.peek() == Some('.') {
            self.at += 1;
            self.digits("Decimal point not followed by a digit")?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            self.digits("Exponent indicator not followed by a digit")?;
        }
        Ok(Token::Number(self.source.get(start..self.at).unwrap_or_default()))
    }

    fn digits(&mut self, otherwise: &str) -> Result<()> {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += count;
        if count > 0 {
            return Ok(());
        }
        let Some(c) = self.peek() else { return self.fail("Unexpected end-of-input in numeric value") };
        let reason = format!("Unexpected character ({}) in numeric value: {otherwise}", described(c));
        self.fail(reason)
    }

    fn entered(&mut self, token: Token<'a>) -> Result<Token<'a>> {
        if matches!(token, Token::StartObject | Token::StartArray) {
            self.nests.push(Nest { object: token == Token::StartObject, start: self.at - 1, entries: 0 });
        }
        if self.nests.len() > MAX_DEPTH {
            let depth = self.nests.len();
            return self.fail(format!("Document nesting depth ({depth}) exceeds the maximum allowed ({MAX_DEPTH})"));
        }
        Ok(token)
    }

    fn closed(&mut self, c: char) -> Result<Token<'a>> {
        self.at += 1;
        match self.nests.pop() {
            Some(Nest { object: true, .. }) if c == '}' => Ok(Token::EndObject),
            Some(Nest { object: false, .. }) if c == ']' => Ok(Token::EndArray),
            Some(nest) => {
                let (kind, close) = if nest.object { ("Object", '}') } else { ("Array", ']') };
                let start = self.place(nest.start);
                self.fail(format!("Unexpected close marker '{c}': expected '{close}' (for {kind} starting at {start})"))
            }
            None => self
                .fail(format!("Unexpected close marker '{c}': expected ']' (for root starting at {})", self.place(0))),
        }
    }

    fn ended(&self) -> Result<Token<'a>> {
        let Some(nest) = self.nests.last() else { return Ok(Token::End) };
        let (kind, start) = (if nest.object { "Object" } else { "Array" }, self.place(nest.start));
        self.fail(format!("Unexpected end-of-input: expected close marker for {kind} (start marker at {start})"))
    }

    /// To behind the closing quote.
    fn skip_text(&mut self, start: usize, otherwise: &str) -> Result<()> {
        self.at = start;
        loop {
            let Some(c) = self.peek() else {
                let colon = if otherwise.starts_with("in ") { "" } else { ":" };
                return self.fail(format!("Unexpected end-of-input{colon} {otherwise}"));
            };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(()),
                '\\' => self.skip_escape()?,
                c if u32::from(c) < 0x20 => {
                    let what = described(c);
                    return self.fail(format!(
                        "Illegal unquoted character ({what}): has to be escaped using backslash to be included in string value"
                    ));
                }
                _ => {}
            }
        }
    }

    fn skip_escape(&mut self) -> Result<()> {
        let Some(c) = self.peek() else { return Ok(()) };
        self.at += c.len_utf8();
        if matches!(c, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
            return Ok(());
        }
        self.fail(format!("Unrecognized character escape {}", described(c)))
    }

    /// The text that began at `start` and whose closing quote was read last.
    fn unescaped(&self, start: usize) -> Result<String> {
        let quoted = self.source.get(start.saturating_sub(1)..self.at).unwrap_or_default();
        serde_json::from_str(quoted)
            .map_err(|_| self.error("Unexpected character: was expecting a hex-digit for character escape sequence"))
    }

    fn unexpected<T>(&self, comment: &str) -> Result<T> {
        let Some(c) = self.peek() else { return self.ended().and_then(|_| self.fail("Unexpected end-of-input")) };
        self.fail(format!("Unexpected character ({}): {comment}", described(c)))
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_past_space(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.peek()
    }

    /// `[Source: (String)"…"; line: 1, column: 7]`: `at`, counted from one.
    fn place(&self, at: usize) -> String {
        let before = self.source.get(..at).unwrap_or(self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
        format!("[Source: (String){}; line: {line}, column: {column}]", self.snippet())
    }

    fn snippet(&self) -> String {
        let length = self.source.chars().count();
        let shown: String = self.source.chars().take(SNIPPET).collect();
        let cut = match length.saturating_sub(SNIPPET) {
            0 => String::new(),
            more => format!("[truncated {more} chars]"),
        };
        format!("\"{shown}\"{cut}")
    }
}

fn described(c: char) -> String {
    let code = u32::from(c);
    match code {
        0..0x20 | 0x7f..0xa0 => format!("(CTRL-CHAR, code {code})"),
        0x100.. => format!("'{c}' (code {code} / 0x{code:x})"),
        _ => format!("'{c}' (code {code})"),
    }
}
