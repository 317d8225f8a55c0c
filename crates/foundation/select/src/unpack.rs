//! Bytes that come packed.

use std::io::{self, Write as _};

use bzip2::write::BzDecoder;
use flate2::write::MultiGzDecoder;

use crate::wrong::{self, Wrong};

/// How they are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    #[default]
    None,
    Gzip,
    Bzip2,
}

impl Packing {
    /// How many bytes may be fed at once, so that what they unfold to isn't much, whoever packed them.
    #[must_use]
    pub fn portion(self) -> usize {
        match self {
            Self::None => 64 << 10,
            Self::Gzip => 4 << 10,
            Self::Bzip2 => 128,
        }
    }
}

pub(crate) enum Unpack {
    None,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Bzip2(Box<BzDecoder<Vec<u8>>>),
}

impl std::fmt::Debug for Unpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpack").finish_non_exhaustive()
    }
}

impl Unpack {
    pub(crate) fn new(packing: Packing) -> Self {
        match packing {
            Packing::None => Self::None,
            Packing::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Packing::Bzip2 => Self::Bzip2(Box::new(BzDecoder::new(Vec::new()))),
        }
    }

    /// # Errors
    /// If they aren't packed so.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Wrong> {
        match self {
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip(decoder) => {
                decoder.write_all(bytes).map_err(|_| wrong::GZIP)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Bzip2(decoder) => {
                decoder.write_all(bytes).map_err(|_| wrong::GZIP)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
        }
    }

    /// What was held back.
    ///
    /// # Errors
    /// If there should be more.
    pub(crate) fn end(&mut self) -> Result<Vec<u8>, Wrong> {
        let broken = |_: io::Error| wrong::TRUNCATED;
        match self {
            Self::None => Ok(Vec::new()),
            Self::Gzip(decoder) => {
                decoder.try_finish().map_err(broken)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Bzip2(decoder) => {
                decoder.try_finish().map_err(broken)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
        }
    }
}
