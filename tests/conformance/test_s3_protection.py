"""Scenarios recorded from AWS's S3, done again here: objects that are encrypted, locked, and deleted."""

import base64
import datetime
import hashlib

import pytest

from harness import recordings
from harness.buckets import make_bucket
from harness.names import unique
from harness.recordings import answered, with_body

MAIN, API = "s3/test_s3.json", "s3/test_s3_api.json"
# Whose MD5 the recordings have.
KEY = b"z3jKQKLnJ2pUAzVyX0gNlUuYqRtjBjzp"
MIB = 1 << 20


@pytest.fixture
def locked(s3):
    return make_bucket(s3, ObjectLockEnabledForBucket=True)


def played(file, name, *volatile):
    return recordings.played(file, name, "SSECustomerKeyMD5", *volatile)


def get(s3, **params):
    return with_body(answered(s3.get_object, ChecksumMode="ENABLED", **params))


def md5(key):
    return base64.b64encode(hashlib.md5(key).digest()).decode()


def keyed(key=KEY, prefix="SSECustomer", **more):
    named = {"Algorithm": "AES256", "Key": base64.b64encode(key).decode(), "KeyMD5": md5(key), **more}
    return {prefix + name: value for name, value in named.items() if value is not None}


def test_a_clients_key_is_looked_at(s3, bucket):
    told, check = played(MAIN, "test_put_object_validation_sse_c")
    put = lambda **params: answered(s3.put_object, Bucket=bucket, Key="k", Body=b"test_data", **params)
    check(told["put-obj-sse-c-both-encryption"], put(**keyed(), ServerSideEncryption="AES256"))
    check(told["put-obj-sse-c-wrong-algo"], put(**keyed(Algorithm="KMS")))
    check(told["put-obj-sse-c-no-algo"], put(**keyed(Algorithm=None)))
    check(told["put-obj-sse-c-no-key"], put(SSECustomerAlgorithm="AES256", SSECustomerKeyMD5=md5(KEY)))
    check(told["put-obj-sse-c-wrong-key-size"], put(**keyed(key=b"short")))
    check(told["put-obj-sse-c-bad-md5"], put(**keyed(KeyMD5=md5(b"another"))))


def test_an_object_under_a_clients_key(s3, bucket):
    told, check = played(MAIN, "test_put_object_lifecycle_with_sse_c", "ETag")
    of = {"Bucket": bucket, "Key": "k"}
    check(told["put-obj-sse-c"], s3.put_object(**of, Body=b"test_data", **keyed()))
    check(told["head-obj-sse-c"], s3.head_object(**of, **keyed()))
    check(told["get-obj-sse-c"], get(s3, **of, **keyed()))
    about = s3.get_object_attributes(**of, **keyed(), ObjectAttributes=["ETag", "ObjectSize"])
    check(told["get-obj-attrs-sse-c"], about)
    check(told["del-obj-sse-c"], s3.delete_object(**of))


def test_copies_under_clients_keys(s3, bucket):
    told, check = played(MAIN, "test_copy_object_with_sse_c", "ETag")
    s3.put_object(Bucket=bucket, Key="k", Body=b"test_data", **keyed())
    copy = lambda **params: answered(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **params)
    source = keyed(prefix="CopySourceSSECustomer")
    check(told["get-obj-no-sse-c-param"], get(s3, Bucket=bucket, Key="k"))
    check(told["copy-obj-no-src-sse-c"], copy())
    check(told["copy-obj-wrong-src-sse-c-algo"], copy(**keyed(prefix="CopySourceSSECustomer", Algorithm="KMS")))
    check(told["copy-obj-wrong-target-sse-c-algo"], copy(**source, **keyed(Algorithm="KMS")))
    check(told["copy-obj-target-double-encryption"], copy(**source, **keyed(), ServerSideEncryption="AES256"))
    check(told["copy-obj-sse-c-target-no-sse-c"], copy(**source))
    check(told["copy-obj-sse-c"], copy(**source, **keyed()))


def test_parts_under_a_clients_key(s3, bucket):
    told, check = played(MAIN, "test_multipart_upload_sse_c", "ETag", "Bucket", "Key", "ChecksumCRC32", "ContentLength")
    of = {"Bucket": bucket, "Key": "k"}
    begun = s3.create_multipart_upload(**of, **keyed())
    check(told["create-mpu-sse-c"], begun)
    upload, parts = {**of, "UploadId": begun["UploadId"]}, []
    for number in range(3):
        part = s3.upload_part(**upload, PartNumber=number + 1, Body=b"a" * (5 * MIB + 1), **keyed())
        check(told[f"upload-part-{number}"], part)
        parts.append({"ETag": part["ETag"], "PartNumber": number + 1})
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **keyed())
    check(told["complete-multipart-checksum"], done)
    check(told["get-obj-no-sse-c-param"], get(s3, **of))
    got = s3.get_object(**of, **keyed())
    assert got["Body"].read() == b"a" * (15 * MIB + 3)


