//! The words of each service. S3's are as AWS was recorded to answer; the others' as in AWS's troubleshooting guide.

use updraft_kernel::ports::UnknownKey;
use updraft_sigv4::{AuthError, Mismatch, ScopeError, Style, to_aws};

use crate::world::at;

fn face(error: &AuthError, style: Style) -> (&'static str, u16, String) {
    let error = to_aws(error, style);
    (error.code().name, error.code().status, error.message().to_owned())
}

fn check(error: &AuthError, style: Style, expected: (&str, u16, &str)) {
    let (name, status, message) = face(error, style);
    assert_eq!((name, status, message.as_str()), expected);
}

#[test]
fn an_unknown_key() {
    let error = AuthError::unknown_key(UnknownKey::KeyId, "AKID");
    let invalid = "The security token included in the request is invalid.";
    check(&error, Style::Json, ("UnrecognizedClientException", 400, invalid));
    check(&error, Style::RestJson, ("UnrecognizedClientException", 403, invalid));
    check(&error, Style::Query, ("InvalidClientTokenId", 403, invalid));
    let s3 = "The AWS Access Key Id you provided does not exist in our records.";
    check(&error, Style::S3, ("InvalidAccessKeyId", 403, s3));
}

#[test]
fn no_signature() {
    let error = AuthError::MissingAuthenticationToken;
    let lacking = "Request is missing Authentication Token";
    check(&error, Style::Json, ("MissingAuthenticationTokenException", 400, lacking));
    check(&error, Style::Query, ("MissingAuthenticationToken", 403, lacking));
    check(&error, Style::RestJson, ("MissingAuthenticationTokenException", 403, "Missing Authentication Token"));
    check(&error, Style::S3, ("AccessDenied", 403, "Access Denied"));
}

#[test]
fn an_ended_session() {
    let error = AuthError::unknown_key(UnknownKey::Expired, "ASIA");
    let ended = "The security token included in the request is expired";
    check(&error, Style::Json, ("ExpiredTokenException", 400, ended));
    check(&error, Style::Query, ("ExpiredToken", 403, ended));
    check(&error, Style::S3, ("ExpiredToken", 400, "The provided token has expired."));
}

#[test]
fn a_wrong_signature() {
    let error = AuthError::SignatureDoesNotMatch(Box::new(Mismatch {
        access_key_id: "AKID".into(),
        canonical_request: Some("GET\n/".into()),
        string_to_sign: "STS".into(),
        provided: "00".into(),
    }));
    let short = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.";
    check(&error, Style::Query, ("SignatureDoesNotMatch", 403, short));
    let long = format!(
        "{short}\n\nThe Canonical String for this request should have been\n'GET\n/'\n\nThe String-to-Sign should \
         have been\n'STS'\n"
    );
    check(&error, Style::Json, ("InvalidSignatureException", 400, &long));
    check(&error, Style::RestJson, ("InvalidSignatureException", 403, &long));
    let s3 = to_aws(&error, Style::S3);
    assert_eq!((s3.code().name, s3.code().status), ("SignatureDoesNotMatch", 403));
    let members: Vec<_> = s3.members().iter().map(|(name, value)| (*name, value.as_str().unwrap())).collect();
    assert_eq!(
        members,
        [
            ("AWSAccessKeyId", "AKID"),
            ("StringToSign", "STS"),
            ("SignatureProvided", "00"),
            ("StringToSignBytes", "53 54 53"),
            ("CanonicalRequest", "GET\n/"),
            ("CanonicalRequestBytes", "47 45 54 0a 2f"),
        ]
    );
}

#[test]
fn a_wrong_time() {
    let late = AuthError::TooSkewed { date: at("20260101T000000Z"), now: at("20260101T002000Z") };
    let text = "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T002000Z - 15 min.)";
    check(&late, Style::Json, ("InvalidSignatureException", 400, text));
    check(&late, Style::Query, ("SignatureDoesNotMatch", 403, text));
    let early = AuthError::TooSkewed { date: at("20260101T002000Z"), now: at("20260101T000000Z") };
    let text =
        "Signature not yet current: 20260101T002000Z is still later than 20260101T001500Z (20260101T000000Z + 15 min.)";
    check(&early, Style::RestJson, ("InvalidSignatureException", 403, text));
    let s3 = "The difference between the request time and the current time is too large.";
    check(&late, Style::S3, ("RequestTimeTooSkewed", 403, s3));
    assert_eq!(to_aws(&late, Style::S3).members()[0], ("RequestTime", "20260101T000000Z".into()));
}

#[test]
fn an_expired_url() {
    let at = at("20260101T000000Z");
    let error = AuthError::Expired { lifetime: Some(1), at, now: at };
    check(&error, Style::S3, ("AccessDenied", 403, "Request has expired"));
    let shown = to_aws(&error, Style::S3);
    assert_eq!(shown.members()[1], ("Expires", "2026-01-01T00:00:00Z".into()));
}

#[test]
fn a_wrong_scope() {
    let region = AuthError::BadScope(ScopeError::Region { given: "a-1".into(), expected: "b-1".into() });
    let s3 = "The authorization header is malformed; the region 'a-1' is wrong; expecting 'b-1'";
    check(&region, Style::S3, ("AuthorizationHeaderMalformed", 400, s3));
    let date = AuthError::BadScope(ScopeError::Date { given: "20260102".into(), timestamp: "20260101T000000Z".into() });
    let text = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260102' \
                != '20260101', from '20260101T000000Z'.";
    check(&date, Style::Json, ("InvalidSignatureException", 400, text));
}

#[test]
fn unsigned_headers() {
    let error = AuthError::HeadersNotSigned { names: vec!["x-amz-date".into(), "x-amz-decoded-content-length".into()] };
    let text = "There were headers present in the request which were not signed";
    check(&error, Style::S3, ("AccessDenied", 403, text));
    let members = to_aws(&error, Style::S3);
    assert_eq!(members.members(), [("HeadersNotSigned", "x-amz-date, x-amz-decoded-content-length".into())]);
}

#[test]
fn an_incomplete_header_shows_only_its_hash() {
    let error = AuthError::IncompleteHeader { missing: vec!["Signature"], authorization: "AWS4 secret".into() };
    for style in [Style::Json, Style::Query, Style::RestJson, Style::S3] {
        let (name, status, message) = face(&error, style);
        assert!(!message.contains("secret"), "{message}");
        assert!(status < 500 && !name.is_empty());
    }
    let (name, _, message) = face(&error, Style::Query);
    assert_eq!(name, "IncompleteSignature");
    assert!(
        message.starts_with("Authorization header requires 'Signature' parameter. (Hashed with SHA-256"),
        "{message}"
    );
}
