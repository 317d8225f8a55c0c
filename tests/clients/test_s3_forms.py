"""Forms that pages post to a bucket, signed by boto3 and sent as browsers do."""

import pytest
import requests

from harness.buckets import make_bucket, open_to_all
from harness.clients import error_of
from harness.queues import arn, create, heard


@pytest.fixture
def s3(clients):
    return clients.boto("s3")


@pytest.fixture(params=["s3", "s3v4"])
def signer(clients, request):
    """Signs forms, in both manners."""
    return clients.boto("s3", signature_version=request.param)


@pytest.fixture
def bucket(s3):
    return make_bucket(s3)


def post(made, body=b"bytes", name="cat.jpg", **changed):
    fields = {**made["fields"], **changed}
    return requests.post(made["url"], data=fields, files={"file": (name, body)}, allow_redirects=False)


def code(answer):
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_file_is_posted(s3, signer, bucket):
    conditions = [["content-length-range", 1, 10], {"success_action_status": "201"}, ["starts-with", "$key", "in/"]]
    fields = {"success_action_status": "201"}
    made = signer.generate_presigned_post(bucket, "in/${filename}", Fields=fields, Conditions=conditions)
    done = post(made, name="C:\\photos\\cat & dog.jpg")
    assert done.status_code == 201, done.text
    etag = s3.head_object(Bucket=bucket, Key="in/cat & dog.jpg")["ETag"]
    assert "<Key>in/cat &amp; dog.jpg</Key>" in done.text and f"<Bucket>{bucket}</Bucket>" in done.text
    assert done.headers["etag"] == etag
    assert code(post(made, b"")) == (400, "EntityTooSmall")
    assert code(post(made, b"eleven byte")) == (400, "EntityTooLarge")
    assert code(post(made, key="out/a")) == (403, "AccessDenied")
    assert code(post(made, acl="public-read")) == (403, "AccessDenied"), "a field of which the policy doesn't speak"
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["in/cat & dog.jpg"]


def test_a_large_file_streams(s3, signer, bucket):
    body = bytes(range(256)) * (32 << 10)
    assert post(signer.generate_presigned_post(bucket, "large"), body).status_code == 204
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == body


def test_a_signature_that_is_wrong(s3, signer, bucket):
    made = signer.generate_presigned_post(bucket, "k")
    name = next(name for name in made["fields"] if name.endswith("signature"))
    assert code(post(made, **{name: "0" * 64})) == (403, "SignatureDoesNotMatch")
    assert error_of(s3.head_object, Bucket=bucket, Key="k")[2] == 404


def test_a_form_that_is_too_old(signer, bucket):
    answer = post(signer.generate_presigned_post(bucket, "k", ExpiresIn=-1))
    assert code(answer) == (403, "AccessDenied") and "Invalid according to Policy: Policy expired." in answer.text


def test_who_is_told_of_a_form(clients, s3, signer, bucket):
    sqs = clients.boto("sqs")
    url = create(sqs)
    queue = {"QueueArn": arn(sqs, url), "Events": ["s3:ObjectCreated:Post"]}
    told = {"QueueConfigurations": [queue]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    assert post(signer.generate_presigned_post(bucket, "k")).status_code == 204
    records = []
    while not records:  # Besides: the event that only tests.
        records = [record for body in heard(sqs, url, 1) for record in body.get("Records", [])]
    assert [record["eventName"] for record in records] == ["ObjectCreated:Post"]


def test_a_form_that_nobody_signed(platform, clients, s3):
    bucket = make_bucket(s3)
    made = {"url": f"{platform.url}/{bucket}", "fields": {"key": "k"}}
    assert code(post(made)) == (403, "AccessDenied")
    open_to_all(s3, bucket, "s3:PutObject")
    assert post(made).status_code == 204
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"bytes"
