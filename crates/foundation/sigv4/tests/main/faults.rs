//! Each way of being wrong has its own error.

use updraft_sigv4::{AuthError, Place, ScopeError, SigningInput, parse, presign, sign};

use crate::world::{Request, at, signer};

const NOW: &str = "20260102T030405Z";

fn signed(service: &str) -> Request {
    let mut request = Request::new("POST", "/", "", &[("host", "localhost:4566"), ("x-amz-target", "A.B")]);
    request.body = b"{}".to_vec();
    let input = SigningInput { parts: request.parts(), body: &request.body, at: at(NOW) };
    for (name, value) in sign(&signer(service), input) {
        request.set(name, &value);
    }
    request
}

fn refused(request: &Request, now: &str) -> AuthError {
    request.verify(&signer("").secret, now).unwrap_err()
}

#[test]
fn the_skew_is_fifteen_minutes_either_way() {
    let request = signed("dynamodb");
    for good in [NOW, "20260102T031905Z", "20260102T024905Z"] {
        request.verify(&signer("").secret, good).unwrap();
    }
    for bad in ["20260102T031906Z", "20260102T024904Z"] {
        assert!(matches!(refused(&request, bad), AuthError::TooSkewed { .. }), "{bad}");
    }
}

#[test]
fn an_unsigned_request_lacks_its_token() {
    let request = Request::new("POST", "/", "", &[("host", "h")]);
    assert_eq!(refused(&request, NOW), AuthError::MissingAuthenticationToken);
}

fn with_authorization(value: &str) -> AuthError {
    let mut request = signed("dynamodb");
    request.set("authorization", value);
    parse(&request.parts()).unwrap_err()
}

#[test]
fn a_header_is_taken_apart_strictly() {
    let incomplete = with_authorization("AWS4-HMAC-SHA256 Credential=a/20260102/r/s/aws4_request");
    assert!(
        matches!(&incomplete, AuthError::IncompleteHeader { missing, .. } if *missing == ["Signature", "SignedHeaders"]),
        "{incomplete}"
    );
    assert!(matches!(with_authorization("AWS4-HMAC-SHA256 Credential"), AuthError::MalformedHeader { .. }));
    assert!(matches!(with_authorization("Basic dGVzdA=="), AuthError::UnsupportedAuthorization(_)));
    assert!(matches!(with_authorization("AWS AKID:sig"), AuthError::UnsupportedAuthorization(_)));
    assert_eq!(with_authorization("AWS4-ECDSA-P256-SHA256 Credential=x"), AuthError::SigV4a);
    let unknown = with_authorization("AWS4-HMAC-MD5 Credential=x");
    assert!(matches!(unknown, AuthError::UnknownAlgorithm { place: Place::Header, .. }));
    let credential = with_authorization("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00");
    assert!(matches!(credential, AuthError::MalformedCredential { .. }));
}

#[test]
fn the_scope_is_of_the_day_and_ends_as_it_should() {
    let scoped = |scope: &str| {
        with_authorization(&format!("AWS4-HMAC-SHA256 Credential=a/{scope}, SignedHeaders=host, Signature=00"))
    };
    assert!(matches!(scoped("20260103/us-east-1/dynamodb/aws4_request"), AuthError::BadScope(ScopeError::Date { .. })));
    assert!(matches!(scoped("2026/us-east-1/dynamodb/aws4_request"), AuthError::BadScope(ScopeError::Date { .. })));
    assert!(matches!(scoped("20260102/us-east-1/dynamodb/aws3"), AuthError::BadScope(ScopeError::Terminator { .. })));

    let claim = parse(&signed("dynamodb").parts()).unwrap();
    claim.check_scope("dynamodb", Some("us-east-1")).unwrap();
    claim.check_scope("dynamodb", None).unwrap();
    assert!(matches!(claim.check_scope("sqs", None), Err(AuthError::BadScope(ScopeError::Service { .. }))));
    let region = claim.check_scope("dynamodb", Some("eu-west-1"));
    assert!(matches!(region, Err(AuthError::BadScope(ScopeError::Region { .. }))));
}

#[test]
fn a_date_is_needed_and_has_to_be_one() {
    let mut request = signed("dynamodb");
    request.set("x-amz-date", "yesterday");
    assert!(matches!(refused(&request, NOW), AuthError::InvalidDate { .. }));
    request.headers.remove("x-amz-date");
    assert!(matches!(refused(&request, NOW), AuthError::MissingDate { .. }));
}

#[test]
fn the_host_is_always_signed() {
    let error = with_authorization(
        "AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/dynamodb/aws4_request, SignedHeaders=x-amz-date, Signature=00",
    );
    assert_eq!(error, AuthError::HostNotSigned);
}

#[test]
fn s3_wants_its_headers_signed_and_the_payload_declared() {
    let mut request = signed("s3");
    request.set("x-amz-meta-wrong", "1");
    assert_eq!(refused(&request, NOW), AuthError::HeadersNotSigned { names: vec!["x-amz-meta-wrong".into()] });

    let mut request = signed("s3");
    request.headers.remove("x-amz-content-sha256");
    assert_eq!(refused(&request, NOW), AuthError::MissingPayloadHash);
    request.set("x-amz-content-sha256", "none");
    assert_eq!(refused(&request, NOW), AuthError::InvalidPayloadHash("none".into()));
}

#[test]
fn elsewhere_an_unsigned_payload_is_no_way_around_the_body() {
    let mut request = signed("dynamodb");
    request.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    request.verify(&signer("").secret, NOW).unwrap();
    request.body.push(b' ');
    assert!(matches!(refused(&request, NOW), AuthError::SignatureDoesNotMatch(_)));
}

fn presigned(service: &str, change: impl Fn(String) -> String) -> Result<(), AuthError> {
    let mut request = Request::new("GET", "/bucket/key", "a=b", &[("host", "localhost")]);
    let input = SigningInput { parts: request.parts(), body: b"", at: at(NOW) };
    request.query = change(presign(&signer(service), input, std::time::Duration::from_secs(60)));
    request.verify(&signer("").secret, NOW).map(drop)
}

#[test]
fn presigned_urls_are_taken_apart_strictly() {
    use updraft_sigv4::ExpiresError as Why;
    assert_eq!(presigned("s3", |query| query), Ok(()));
    assert_eq!(presigned("sts", |query| query), Ok(()));
    for (value, why) in [("x", Why::NotANumber), ("-1", Why::Negative), ("604801", Why::TooLong)] {
        let changed = presigned("s3", |query| query.replace("Expires=60", &format!("Expires={value}")));
        assert_eq!(changed, Err(AuthError::InvalidExpires(why)));
    }
    let missing = presigned("s3", |query| query.replace("X-Amz-Date", "X-Amz-Dat"));
    assert_eq!(missing, Err(AuthError::IncompleteQuery { missing: vec!["X-Amz-Date"] }));
    let missing = presigned("s3", |query| query.replace("X-Amz-Expires=60&", ""));
    assert_eq!(missing, Err(AuthError::IncompleteQuery { missing: vec!["X-Amz-Expires"] }));
    let algorithm = presigned("s3", |query| query.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"));
    assert_eq!(algorithm, Err(AuthError::SigV4a));
    let changed = presigned("s3", |query| query.replace("a=b", "a=c"));
    assert!(matches!(changed, Err(AuthError::SignatureDoesNotMatch(_))), "{changed:?}");
}

#[test]
fn one_signature_is_enough() {
    let mut request = signed("s3");
    request.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256".into();
    assert_eq!(refused(&request, NOW), AuthError::TwoMechanisms);
}