def test_parts_with_and_without_a_key(s3, bucket):
    told, check = played(MAIN, "test_multipart_upload_sse_c_validation", "Bucket", "Key", "UploadId")
    of = {"Bucket": bucket, "Key": "k"}
    plain = s3.create_multipart_upload(**of)
    check(told["create-mpu-no-sse-c"], plain)
    part = lambda begun, **params: answered(
        s3.upload_part, **of, UploadId=begun["UploadId"], PartNumber=1, Body=b"a", **params
    )
    check(told["mpu-no-sse-c-upload-part-with-sse-c"], part(plain, **keyed()))
    begun = s3.create_multipart_upload(**of, **keyed())
    check(told["create-mpu-sse-c"], begun)
    check(told["mpu-sse-c-upload-part-no-sse-c"], part(begun))
    check(told["mpu-sse-c-upload-part-wrong-sse-c"], part(begun, **keyed(key=b"0" * 32)))


def test_the_sum_of_what_a_clients_key_encrypts(clients, bucket):
    told, check = played(MAIN, "test_put_object_default_checksum_with_sse_c", "ETag")
    of = {"Bucket": bucket, "Key": "k"}
    s3 = clients.boto("s3", request_checksum_calculation="when_required")
    s3.put_object(**of, Body=b"test data..", **keyed())
    check(told["get-obj-sse-c"], get(s3, **of, **keyed()))
    check(told["head-obj-sse-c"], s3.head_object(**of, **keyed(), ChecksumMode="ENABLED"))
    about = s3.get_object_attributes(**of, **keyed(), ObjectAttributes=["ETag", "Checksum"])
    check(told["get-obj-attrs-sse-c"], about)


def test_encryption_is_said_without_being_asked(s3, bucket):
    told, check = played(MAIN, "test_head_object_fields", "ETag", "ContentLength")
    s3.put_object(Bucket=bucket, Key="k", Body=b"abcdefgh")
    check(told["head-object"], s3.head_object(Bucket=bucket, Key="k"))
    check(told["head-object-404"], answered(s3.head_object, Bucket=bucket, Key="gone"))


def test_legal_holds(s3, locked):
    told, check = played(MAIN, "test_put_get_object_legal_hold")
    of = {"Bucket": locked, "Key": "k"}
    put = s3.put_object(**of, Body=b"test")
    check(told["put-obj"], put)
    check(told["get-legal-hold-unset"], answered(s3.get_object_legal_hold, **of))
    check(told["put-object-legal-hold"], s3.put_object_legal_hold(**of, LegalHold={"Status": "ON"}))
    check(told["head-object-with-legal-hold"], s3.head_object(**of))
    check(told["get-legal-hold-set"], s3.get_object_legal_hold(**of))
    check(told["put-object-legal-hold-off"], s3.put_object_legal_hold(**of, LegalHold={"Status": "OFF"}))


def test_holds_that_cant_be(s3, bucket, locked):
    told, check = played(MAIN, "test_put_object_legal_hold_exc", "BucketName")
    hold = lambda bucket, key="k", **params: answered(
        s3.put_object_legal_hold, Bucket=bucket, Key=key, LegalHold={"Status": "ON"}, **params
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"a")
    s3.put_object(Bucket=locked, Key="k", Body=b"a")
    check(told["put-object-legal-hold-no-bucket"], hold(unique("gone")))
    check(told["put-object-legal-hold-no-key"], hold(locked, "non-existing-key"))
    check(told["put-object-retention-regular-bucket"], hold(bucket))
    check(told["get-object-retention-regular-bucket"], answered(s3.get_object_legal_hold, Bucket=bucket, Key="k"))
    empty = answered(s3.put_object_legal_hold, Bucket=locked, Key="k", LegalHold={})
    check(told["put-object-retention-empty"], empty)


def test_a_hold_is_not_copied(s3, locked):
    told, check = played(MAIN, "test_s3_copy_object_legal_hold", "ETag", "ChecksumCRC32", "ContentLength")
    put = s3.put_object(Bucket=locked, Key="k", Body=b"test content 123", ObjectLockLegalHoldStatus="ON")
    check(told["put-object"], put)
    check(told["head-object"], s3.head_object(Bucket=locked, Key="k"))
    check(told["copy-legal-hold"], s3.copy_object(Bucket=locked, Key="copy", CopySource=f"{locked}/k"))
    head = s3.head_object(Bucket=locked, Key="copy")
    check(told["head-dest-key"], head)
    assert "ObjectLockLegalHoldStatus" not in head


def coming(s3, **more):
    """A moment ahead of the platform's clock, by its own answers."""
    headers = s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"]
    now = datetime.datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=datetime.timezone.utc)
    return now + datetime.timedelta(**more)


