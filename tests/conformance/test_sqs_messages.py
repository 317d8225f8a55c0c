"""Scenarios about messages recorded from AWS's SQS, done again here."""

import json
import time
from urllib.parse import urlsplit

import pytest

from harness import queues, signing
from harness.recordings import Comparison, answered, scenario
from harness.wait import wait_until

FILE = "sqs/test_sqs.json"
BOTH = pytest.mark.parametrize("protocol", ["sqs", "sqs_query"])


@pytest.fixture
def client(clients, request):
    """Of the protocol that the test is given, or JSON."""
    protocol = request.getfixturevalue("protocol") if "protocol" in request.fixturenames else "sqs"
    return queues.query(clients) if protocol == "sqs_query" else clients.boto("sqs")


@pytest.fixture
def query(clients):
    return queues.query(clients)


def recorded(name):
    return scenario(FILE, name)


def labelled(told, label, ours, compare=None):
    (compare or Comparison()).check(told[label], ours)


def received(client, url, **extra):
    """What a receive answers once it gives something."""
    answers = []

    def something():
        answers.append(answered(client.receive_message, QueueUrl=url, **extra))
        return "Messages" in answers[-1]

    wait_until(something, 30, "a message")
    return answers[-1]


def send(client, url, body, group=None, dedup=None, **extra):
    ids = {"MessageGroupId": group, "MessageDeduplicationId": dedup}
    ids = {name: value for name, value in ids.items() if value is not None}
    return answered(client.send_message, QueueUrl=url, MessageBody=body, **ids, **extra)


def passed(seconds):
    """Waits until so much time has passed that a timeout of these seconds is over."""
    over = time.monotonic() + seconds + 0.1
    wait_until(lambda: time.monotonic() > over, seconds + 10)


def entries(count, **extra):
    return [{"Id": f"id-{n}", **extra} for n in range(count)]


def test_batches_with_too_many_entries(client, query):
    url = queues.create(client)
    changes = entries(20, ReceiptHandle="h", VisibilityTimeout=1)
    ours = answered(client.change_message_visibility_batch, QueueUrl=url, Entries=changes)
    labelled(recorded("test_change_message_visibility_batch_with_too_large_batch[sqs]"), "error_response", ours)
    for protocol, one in (("sqs", client), ("sqs_query", query)):
        ours = answered(one.delete_message_batch, QueueUrl=url, Entries=entries(20, ReceiptHandle="h"))
        labelled(recorded(f"test_delete_message_batch_with_too_large_batch[{protocol}]"), "error_response", ours)


def test_ids_of_entries(client, query):
    url = queues.create(client)
    for one, id, name in ((client, "invalid:id", "sqs-invalid:id"), (query, "", "sqs_query-")):
        ours = answered(one.delete_message_batch, QueueUrl=url, Entries=[{"Id": id, "ReceiptHandle": "h"}])
        labelled(recorded(f"test_delete_message_batch_invalid_msg_id[{name}]"), "error_response", ours)
    ours = answered(client.send_message_batch, QueueUrl=url, Entries=[{"Id": "message:(123)", "MessageBody": "b"}])
    labelled(recorded("test_invalid_batch_id[sqs]"), "test_invalid_batch_id", ours)


def test_the_trace_of_a_request_is_the_messages(query):
    told = recorded("test_aws_trace_header_propagation[sqs_query]")["xray-msg"]
    url = queues.create(query)
    header = told["Attributes"]["AWSTraceHeader"]

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = header

    query.meta.events.register("before-sign.sqs.SendMessage", add, "trace")
    try:
        attributes = {"timestamp": {"DataType": "Number", "StringValue": "1614717034367"}}
        send(query, url, "test", MessageAttributes=attributes)
    finally:
        query.meta.events.unregister("before-sign.sqs.SendMessage", unique_id="trace")
    wanted = {"AttributeNames": ["SentTimestamp", "AWSTraceHeader"], "MessageAttributeNames": ["All"]}
    message = received(query, url, **wanted)["Messages"][0]
    # The recording keeps neither the attribute's value nor, so, what its digest is of.
    told = {name: value for name, value in told.items() if name not in ("MessageAttributes", "MD5OfMessageAttributes")}
    Comparison().check(told, message)


