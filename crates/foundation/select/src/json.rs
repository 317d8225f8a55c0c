//! Documents of JSON, as the bytes come: each is found by its brackets, and then read.

use serde_json::Value as Json;

use crate::wrong::{self, Wrong};

/// What documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonInput {
    /// Records.
    Lines,
    /// What holds records.
    Document,
}

impl JsonInput {
    /// In bytes. AWS: of a record; of what holds records it doesn't say.
    fn longest(self) -> usize {
        match self {
            Self::Lines => 1 << 20,
            Self::Document => 16 << 20,
        }
    }
}

/// Finds documents.
#[derive(Debug)]
pub(crate) struct Documents {
    longest: usize,
    text: Vec<u8>,
    depth: usize,
    quoted: bool,
    escaped: bool,
    read: u64,
    start: u64,
}

impl Documents {
    pub(crate) fn new(input: JsonInput) -> Self {
        let longest = input.longest();
        Self { longest, text: Vec::new(), depth: 0, quoted: false, escaped: false, read: 0, start: 0 }
    }

    /// The next document that ends within the input, where it began, and how much of the input it took. No input is the
    /// end of all.
    ///
    /// # Errors
    /// If it is none, or too long.
    pub(crate) fn next(&mut self, input: &[u8]) -> Result<Option<(u64, Json, usize)>, Wrong> {
        if input.is_empty() {
            return if self.text.is_empty() { Ok(None) } else { self.document().map(|(at, json)| Some((at, json, 0))) };
        }
        for (byte, taken) in input.iter().zip(1..) {
            self.read += 1;
            if self.take(*byte)? {
                return self.document().map(|(at, json)| Some((at, json, taken)));
            }
        }
        Ok(None)
    }

    /// Whether a document ends with this byte.
    fn take(&mut self, byte: u8) -> Result<bool, Wrong> {
        let space = byte.is_ascii_whitespace();
        if self.text.is_empty() {
            if space {
                return Ok(false);
            }
            self.start = self.read - 1;
        }
        if space && self.depth == 0 && !self.quoted {
            return Ok(true);
        }
        if self.text.len() >= self.longest {
            return Err(wrong::RECORD_SIZE);
        }
        self.text.push(byte);
        if self.quoted {
            self.quoted = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return Ok(!self.quoted && self.depth == 0);
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.checked_sub(1).ok_or(wrong::JSON)?;
                return Ok(self.depth == 0);
            }
            _ => {}
        }
        Ok(false)
    }

    fn document(&mut self) -> Result<(u64, Json), Wrong> {
        let json = serde_json::from_slice(&self.text).map_err(|_| wrong::JSON)?;
        self.text.clear();
        Ok((self.start, json))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(text: &str, step: usize) -> Result<Vec<(u64, Json)>, Wrong> {
        let mut documents = Documents::new(JsonInput::Lines);
        let mut all = Vec::new();
        for mut piece in text.as_bytes().chunks(step).chain([&b""[..]]) {
            while let Some((at, json, taken)) = documents.next(piece)? {
                all.push((at, json));
                piece = &piece[taken..];
                if piece.is_empty() {
                    break;
                }
            }
        }
        Ok(all)
    }

    #[test]
    fn documents_are_found_however_they_come() {
        let text = "{\"a\": \"}\\\"\"}\n{\"b\": [1, {}]} 5 \"x y\"\n[2]";
        let all = vec![
            (0, json!({ "a": "}\"" })),
            (13, json!({ "b": [1, {}] })),
            (28, json!(5)),
            (30, json!("x y")),
            (36, json!([2])),
        ];
        for step in [1, 2, 7, 100] {
            assert_eq!(found(text, step), Ok(all.clone()), "{step}");
        }
        assert_eq!(found("12", 1), Ok(vec![(0, json!(12))]), "ends with the end");
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["}", "{\"a\"}", "{\"a\": 1", "nul "] {
            assert_eq!(found(text, 3), Err(wrong::JSON), "{text}");
        }
        let long = format!("\"{}\"", "a".repeat(1 << 20));
        assert_eq!(found(&long, 1000), Err(wrong::RECORD_SIZE));
    }
}
