"""What S3 tells others of, through real clients."""

import pytest

from harness import functions
from harness.buckets import make_bucket
from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.queues import heard


@pytest.fixture
def s3(clients):
    return clients.boto("s3")


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


@pytest.fixture
def queue(sqs):
    """Its URL and its ARN."""
    name = unique("heard")
    return sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def listen(s3, bucket, arn, *events, **more):
    configuration = {"QueueArn": arn, "Events": list(events), **more}
    told = {"QueueConfigurations": [configuration]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)


def test_a_queue_is_told_that_it_will_be_told(s3, sqs, queue):
    bucket, (url, arn) = make_bucket(s3), queue
    listen(s3, bucket, arn, "s3:ObjectCreated:*")
    (test,) = heard(sqs, url, 1)
    assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", bucket)
    assert set(test) == {"Service", "Event", "Time", "Bucket", "RequestId", "HostId"}


def test_a_topic_is_told_too(s3, sqs, queue, clients):
    bucket, (url, arn) = make_bucket(s3), queue
    sns = clients.boto("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    told = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    (test,) = heard(sqs, url, 1)
    assert (test["Event"], test["Bucket"]) == ("s3:TestEvent", bucket)


def test_whom_nobody_knows_is_not_told(s3):
    bucket = make_bucket(s3)
    gone = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{unique('gone')}"
    with pytest.raises(s3.exceptions.ClientError) as refused:
        listen(s3, bucket, gone, "s3:ObjectCreated:*")
    error = refused.value.response["Error"]
    assert (error["Code"], error["ArgumentName1"]) == ("InvalidArgument", gone)
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_a_queue_that_is_gone_keeps_nobody_from_writing(s3, sqs, queue):
    """AWS: what can't be told is dropped; whoever still can be told is told."""
    url, arn = queue
    other = unique("heard-too")
    still = sqs.create_queue(QueueName=other)["QueueUrl"]
    bucket = make_bucket(s3)
    told = [
        {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]},
        {"QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{other}", "Events": ["s3:ObjectRemoved:*"]},
    ]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": told})
    assert heard(sqs, still, 1)[0]["Event"] == "s3:TestEvent"
    sqs.delete_queue(QueueUrl=url)
    s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    s3.delete_object(Bucket=bucket, Key="k")
    assert heard(sqs, still, 1)[0]["Records"][0]["eventName"] == "ObjectRemoved:Delete"
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"][0]["QueueArn"] == arn


def test_a_function_that_is_gone_keeps_nobody_from_writing(clients, s3, sqs, queue):
    url, arn = queue
    gone = functions.create(clients, "def handler(event, context):\n    return None\n")
    function_arn = gone.arn
    bucket = make_bucket(s3)
    told = {
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function_arn, "Events": ["s3:ObjectCreated:*"]}],
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectRemoved:*"]}],
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    gone.client.delete_function(FunctionName=gone.name)
    s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    s3.delete_object(Bucket=bucket, Key="k")
    records = []
    while not records:  # Besides: the event that only tests.
        records = [record for body in heard(sqs, url, 1) for record in body.get("Records", [])]
    assert [record["eventName"] for record in records] == ["ObjectRemoved:Delete"]
    kept = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert [one["LambdaFunctionArn"] for one in kept] == [function_arn]
    with pytest.raises(s3.exceptions.ClientError) as refused:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
    assert refused.value.response["Error"]["ArgumentName1"] == function_arn, "it can't be configured anew"