def test_dead_letters_keep_their_attributes(client):
    told, compare = recorded("test_dead_letter_queue_message_attributes"), Comparison()
    dead = queues.create(client)
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    url = queues.create(client, RedrivePolicy=policy, VisibilityTimeout="0")
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": told["rec-pre-dlq"][0]["Attributes"]["AWSTraceHeader"]}}
    attributes = {"MyAttribute": {"DataType": "String", "StringValue": "foobar"}}
    send(client, url, "message-1", MessageAttributes=attributes, MessageSystemAttributes=trace)
    send(client, url, "message-2")
    wanted = {
        "MessageAttributeNames": ["All"],
        "AttributeNames": [
            "AWSTraceHeader",
            "ApproximateFirstReceiveTimestamp",
            "ApproximateReceiveCount",
            "DeadLetterQueueSourceArn",
            "SentTimestamp",
        ],
        "MaxNumberOfMessages": 10,
    }
    first = received(client, url, VisibilityTimeout=0, **wanted)["Messages"]
    compare.check(told["rec-pre-dlq"], first)
    assert "Messages" not in client.receive_message(QueueUrl=url)
    compare.check(told["dlq-messages"], received(client, dead, **wanted)["Messages"])


def test_deleting_when_the_time_is_over(query):
    told = recorded("test_delete_after_visibility_timeout[sqs_query]")["delete_after_timeout_queue_empty"]
    url = queues.create(query, VisibilityTimeout="1")
    send(query, url, "foobar")
    handle = received(query, url)["Messages"][0]["ReceiptHandle"]
    passed(1)
    query.delete_message(QueueUrl=url, ReceiptHandle=handle)
    ours = answered(query.receive_message, QueueUrl=url)
    Comparison().check(told, ours)
    assert "Messages" not in ours


def test_groups_of_a_standard_queue(query):
    told, compare = recorded("test_fair_queue_with_message_group_id[sqs_query]"), Comparison()
    url = queues.create(query)
    compare.check(told["send_message"], send(query, url, "message", group="test"))
    compare.check(told["get-message-with-deduplication-id"], received(query, url, AttributeNames=["All"]))


@BOTH
def test_how_much_of_a_fifo_queue_is_in_flight(client, protocol):
    recorded(f"test_fifo_approximate_number_of_messages_not_visible[{protocol}]")
    url = queues.create(client, fifo=True)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def counts():
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [int(found[name]) for name in names]

    for n in range(3):
        send(client, url, f"m{n}", "g", str(n))
    assert counts() == [3, 0]
    messages = received(client, url, MaxNumberOfMessages=2)["Messages"]
    assert counts() == [1, 2]
    for message in messages:
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert counts() == [1, 0]


HIGH = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
REGULAR = {"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}


def taken(client, url):
    """What a receive answers; what it gave is deleted."""
    ours = answered(client.receive_message, QueueUrl=url)
    for message in ours.get("Messages", []):
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return ours


def settings(client, url):
    return answered(client.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])


def exactly(compare, told, label, ours):
    compare.check(told[label], ours)
    assert ("Messages" in told[label]) == ("Messages" in ours), label


def test_a_queue_becomes_one_of_high_throughput(client):
    told, compare = recorded("test_fifo_change_to_high_throughput_after_creation[sqs]"), Comparison()
    url = queues.create(client, fifo=True)
    for label, body, group, dedup in (
        ("same-dedup-different-grp-1", "Test1", "g1", "d1"),
        ("same-dedup-different-grp-2", "Test2", "g2", "d1"),
    ):
        send(client, url, body, group, dedup)
        exactly(compare, told, label, taken(client, url))
    client.set_queue_attributes(QueueUrl=url, Attributes=HIGH)
    compare.check(told["set-to-high-throughput"], settings(client, url))
    for label, body, group, dedup in (
        ("same-dedup-different-grp-high-throughput", "Test3", "g3", "d1"),
        ("same-dedup-different-grp-high-throughput-2", "Test3", "g2", "d1"),
        ("new-dedup2-high-throughput", "Test4", "g1", "d2"),
        ("same-dedup2-high-throughput", "Test5", "g1", "d2"),
    ):
        send(client, url, body, group, dedup)
        exactly(compare, told, label, taken(client, url))


@BOTH
def test_a_queue_becomes_one_of_regular_throughput(client, protocol):
    told, compare = recorded(f"test_fifo_change_to_regular_throughput_after_creation[{protocol}]"), Comparison()
    url = queues.create(client, fifo=True, **HIGH)
    for n, label in enumerate(("same-dedup-different-grp-1", "same-dedup-different-grp-2"), 1):
        send(client, url, f"Test{n}", f"g{n}", "d1")
        exactly(compare, told, label, taken(client, url))
    client.set_queue_attributes(QueueUrl=url, Attributes=REGULAR)
    compare.check(told["set-to-regular-throughput"], settings(client, url))
    send(client, url, "Test3", "g3", "d1")
    exactly(compare, told, "same-dedup-different-grp-regular-throughput", taken(client, url))


