//! `Content-MD5` of S3's smaller bodies: what isn't what was meant to be sent is refused. Bodies of objects are looked at
//! by who takes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::{Digest as _, Md5};
use updraft_kernel::{AwsError, ErrorCode, hex};

static INVALID_DIGEST: ErrorCode = ErrorCode::sender("InvalidDigest", 400);
static BAD_DIGEST: ErrorCode = ErrorCode::sender("BadDigest", 400);

/// # Errors
/// If the header is no digest, or another one's.
pub(crate) fn check(headers: &HeaderMap, body: &[u8]) -> Result<(), AwsError> {
    let Some(given) = headers.get("content-md5") else { return Ok(()) };
    let given = String::from_utf8_lossy(given.as_bytes());
    let expected = STANDARD.decode(given.as_bytes()).ok().filter(|digest| digest.len() == 16).ok_or_else(|| {
        let message = "The Content-MD5 you specified was invalid.";
        AwsError::new(&INVALID_DIGEST, message).with("Content-MD5", given.as_ref())
    })?;
    let found = Md5::digest(body);
    if found.as_slice() == expected {
        return Ok(());
    }
    let message = "The Content-MD5 you specified did not match what we received.";
    let error = AwsError::new(&BAD_DIGEST, message).with("ExpectedDigest", hex(&expected));
    Err(error.with("CalculatedDigest", STANDARD.encode(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(given: Option<&str>) -> String {
        let headers = given.map(|given| (http::HeaderName::from_static("content-md5"), given.parse().unwrap()));
        check(&headers.into_iter().collect(), b"test-md5").map_or_else(|error| format!("{error:?}"), |()| "fine".into())
    }

    #[test]
    fn digests() {
        assert_eq!(told(None), "fine");
        assert_eq!(told(Some(&STANDARD.encode(Md5::digest(b"test-md5")))), "fine");
        assert!(told(Some(&STANDARD.encode(Md5::digest(b"other")))).starts_with("BadDigest: "));
        for wrong in ["__invalid__", "000", "not base64 encoded checksum", "MTIz", "dGVzdC1zdHJpbmc="] {
            assert_eq!(told(Some(wrong)), "InvalidDigest: The Content-MD5 you specified was invalid.", "{wrong}");
        }
    }
}
