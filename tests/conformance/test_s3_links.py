"""Scenarios recorded from AWS's S3, done again here: signed links, what browsers ask, and websites."""

import re
import urllib.parse

import pytest

from harness import raw, signing
from harness.buckets import open_to_all
from harness.names import unique
from harness.recordings import of_xml, played
from harness.wait import wait_until

MAIN, CORS = "s3/test_s3.json", "s3/test_s3_cors.json"
# What is said of a signature that is wrong, whose numbers in a recording are not comparable.
SIGNATURES = ("AWSAccessKeyId", "HostId", "RequestId", "SignatureProvided", "StringToSign", "StringToSignBytes")


def opened(link, method="GET", body=None, headers=None, **changed):
    """A link is followed; of its query something may be changed."""
    parts = urllib.parse.urlsplit(link)
    query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)) | changed
    query = {name: value for name, value in query.items() if value is not None}
    path = f"{parts.path}?{urllib.parse.urlencode(query, quote_via=urllib.parse.quote)}"
    return raw.request(f"http://{parts.netloc}", method, path, body, headers)


def told_of(answer):
    """An error as recordings have it."""
    return of_xml(answer.text)


@pytest.mark.parametrize("version", ["s3-True", "s3v4-False"])
def test_signatures_that_are_wrong(clients, bucket, version):
    told, check = played(MAIN, f"test_presigned_url_signature_authentication[{version}]", *SIGNATURES)
    scheme = version.split("-")[0]
    s3 = clients.boto("s3", signature_version=scheme)
    of = {"Bucket": bucket, "Key": "k"}
    name = "Signature" if scheme == "s3" else "X-Amz-Signature"
    for method, call in (("get", "get_object"), ("put", "put_object")):
        link = s3.generate_presigned_url(call, of)
        answer = opened(link, method.upper(), b"a" if method == "put" else None, **{name: "wrong"})
        assert answer.status == 403
        check(told[f"invalid-{method}-1"], told_of(answer))


@pytest.mark.parametrize("version", ["s3-False", "s3-True", "s3v4-False", "s3v4-True"])
def test_links_that_are_too_old(clients, bucket, version):
    told, check = played(MAIN, f"test_presigned_url_signature_authentication_expired[{version}]", "HostId", "RequestId")
    s3 = clients.boto("s3", signature_version=version.split("-")[0])
    link = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=1)
    wait_until(lambda: "expired" in opened(link).text, 60, "the link to expire")
    check(told["expired"], told_of(opened(link)))


def test_links_that_lack_something(clients, bucket):
    told, check = played(MAIN, "test_s3_put_presigned_url_missing_sig_param[s3v4]", "HostId", "RequestId")
    link = clients.boto("s3", signature_version="s3v4").generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    answer = opened(link, "PUT", b"a", **{"X-Amz-Signature": None})
    check(told["missing-param-exception"], {**told_of(answer), "StatusCode": answer.status})


def test_links_with_other_headers(clients, bucket):
    told, check = played(MAIN, "test_s3_put_presigned_url_with_different_headers[s3]", *SIGNATURES)
    s3 = clients.boto("s3", signature_version="s3")
    of = {"Bucket": bucket, "Key": "k"}
    typed = s3.generate_presigned_url("put_object", {**of, "ContentType": "text/plain"})
    send = lambda link, **headers: opened(link, "PUT", b"a", {name.replace("_", "-"): value for name, value in headers.items()})
    shown = lambda answer: {**told_of(answer), "StatusCode": answer.status}
    check(told["content-type-exception"], shown(send(typed, content_type="text/xml")))
    plain = s3.generate_presigned_url("put_object", of)
    check(told["content-type-response"], shown(send(plain, content_type="text/xml")))
    other = send(typed, content_type="text/plain", content_encoding="identity")
    assert other.status == told["wrong-content-encoding-response"]["StatusCode"]


