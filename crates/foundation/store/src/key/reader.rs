//! Reading the parts of a key back.

use updraft_kernel::UnixMillis;

use super::{BYTES, ESCAPE, NUL, TEXT, ZERO};
use crate::error::StoreError;
use crate::seam::{CommitVersion, Result};

/// Takes a key apart in the order it was built. A key that isn't of the expected shape is
/// [`StoreError::Corrupt`].
#[derive(Clone, Debug)]
pub struct KeyReader<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Begins behind the tag.
    ///
    /// # Errors
    /// If the key doesn't begin with `tag`.
    pub fn new(key: &'a [u8], tag: u8) -> Result<Self> {
        let mut reader = Self { whole: key, rest: key };
        if reader.byte("a tag")? == tag { Ok(reader) } else { Err(reader.corrupt("another owner's tag")) }
    }

    /// # Errors
    /// If the next element isn't text.
    pub fn str(&mut self) -> Result<String> {
        let body = self.ended(TEXT, "text")?;
        String::from_utf8(body).map_err(|_| self.corrupt("text that is not UTF-8"))
    }

    /// # Errors
    /// If the next element isn't bytes.
    pub fn bytes(&mut self) -> Result<Vec<u8>> {
        self.ended(BYTES, "bytes")
    }

    /// # Errors
    /// If the next element isn't an integer of zero or more.
    pub fn u64(&mut self) -> Result<u64> {
        u64::try_from(self.int()?).map_err(|_| self.corrupt("an integer out of range"))
    }

    /// # Errors
    /// If the next element isn't an integer that fits.
    pub fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.int()?).map_err(|_| self.corrupt("an integer out of range"))
    }

    /// # Errors
    /// If the next element isn't an integer that fits.
    pub fn u16(&mut self) -> Result<u16> {
        u16::try_from(self.int()?).map_err(|_| self.corrupt("an integer out of range"))
    }

    /// # Errors
    /// If the next element isn't an integer that fits.
    pub fn u8(&mut self) -> Result<u8> {
        u8::try_from(self.int()?).map_err(|_| self.corrupt("an integer out of range"))
    }

    /// # Errors
    /// If the next element isn't an integer that fits.
    pub fn i64(&mut self) -> Result<i64> {
        i64::try_from(self.int()?).map_err(|_| self.corrupt("an integer out of range"))
    }

    /// # Errors
    /// If the next element isn't an integer that fits.
    pub fn millis(&mut self) -> Result<UnixMillis> {
        self.i64().map(UnixMillis)
    }

    /// The commit version that [`put_versioned`](crate::Txn::put_versioned) spliced in here: eight bytes, no type byte.
    ///
    /// # Errors
    /// If fewer bytes are left.
    pub fn version(&mut self) -> Result<CommitVersion> {
        let (head, rest) = self.rest.split_first_chunk::<8>().ok_or_else(|| self.corrupt("a cut commit version"))?;
        self.rest = rest;
        Ok(CommitVersion(u64::from_be_bytes(*head)))
    }

    /// # Errors
    /// If something is left.
    pub fn done(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.corrupt("more elements than expected")) }
    }

    fn byte(&mut self, what: &str) -> Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.corrupt(&format!("no {what}")))?;
        self.rest = rest;
        Ok(*first)
    }

    fn ended(&mut self, kind: u8, what: &str) -> Result<Vec<u8>> {
        if self.byte(what)? != kind {
            return Err(self.corrupt(&format!("another type than {what}")));
        }
        let mut out = Vec::new();
        loop {
            let at = self.rest.iter().position(|byte| *byte == NUL);
            let parts = at.and_then(|at| Some((self.rest.get(..at)?, self.rest.get(at + 1..)?)));
            let (part, rest) = parts.ok_or_else(|| self.corrupt("no terminator"))?;
            out.extend_from_slice(part);
            match rest.split_first() {
                Some((&ESCAPE, rest)) => {
                    out.push(NUL);
                    self.rest = rest;
                }
                _ => {
                    self.rest = rest;
                    return Ok(out);
                }
            }
        }
    }

    fn int(&mut self) -> Result<i128> {
        let kind = self.byte("integer")?;
        let len = usize::from(kind.abs_diff(ZERO));
        if len > 8 {
            return Err(self.corrupt("another type than integer"));
        }
        let (body, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.corrupt("a cut integer"))?;
        self.rest = rest;
        let magnitude = body.iter().fold(0i128, |acc, b| (acc << 8) | i128::from(*b));
        Ok(if kind < ZERO { magnitude + 1 - (1i128 << (8 * len)) } else { magnitude })
    }

    fn corrupt(&self, why: &str) -> StoreError {
        StoreError::Corrupt { key: self.whole.to_vec(), why: format!("its key holds {why}") }
    }
}
