//! Examples that AWS publishes: the general test suite and IAM's guide (key AKIDEXAMPLE), and S3's API reference.

use updraft_kernel::ports::SecretKey;
use updraft_sigv4::{AuthError, Body, Kind, PayloadMode, parse};

use crate::world::{Request, at, signer};

const S3_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn secret() -> SecretKey {
    signer("iam").secret
}

#[test]
fn iam_list_users_of_the_guide() {
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let headers = [
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("host", "iam.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", authorization),
    ];
    let request = Request::new("GET", "/", "Action=ListUsers&Version=2010-05-08", &headers);
    request.verify(&secret(), "20150830T124500Z").unwrap();

    let claim = parse(&request.parts()).unwrap();
    assert_eq!(claim.access_key_id, "AKIDEXAMPLE");
    assert_eq!(claim.scope.text(), "20150830/us-east-1/iam/aws4_request");
    assert_eq!(claim.kind, Kind::Header);
    assert_eq!(claim.payload, PayloadMode::Undeclared);
    assert_eq!(claim.date, at("20150830T123600Z"));
}

/// Of the general test suite: `get-vanilla`, `get-vanilla-query-order-key-case`, `post-vanilla`.
#[test]
fn the_general_suite() {
    let cases = [
        ("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ];
    for (method, query, signature) in cases {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={signature}"
        );
        let headers =
            [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z"), ("authorization", &authorization)];
        Request::new(method, "/", query, &headers).verify(&secret(), "20150830T123600Z").unwrap();
    }
}

fn s3_authorization(signed: &str, signature: &str) -> String {
    // The published examples have no space behind their commas.
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},\
         Signature={signature}"
    )
}

#[test]
fn s3_get_object_with_a_range() {
    let authorization = s3_authorization(
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("authorization", &authorization),
        ("range", "bytes=0-9"),
        ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("x-amz-date", "20130524T000000Z"),
    ];
    let request = Request::new("GET", "/test.txt", "", &headers);
    request.verify(&SecretKey(S3_SECRET.into()), "20130524T000000Z").unwrap();
}

#[test]
fn s3_put_object_dated_by_the_date_header() {
    let authorization = s3_authorization(
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("authorization", &authorization),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
    ];
    let mut request = Request::new("PUT", "/test%24file.text", "", &headers);
    request.body = b"Welcome to Amazon S3.".to_vec();
    request.verify(&SecretKey(S3_SECRET.into()), "20130524T000000Z").unwrap();

    request.body.push(b'!');
    let refused = request.verify(&SecretKey(S3_SECRET.into()), "20130524T000000Z").unwrap_err();
    assert!(matches!(refused, AuthError::PayloadHashMismatch { .. }), "{refused}");
}

#[test]
fn s3_sub_resource_without_a_value() {
    let authorization = s3_authorization(
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("authorization", &authorization),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ];
    let request = Request::new("GET", "/", "lifecycle", &headers);
    request.verify(&SecretKey(S3_SECRET.into()), "20130524T001459Z").unwrap();
}

#[test]
fn s3_presigned_url() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let request = Request::new("GET", "/test.txt", query, &[("host", "examplebucket.s3.amazonaws.com")]);
    let claim = parse(&request.parts()).unwrap();
    assert_eq!(claim.expires(), Some(std::time::Duration::from_secs(86_400)));
    assert_eq!(claim.payload, PayloadMode::Unsigned);
    request.verify(&SecretKey(S3_SECRET.into()), "20130525T000000Z").unwrap();
    let refused = request.verify(&SecretKey(S3_SECRET.into()), "20130525T000001Z").unwrap_err();
    assert!(matches!(refused, AuthError::Expired { lifetime: Some(86_400), .. }), "{refused}");
}

#[test]
fn a_body_still_to_come_leaves_its_hash_to_check() {
    let authorization = s3_authorization(
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let headers = [
        ("host", "examplebucket.s3.amazonaws.com"),
        ("authorization", &authorization),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-content-sha256", hash),
    ];
    let request = Request::new("GET", "/", "lifecycle", &headers);
    let claim = parse(&request.parts()).unwrap();
    let secret = SecretKey(S3_SECRET.into());
    let verified = claim.verify(&secret, &request.parts(), Body::Streamed, at("20130524T000000Z")).unwrap();
    assert_eq!(verified.expected_sha256.map(|hash| updraft_sigv4::to_hex(&hash)).as_deref(), Some(hash));
    assert!(verified.chunks.is_none());
}