@BOTH
def test_groups_of_high_throughput_tell_their_own_duplicates(client, protocol):
    told, compare = recorded(f"test_fifo_high_throughput_ordering[{protocol}]"), Comparison()
    url = queues.create(client, fifo=True, **HIGH)
    for n in (1, 2):
        send(client, url, f"Test{n}", f"g{n}", "d1")
        exactly(compare, told, f"same-dedup-different-grp-{n}", taken(client, url))


@BOTH
@pytest.mark.parametrize("by_content", [True, False])
def test_duplicates_arrive_once_after_a_deletion(client, protocol, by_content):
    told = recorded(f"test_fifo_deduplication_arrives_once_after_delete[{protocol}-{by_content}]")
    compare = Comparison()
    url = queues.create(client, fifo=True, ContentBasedDeduplication=str(by_content).lower())
    body = json.dumps(told["get-messages"]["Messages"][0]["Body"])
    ids = {} if by_content else {"dedup": "dedup-1"}
    for label in ("get-messages", "get-messages-duplicate"):
        send(client, url, body, "group", **ids)
        ours = taken(client, url)
        for message in ours.get("Messages", []):
            message["Body"] = json.loads(message["Body"])
        exactly(compare, told, label, ours)


def test_duplicates_are_told_across_groups(query):
    told, compare = recorded("test_fifo_deduplication_not_on_message_group_id[sqs_query-False]"), Comparison()
    url = queues.create(query, fifo=True)
    body = json.dumps(told["get-messages"]["Messages"][0]["Body"])
    for label, group in (("get-messages", "g1"), ("get-dedup-messages", "g2")):
        send(query, url, body, group, "dedup-1")
        ours = taken(query, url)
        for message in ours.get("Messages", []):
            message["Body"] = json.loads(message["Body"])
        exactly(compare, told, label, ours)


def test_deleting_when_the_time_was_extended(query):
    told, compare = recorded("test_fifo_delete_after_visibility_timeout_extended[sqs_query]"), Comparison()
    url = queues.create(query, fifo=True, VisibilityTimeout="1")
    send(query, url, "foobar", "g", "d")
    ours = received(query, url)
    compare.check(told["received_sqs_message"], ours)
    handle = ours["Messages"][0]["ReceiptHandle"]
    query.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=60)
    passed(1)
    query.delete_message(QueueUrl=url, ReceiptHandle=handle)
    exactly(compare, told, "delete_after_timeout_fifo_extended", answered(query.receive_message, QueueUrl=url))


@BOTH
def test_groups_that_were_empty_come_back(client, protocol):
    told, compare = recorded(f"test_fifo_empty_message_groups_added_back_to_queue[{protocol}]"), Comparison()
    url = queues.create(client, fifo=True)
    send(client, url, "Message 1", "g", "1")
    exactly(compare, told, "inital-fifo-receive", taken(client, url))
    exactly(compare, told, "empty-fifo-receive", taken(client, url))
    send(client, url, "Message 2", "g", "2")
    exactly(compare, told, "final-fifo-receive", taken(client, url))


@BOTH
@pytest.mark.parametrize("others", ["invisible", "visible"])
def test_what_is_in_front_of_a_group_decides(client, protocol, others):
    name = f"test_fifo_group_visibility_extends_with_change_message_visibility[{protocol}-1-{others}]"
    told, compare = recorded(name), Comparison()
    url = queues.create(client, fifo=True)
    for body in ("foo", "bar", "baz"):
        send(client, url, body, "g", body)
    ours = received(client, url, MaxNumberOfMessages=10)
    compare.check(told["receive_all_messages"], ours)
    first, *rest = (message["ReceiptHandle"] for message in ours["Messages"])
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=first, VisibilityTimeout=0)
    if others == "visible":
        client.change_message_visibility(QueueUrl=url, ReceiptHandle=rest[1], VisibilityTimeout=0)
    exactly(compare, told, "some-messages-invisible", answered(client.receive_message, QueueUrl=url, MaxNumberOfMessages=10))


