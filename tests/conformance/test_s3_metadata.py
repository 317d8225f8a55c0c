"""Scenarios recorded from AWS's S3, done again here: texts that aren't ASCII, in metadata and in headers."""

from harness.recordings import answered, played, with_body

MAIN = "s3/test_s3.json"


def get(s3, **params):
    return with_body(answered(s3.get_object, ChecksumMode="ENABLED", **params))


def test_metadata_in_encoded_words(s3, bucket):
    told, check = played(MAIN, "test_user_metadata_rfc2047_encoded")
    given = told["get-object"]["Metadata"] | {
        "asciib64-encoded": "=?UTF-8?B?YWJj?=", "fake-encoded": "=?UTF-8?Q?actually-ascii?=",
        "non-ascii-2": "=?UTF-8?B?w4RNw4Raw5XDkSBTMw==?=", "non-ascii-binary": "=?UTF-8?Q?=00=01=02=03?=",
    }
    check(told["put-object"], s3.put_object(Bucket=bucket, Key="k", Metadata=given, ChecksumAlgorithm="CRC32"))
    check(told["get-object"], get(s3, Bucket=bucket, Key="k"))
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == told["get-object"]["Metadata"]
    told, check = played(MAIN, "test_user_metadata_rfc2047_bad_b64_encoded")
    given = {"bad-b64-encoded": "=?UTF-8?Q?=FFa=FF?="}
    check(told["put-object"], s3.put_object(Bucket=bucket, Key="k", Metadata=given, ChecksumAlgorithm="CRC32"))
    check(told["get-object"], get(s3, Bucket=bucket, Key="k"))


def test_headers_that_cant_be_said(s3, bucket):
    told = played(MAIN, "test_get_response_overrides_unicode_metadata_with_sig_s3")[0]["unicode-error"]["Error"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    ours = answered(s3.get_object, Bucket=bucket, Key="k", ResponseCacheControl=told["ArgumentValue"])["Error"]
    assert {name: ours[name] for name in ("ArgumentName", "Code", "Message")} == {
        name: told[name] for name in ("ArgumentName", "Code", "Message")
    }
