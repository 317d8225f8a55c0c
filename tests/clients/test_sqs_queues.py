"""SQS's queues through real clients: boto3 in JSON and in the query protocol, the AWS CLI, the AWS SDK for JavaScript."""

import functools
import json
from urllib.parse import urlsplit

import pytest

from harness import queues, raw, signing
from harness.clients import ACCOUNT, error_of
from harness.names import unique
from harness.platform import Platform


@pytest.fixture(params=["json", "query"])
def sqs(request, clients):
    return clients.boto("sqs") if request.param == "json" else queues.query(clients)


def attributes(sqs, url, *names):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"]).get("Attributes", {})


def test_a_queue_from_its_making_to_its_end(sqs, clients):
    name = unique("walk")
    url = sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "7"}, tags={"a": "1"})["QueueUrl"]
    assert url == f"{clients.url}/{ACCOUNT}/{name}"
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "9", "ReceiveMessageWaitTimeSeconds": "20"})
    told = attributes(sqs, url)
    assert told["QueueArn"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    assert [told[of] for of in ("DelaySeconds", "VisibilityTimeout", "MaximumMessageSize")] == ["7", "9", "1048576"]
    assert set(attributes(sqs, url, "DelaySeconds", "Policy")) == {"DelaySeconds"}
    sqs.tag_queue(QueueUrl=url, Tags={"b": "2"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}
    sqs.purge_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=url)
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix=name)
    gone = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
    assert error_of(sqs.get_queue_url, QueueName=name) == gone
    code = error_of(sqs.create_queue, QueueName=name)[0]
    assert code == "AWS.SimpleQueueService.QueueDeletedRecently"


def test_errors_are_of_the_classes_that_clients_catch(sqs):
    url = queues.create(sqs, DelaySeconds=1)
    name = url.rsplit("/", 1)[1]
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "2"})
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.delete_queue(QueueUrl=f"{url}-none")
    sqs.purge_queue(QueueUrl=url)
    with pytest.raises(sqs.exceptions.PurgeQueueInProgress) as caught:
        sqs.purge_queue(QueueUrl=url)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_every_form_of_a_queues_url_names_it(sqs):
    url = queues.create(sqs, DelaySeconds=3)
    path = urlsplit(url).path
    port = urlsplit(url).port
    for form in (
        f"http://localhost:{port}{path}",
        f"http://sqs.us-east-1.localhost.localstack.cloud:{port}{path}",
        f"http://us-east-1.queue.localhost.localstack.cloud:{port}{path}",
        f"https://sqs.us-east-1.amazonaws.com{path}",
        path.rsplit("/", 1)[1],
    ):
        # As a parameter alone: where it is sent to is another matter.
        body = f"Action=GetQueueAttributes&Version=2012-11-05&AttributeName.1=DelaySeconds&QueueUrl={form}"
        answer = signing.form_call(Target(url), body.encode(), service="sqs")
        assert answer.status == 200 and "<Value>3</Value>" in answer.text, (form, answer.text)


class Target:
    """What signing.send wants to know of a platform."""

    def __init__(self, url):
        self.url, self.port = f"http://{urlsplit(url).netloc}", urlsplit(url).port


def test_queues_of_another_region_and_account(clients):
    sqs, there = clients.boto("sqs"), clients.other("test", region="eu-west-1").boto("sqs")
    url = queues.create(there, DelaySeconds=3)
    path = urlsplit(url).path
    assert error_of(attributes, sqs, url)[0] == "AWS.SimpleQueueService.NonExistentQueue"
    assert attributes(sqs, f"http://sqs.eu-west-1.localhost:4566{path}")["DelaySeconds"] == "3"
    other = clients.other("111122223333").boto("sqs")
    theirs = queues.create(other)
    name = theirs.rsplit("/", 1)[1]
    elsewhere = {"QueueName": name, "QueueOwnerAWSAccountId": "111122223333"}
    assert error_of(sqs.get_queue_url, **elsewhere)[0] == "AccessDenied"
    other.add_permission(QueueUrl=theirs, Label="l", AWSAccountIds=[ACCOUNT], Actions=["GetQueueUrl"])
    found = sqs.get_queue_url(**elsewhere)["QueueUrl"]
    assert found.endswith(f"/111122223333/{name}")
    assert error_of(sqs.get_queue_url, QueueName=name)[0] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_policy_decides_what_other_accounts_may(clients):
    sqs, other = clients.boto("sqs"), clients.other("111122223333").boto("sqs")
    url = queues.create(sqs)
    refused = error_of(other.send_message, QueueUrl=url, MessageBody="x")
    assert refused == ("AccessDenied", f"Access to the resource {url} is denied.", 403)
    principal = {"AWS": "arn:aws:iam::111122223333:root"}
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": queues.arn(sqs, url)}
    for effect, allowed in (("Allow", True), ("Deny", False)):
        statements = [allow, {**allow, "Effect": effect}]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        entries = [{"Id": "1", "MessageBody": "x"}]
        if allowed:
            other.send_message(QueueUrl=url, MessageBody="x")
            assert not other.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")
        else:
            assert error_of(other.send_message, QueueUrl=url, MessageBody="x")[0] == "AccessDenied"
            assert error_of(other.send_message_batch, QueueUrl=url, Entries=entries)[0] == "AccessDenied"
        assert error_of(other.receive_message, QueueUrl=url)[0] == "AccessDenied"
        assert error_of(other.delete_queue, QueueUrl=url)[0] == "AccessDenied"
    assert len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 2


