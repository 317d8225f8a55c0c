//! The decoder.

use bytes::BytesMut;

use super::ChunkError;
use super::signing::Chain;
use crate::payload::PayloadMode;
use crate::verify::ChunkSigning;

/// The longest line of framing or trailer that is read.
const MAX_LINE: usize = 8 * 1024;
const MAX_TRAILERS: usize = 32;
/// AWS: signed chunks but the last are at least so large.
const MIN_SIGNED_CHUNK: u64 = 8 * 1024;

/// Takes an `aws-chunked` body apart as it arrives.
#[derive(Debug)]
pub struct ChunkDecoder {
    state: State,
    line: Vec<u8>,
    chain: Option<Chain>,
    /// A signed trailer is expected.
    signed_trailer: bool,
    declared: u64,
    decoded: u64,
    /// The number and size of the last chunk, where the next one proves that it had to be larger.
    last: (u64, u64),
    trailers: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Header,
    Data {
        left: u64,
    },
    /// The line end behind a chunk's bytes.
    AfterData,
    Trailers,
    Done,
}

impl ChunkDecoder {
    /// `decoded_length` is `x-amz-decoded-content-length`, which bounds what is given out; `signing` is
    /// [`Verified::chunks`](crate::Verified::chunks).
    #[must_use]
    pub fn new(mode: PayloadMode, decoded_length: u64, signing: Option<ChunkSigning>) -> Self {
        Self {
            state: State::Header,
            line: Vec::new(),
            chain: signing.map(Chain::new),
            signed_trailer: mode == PayloadMode::StreamingSigned { trailer: true },
            declared: decoded_length,
            decoded: 0,
            last: (0, 0),
            trailers: Vec::new(),
        }
    }

    /// Decodes `input` and appends what it carries to `out`.
    ///
    /// # Errors
    /// If the framing, the length or a signature is wrong; the decoder is of no use afterwards.
    pub fn push(&mut self, mut input: &[u8], out: &mut BytesMut) -> Result<(), ChunkError> {
        while !input.is_empty() {
            input = match self.state {
                State::Data { left } => self.data(left, input, out)?,
                State::Done => return Err(ChunkError::Malformed("bytes behind the end")),
                _ => self.text(input)?,
            };
        }
        Ok(())
    }

    /// The trailers, in their order, names in lower case, when the body has ended.
    ///
    /// # Errors
    /// If it ended too early, or has another length than declared.
    pub fn finish(mut self) -> Result<Vec<(String, String)>, ChunkError> {
        // Some clients end the trailers with the connection's end instead of an empty line.
        if self.state == State::Trailers {
            let rest = std::mem::take(&mut self.line);
            self.end_of_trailers(&rest)?;
        }
        if self.state != State::Done {
            return Err(ChunkError::Malformed("it ends early"));
        }
        if self.decoded != self.declared {
            return Err(ChunkError::Length { declared: self.declared, actual: self.decoded });
        }
        Ok(self.trailers)
    }

