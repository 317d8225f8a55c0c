//! SHA-256, HMAC and lower-case hex.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Lower-case hex of the SHA-256 of no bytes.
pub(crate) const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub use updraft_kernel::hex as to_hex;

/// Reads 64 *lower-case* hex digits; AWS takes no others.
pub(crate) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let whole = base16ct::lower::decode(text, &mut bytes).is_ok_and(|read| read.len() == 32);
    whole.then_some(bytes)
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(message);
    mac
}

pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    mac(key, message).finalize().into_bytes().into()
}

/// Whether `hex` is the HMAC of `message`, compared in constant time.
pub(crate) fn hmac_matches(key: &[u8], message: &[u8], hex: &str) -> bool {
    from_hex(hex).is_some_and(|given| mac(key, message).verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_there_and_back_and_is_lower_case_only() {
        let hash = sha256(b"");
        assert_eq!(to_hex(&hash), EMPTY_SHA256);
        assert_eq!(from_hex(EMPTY_SHA256), Some(hash));
        assert_eq!(from_hex(&EMPTY_SHA256.to_uppercase()), None);
        for bad in ["", "e3", "zz"] {
            assert_eq!(from_hex(bad), None);
        }
    }
}