def test_the_query_protocol_by_hand(platform, clients):
    sqs = clients.boto("sqs")
    url = queues.create(sqs)
    path = urlsplit(url).path
    answer = signing.form_call(
        platform, b"Action=SetQueueAttributes&Version=2012-11-05&Attribute.Name=DelaySeconds&Attribute.Value=5",
        service="sqs", path=path,
    )  # fmt: skip
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<SetQueueAttributesResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">" in answer.text
    assert attributes(sqs, url)["DelaySeconds"] == "5"
    unsigned = raw.request(platform.url, "GET", f"{path}?Action=ReceiveMessage&Version=2012-11-05")
    assert unsigned.status == 403 and "<Code>MissingAuthenticationToken</Code>" in unsigned.text
    broken = signing.form_call(platform, b"Action=Fly&Version=2012-11-05", service="sqs", path=path)
    assert broken.status == 400 and "<Code>InvalidAction</Code>" in broken.text


def test_a_signed_url_of_the_query_protocol(platform, clients):
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    url = queues.create(clients.boto("sqs"), DelaySeconds=6)
    request = AWSRequest("GET", f"{url}?Action=GetQueueAttributes&Version=2012-11-05&AttributeName=DelaySeconds")
    SigV4QueryAuth(Credentials("test", "test"), "sqs", "us-east-1").add_auth(request)
    parts = urlsplit(request.url)
    answer = raw.request(platform.url, "GET", f"{parts.path}?{parts.query}")
    assert answer.status == 200 and "<Name>DelaySeconds</Name><Value>6</Value>" in answer.text, answer.text
    forged = raw.request(platform.url, "GET", f"{parts.path}?{parts.query}".replace("DelaySeconds", "QueueArn"))
    assert forged.status == 403 and "<Code>SignatureDoesNotMatch</Code>" in forged.text


def test_json_to_the_queues_own_url(platform, clients):
    sqs = clients.boto("sqs")
    url = queues.create(sqs, DelaySeconds=4)
    answer = signing.json_call(
        platform, "GetQueueAttributes", json.dumps({"AttributeNames": ["DelaySeconds"]}).encode(),
        prefix="AmazonSQS", service="sqs", path=urlsplit(url).path,
    )  # fmt: skip
    assert answer.json() == {"Attributes": {"DelaySeconds": "4"}}