def test_metadata_in_links(clients, bucket):
    told, check = played(MAIN, "test_put_url_metadata_with_sig_s3v4[True]", "ETag", "CanonicalRequest", "CanonicalRequestBytes", *SIGNATURES)
    s3 = clients.boto("s3", signature_version="s3v4")
    link = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k", "Metadata": {"foo": "bar"}})
    check(told["no-meta-headers"], told_of(opened(link, "PUT", b"a" * 11)))
    wrong = opened(link, "PUT", b"a" * 11, {"x-amz-meta-foo": "bar", "x-amz-meta-wrong": "w"})
    check(told["wrong-meta-headers"], told_of(wrong))
    assert opened(link, "PUT", b"a" * 11, {"x-amz-meta-foo": "bar"}).status == 200
    check(told["head_object"], s3.head_object(Bucket=bucket, Key="k"))


def test_bad_headers_beside_a_link(clients, bucket):
    chunked = {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-date": "20260101T000000Z"}
    for version in ("s3", "s3v4"):
        name = f"test_put_object_with_md5_and_chunk_signature_bad_headers[{version}-True]"
        told, check = played(MAIN, name, *SIGNATURES)
        s3 = clients.boto("s3", signature_version=version)
        given = {"Bucket": bucket, "Key": "k", "ContentMD5": "Q3uTDbhLgHnC3YBKcZNrXw=="}
        link = s3.generate_presigned_url("put_object", given)
        headers = {**chunked, "content-md5": given["ContentMD5"]}
        if version == "s3":
            headers["content-type"] = "application/octet-stream"
        send = lambda **more: told_of(opened(link, "PUT", b"something", {**headers, **more}))
        check(told["with-decoded-content-length"], send(**{"x-amz-decoded-content-length": "9"}))
        check(told["without-decoded-content-length"], send())


def cors(s3, bucket, **rule):
    rules = {"CORSRules": [{"AllowedMethods": ["GET"], **rule}]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules)


def shown(answer):
    """An answer as recordings of browsers' questions have it."""
    names = {name.lower(): value for name, value in answer.headers.items()}
    body = of_xml(answer.text) if answer.text.startswith("<?xml") else answer.text
    return {"Body": body, "Headers": names, "StatusCode": answer.status}


def lower(told):
    """With names of headers as HTTP has them, and without what its servers add."""
    kept = {name.lower(): value for name, value in told["Headers"].items()}
    dropped = {"server", "date", "transfer-encoding", "x-amz-id-2", "x-amz-request-id", "last-modified"}
    return {**told, "Headers": {name: value for name, value in kept.items() if name not in dropped}}


def asking(platform, path, method="OPTIONS", origin="https://localhost:4200", asks=None, **more):
    headers = {"origin": origin, "access-control-request-method": "GET"} if method == "OPTIONS" else {"origin": origin}
    headers |= {"access-control-request-headers": asks} if asks else {}
    return shown(raw.request(platform.url, method, path, None, headers | more))


def test_what_a_rule_exposes(platform, s3, bucket):
    told, check = played(CORS, "test_cors_expose_headers")
    cors(s3, bucket, AllowedOrigins=["*"], ExposeHeaders=["x-amz-id-2", "x-amz-request-id", "x-amz-request-payer"])
    check(lower(told["opt-get"]), asking(platform, f"/{bucket}/k"))


def test_rules_by_default(platform, s3, bucket):
    told, check = played(CORS, "test_put_cors_default_values", "HostId", "RequestId")
    cors(s3, bucket, AllowedOrigins=["*"])
    check(lower(told["opt-get"]), asking(platform, f"/{bucket}/k"))
    check(lower(told["opt-get-headers"]), asking(platform, f"/{bucket}/k", asks="x-amz-request-payer"))


def test_questions_of_no_bucket(platform):
    told, check = played(CORS, "test_cors_http_options_non_existent_bucket", "HostId", "RequestId")
    gone = unique("gone")
    plain = raw.request(platform.url, "OPTIONS", f"/{gone}")
    check(told["options-no-origin"], of_xml(plain.text))
    asked = raw.request(platform.url, "OPTIONS", f"/{gone}", None, {"origin": "https://x", "access-control-request-method": "GET"})
    check(told["options-with-origin"], of_xml(asked.text))


def test_part_of_an_origin(platform, s3, bucket):
    told, check = played(CORS, "test_cors_options_fails_partial_origin", "HostId", "RequestId")
    cors(s3, bucket, AllowedOrigins=["https://example.com"])
    answer = asking(platform, f"/{bucket}", origin="https://example.com.evil.com")
    check(lower(told["options_fails_partial_origin"]), answer)


def test_headers_that_a_rule_allows(platform, s3, bucket):
    told, check = played(CORS, "test_cors_match_headers", "HostId", "RequestId")
    origin = "https://localhost:4200"
    s3.put_object(Bucket=bucket, Key="k", Body=b"test-cors")
    cors(s3, bucket, AllowedOrigins=[origin], MaxAgeSeconds=3000, AllowedHeaders=["*"])
    ask = lambda asks: asking(platform, f"/{bucket}/k", asks=asks)
    signed = lambda extra: signing.headers("s3", "GET", f"/{bucket}/k", host=f"127.0.0.1:{platform.port}", extra=extra)
    get = lambda **extra: shown(raw.request(platform.url, "GET", f"/{bucket}/k", None, signed(extra)))
    check(lower(told["opt-get"]), ask("x-amz-request-payer"))
    check(lower(told["opt-get-two"]), ask("x-amz-request-payer, x-amz-expected-bucket-owner"))
    check(lower(told["get-op"]), get(origin=origin))
    names = ["x-amz-expected-bucket-owner", "x-amz-server-side-encryption-customer-algorithm", "x-AMZ-server-SIDE-encryption"]
    cors(s3, bucket, AllowedOrigins=[origin], MaxAgeSeconds=3000, AllowedHeaders=names)
    check(told["get-bucket-cors-casing"], s3.get_bucket_cors(Bucket=bucket))
    check(lower(told["opt-get-non-allowed"]), ask("x-amz-request-payer"))
    check(lower(told["opt-get-allowed"]), ask("x-amz-expected-bucket-owner"))
    both = "x-amz-expected-bucket-owner, x-amz-server-side-encryption"
    check(lower(told["opt-get-allowed-diff-casing"]), ask(both.upper().replace("X-AMZ", "X-amz")))
    check(lower(told["opt-get-allowed-no-space"]), ask(both.replace(" ", "")))
    check(lower(told["get-non-allowed"]), get(**{"origin": origin, "x-amz-request-payer": "requester"}))
    # One that asks beside its request for headers that no rule allows is answered without them.
    plain = get(**{"origin": origin, "access-control-request-headers": "x-amz-request-payer"})
    check(lower(told["get-non-allowed-with-acl"]), plain)
    assert "access-control-allow-origin" not in plain["Headers"]


def test_rules_are_kept(s3, bucket):
    told, check = played(CORS, "test_put_cors")
    rules = {"CORSRules": told["get-cors"]["CORSRules"]}
    check(told["put-cors"], s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules))
    check(told["get-cors"], s3.get_bucket_cors(Bucket=bucket))


def page(text):
    """Without the numbers of the request."""
    return re.sub(r"<li>(RequestId|HostId|BucketName): .*?</li>", r"<li>\1</li>", text)


def visit(platform, bucket, path="/"):
    return raw.request(platform.url, path=path, host=f"{bucket}.s3-website.localhost").text


def test_sites_that_are_none(platform, bucket):
    told, _ = played(MAIN, "test_website_hosting_no_such_website")
    assert page(visit(platform, unique("gone"))) == page(told["no-such-bucket"])
    assert page(visit(platform, bucket)) == page(told["no-such-website-config"])
    assert page(visit(platform, bucket, "/key")) == page(told["no-such-website-config-key"])


def test_pages_that_are_none(platform, s3, bucket):
    told, _ = played(MAIN, "test_website_hosting_404")
    open_to_all(s3, bucket)
    put = lambda **more: s3.put_bucket_website(
        Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}, **more}
    )
    put()
    assert page(visit(platform, bucket)) == page(told["404-no-such-key"])
    put(ErrorDocument={"Key": "error.html"})
    assert page(visit(platform, bucket)) == page(told["404-no-such-key-nor-custom"])
