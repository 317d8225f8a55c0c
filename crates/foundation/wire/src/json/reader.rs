//! A reader over JSON text that hands out what it meets; it builds no tree.

use std::borrow::Cow;

/// Structures, lists and maps inside each other: no real request of AWS comes near.
const MAX_DEPTH: u16 = 128;

/// Why a text cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    /// Not JSON, or nested too deep.
    Malformed,
    /// JSON, but not of the shape, in AWS's words.
    Mismatch(String),
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Object,
    Array,
    Text,
    Number,
    True,
    False,
    Null,
}

/// Where in an object or array a reader is.
#[derive(Debug)]
pub(crate) struct Inside {
    close: u8,
    first: bool,
}

#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u16,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Whether only white space is left.
    pub(crate) fn is_done(&mut self) -> bool {
        self.skip_space();
        self.byte().is_none()
    }

    pub(crate) fn peek(&mut self) -> Result<Token, Fault> {
        self.skip_space();
        match self.byte() {
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'"') => Ok(Token::Text),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') => Ok(Token::True),
            Some(b'f') => Ok(Token::False),
            Some(b'n') => Ok(Token::Null),
            _ => Err(Fault::Malformed),
        }
    }

    /// `true`, `false` or `null`, after [`Self::peek`] has said which.
    pub(crate) fn word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.rest().starts_with(word) {
            return Err(Fault::Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    /// Steps into an object or array.
    pub(crate) fn enter(&mut self, open: u8) -> Result<Inside, Fault> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::Malformed);
        }
        Ok(Inside { close: if open == b'{' { b'}' } else { b']' }, first: true })
    }

    /// Whether another element follows, which is then next; leaves the object or array if not.
    pub(crate) fn more(&mut self, inside: &mut Inside) -> Result<bool, Fault> {
        self.skip_space();
        if self.byte() == Some(inside.close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(&mut inside.first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The key of an entry, with its colon.
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, Fault> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Fault> {
        self.skip_space();
        if self.byte() != Some(wanted) {
            return Err(Fault::Malformed);
        }
        self.at += 1;
        Ok(())
    }

    /// The text of a number, checked to be one.
    pub(crate) fn number(&mut self) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let end = rest.find(|c| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let (number, _) = rest.split_at(end);
        if !is_number(number) {
            return Err(Fault::Malformed);
        }
        self.at += end;
        Ok(number)
    }

    /// A string; borrowed unless it contains escapes.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.expect(b'"')?;
        let rest = self.rest();
        let end = rest.bytes().position(|b| b == b'"' || b == b'\\' || b < 0x20).ok_or(Fault::Malformed)?;
        match rest.as_bytes().get(end) {
            Some(b'"') => {
                self.at += end + 1;
                Ok(Cow::Borrowed(rest.split_at(end).0))
            }
            Some(b'\\') => self.escaped(),
            _ => Err(Fault::Malformed),
        }
    }

    /// A string with escapes, from behind its opening quote.
    fn escaped(&mut self) -> Result<Cow<'a, str>, Fault> {
        let bytes = self.rest().as_bytes();
        let mut end = 0;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(Fault::Malformed),
            }
        }
        // Escapes, surrogates among them, are an old hand's business.
        let quoted = self.text.get(self.at - 1..=self.at + end).ok_or(Fault::Malformed)?;
        self.at += end + 1;
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| Fault::Malformed)
    }

    /// The text of whatever comes next, checked to be JSON.
    pub(crate) fn raw(&mut self) -> Result<&'a str, Fault> {
        self.skip_space();
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).ok_or(Fault::Malformed)
    }

    /// Passes over whatever comes next.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            Token::Object => self.skip_nested(b'{'),
            Token::Array => self.skip_nested(b'['),
            Token::Text => self.string().map(drop),
            Token::Number => self.number().map(drop),
            Token::True => self.word("true"),
            Token::False => self.word("false"),
            Token::Null => self.word("null"),
        }
    }

    fn skip_nested(&mut self, open: u8) -> Result<(), Fault> {
        let mut inside = self.enter(open)?;
        while self.more(&mut inside)? {
            if open == b'{' {
                self.key()?;
            }
            self.skip()?;
        }
        Ok(())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}
