"""Versions that go to other buckets, and archived objects that are restored, through boto3."""

import json

import pytest

from harness.buckets import make_bucket
from harness.clients import Clients, error_of
from harness.raw import request
from harness.wait import wait_until


@pytest.fixture
def s3(clients):
    return clients.boto("s3")


def versioned(s3):
    bucket = make_bucket(s3)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def rule(to, **more):
    return {
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{to}"},
        **more,
    }


def replicate(s3, bucket, *rules):
    role = "arn:aws:iam::000000000000:role/replicator"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": list(rules)})


def status(s3, bucket, key):
    return s3.head_object(Bucket=bucket, Key=key).get("ReplicationStatus")


def test_versions_arrive_with_their_ids(s3):
    source, copy = versioned(s3), versioned(s3)
    replicate(s3, source, rule(copy))
    put = s3.put_object(Bucket=source, Key="a", Body=b"hello", Metadata={"m": "n"}, Tagging="k=v")
    upload = s3.create_multipart_upload(Bucket=source, Key="parts")["UploadId"]
    parts = []
    for number, body in [(1, b"x" * (5 << 20)), (2, b"end")]:
        part = s3.upload_part(Bucket=source, Key="parts", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    done = s3.complete_multipart_upload(
        Bucket=source, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    for key in ["a", "parts"]:
        wait_until(lambda key=key: status(s3, source, key) == "COMPLETED", 60, f"the replica of {key}")
    replica = s3.get_object(Bucket=copy, Key="a", VersionId=put["VersionId"])
    assert (replica["Body"].read(), replica["Metadata"], replica["TagCount"]) == (b"hello", {"m": "n"}, 1)
    assert replica["ReplicationStatus"] == "REPLICA"
    whole = s3.head_object(Bucket=copy, Key="parts")
    assert (whole["ETag"], whole["VersionId"]) == (done["ETag"], done["VersionId"])
    part = s3.get_object(Bucket=copy, Key="parts", PartNumber=2)
    assert (part["Body"].read(), part["PartsCount"]) == (b"end", 2)


def test_another_account_lets_replicas_in_by_its_policy(clients, s3):
    far = clients.other("111111111111").boto("s3")
    source, closed, opened = versioned(s3), versioned(far), versioned(far)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:role/replicator"},
        "Action": "s3:ReplicateObject",
        "Resource": f"arn:aws:s3:::{opened}/*",
    }
    far.put_bucket_policy(Bucket=opened, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    to_closed = rule(closed, Filter={"Prefix": "closed"}, Priority=2)
    replicate(s3, source, rule(opened, Filter={"Prefix": "opened"}), to_closed)
    for key in ["opened", "closed"]:
        s3.put_object(Bucket=source, Key=key, Body=b"x")
    wait_until(lambda: status(s3, source, "opened") == "COMPLETED", 60, "the replica")
    assert far.get_object(Bucket=opened, Key="opened")["Body"].read() == b"x"
    wait_until(lambda: status(s3, source, "closed") == "FAILED", 60, "the refusal")
    assert "Contents" not in far.list_objects_v2(Bucket=closed)


def test_archived_objects_are_restored(fresh):
    own = fresh().start()
    s3 = Clients(own.url).boto("s3")
    bucket = make_bucket(s3)
    s3.put_object(Bucket=bucket, Key="k", Body=b"cold", StorageClass="GLACIER")
    assert error_of(s3.get_object, Bucket=bucket, Key="k")[0] == "InvalidObjectState"
    asked = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
    s3.restore_object(Bucket=bucket, Key="k", RestoreRequest=asked)
    assert s3.head_object(Bucket=bucket, Key="k")["Restore"] == 'ongoing-request="true"'

    def advance(by):
        body = json.dumps({"advance": by})
        answer = request(own.url, "POST", "/_updraft/clock", body, {"content-type": "application/json"})
        assert answer.status == 200, answer.text

    advance("10m")
    assert 'ongoing-request="false", expiry-date=' in s3.head_object(Bucket=bucket, Key="k")["Restore"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"cold"
    advance("48h")
    assert "Restore" not in s3.head_object(Bucket=bucket, Key="k")
    assert error_of(s3.get_object, Bucket=bucket, Key="k")[0] == "InvalidObjectState"