def test_dead_letter_queues(sqs):
    dlq, url = queues.create(sqs), queues.create(sqs)
    policy = {"deadLetterTargetArn": queues.arn(sqs, dlq), "maxReceiveCount": 3}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    assert json.loads(attributes(sqs, url)["RedrivePolicy"]) == policy
    assert sqs.list_dead_letter_source_queues(QueueUrl=dlq)["queueUrls"] == [url]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    assert "RedrivePolicy" not in attributes(sqs, url)
    policy["deadLetterTargetArn"] += "-none"
    code, message, _ = error_of(sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    assert code == "InvalidParameterValue" and message.endswith("Reason: Dead letter target does not exist.")


def test_lists_in_pages(sqs):
    prefix = unique("pages")
    urls = [sqs.create_queue(QueueName=f"{prefix}-{n}")["QueueUrl"] for n in range(5)]
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": 2})
    assert [page["QueueUrls"] for page in pages] == [urls[:2], urls[2:4], urls[4:]]


def test_the_command_line_does_the_whole_walk(clients):
    # The AWS CLI 1 doesn't heed AWS_ENDPOINT_URL where SQS is meant.
    here = ("--endpoint-url", clients.url)
    cli, cli_fails = (functools.partial(of, "sqs", *here) for of in (clients.cli, clients.cli_fails))
    name = unique("cli")
    url = cli("create-queue", "--queue-name", name, "--attributes", "DelaySeconds=7")["QueueUrl"]
    of = ("--queue-url", url)
    told = cli("get-queue-attributes", *of, "--attribute-names", "All")["Attributes"]
    assert told["DelaySeconds"] == "7"
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": "*"}]}
    given = json.dumps({"Policy": json.dumps(policy)})
    assert cli("set-queue-attributes", *of, "--attributes", given) is None
    permission = ("--label", "l", "--aws-account-ids", ACCOUNT, "--actions", "SendMessage")
    cli("add-permission", *of, *permission)
    kept = json.loads(cli("get-queue-attributes", *of, "--attribute-names", "Policy")["Attributes"]["Policy"])
    assert kept["Version"] == "2012-10-17" and [one.get("Sid") for one in kept["Statement"]] == [None, "l"]
    cli("remove-permission", *of, "--label", "l")
    cli("tag-queue", *of, "--tags", "k=v")
    assert cli("list-queue-tags", *of)["Tags"] == {"k": "v"}
    said = cli_fails("create-queue", "--queue-name", name, "--attributes", "DelaySeconds=8")
    assert "(QueueAlreadyExists) when calling the CreateQueue operation" in said
    cli("delete-queue", *of)
    assert "(AWS.SimpleQueueService.NonExistentQueue)" in cli_fails("get-queue-url", "--queue-name", name)


def test_the_sdk_for_javascript(clients):
    name = unique("js")
    steps = clients.node("sqs_queues.mjs", name)
    assert steps == {
        "found": True,
        "listed": [f"{clients.url}/{ACCOUNT}/{name}"],
        "attributes": {"DelaySeconds": "7", "VisibilityTimeout": "9"},
        "tags": {"a": "1"},
        "other": [True, "QueueNameExists", 400],
        "gone": [True, "QueueDoesNotExist", "The specified queue does not exist."],
    }


def test_the_sdk_for_javascript_in_a_function(function, clients):
    source = """
    import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
    const [plain, own] = [new SQSClient({}), new SQSClient({ useQueueUrlAsEndpoint: false })];
    const send = (sqs, QueueUrl, MessageBody) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    export const handler = async ({ name, url }) => {
      const { QueueUrl } = await plain.send(new GetQueueUrlCommand({ QueueName: name }));
      await send(plain, QueueUrl, "by the URL that the function was told");
      await send(own, url, "by the URL from outside");
      return QueueUrl;
    };
    """
    sqs = clients.boto("sqs")
    url = queues.create(sqs)
    name = url.rsplit("/", 1)[1]
    status, failed, told = function(source, "node").invoke({"name": name, "url": url})
    assert (status, failed, told) == (200, None, f"http://127.0.0.1:4566/{ACCOUNT}/{name}")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(message["Body"] for message in found) == [
        "by the URL from outside",
        "by the URL that the function was told",
    ]


def test_queues_are_there_after_a_restart(fresh):
    from harness.clients import Clients

    platform: Platform = fresh().start()
    sqs = Clients(platform.url).boto("sqs")
    url = queues.create(sqs, fifo=True, ContentBasedDeduplication=True, tags={"k": "v"})
    before = attributes(sqs, url)
    platform.kill()
    platform.start()
    assert attributes(sqs, url) == before
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"k": "v"}


def test_dead_letters_are_moved_once_each_though_the_platform_is_killed(fresh):
    from harness.clients import Clients
    from harness.wait import wait_until

    platform: Platform = fresh().start()
    sqs = Clients(platform.url).boto("sqs")
    dlq, to = queues.create(sqs), queues.create(sqs)
    queues.create(sqs, RedrivePolicy=json.dumps({"deadLetterTargetArn": queues.arn(sqs, dlq), "maxReceiveCount": 1}))
    for n in range(20):
        entries = [{"Id": str(m), "MessageBody": f"{n}-{m}"} for m in range(10)]
        sqs.send_message_batch(QueueUrl=dlq, Entries=entries)
    arn = queues.arn(sqs, dlq)
    sqs.start_message_move_task(SourceArn=arn, DestinationArn=queues.arn(sqs, to), MaxNumberOfMessagesPerSecond=40)

    def moved():
        return int(attributes(sqs, to)["ApproximateNumberOfMessages"])

    def task():
        return sqs.list_message_move_tasks(SourceArn=arn)["Results"][0]

    for least in (10, 60):
        wait_until(lambda: moved() >= least, 60, f"{least} messages")
        assert task()["Status"] == "RUNNING"
        platform.kill()
        platform.start()
    wait_until(lambda: task()["Status"] == "COMPLETED", 60, "the task's end")
    assert (task()["ApproximateNumberOfMessagesMoved"], moved()) == (200, 200)
    found = []
    while some := sqs.receive_message(QueueUrl=to, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in some]
    assert sorted(found) == sorted(f"{n}-{m}" for n in range(20) for m in range(10))


def test_the_name_of_a_deleted_queue_is_free_a_minute_later(fresh):
    from harness.clients import Clients

    platform: Platform = fresh().start()
    sqs = Clients(platform.url).boto("sqs")
    url = sqs.create_queue(QueueName="again")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="of the old queue")
    sqs.delete_queue(QueueUrl=url)
    code, message, _ = error_of(sqs.create_queue, QueueName="again")
    assert code == "AWS.SimpleQueueService.QueueDeletedRecently"
    assert message.startswith("You must wait 60 seconds after deleting a queue")
    platform.advance(60)
    assert sqs.create_queue(QueueName="again")["QueueUrl"] == url
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