@BOTH
def test_delays_of_messages_of_a_fifo_queue(client, protocol):
    told = recorded(f"test_fifo_queue_send_message_with_delay_seconds_fails[{protocol}]")
    url = queues.create(client, fifo=True)
    labelled(told, "send_message", send(client, url, "message-1", "g", "1", DelaySeconds=2))


def test_a_delay_of_zero_is_the_fifo_queues(client):
    told = recorded("test_fifo_queue_send_message_with_zero_delay_defaults_to_queue_delay[sqs]")
    compare = Comparison()
    url = queues.create(client, fifo=True, DelaySeconds="1")
    compare.check(told["send_message_result"], send(client, url, "message-1", "g", "1", DelaySeconds=0))
    exactly(compare, told, "receive_message_initial_result", answered(client.receive_message, QueueUrl=url))
    compare.check(told["receive_message_after_delay_result"], received(client, url))


def test_ids_of_messages(client):
    url = queues.create(client, fifo=True)
    told = recorded("test_message_deduplication_id_invalid[empty]")
    labelled(told, "error-response", send(client, url, "m", "g", ""))
    url = queues.create(client)
    for name, group in (("empty", ""), ("too_long", "a" * 129)):
        told = recorded(f"test_send_message_to_standard_queue_with_invalid_message_group_id[{name}]")
        labelled(told, "error-response", send(client, url, "m", group))


def test_both_lists_of_system_attributes(client):
    told, compare = recorded("test_message_system_attribute_names_with_attribute_names[sqs]"), Comparison()
    url = queues.create(client, VisibilityTimeout="0")
    send(client, url, "msg")
    for label, system, old in (("same_values", ["All"], ["All"]), ("different_values", ["All"], ["SenderId"])):
        ours = received(client, url, MessageSystemAttributeNames=system, AttributeNames=old)
        compare.check(told[label], ours)


@pytest.mark.parametrize(
    "protocol, parameter, name",
    [
        ("sqs_query", "AttributeNames", "test_receive_message_attribute_names_filters[sqs_query]"),
        ("sqs", "MessageSystemAttributeNames", "test_receive_message_message_system_attribute_names_filters[sqs]"),
    ],
)
def test_system_attributes_that_are_asked_for(client, protocol, parameter, name):
    told, compare = recorded(name), Comparison()
    url = queues.create(client, VisibilityTimeout="0")
    send(client, url, "msg", MessageAttributes={"Foo": {"DataType": "String", "StringValue": "Bar"}})
    for label, extra in (
        ("all_attributes", {parameter: ["All"]}),
        ("all_system_and_message_attributes", {parameter: ["All"], "MessageAttributeNames": ["All"]}),
        ("single_attribute", {parameter: ["SenderId"]}),
        ("multiple_attributes", {parameter: ["SenderId", "SequenceNumber"]}),
    ):
        ours = received(client, url, **extra)
        compare.check(told[label], ours)
        for part in ("Attributes", "MessageAttributes"):
            mine, theirs = (set(answer["Messages"][0].get(part, {})) for answer in (ours, told[label]))
            assert mine == theirs, (label, part)


def test_attributes_that_are_asked_for(client):
    told, compare = recorded("test_receive_message_message_attribute_names_filters[sqs]"), Comparison()
    url = queues.create(client, VisibilityTimeout="0")
    attributes = {
        name: {"DataType": "String", "StringValue": value}
        for name, value in (("Help.Me", "Me"), ("Hello", "There"), ("General", "Kenobi"))
    }
    ours = send(client, url, "msg", MessageAttributes=attributes)
    compare.check(told["send_message_response"], ours)
    for label, asked in (
        ("empty_filter", []),
        ("all_name", ["All"]),
        ("all_wildcard_asterisk", ["*"]),
        ("all_wildcard", [".*"]),
        ("only_non_existing_names", ["Foo", "Help"]),
        ("only_existing", ["Hello", "General"]),
        ("existing_and_non_existing", ["Foo", "Hello"]),
        ("prefix_filter", ["Hel.*"]),
        ("illegal_name_1", ["AWS.Foo"]),
        ("illegal_name_2", [".."]),
    ):
        ours = received(client, url, MessageAttributeNames=asked)
        theirs = told[label].get("Messages", [told[label]])
        compare.check(theirs, ours["Messages"])
        assert ("MessageAttributes" in theirs[0]) == ("MessageAttributes" in ours["Messages"][0]), label


