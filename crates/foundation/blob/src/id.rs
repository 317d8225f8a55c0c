//! How blobs are named.

use std::fmt;

use updraft_kernel::{Rng, RngExt};

use crate::error::BlobError;

/// 32 lower-case hexadecimal digits, random: an id is never used twice and never says what it names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(Box<str>);

impl BlobId {
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
        Self(format!("{:016x}{:016x}", rng.u64(), rng.u64()).into())
    }

    /// # Errors
    /// If `raw` isn't an id: so that nothing else is ever part of a path.
    pub fn parse(raw: &str) -> Result<Self, BlobError> {
        let legal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let whole = raw.len() == 32 && raw.bytes().all(legal);
        if whole { Ok(Self(raw.into())) } else { Err(BlobError::Id(raw.to_owned())) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::SeededRng;

    use super::*;

    #[test]
    fn only_ids_are_parsed() {
        let id = BlobId::random(&SeededRng::new(1));
        assert_eq!(BlobId::parse(id.as_str()).unwrap(), id);
        for bad in ["", "../../etc/passwd", &"A".repeat(32), &"a".repeat(33), &"g".repeat(32)] {
            assert!(BlobId::parse(bad).is_err(), "{bad}");
        }
    }
}