    fn data<'a>(&mut self, left: u64, input: &'a [u8], out: &mut BytesMut) -> Result<&'a [u8], ChunkError> {
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        let (bytes, rest) = input.split_at_checked(take).unwrap_or((input, &[]));
        out.extend_from_slice(bytes);
        if let Some(chain) = &mut self.chain {
            chain.update(bytes);
        }
        let left = left - take as u64;
        self.state = if left == 0 { State::AfterData } else { State::Data { left } };
        Ok(rest)
    }

    /// Collects a line, and acts on it when it is whole.
    fn text<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], ChunkError> {
        let end = input.iter().position(|b| *b == b'\n');
        let (bytes, rest) = input.split_at_checked(end.map_or(input.len(), |at| at + 1)).unwrap_or((input, &[]));
        self.line.extend_from_slice(bytes);
        if self.line.len() > MAX_LINE {
            return Err(ChunkError::Malformed("a line is too long"));
        }
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r\n").ok_or(ChunkError::Malformed("a line doesn't end in CRLF"))?;
            self.line_done(line)?;
        }
        Ok(rest)
    }

    fn line_done(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        match self.state {
            State::Header => self.header(line),
            State::AfterData if !line.is_empty() => Err(ChunkError::Malformed("a chunk is longer than it says")),
            State::AfterData => {
                self.state = State::Header;
                self.chain.as_mut().map_or(Ok(()), Chain::end)
            }
            State::Trailers if line.is_empty() => self.end_of_trailers(line),
            State::Trailers => self.trailer(line),
            State::Data { .. } | State::Done => Err(ChunkError::Malformed("bytes behind the end")),
        }
    }

    fn header(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let line = str::from_utf8(line).map_err(|_| ChunkError::Malformed("a chunk's head isn't text"))?;
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let size = chunk_size(size)?;
        self.count(size)?;
        if let Some(chain) = &mut self.chain {
            let signature = extension.trim().strip_prefix("chunk-signature=");
            chain.begin(signature.ok_or(ChunkError::Malformed("a chunk isn't signed"))?);
        }
        if size > 0 {
            self.state = State::Data { left: size };
            return Ok(());
        }
        self.state = State::Trailers;
        self.chain.as_mut().map_or(Ok(()), Chain::end)
    }

    fn count(&mut self, size: u64) -> Result<(), ChunkError> {
        let (number, before) = self.last;
        if self.chain.is_some() && size > 0 && number > 0 && before < MIN_SIGNED_CHUNK {
            return Err(ChunkError::TooSmall { number, size: before });
        }
        self.last = (number + 1, size);
        self.decoded = self.decoded.saturating_add(size);
        if self.decoded > self.declared {
            return Err(ChunkError::Length { declared: self.declared, actual: self.decoded });
        }
        Ok(())
    }

    fn trailer(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        // AWS's clients end trailer lines with a bare LF inside the CRLF now and then.
        let line = str::from_utf8(line).map_err(|_| ChunkError::Trailer)?.trim_end_matches('\n');
        let (name, value) = line.split_once(':').ok_or(ChunkError::Trailer)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name == "x-amz-trailer-signature" {
            return self.trailer_signature(value);
        }
        if name.is_empty() || self.trailers.len() >= MAX_TRAILERS {
            return Err(ChunkError::Trailer);
        }
        self.trailers.push((name, value.to_owned()));
        Ok(())
    }

    fn trailer_signature(&mut self, signature: &str) -> Result<(), ChunkError> {
        let canonical: String = self.trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        if let Some(chain) = self.chain.as_mut().filter(|_| self.signed_trailer) {
            chain.trailer(&canonical, signature)?;
            self.signed_trailer = false;
        }
        Ok(())
    }

    fn end_of_trailers(&mut self, rest: &[u8]) -> Result<(), ChunkError> {
        if !rest.is_empty() {
            return Err(ChunkError::Malformed("the trailers end early"));
        }
        if self.signed_trailer {
            return Err(ChunkError::Trailer);
        }
        self.state = State::Done;
        Ok(())
    }
}

/// Hex, without a sign or spaces; 16 digits at most.
fn chunk_size(text: &str) -> Result<u64, ChunkError> {
    if text.is_empty() || text.len() > 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ChunkError::Malformed("a chunk's size isn't hex"));
    }
    u64::from_str_radix(text, 16).map_err(|_| ChunkError::Malformed("a chunk's size isn't hex"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Real chunks end with the check of their signature, so only the count can be shown alone.
    #[test]
    fn a_small_signed_chunk_is_refused_when_another_follows() {
        let signing = ChunkSigning {
            key: crate::SigningKey::derive(
                &updraft_kernel::ports::SecretKey(String::new()),
                &crate::Scope::new("", "", ""),
            ),
            timestamp: String::new(),
            scope: String::new(),
            seed: String::new(),
        };
        let mode = PayloadMode::StreamingSigned { trailer: false };
        let mut decoder = ChunkDecoder::new(mode, 100_000, Some(signing));
        decoder.count(MIN_SIGNED_CHUNK).unwrap();
        decoder.count(MIN_SIGNED_CHUNK - 1).unwrap();
        assert_eq!(decoder.count(0), Ok(()), "the last one may be small");
        decoder.last = (2, MIN_SIGNED_CHUNK - 1);
        assert_eq!(decoder.count(1), Err(ChunkError::TooSmall { number: 2, size: MIN_SIGNED_CHUNK - 1 }));
    }
}
