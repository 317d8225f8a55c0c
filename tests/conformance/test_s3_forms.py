"""Scenarios recorded from AWS's S3, done again here: forms that pages post to a bucket."""

import base64
import json

import pytest
import requests

from harness import raw, signing
from harness.recordings import of_xml, played, with_body

MAIN = "s3/test_s3.json"
SIGNATURES = ("AWSAccessKeyId", "HostId", "RequestId", "SignatureProvided", "StringToSign", "StringToSignBytes")
TAGS = "<Tagging><TagSet>%s</TagSet></Tagging>"
TAG = "<Tag><Key>TagName%s</Key><Value>TagValue%s</Value></Tag>"


@pytest.fixture
def s3(clients):
    return clients.boto("s3", signature_version="s3v4")


def form(s3, bucket, key="k", conditions=None, **fields):
    conditions = conditions if conditions is not None else [{name: value} for name, value in fields.items()]
    return s3.generate_presigned_post(bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=600)


def post(made, body=b"abcdef", **changed):
    fields = {**made["fields"], **changed}
    fields = {name: value for name, value in fields.items() if value is not None}
    return requests.post(made["url"], data=fields, files={"file": ("name.txt", body)}, allow_redirects=False)


def refused(answer, status):
    assert answer.status_code == status, answer.text
    return {**of_xml(answer.text), "StatusCode": status}


def get(s3, bucket, key="k"):
    return with_body(s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED"))


def test_a_forms_sum(s3, bucket):
    told, check = played(MAIN, "test_post_object_default_checksum", "ETag", "ChecksumCRC64NVME")
    assert post(form(s3, bucket), b"a" * 17).status_code == 204
    check(told["head-object"], s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED"))


def test_metadata_of_forms(s3, bucket):
    told, check = played(MAIN, "test_post_object_with_metadata", "ETag", "ExpiresString", "Expires")
    about = {"Content-Type": "text/plain", "Expires": "Wed, 21 Oct 2035 07:28:00 GMT"}
    about |= {"x-amz-meta-test-1": "test-meta-1", "x-amz-meta-TEST-2": "test-meta-2"}
    assert post(form(s3, bucket, **about), b"a" * 17).status_code == 204
    check(told["head-object"], s3.head_object(Bucket=bucket, Key="k"))


@pytest.mark.parametrize(("given", "tags"), [("single", TAG % ("", "")), ("list", TAG % ("", "") + TAG % ("2", "2"))])
def test_tags_of_forms(s3, bucket, given, tags):
    told, check = played(MAIN, f"test_post_object_with_tags[{given}]")
    assert post(form(s3, bucket, tagging=TAGS % tags)).status_code == 204
    check(told["get-tagging"], s3.get_object_tagging(Bucket=bucket, Key="k"))


def test_what_is_no_form(platform, bucket):
    told, check = played(MAIN, "test_post_object_with_wrong_content_type", "HostId", "RequestId")
    answer = raw.request(platform.url, "POST", f"/{bucket}", "x", {"content-type": "text/html; charset=UTF-8"})
    assert answer.status == 412
    check(told["invalid-content-type-error"], of_xml(answer.text))


def signed(s3, bucket, document):
    """A form whose policy is this one, signed."""
    made = form(s3, bucket)
    fields = {name: value for name, value in made["fields"].items() if name not in ("policy", "x-amz-signature")}
    own = [{name: value} for name, value in fields.items()]
    conditions = [{"bucket": bucket}, *own, *document]
    policy = base64.b64encode(json.dumps({"expiration": "2099-01-01T00:00:00Z", "conditions": conditions}).encode())
    signature = signing.signature(policy, fields["x-amz-credential"])
    return {"url": made["url"], "fields": {**fields, "policy": policy.decode(), "x-amz-signature": signature}}


REDIRECT = "http://localhost.test/random"


def test_conditions_that_are_equal(s3, bucket):
    told, check = played(MAIN, "test_post_object_policy_conditions_validation_eq", "HostId", "RequestId", "Expires", "ExpiresString")
    redirect = {"success_action_redirect": REDIRECT}
    wrong = lambda condition, **fields: refused(post(signed(s3, bucket, [condition]), **fields), 403)
    check(told["invalid-condition-eq"], wrong(["eq", "$success_action_redirect", REDIRECT], success_action_redirect="http://other"))
    check(told["invalid-condition-missing-prefix"], wrong(["eq", "success_action_redirect", REDIRECT], **redirect))
    both = signed(s3, bucket, [{"success_action_redirect": REDIRECT, "key": "k"}])
    check(told["invalid-condition-wrong-condition"], refused(post(both, **redirect), 400))
    casing = ["eq", "$success_action_redirect", REDIRECT.replace("http", "HTTP")]
    check(told["invalid-condition-wrong-value-casing"], wrong(casing, **redirect))
    moved = post(signed(s3, bucket, [["eq", "$success_action_redirect", REDIRECT]]), **redirect)
    assert moved.status_code == 303 and moved.headers["location"].startswith(f"{REDIRECT}?bucket={bucket}&key=k&etag=%22")
    check(told["final-object"], get(s3, bucket))


def test_conditions_that_begin_so(s3, bucket):
    told, check = played(MAIN, "test_post_object_policy_conditions_validation_starts_with", "HostId", "RequestId")
    begins = signed(s3, bucket, [["starts-with", "$success_action_redirect", "http://localhost"]])
    wrong = lambda link: refused(post(begins, success_action_redirect=link), 403)
    check(told["invalid-condition-starts-with"], wrong("http://other.test"))
    check(told["invalid-condition-starts-with-casing"], wrong("HTTP://localhost.test"))
    assert post(begins, success_action_redirect=REDIRECT).status_code == 303
    check(told["get-object-1"], get(s3, bucket))
    anything = signed(s3, bucket, [["starts-with", "$success_action_redirect", ""]])
    assert post(anything, b"manual value to change ETag", success_action_redirect=REDIRECT).status_code == 303
    check(told["get-object-2"], get(s3, bucket))


def test_forms_that_lack_something(clients, s3, bucket):
    told, check = played(MAIN, "test_post_request_missing_fields[s3v4]", *SIGNATURES)
    lacking = lambda made, *names: post(made, **{name: None for name in names})
    made = form(s3, bucket)
    none = without_value(told["exception-missing-fields"])
    check(none, refused(lacking(made, "x-amz-algorithm"), 400))
    unsigned = lacking(made, "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "policy")
    check(told["exception-no-sig-related-fields"], refused(unsigned, 403))
    told, check = played(MAIN, "test_post_request_missing_signature[s3v4]", *SIGNATURES)
    check(without_value(told["exception-missing-signature"]), refused(lacking(made, "x-amz-signature"), 400))
    told, check = played(MAIN, "test_post_request_missing_signature[s3]", *SIGNATURES)
    older = form(clients.boto("s3", signature_version="s3"), bucket)
    check(without_value(told["exception-missing-signature"]), refused(lacking(older, "signature"), 400))
    told, check = played(MAIN, "test_post_request_malformed_policy[s3]", *SIGNATURES)
    wrong = {**older, "fields": {**older["fields"], "policy": "invalid"}}
    check(told["exception-policy"], refused(post(wrong), 403))


def without_value(answer):
    """An empty element, which one reader takes for nothing and another for an empty text."""
    assert answer["Error"].pop("ArgumentValue") is None
    return answer
