//! Randomness comes from here, so that a seed repeats a run.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The one source of randomness, handed to whoever needs it.
pub trait Rng: Send + Sync + fmt::Debug + 'static {
    fn fill(&self, into: &mut [u8]);
}

/// What callers ask of an [`Rng`].
pub trait RngExt {
    fn u64(&self) -> u64;
    /// Uniform in `0..below`; zero if `below` is zero.
    fn below(&self, below: u64) -> u64;
    /// A version 4 UUID in its 36-character form.
    fn uuid(&self) -> String;
    /// `len` characters, each from `alphabet` (ASCII, not empty).
    fn text(&self, alphabet: &str, len: usize) -> String;
}

impl<R: Rng + ?Sized> RngExt for R {
    fn u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn below(&self, below: u64) -> u64 {
        let wide = u128::from(self.u64()) * u128::from(below);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    fn uuid(&self) -> String {
        let mut b = [0; 16];
        self.fill(&mut b);
        let n = (u128::from_be_bytes(b) & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = base16ct::lower::encode_string(&n.to_be_bytes());
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
        parts.join("-")
    }

    fn text(&self, alphabet: &str, len: usize) -> String {
        let chars = alphabet.as_bytes();
        let count = u64::try_from(chars.len()).unwrap_or(0);
        let pick = |_| usize::try_from(self.below(count)).ok().and_then(|i| chars.get(i)).map(|b| char::from(*b));
        (0..len).filter_map(pick).collect()
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRng;

impl Rng for OsRng {
    #[expect(clippy::disallowed_methods, reason = "this is the seam that the ban protects")]
    #[expect(clippy::expect_used, reason = "a host without randomness can't mint secrets; going on would be worse")]
    fn fill(&self, into: &mut [u8]) {
        getrandom::fill(into).expect("the operating system gives randomness");
    }
}

/// The same numbers for the same seed (splitmix64): for tests and simulation, never for secrets.
#[derive(Debug)]
pub struct SeededRng(AtomicU64);

impl SeededRng {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Rng for SeededRng {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let id = SeededRng::new(7).uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
    }

    #[test]
    fn the_same_seed_repeats() {
        assert_eq!(SeededRng::new(1).text("abc", 20), SeededRng::new(1).text("abc", 20));
        assert_ne!(SeededRng::new(1).u64(), SeededRng::new(2).u64());
    }

    #[test]
    fn below_stays_below() {
        let rng = SeededRng::new(3);
        assert!((0..1000).all(|_| rng.below(10) < 10));
        assert_eq!(rng.below(0), 0);
    }
}
