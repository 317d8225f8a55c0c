"""SQS's messages through real clients: boto3 in JSON and in the query protocol, the AWS CLI, the AWS SDK for JavaScript."""

import concurrent.futures
import datetime
import hashlib
import json
import time

import pytest

from harness import functions, queues
from harness.clients import ACCOUNT, Clients, error_of
from harness.wait import wait_until

FAILS = "def handler(event, context):\n    raise ValueError('as asked')\n"


@pytest.fixture(params=["json", "query"])
def sqs(request, clients):
    return clients.boto("sqs") if request.param == "json" else queues.query(clients)


@pytest.fixture
def own(fresh):
    """A platform whose time can be moved."""
    return fresh().start()


def receive(sqs, url, **extra):
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **extra).get("Messages", [])


def some(sqs, url, **extra):
    return wait_until(lambda: receive(sqs, url, **extra), 30, "a message")


def bodies(messages):
    return [message["Body"] for message in messages]


def drop(sqs, url, messages):
    entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    assert len(answer["Successful"]) == len(entries) and not answer.get("Failed")


def test_a_message_is_sent_received_and_deleted(sqs):
    url = queues.create(sqs)
    attributes = {
        "text": {"DataType": "String", "StringValue": "ü"},
        "number": {"DataType": "Number.int", "StringValue": "42"},
        "bytes": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
    }
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    body = "<&>\" ü \U0001f980\t\r\n" * 3
    # The SDK checks the digests of what it sent and of what it receives by itself.
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes, MessageSystemAttributes=trace)
    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()
    assert len(sent["MD5OfMessageSystemAttributes"]) == 32
    wanted = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    (message,) = receive(sqs, url, **wanted)
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], body)
    assert message["MessageAttributes"] == attributes
    assert message["Attributes"]["AWSTraceHeader"] == trace["AWSTraceHeader"]["StringValue"]
    assert message["Attributes"]["SenderId"] == ACCOUNT
    assert abs(int(message["Attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60
    assert receive(sqs, url) == []
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert {counts[name] for name in counts if name.startswith("Approximate")} == {"0"}


def test_errors_are_of_the_classes_that_clients_catch(sqs):
    url = queues.create(sqs)
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="garbage")
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "b"}] * 2)
    with pytest.raises(sqs.exceptions.InvalidMessageContents):
        sqs.send_message(QueueUrl=url, MessageBody="\ufffe")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.send_message(QueueUrl=f"{url}-none", MessageBody="b")
    code, message, status = error_of(sqs.receive_message, QueueUrl=url, VisibilityTimeout=43_201)
    assert (code, status) == ("InvalidParameterValue", 400) and "43201" in message


def test_lists_among_attributes_are_refused(sqs):
    url, lists = queues.create(sqs), {"DataType": "String", "StringValue": "v", "StringListValues": ["a"]}
    message = {"MessageBody": "b", "MessageAttributes": {"a": lists}}
    for call, more in ((sqs.send_message, message), (sqs.send_message_batch, {"Entries": [{"Id": "1", **message}]})):
        code, text, status = error_of(call, QueueUrl=url, **more)
        assert (code, status) == ("AWS.SimpleQueueService.UnsupportedOperation", 400)
        name = {"send_message": "SendMessage", "send_message_batch": "SendMessageBatch"}[call.__name__]
        assert text == f"Message attribute list values in {name} operation are not supported."
    assert receive(sqs, url) == []


def test_an_attempt_is_repeated_until_something_of_it_was_deleted(sqs):
    url = queues.create(sqs, fifo=True, ContentBasedDeduplication="true")
    sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g")
    first, again = (sqs.receive_message(QueueUrl=url, ReceiveRequestAttemptId="try")["Messages"] for _ in range(2))
    assert [one["ReceiptHandle"] for one in first] == [one["ReceiptHandle"] for one in again]
    drop(sqs, url, first)
    code, text, status = error_of(sqs.receive_message, QueueUrl=url, ReceiveRequestAttemptId="try")
    assert (code, status) == ("InvalidParameterValue", 400) and "is not retryable" in text


def test_a_batch_of_nothing(clients):
    sqs = clients.boto("sqs")
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=queues.create(sqs), Entries=[])


def test_batches_fail_entry_by_entry(sqs):
    url = queues.create(sqs, MaximumMessageSize=1024)
    entries = [{"Id": str(n), "MessageBody": str(n) if n % 3 else "a" * 1025} for n in range(10)]
    answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert [one["Id"] for one in answer["Failed"]] == ["0", "3", "6", "9"]
    assert {(one["Code"], one["SenderFault"]) for one in answer["Failed"]} == {("InvalidParameterValue", True)}
    messages = receive(sqs, url)
    assert bodies(messages) == ["1", "2", "4", "5", "7", "8"]
    handles = [message["ReceiptHandle"] for message in messages]
    changes = [{"Id": str(n), "ReceiptHandle": one, "VisibilityTimeout": 0} for n, one in enumerate([*handles[:2], "x"])]
    answer = sqs.change_message_visibility_batch(QueueUrl=url, Entries=changes)
    assert [one["Id"] for one in answer["Successful"]] == ["0", "1"]
    assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("2", "ReceiptHandleIsInvalid")]
    again = receive(sqs, url)
    assert bodies(again) == ["1", "2"]
    drop(sqs, url, [*messages[2:], *again])


