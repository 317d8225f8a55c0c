"""Scenarios recorded from AWS's S3, done again here: ACLs of objects, and who may read without signing."""

import botocore
import pytest

from harness import queues
from harness.buckets import make_bucket
from harness.recordings import answered, played, with_body
from harness.wait import wait_until

MAIN, SQS = "s3/test_s3.json", "s3/test_s3_notifications_sqs.json"
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"


@pytest.fixture
def bucket(s3):
    """In which ACLs count, and nothing is blocked."""
    name = make_bucket(s3, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


def test_an_objects_acl(s3, bucket):
    told, check = played(MAIN, "test_s3_object_acl")
    of = {"Bucket": bucket, "Key": "k"}
    acl = lambda: s3.get_object_acl(**of)
    check(told["put-object-default-acl"], s3.put_object(**of))
    check(told["get-object-acl-default"], acl())
    check(told["put-object-acl"], s3.put_object_acl(**of, ACL="public-read"))
    shared = acl()
    check(told["get-object-acl"], shared)
    s3.put_object_acl(**of, GrantRead=f'uri="{LOGS}"')
    check(told["get-object-grant-acl"], acl())
    grants = [shared["Grants"][0], {"Grantee": {"URI": LOGS, "Type": "Group"}, "Permission": "WRITE"}]
    s3.put_object_acl(**of, AccessControlPolicy={"Owner": shared["Owner"], "Grants": grants})
    check(told["get-object-acp-acl"], acl())


def test_acls_that_are_none(s3, bucket):
    told, check = played(MAIN, "test_s3_object_acl_exceptions")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"something")
    owner = s3.get_object_acl(**of)["Owner"]
    put = lambda **acl: answered(s3.put_object_acl, **of, **acl)
    check(told["put-object-canned-acl"], without_words(answered(s3.put_object, **of, ACL="fake-acl")))
    check(told["put-object-acl-canned-acl"], without_words(put(ACL="fake-acl")))
    check(told["put-object-acl-empty"], put())
    check(told["put-object-grant-acl-fake-uri"], put(GrantWrite='uri="http://acs.amazonaws.com/groups/s3/FakeGroup"'))
    check(told["put-object-grant-acl-fake-key"], put(GrantWrite='fakekey="1234"'))
    check(told["put-object-grant-acl-wrong-id"], put(GrantWrite='id="wrong-id"'))
    check(told["put-object-two-type-acl"], put(ACL="public-read", GrantRead='id="x"'))
    document = {"Owner": owner, "Grants": []}
    check(told["put-object-two-type-acl-acp"], put(ACL="public-read", AccessControlPolicy=document))
    check(told["put-object-empty-acp"], put(AccessControlPolicy={}))
    given = lambda owner, grantee: put(
        AccessControlPolicy={"Owner": owner, "Grants": [{"Grantee": grantee, "Permission": "WRITE"}]}
    )
    user = {"ID": owner["ID"], "Type": "CanonicalUser"}
    check(told["put-object-acp-acl-1"], put(AccessControlPolicy={"Grants": [{"Grantee": user, "Permission": "WRITE"}]}))
    check(told["put-object-acp-acl-3"], given({"ID": "wrong-id"}, user))
    group = {"URI": "http://acs.amazonaws.com/groups/s3/FakeGroup", "Type": "Group"}
    check(told["put-object-acp-acl-4"], given(owner, group))
    check(told["put-object-acp-acl-5"], given(owner, {"ID": "wrong-id", "Type": "CanonicalUser"}))


def without_words(answer):
    """AWS: of some arguments nothing is said, which one reader of XML takes for nothing and another for no words."""
    answer["Error"]["Message"] = answer["Error"]["Message"] or None
    return answer


def test_acls_of_uploads_in_parts(s3, bucket):
    told, check = played(MAIN, "test_s3_multipart_upload_acls")
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    check(told["bucket-acl"], s3.get_bucket_acl(Bucket=bucket))
    for n, acl in enumerate((None, "private", "public-read-write")):
        of = {"Bucket": bucket, "Key": f"key{n}"}
        begun = s3.create_multipart_upload(**of, **({"ACL": acl} if acl else {}))
        part = s3.upload_part(**of, UploadId=begun["UploadId"], PartNumber=1, Body=b"a")
        parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
        s3.complete_multipart_upload(**of, UploadId=begun["UploadId"], MultipartUpload=parts)
        check(told[f"permission-acl-key{n}"], s3.get_object_acl(**of))


def test_markers_have_no_acl(s3, bucket):
    told, check = played(MAIN, "test_put_object_acl_on_delete_marker")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    of = {"Bucket": bucket, "Key": "test-key-versioned"}
    check(told["put-obj-1"], s3.put_object(**of, Body=b"something"))
    check(told["put-obj-2"], s3.put_object(**of, Body=b"something-v2"))
    marker = s3.delete_object(**of)
    check(told["delete-object"], marker)
    get = lambda **version: answered(s3.get_object_acl, **of, **version)
    put = lambda **version: answered(s3.put_object_acl, **of, ACL="public-read", **version)
    check(told["get-acl-delete-marker"], get())
    check(told["get-acl-delete-marker-version-id"], get(VersionId=marker["VersionId"]))
    check(told["put-acl-delete-marker"], put())
    check(told["put-acl-delete-marker-version-id"], put(VersionId=marker["VersionId"]))


def test_acls_of_copies(s3, bucket):
    told, check = played(MAIN, "test_s3_copy_object_in_place")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b'{"key": "value"}', ACL="public-read")
    s3.copy_object(**of, CopySource=f"{bucket}/k", StorageClass="STANDARD")
    check(told["object-acl"], s3.get_object_acl(**of))


def test_who_is_told_of_acls(clients, s3, bucket):
    chance = ("eventTime", "responseElements", "sourceIPAddress", "principalId", "configurationId")
    told, check = played(SQS, "test_object_put_acl", *chance)
    sqs = clients.boto("sqs")
    url = queues.create(sqs)
    queue = {"Id": "id", "QueueArn": queues.arn(sqs, url), "Events": ["s3:ObjectAcl:Put"]}
    configuration = {"QueueConfigurations": [queue]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    of = {"Bucket": bucket, "Key": "my_key_acl"}
    s3.put_object(**of, Body=b"something")
    for acl in ("public-read", "private", "public-read"):
        s3.put_object_acl(**of, ACL=acl)
    records = []

    def enough():
        for body in queues.heard(sqs, url, 1):
            records.extend(body.get("Records", []))
        return len(records) >= 3

    wait_until(enough, 60, "three events")
    check(told["receive_messages"], {"messages": records})
    assert all("size" not in one["s3"]["object"] and "sequencer" not in one["s3"]["object"] for one in records)


def test_who_doesnt_sign(clients, s3, bucket):
    told, check = played(MAIN, "test_get_object_with_anon_credentials")
    s3.put_object(Bucket=bucket, Key="k", Body=b"body data", ACL="public-read")
    nobody = clients.boto("s3", signature_version=botocore.UNSIGNED)
    check(told["get_object"], with_body(nobody.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")))