def test_entries_that_are_too_large(client):
    told, compare = recorded("test_send_batch_message_size"), Comparison()
    url = queues.create(client, MaximumMessageSize="1024")
    batch = [{"Id": "1", "MessageBody": "a" * 1025}, {"Id": "2", "MessageBody": "a" * 1024}]
    ours = answered(client.send_message_batch, QueueUrl=url, Entries=batch)
    compare.check(told["send-message-batch-result"], ours)


def test_what_entries_for_a_fifo_queue_lack(client, query):
    told = recorded("test_send_batch_missing_deduplication_id_for_fifo_queue[sqs]")
    url = queues.create(client, fifo=True)
    batch = [{"Id": "1", "MessageBody": "a", "MessageGroupId": "g"}]
    ours = answered(client.send_message_batch, QueueUrl=url, Entries=batch)
    labelled(told, "test_missing_deduplication_id_for_fifo_queue", ours)
    told = recorded("test_send_batch_missing_message_group_id_for_fifo_queue[sqs_query]")
    batch = [{"Id": "1", "MessageBody": "a", "MessageDeduplicationId": "d"}]
    ours = answered(query.send_message_batch, QueueUrl=url, Entries=batch)
    labelled(told, "test_missing_message_group_id_for_fifo_queue", ours)


@BOTH
def test_an_empty_message(client, protocol):
    told = recorded(f"test_send_empty_message[{protocol}]")
    labelled(told, "send_empty_message", send(client, queues.create(client), ""))


def test_sizes(client, query):
    url = queues.create(client)
    batch = [{"Id": "1", "MessageBody": "a" * (1 << 20)}, {"Id": "2", "MessageBody": "a"}]
    ours = answered(client.send_message_batch, QueueUrl=url, Entries=batch)
    labelled(recorded("test_send_message_batch_with_oversized_contents[sqs]"), "send_oversized_message_batch", ours)
    told = recorded("test_send_oversized_message[sqs_query]")
    labelled(told, "send_oversized_message", send(query, url, "a" * ((1 << 20) + 1)))
    small = queues.create(query, MaximumMessageSize="1024")
    told = recorded("test_send_message_with_updated_maximum_message_size[sqs_query]")
    labelled(told, "send_oversized_message", send(query, small, "a" * 1025))


def test_a_batch_may_be_larger_than_the_queues_messages(query):
    told = recorded("test_send_message_batch_with_oversized_contents_with_updated_maximum_message_size[sqs_query]")
    url = queues.create(query, MaximumMessageSize="2048")
    # Name, type and value of its attribute count, too: with them the first is as long as one may be.
    attributes = {"k": {"DataType": "String", "StringValue": "x"}}
    batch = [{"Id": "1", "MessageBody": "a" * 2040, "MessageAttributes": attributes}, {"Id": "2", "MessageBody": "a"}]
    labelled(told, "send_oversized_message_batch", answered(query.send_message_batch, QueueUrl=url, Entries=batch))


def test_json_to_a_queues_url(client, platform):
    """AWS: a request in JSON may go to the queue's own path; a body without messages has no list."""
    told = recorded("test_send_message_via_queue_url_with_json_protocol")["receive-json-on-queue-url"]
    url = queues.create(client)
    extra = {"x-amz-target": "AmazonSQS.ReceiveMessage", "content-type": "application/x-amz-json-1.0"}
    body = json.dumps({"QueueUrl": url}).encode()
    answer = signing.send(platform, "sqs", path=urlsplit(url).path, body=body, extra=extra)
    assert answer.status == told["ResponseMetadata"]["HTTPStatusCode"]
    assert {name for name in told if name != "ResponseMetadata"} == set(json.loads(answer.body))


def test_how_many_messages_may_be_asked_for(client):
    told = recorded("test_send_receive_max_number_of_messages[sqs]")
    ours = answered(client.receive_message, QueueUrl=queues.create(client), MaxNumberOfMessages=11)
    labelled(told, "send_max_number_of_messages", ours)


def test_how_long_may_be_waited(query):
    told, compare = recorded("test_send_receive_wait_time_seconds[sqs_query]"), Comparison()
    url = queues.create(query)
    for label, seconds in (("recieve_message_error_too_large", 21), ("recieve_message_error_too_small", -1)):
        compare.check(told[label], answered(query.receive_message, QueueUrl=url, WaitTimeSeconds=seconds))
    for label, extra in (("empty_short_poll_by_default_resp", {}), ("empty_short_poll_explicit_resp", {"WaitTimeSeconds": 0})):
        send(query, url, "message")
        compare.check(told[label], answered(query.receive_message, QueueUrl=url, **extra))
