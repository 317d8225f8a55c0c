"""What an execution calls goes away while it is under way; tokens come too late, twice, or from nowhere."""

import json

import pytest

from harness import functions, tables
from harness.clients import Clients, error_of
from harness.mappings import Queue
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until
from harness.workflows import Execution, Machine, of

ECHO = "def handler(event, context):\n    return event\n"
LATER = {"Type": "Wait", "Seconds": 3600, "Next": "Call"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("midway")) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def states(clients):
    return clients.boto("stepfunctions")


@pytest.fixture
def failing(platform, states):
    """What a task fails with whose target goes away while its execution waits: the events' types, error and cause."""

    def failing(task, gone):
        machine = Machine(states, of(Wait=LATER, Call={"Type": "Task", "End": True, **task}))
        execution = machine.start({"id": "x"})
        execution.reaches("WaitStateEntered")
        gone()
        platform.advance(3600)
        said = execution.ended()
        assert said["status"] == "FAILED", said
        return execution.types()[4:], said["error"], said["cause"]

    return failing


def sdk_v1(service, status, code):
    return f"(Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: "


def test_a_function_that_is_deleted(clients, failing):
    function = functions.create(clients, ECHO)
    deletes = lambda: clients.boto("lambda").delete_function(FunctionName=function.name)
    arn = function.arn
    types, error, cause = failing({"Resource": arn}, deletes)
    assert types == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed", "ExecutionFailed"]
    assert error == "Lambda.ResourceNotFoundException"
    assert cause.startswith(f"Function not found: {arn}") and sdk_v1("AWSLambda", 404, "ResourceNotFoundException") in cause
    function = functions.create(clients, ECHO)
    task = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": function.name, "Payload.$": "$"}}
    types, error, cause = failing(task, lambda: clients.boto("lambda").delete_function(FunctionName=function.name))
    assert (types, error) == (["TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed"], "Lambda.ResourceNotFoundException")
    assert cause.endswith("; Proxy: null)")


@pytest.mark.parametrize("pattern, event", [("", "TaskFailed"), (".waitForTaskToken", "TaskSubmitFailed")])
def test_a_queue_that_is_deleted(clients, failing, pattern, event):
    queue = Queue(clients)
    body = {"token.$": "$$.Task.Token"} if pattern else "x"
    task = {"Resource": f"arn:aws:states:::sqs:sendMessage{pattern}", "Parameters": {"QueueUrl": queue.url, "MessageBody": body}}
    types, error, cause = failing(task, lambda: clients.boto("sqs").delete_queue(QueueUrl=queue.url))
    assert (types, error) == (["TaskScheduled", "TaskStarted", event, "ExecutionFailed"], "SQS.QueueDoesNotExistException")
    assert sdk_v1("AmazonSQS", 400, "AWS.SimpleQueueService.NonExistentQueue") in cause


def test_a_table_that_is_deleted(clients, failing):
    for resource, error, told in (
        ("dynamodb:putItem", "DynamoDB.ResourceNotFoundException", sdk_v1("AmazonDynamoDBv2", 400, "ResourceNotFoundException")),
        ("aws-sdk:dynamodb:putItem", "DynamoDb.ResourceNotFoundException", "(Service: DynamoDb, Status Code: 400, Request ID: "),
    ):
        table = tables.create(clients)
        task = {
            "Resource": f"arn:aws:states:::{resource}", "Parameters": {"TableName": table, "Item": {"id": {"S.$": "$.id"}}},
        }
        types, failed, cause = failing(task, lambda table=table: clients.boto("dynamodb").delete_table(TableName=table))
        assert (types[-2:], failed) == (["TaskFailed", "ExecutionFailed"], error)
        assert cause.startswith(f"Requested resource not found {told}"), cause


