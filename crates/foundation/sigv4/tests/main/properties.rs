//! Whatever arrives: no panic, no false proof.

use bytes::BytesMut;
use http::{HeaderMap, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use updraft_sigv4::{
    Body, ChunkDecoder, KeyCache, Parts, PayloadMode, SigningInput, Style, parse, presign, sign, to_aws,
};

use crate::world::{Request, at, signer};

const NOW: &str = "20260102T030405Z";

fn request() -> impl Strategy<Value = Request> {
    let path = "/[ -~&&[^?# ]]{0,20}";
    let query = "([a-zA-Z+%~._-]{1,6}(=[a-zA-Z0-9+%/~._-]{0,6})?(&|&&)){0,4}";
    let value = "[ -~]{0,20}";
    (prop_oneof!["GET", "POST", "PUT"], path, query, value, vec(any::<u8>(), 0..64)).prop_map(
        |(method, path, query, value, body)| {
            let mut request =
                Request::new(&method, &path, &query, &[("host", "localhost:4566"), ("x-amz-meta-a", &value)]);
            request.body = body;
            request
        },
    )
}

fn signed(mut request: Request, service: &str) -> Request {
    let mut signer = signer(service);
    signer.token = Some("token".into());
    let input = SigningInput { parts: request.parts(), body: &request.body, at: at(NOW) };
    for (name, value) in sign(&signer, input) {
        request.set(name, &value);
    }
    request
}

proptest! {
    #[test]
    fn what_we_sign_we_verify(request in request(), s3 in any::<bool>()) {
        let request = signed(request, if s3 { "s3" } else { "lambda" });
        prop_assert!(request.verify(&signer("").secret, NOW).is_ok());
        let claim = parse(&request.parts()).unwrap();
        prop_assert_eq!(claim.token.as_deref(), Some("token"));
        let key = KeyCache::new(4).get(&claim.access_key_id, &signer("").secret, &claim.scope);
        let verified = claim.verify_with(&key, &request.parts(), Body::Bytes(&request.body), at(NOW));
        prop_assert!(verified.is_ok());
    }

    #[test]
    fn what_we_presign_we_verify(mut request in request(), s3 in any::<bool>(), seconds in 1_u64..604_800) {
        request.headers.remove("x-amz-meta-a");
        let expires = std::time::Duration::from_secs(seconds);
        let input = SigningInput { parts: request.parts(), body: &request.body, at: at(NOW) };
        request.query = presign(&signer(if s3 { "s3" } else { "lambda" }), input, expires);
        prop_assert!(request.verify(&signer("").secret, NOW).is_ok(), "{request:?}");
    }

    #[test]
    fn a_changed_byte_anywhere_fails(request in request(), pick in any::<prop::sample::Index>(), s3 in any::<bool>()) {
        let mut request = signed(request, if s3 { "s3" } else { "lambda" });
        request.body.push(b'!');
        request = signed(request, if s3 { "s3" } else { "lambda" });
        let authorization = request.headers["authorization"].to_str().unwrap().to_owned();
        let signature = authorization.len() - 64;
        let mut changed = request.clone();
        match pick.index(4) {
            0 => {
                let at = pick.index(changed.body.len());
                changed.body[at] ^= 1;
            }
            1 => changed.method.push('X'),
            2 => changed.set("x-amz-meta-a", "something else"),
            _ => {
                let at = signature + pick.index(64);
                let mut bytes = authorization.into_bytes();
                bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
                changed.headers.insert("authorization", HeaderValue::from_bytes(&bytes).unwrap());
            }
        }
        prop_assert!(changed.verify(&signer("").secret, NOW).is_err());
    }

    #[test]
    fn anything_in_the_header_is_answered(text in vec(any::<u8>(), 0..200), prefixed in any::<bool>(), date in ".{0,20}") {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("h"));
        let mut value = if prefixed { b"AWS4-HMAC-SHA256 Credential=a/20260102/".to_vec() } else { Vec::new() };
        value.extend(text);
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            headers.insert("authorization", value);
        }
        if let Ok(value) = HeaderValue::from_str(&date) {
            headers.insert("x-amz-date", value);
        }
        refuse(&Parts { method: "GET", raw_path: "/", raw_query: "", headers: &headers })?;
    }

    #[test]
    fn anything_in_the_url_is_answered(path in ".{0,40}", query in ".{0,80}", value in "[ -~]{0,20}") {
        let raw_query = format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={value}&X-Amz-Expires={value}&{query}");
        let headers = HeaderMap::new();
        refuse(&Parts { method: "GET", raw_path: &path, raw_query: &raw_query, headers: &headers })?;
    }

    #[test]
    fn any_chunked_body_is_answered(body in vec(any::<u8>(), 0..300), length in any::<u64>()) {
        let mut out = BytesMut::new();
        let mut decoder = ChunkDecoder::new(PayloadMode::StreamingUnsigned, length, None);
        if decoder.push(&body, &mut out).is_ok() {
            drop(decoder.finish());
        }
        prop_assert!(out.len() <= body.len());
    }

    #[test]
    fn chunking_is_undone(parts in vec(vec(any::<u8>(), 1..50), 0..6), step in 1_usize..40) {
        let mut body = Vec::new();
        for part in &parts {
            body.extend(format!("{:X}\r\n", part.len()).bytes());
            body.extend(part);
            body.extend(b"\r\n");
        }
        body.extend(b"0\r\n\r\n");
        let whole = parts.concat();
        let mut decoder = ChunkDecoder::new(PayloadMode::StreamingUnsigned, whole.len() as u64, None);
        let mut out = BytesMut::new();
        for piece in body.chunks(step) {
            decoder.push(piece, &mut out).unwrap();
        }
        prop_assert_eq!(decoder.finish().unwrap(), vec![]);
        prop_assert_eq!(&out[..], &whole[..]);
    }
}

/// No proof comes of noise, and every refusal has a face below 500.
fn refuse(parts: &Parts<'_>) -> Result<(), TestCaseError> {
    let outcome = parse(parts).and_then(|claim| claim.verify(&signer("").secret, parts, Body::Streamed, at(NOW)));
    let error = outcome.err().ok_or_else(|| TestCaseError::fail("verified noise"))?;
    for style in [Style::S3, Style::Json, Style::Query, Style::RestJson] {
        prop_assert!(to_aws(&error, style).code().status < 500);
    }
    Ok(())
}