def test_a_fifo_queue_is_one(sqs):
    url = queues.create(sqs, fifo=True, ContentBasedDeduplication="true")
    numbers = []
    for n in range(6):
        for _ in range(2):
            sent = sqs.send_message(QueueUrl=url, MessageBody=str(n), MessageGroupId=f"g{n % 2}")
            numbers.append(sent["SequenceNumber"])
    assert len(set(numbers)) == 6 and numbers == sorted(numbers)
    first = sqs.receive_message(QueueUrl=url)["Messages"]
    assert bodies(first) == ["0"]
    others = receive(sqs, url, AttributeNames=["MessageGroupId", "SequenceNumber"])
    assert bodies(others) == ["1", "3", "5"]
    assert [one["Attributes"] for one in others] == [
        {"MessageGroupId": "g1", "SequenceNumber": numbers[2 * n]} for n in (1, 3, 5)
    ]
    drop(sqs, url, [*first, *others])
    rest = receive(sqs, url)
    assert bodies(rest) == ["2", "4"]
    drop(sqs, url, rest)


def test_a_long_poll_is_woken_by_a_message(sqs, clients):
    url = queues.create(sqs, ReceiveMessageWaitTimeSeconds=20)

    def poll():
        return clients.boto("sqs").receive_message(QueueUrl=url).get("Messages", [])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        polls = [pool.submit(poll) for _ in range(8)]
        done, _ = concurrent.futures.wait(polls, timeout=0.5)
        assert not done
        for n in range(8):
            sqs.send_message(QueueUrl=url, MessageBody=str(n))
        got = [body for poll in polls for body in bodies(poll.result(15))]
        assert sorted(got) == [str(n) for n in range(8)]


def test_the_command_line_does_it_all(clients):
    url = queues.create(clients.boto("sqs"))

    def cli(command, *args):
        # The AWS CLI 1 doesn't heed AWS_ENDPOINT_URL where SQS is meant.
        return clients.cli("sqs", "--endpoint-url", clients.url, command, "--queue-url", url, *args)

    attributes = json.dumps({"a": {"DataType": "String", "StringValue": "1"}})
    sent = cli("send-message", "--message-body", "hello", "--message-attributes", attributes)
    entries = json.dumps([{"Id": str(n), "MessageBody": f"b{n}"} for n in range(2)])
    assert len(cli("send-message-batch", "--entries", entries)["Successful"]) == 2
    asked = ("--max-number-of-messages", 10, "--message-attribute-names", "All", "--message-system-attribute-names", "All")
    messages = cli("receive-message", *asked, "--wait-time-seconds", 1)["Messages"]
    assert bodies(messages) == ["hello", "b0", "b1"]
    assert messages[0]["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    handles = [message["ReceiptHandle"] for message in messages]
    assert cli("change-message-visibility", "--receipt-handle", handles[0], "--visibility-timeout", 0) is None
    (again,) = cli("receive-message")["Messages"]
    assert again["Body"] == "hello"
    assert cli("delete-message", "--receipt-handle", again["ReceiptHandle"]) is None
    entries = json.dumps([{"Id": str(n), "ReceiptHandle": one} for n, one in enumerate(handles[1:])])
    assert len(cli("delete-message-batch", "--entries", entries)["Successful"]) == 2
    assert cli("receive-message") is None


def test_the_javascript_sdk_does_it_all(clients):
    url = queues.create(clients.boto("sqs"), fifo=True)
    steps = clients.node("sqs_messages.mjs", url)
    assert steps["sent"] == [True, 20]
    assert steps["batch"] == [["1"], "2 InvalidParameterValue"]
    assert steps["received"] == [["hello", {"a": "1"}, "1"], ["again", {}, "1"]]
    assert steps["invalid"] == [True, "ReceiptHandleIsInvalid"]
    assert steps["left"] == 0


def test_times_are_virtual(own):
    sqs = Clients(own.url).boto("sqs")
    dead = queues.create(sqs)
    policy = json.dumps({"deadLetterTargetArn": queues.arn(sqs, dead), "maxReceiveCount": 2})
    url = queues.create(sqs, RedrivePolicy=policy, VisibilityTimeout=3600, MessageRetentionPeriod=86_400)
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=900)
    assert receive(sqs, url) == []
    own.advance(890)
    assert receive(sqs, url) == []
    own.advance(10)
    for _ in range(2):
        assert bodies(some(sqs, url)) == ["late"]
        own.advance(3_590)
        assert receive(sqs, url) == []
        own.advance(10)
    assert receive(sqs, url) == []
    (letter,) = receive(sqs, dead, AttributeNames=["All"])
    assert letter["Attributes"]["ApproximateReceiveCount"] == "3"
    assert letter["Attributes"]["DeadLetterQueueSourceArn"] == queues.arn(sqs, url)
    sqs.send_message(QueueUrl=url, MessageBody="forgotten")
    own.advance(86_401)
    assert receive(sqs, url) == []


