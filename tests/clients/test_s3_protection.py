"""Objects that are encrypted at rest, and read to the end while they are deleted."""

import base64
import hashlib
import random

import pytest

from harness.buckets import make_bucket
from harness.clients import Clients, error_of
from harness.platform import run_updraft

MIB = 1 << 20
NEEDLE = b"a sentence that nobody but its owner reads; "


@pytest.fixture
def s3(clients):
    return clients.boto("s3")


@pytest.fixture
def bucket(s3):
    return make_bucket(s3)


def code_of(call, **params):
    return error_of(call, **params)[0]


def whole(s3, bucket, key, **params):
    return s3.get_object(Bucket=bucket, Key=key, **params)["Body"].read()


def lies_on_the_disk(platform):
    files = [path for path in platform.data.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if NEEDLE in path.read_bytes()]


def test_no_byte_lies_on_the_disk_as_it_came(fresh, tmp_path):
    one = fresh("one").start()
    s3 = Clients(one.url).boto("s3")
    bucket = make_bucket(s3)
    bodies = {"small": NEEDLE * 4, "large": NEEDLE * 50_000}
    for key, body in bodies.items():
        assert s3.put_object(Bucket=bucket, Key=key, Body=body)["ServerSideEncryption"] == "AES256"
    upload = {"Bucket": bucket, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=NEEDLE * 1000)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]})
    bodies["parts"] = NEEDLE * 1000

    file = tmp_path / "all.updraft"
    done = run_updraft("snapshot", file, "--endpoint", one.url)
    assert done.returncode == 0, done.stderr
    one.stop()
    assert lies_on_the_disk(one) == []
    one.start()
    assert {key: whole(Clients(one.url).boto("s3"), bucket, key) for key in bodies} == bodies

    two = fresh("two")
    done = run_updraft("restore", file, "--data", two.data)
    assert done.returncode == 0, done.stderr
    two.start()
    assert {key: whole(Clients(two.url).boto("s3"), bucket, key) for key in bodies} == bodies


def test_a_clients_key_is_needed_again(s3, bucket):
    key = random.Random(1).randbytes(32)
    keyed = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
    body = random.Random(2).randbytes(3 * MIB)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, **keyed)
    assert put["SSECustomerKeyMD5"] == base64.b64encode(hashlib.md5(key).digest()).decode()
    assert whole(s3, bucket, "k", **keyed) == body
    assert whole(s3, bucket, "k", **keyed, Range="bytes=70000-2000000") == body[70000:2000001]
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == "InvalidRequest"
    assert code_of(s3.head_object, Bucket=bucket, Key="k") == "400"
    other = {**keyed, "SSECustomerKey": bytes(32)}
    assert code_of(s3.get_object, Bucket=bucket, Key="k", **other) == "AccessDenied"
    assert code_of(s3.head_object, Bucket=bucket, Key="k", **other) == "403"


def test_kms_is_never_something_else(s3, bucket):
    put = lambda **params: code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"a", **params)
    assert put(ServerSideEncryption="aws:kms") == "NotImplemented"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert put() == "NotImplemented"
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"a", ServerSideEncryption="AES256")


def test_a_locked_version_waits_for_its_hour(fresh):
    own = fresh().start()
    s3 = Clients(own.url).boto("s3")
    bucket = make_bucket(s3, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"a")["VersionId"]
    delete = {"Bucket": bucket, "Key": "k", "VersionId": version}
    assert code_of(s3.delete_object, **delete, BypassGovernanceRetention=True) == "AccessDenied"
    own.advance(24 * 3600 + 1)
    s3.delete_object(**delete)
    assert code_of(s3.get_object, **delete) == "NoSuchVersion"
