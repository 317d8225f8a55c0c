"""Names of buckets are one account's in all of the installation."""

import pytest

from harness.buckets import make_bucket
from harness.clients import error_of
from harness.names import unique

OTHER = "111122223333"
TAKEN = (
    "BucketAlreadyExists",
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please "
    "select a different name and try again.",
    409,
)
MINE = ("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", 409)
EUROPE = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}


@pytest.fixture
def other(clients):
    return clients.other(OTHER)


def test_a_name_is_taken_for_everybody(clients, other):
    mine, theirs = clients.boto("s3"), other.boto("s3")
    bucket = make_bucket(mine)
    assert error_of(theirs.create_bucket, Bucket=bucket) == TAKEN
    assert mine.create_bucket(Bucket=bucket)["Location"] == f"/{bucket}", "again, where that is allowed"
    assert error_of(other.other(OTHER, region="eu-west-1").boto("s3").create_bucket, Bucket=bucket, **EUROPE) == TAKEN
    assert bucket not in [one["Name"] for one in theirs.list_buckets()["Buckets"]]

    mine.put_object(Bucket=bucket, Key="k", Body=b"mine")
    for call in (theirs.list_objects_v2, theirs.delete_bucket):
        assert error_of(call, Bucket=bucket)[2] == 403
    for call in (theirs.get_object, theirs.delete_object, theirs.head_object):
        assert error_of(call, Bucket=bucket, Key="k")[2] == 403
    assert error_of(theirs.put_object, Bucket=bucket, Key="k", Body=b"theirs")[2] == 403
    assert mine.get_object(Bucket=bucket, Key="k")["Body"].read() == b"mine"

    mine.delete_object(Bucket=bucket, Key="k")
    mine.delete_bucket(Bucket=bucket)
    theirs.create_bucket(Bucket=bucket)
    assert "Contents" not in theirs.list_objects_v2(Bucket=bucket), "nothing of the one before"


def test_elsewhere_a_bucket_is_made_once(clients):
    europe = clients.other("test", region="eu-west-1").boto("s3")
    bucket = make_bucket(europe, unique("europe"), **EUROPE)
    assert error_of(europe.create_bucket, Bucket=bucket, **EUROPE) == MINE
    assert europe.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-west-1"
    assert clients.boto("s3").head_bucket(Bucket=bucket)["BucketRegion"] == "eu-west-1"