def test_what_a_bucket_retains(s3, locked):
    told, check = played(MAIN, "test_bucket_config_default_retention", "ETag", "ChecksumCRC32", "ContentLength")
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    check(told["put-lock-config"], s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=configuration))
    of = {"Bucket": locked, "Key": "k"}
    check(told["put-object-default"], s3.put_object(**of, Body=b"by default"))
    check(told["head-object-default"], s3.head_object(**of))
    own = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": coming(s3, hours=1)}
    check(told["put-object-with-lock"], s3.put_object(**of, Body=b"by itself", **own))
    check(told["head-object-with-lock"], s3.head_object(**of))
    without_date = answered(s3.put_object, **of, Body=b"a", ObjectLockMode="GOVERNANCE")
    check(told["put-object-with-lock-no-date"], without_date)


def test_retention_is_extended_only(s3, locked):
    told, check = played(MAIN, "test_object_lock_extend_duration", "ETag", "ChecksumCRC32", "ContentLength")
    of = {"Bucket": locked, "Key": "k"}
    until = lambda minutes: coming(s3, minutes=minutes)
    put = s3.put_object(**of, Body=b"a", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until(60))
    check(told["put-object-with-lock"], put)
    check(told["head-object-with-lock"], s3.head_object(**of))
    retain = lambda minutes: answered(
        s3.put_object_retention, **of, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until(minutes)}
    )
    check(told["put-object-retention-extend"], retain(120))
    check(told["head-object-with-lock-extended"], s3.head_object(**of))
    check(told["put-object-retention-reduce"], retain(60))


def test_governance_is_of_locked_buckets(s3, bucket):
    told, check = played(API, "test_delete_object_with_no_locking")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"a")
    delete = lambda given: answered(s3.delete_object, **of, BypassGovernanceRetention=given)
    check(told["delete-object-bypass-no-lock"], delete(True))
    check(told["delete-object-bypass-no-lock-false"], delete(False))
    several = {"Bucket": bucket, "Delete": {"Objects": [{"Key": "k"}]}, "BypassGovernanceRetention": True}
    check(told["delete-objects-bypass-no-lock"], answered(s3.delete_objects, **several))


def test_a_locked_bucket_stays_versioned(s3, locked):
    told, check = played(API, "test_disable_versioning_on_locked_bucket")
    version = lambda status: answered(
        s3.put_bucket_versioning, Bucket=locked, VersioningConfiguration={"Status": status}
    )
    check(told["disable-versioning-on-locked-bucket"], version("Suspended"))
    check(told["enable-versioning-again-on-locked-bucket"], version("Enabled"))


def test_deleting(s3, bucket):
    told, check = played(API, "test_delete_object", "ChecksumCRC32", "ETag")
    check(told["put-object"], s3.put_object(Bucket=bucket, Key="k", Body=b"test-delete"))
    check(told["delete-object"], s3.delete_object(Bucket=bucket, Key="k"))
    check(told["delete-nonexistent-object"], s3.delete_object(Bucket=bucket, Key="k"))
    asked = told["delete-nonexistent-object-versionid"]["Error"]["ArgumentValue"]
    check(told["delete-nonexistent-object-versionid"], answered(s3.delete_object, Bucket=bucket, Key="k", VersionId=asked))


def test_deleting_what_isnt_there(s3, bucket):
    told, check = played(MAIN, "test_delete_non_existing_keys")
    s3.put_object(Bucket=bucket, Key="test-key-nonexistent", Body=b"a")
    keys = [{"Key": key} for key in ("test-key-nonexistent", "dummy1", "dummy2")]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    answer["Deleted"].sort(key=lambda one: one["Key"])
    check(told["deleted-resp"], answer)
    told, check = played(MAIN, "test_delete_non_existing_keys_quiet")
    check(told["deleted-resp"], s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True}))


def test_deleting_versions(s3, bucket):
    told, check = played(API, "test_delete_object_versioned", "ArgumentValue")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    of = {"Bucket": bucket, "Key": "test-delete"}
    put = s3.put_object(**of, Body=b"test-delete")
    check(told["put-object"], put)
    version = put["VersionId"]
    check(told["get-object-with-version"], get(s3, **of, VersionId=version))
    marker = s3.delete_object(**of)
    check(told["delete-object"], marker)
    check(told["delete-object-2"], s3.delete_object(**of))
    check(told["get-deleted-object"], get(s3, **of))
    check(told["get-delete-marker"], get(s3, **of, VersionId=marker["VersionId"]))
    check(told["delete-object-version"], s3.delete_object(**of, VersionId=version))
    check(told["get-deleted-object-with-version"], get(s3, **of, VersionId=version))
    check(told["delete-delete-marker"], s3.delete_object(**of, VersionId=marker["VersionId"]))
    check(told["delete-wrong-key"], s3.delete_object(Bucket=bucket, Key="another"))
    check(told["delete-with-bad-version"], answered(s3.delete_object, **of, VersionId="bad"))
