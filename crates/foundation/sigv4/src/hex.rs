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

/// Lower-case hex.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// Reads 64 *lower-case* hex digits; AWS takes no others.
pub(crate) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let bytes: Option<Vec<u8>> = pairs.iter().map(|[hi, lo]| Some(digit(*hi)? << 4 | digit(*lo)?)).collect();
    bytes?.try_into().ok()
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