def test_a_moved_clock_ends_long_polls(own):
    sqs = Clients(own.url).boto("sqs")
    url = queues.create(sqs)
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=600)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        poll = pool.submit(receive, sqs, url, WaitTimeSeconds=20)
        assert not concurrent.futures.wait([poll], timeout=0.3).done
        own.advance(600)
        # It is over: it may have been before the message could be seen.
        assert bodies(poll.result(15)) in (["late"], [])
    assert time.monotonic() - began < 15


def test_what_was_sent_survives_a_kill_and_what_was_deleted_does_not_come_back(own):
    sqs = Clients(own.url).boto("sqs")
    url, ordered = queues.create(sqs), queues.create(sqs, fifo=True, VisibilityTimeout=600)
    for n in range(20):
        sqs.send_message(QueueUrl=url, MessageBody=str(n))
        sqs.send_message(QueueUrl=ordered, MessageBody=str(n), MessageGroupId="g", MessageDeduplicationId=str(n))
    gone = receive(sqs, url)
    drop(sqs, url, gone)
    held = receive(sqs, ordered)
    drop(sqs, ordered, held[:3])
    own.kill()
    own.start()
    # Its address may be another.
    sqs = Clients(own.url).boto("sqs")
    url, ordered = (sqs.get_queue_url(QueueName=one.rsplit("/", 1)[1])["QueueUrl"] for one in (url, ordered))
    assert receive(sqs, ordered) == [], "its group is in flight still"
    sqs.delete_message(QueueUrl=ordered, ReceiptHandle=held[3]["ReceiptHandle"])
    own.advance(700)
    left = []
    while found := receive(sqs, url):
        left += bodies(found)
        drop(sqs, url, found)
    assert sorted(left, key=int) == [str(n) for n in range(10, 20)]
    assert bodies(receive(sqs, ordered)) == [str(n) for n in range(4, 14)]


def test_queues_are_measured(clients):
    sqs = clients.boto("sqs")
    url = queues.create(sqs)
    name = url.rsplit("/", 1)[1]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="four")
    drop(sqs, url, receive(sqs, url))
    receive(sqs, url)
    now = datetime.datetime.now(datetime.timezone.utc)
    span = {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now + datetime.timedelta(hours=1), "Period": 7200}

    def sums():
        metrics = {}
        for metric in (
            "NumberOfMessagesSent",
            "NumberOfMessagesReceived",
            "NumberOfMessagesDeleted",
            "NumberOfEmptyReceives",
            "SentMessageSize",
        ):
            answer = clients.boto("cloudwatch").get_metric_statistics(
                Namespace="AWS/SQS",
                MetricName=metric,
                Dimensions=[{"Name": "QueueName", "Value": name}],
                Statistics=["Sum"],
                **span,
            )
            metrics[metric] = sum(point["Sum"] for point in answer["Datapoints"])
        return metrics

    expected = {
        "NumberOfMessagesSent": 3,
        "NumberOfMessagesReceived": 3,
        "NumberOfMessagesDeleted": 3,
        "NumberOfEmptyReceives": 1,
        "SentMessageSize": 12,
    }
    wait_until(lambda: sums() == expected, 30, f"{expected}")


def test_what_came_of_an_asynchronous_call_goes_to_queues(own):
    clients = Clients(own.url)
    sqs, client = clients.boto("sqs"), clients.boto("lambda")
    records, letters = queues.create(sqs), queues.create(sqs)
    one = functions.create(clients, FAILS, DeadLetterConfig={"TargetArn": queues.arn(sqs, letters)})
    destination = {"OnFailure": {"Destination": queues.arn(sqs, records)}}
    client.put_function_event_invoke_config(FunctionName=one.name, MaximumRetryAttempts=0, DestinationConfig=destination)
    answer = client.invoke(FunctionName=one.name, InvocationType="Event", Payload=b'{"a": 1}')
    request = answer["ResponseMetadata"]["RequestId"]
    wanted = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    (message,) = some(sqs, records, **wanted)
    record = json.loads(message["Body"])
    assert record["requestContext"]["requestId"] == request
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestPayload"] == {"a": 1}
    assert record["responsePayload"]["errorType"] == "ValueError"
    assert "MessageAttributes" not in message
    (message,) = some(sqs, letters, **wanted)
    assert json.loads(message["Body"]) == {"a": 1}
    attributes = message["MessageAttributes"]
    assert attributes["RequestID"] == {"DataType": "String", "StringValue": request}
    assert attributes["ErrorCode"] == {"DataType": "Number", "StringValue": "200"}
    assert attributes["ErrorMessage"] == {"DataType": "String", "StringValue": "as asked"}