def test_a_topic_that_is_deleted(clients, failing):
    sns = clients.boto("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    task = {"Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": topic, "Message": "x"}}
    _, error, cause = failing(task, lambda: sns.delete_topic(TopicArn=topic))
    assert (error, cause.partition("; Request")[0]) == (
        "SNS.NotFoundException", "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound",
    )


@pytest.mark.parametrize("pattern, event", [("", "TaskFailed"), (".sync", "TaskSubmitFailed"), (".sync:2", "TaskSubmitFailed")])
def test_a_state_machine_that_is_deleted_before_it_is_started(states, failing, pattern, event):
    inner = Machine(states, of(A={"Type": "Pass", "End": True}))
    task = {"Resource": f"arn:aws:states:::states:startExecution{pattern}", "Parameters": {"StateMachineArn": inner.arn}}
    types, error, _ = failing(task, lambda: states.delete_state_machine(stateMachineArn=inner.arn))
    assert (types[-2:], error) == ([event, "ExecutionFailed"], "StepFunctions.StateMachineDoesNotExistException")


def test_a_state_machine_that_is_deleted_while_it_is_waited_for(platform, states):
    inner = Machine(states, of(Wait={"Type": "Wait", "Seconds": 3600, "Next": "P"}, P={"Type": "Pass", "Result": 7, "End": True}))
    start = {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True,
        "Parameters": {"StateMachineArn": inner.arn}, "OutputPath": "$.Output",
    }
    outer = Machine(states, of(Start=start))
    execution = outer.start()
    execution.reaches("TaskSubmitted")
    # What runs goes on, of either of them.
    states.delete_state_machine(stateMachineArn=inner.arn)
    states.delete_state_machine(stateMachineArn=outer.arn)
    assert error_of(inner.start)[0] == "StateMachineDoesNotExist"
    platform.advance(3600)
    assert execution.output() == 7


def test_an_activity_that_is_deleted(states, failing):
    activity = states.create_activity(name=unique("activity"))["activityArn"]
    types, error, cause = failing({"Resource": activity}, lambda: states.delete_activity(activityArn=activity))
    assert (types, error) == (["ExecutionFailed"], "States.Runtime")
    assert cause.endswith(f"The activity {activity} does not exist.")


def test_an_activity_that_is_deleted_while_a_worker_is_at_it(states):
    activity = states.create_activity(name=unique("activity"))["activityArn"]
    execution = Machine(states, of(Work={"Type": "Task", "Resource": activity, "End": True})).start()
    token = states.get_activity_task(activityArn=activity)["taskToken"]
    states.delete_activity(activityArn=activity)
    states.send_task_heartbeat(taskToken=token)
    states.send_task_success(taskToken=token, output='{"done": true}')
    assert execution.output() == {"done": True}


def test_a_bucket_that_is_deleted_before_a_map_reads_from_it(clients, states, platform):
    s3, bucket = clients.boto("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body="[1]")
    reader = {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": bucket, "Key": "k"},
    }
    child = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **of(P={"Type": "Pass", "End": True})}
    each = {"Type": "Map", "ItemReader": reader, "ItemProcessor": child, "End": True}
    execution = Machine(states, of(Wait=LATER, Call=each)).start()
    execution.reaches("WaitStateEntered")
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    platform.advance(3600)
    assert execution.ended()["error"] == "States.ItemReaderFailed"
    assert execution.types()[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.fixture
def asked(clients, states):
    """An execution that waits for a token, and the token."""

    def asked(**fields):
        queue = Queue(clients)
        task = {
            "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
            "Parameters": {"QueueUrl": queue.url, "MessageBody": {"token.$": "$$.Task.Token"}}, **fields,
        }
        execution = Machine(states, of(Ask=task)).start()
        found = []
        wait_until(lambda: found.extend(queue.receive()) or found, 60, "the token")
        return execution, found[0]["token"], queue

    return asked


def answers(states, token):
    """What each way to use a token comes to."""
    return [
        error_of(states.send_task_success, taskToken=token, output="1")[:2],
        error_of(states.send_task_failure, taskToken=token, error="E")[:2],
        error_of(states.send_task_heartbeat, taskToken=token)[:2],
    ]


OVER = [("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")] * 3
INVALID = [("InvalidToken", "Invalid Token: 'Invalid token'")] * 3


def test_a_token_is_used_once(states, asked):
    execution, token, _ = asked()
    states.send_task_failure(taskToken=token, error="Denied")
    assert execution.ended()["error"] == "Denied"
    assert answers(states, token) == OVER
    assert execution.types().count("TaskFailed") == 1


def test_a_token_of_an_execution_that_was_stopped(states, asked):
    execution, token, _ = asked()
    states.stop_execution(executionArn=execution.arn)
    assert answers(states, token) == OVER
    assert execution.describe()["status"] == "ABORTED"


def test_a_token_of_a_task_that_took_too_long_is_not_that_of_its_next_try(platform, states, asked):
    retry = [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    execution, token, queue = asked(TimeoutSeconds=60, Retry=retry)
    platform.advance(60)
    platform.advance(1)
    found = []
    # The first message is to be seen again by now.
    others = lambda: [body["token"] for body in queue.receive() if body["token"] != token]
    wait_until(lambda: found.extend(others()) or found, 60, "the second token")
    assert answers(states, token) == OVER
    states.send_task_success(taskToken=found[0], output="2")
    assert execution.output() == 2


def test_tokens_that_never_were_any(clients, states, asked):
    execution, token, _ = asked()
    for forged in ("x", token.swapcase(), token[:-1], token + "A", token[::-1]):
        assert answers(states, forged) == INVALID, forged
    # Nor is it one to somebody else.
    assert answers(clients.other("111111111111").boto("stepfunctions"), token) == OVER
    assert execution.describe()["status"] == "RUNNING"
    assert error_of(states.send_task_success, taskToken=token, output="{")[0] == "InvalidOutput"
    states.send_task_success(taskToken=token, output=json.dumps("x" * 1000))
    assert execution.output() == "x" * 1000
