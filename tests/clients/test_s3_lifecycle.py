"""Lifecycle rules, applied by the clock: what expires goes at midnight, and says so before."""

import json

import pytest

from harness.buckets import make_bucket
from harness.clients import ACCOUNT, REGION, Clients, error_of
from harness.raw import request
from harness.wait import wait_until


@pytest.fixture
def own(fresh):
    return fresh().start()


def advance(platform, by):
    body = json.dumps({"advance": by})
    answer = request(platform.url, "POST", "/_updraft/clock", body, {"content-type": "application/json"})
    assert answer.status == 200, answer.text


def keys(s3, bucket):
    return [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_days_pass(own):
    clients = Clients(own.url)
    s3, sqs = clients.boto("s3"), clients.boto("sqs")
    bucket = make_bucket(s3)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    queue = {"QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard", "Events": ["s3:LifecycleExpiration:*"]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [queue]})
    rules = [
        {"ID": "short", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}},
        {
            "ID": "cold",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "k", "Value": "v"}]}},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}],
        },
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        },
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    put = s3.put_object(Bucket=bucket, Key="tmp/a", Body=b"1")
    assert 'rule-id="short"' in put["Expiration"]
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="kept", Body=b"2")
    for key, tagging in [("logs/a", "k=v"), ("logs/b", "k=w")]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x" * 200_000, Tagging=tagging)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="never")
    assert upload["AbortRuleId"] == "old"

    advance(own, "48h")
    assert keys(s3, bucket) == ["kept", "logs/a", "logs/b"]
    assert error_of(s3.head_object, Bucket=bucket, Key="tmp/a")[0] == "404"
    assert s3.get_object(Bucket=bucket, Key="tmp/a", VersionId=put["VersionId"])["Body"].read() == b"1"
    names = []

    def told():
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        records = [json.loads(message["Body"]).get("Records", []) for message in got]
        names.extend(record["eventName"] for some in records for record in some)
        return names

    wait_until(told, 60, "the event")
    assert names == ["LifecycleExpiration:DeleteMarkerCreated"]

    advance(own, "72h")
    listed = s3.list_object_versions(Bucket=bucket, Prefix="tmp/")
    assert "Versions" not in listed
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    advance(own, "1440h")
    assert s3.head_object(Bucket=bucket, Key="logs/a")["StorageClass"] == "GLACIER"
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="logs/b")
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket=bucket, Prefix="tmp/")
