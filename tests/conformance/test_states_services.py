"""Services that executions call: the histories recorded from AWS, done again with services that are really here."""

import json

import pytest

from harness import functions, tables
from harness.clients import ROLE
from harness.names import unique
from harness.recordings import Comparison, scenario
from harness.wait import wait_until
from harness.workflows import Execution, of

FOLDER = "stepfunctions/v2"
EVENTS, SNS, DYNAMODB, LAMBDA, STATES, SDK = (
    f"{FOLDER}/services/test_{name}_task_service.json" for name in ("events", "sns", "dynamodb", "lambda", "sfn", "aws_sdk")
)
ERRORS = f"{FOLDER}/error_handling"
# What an HTTP answer was like is the transport's; roles are ours.
OF_OURS = {"SdkHttpMetadata", "SdkResponseMetadata", "roleArn", "timestamp"}


def task(resource, names=(), **fields):
    parameters = {f"{name}.$": f"$.{name}" for name in names}
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True, **fields}


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions", inject_host_prefix=False)


def opened(value):
    """Objects in texts as such, and without what is ours: so recordings have them."""
    if isinstance(value, dict):
        return {name: opened(one) for name, one in value.items() if name not in OF_OURS}
    if isinstance(value, list):
        return [opened(one) for one in value]
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return opened(json.loads(value))
        except ValueError:
            return value
    return value


def masked(value, given):
    """What a recording was given, with ours in its place."""
    if isinstance(value, dict):
        return {name: masked(given[name] if name in given else one, given) for name, one in value.items()}
    return [masked(one, given) for one in value] if isinstance(value, list) else value


def played(states, file, name, definition, texts=(), **given):
    """The execution done again; `given`: members that are ours, wherever they are."""
    recorded = json.dumps(scenario(file, name)["get_execution_history"]["events"])
    for theirs, ours in texts:
        recorded = recorded.replace(theirs, ours)
    recorded = json.loads(recorded)
    payload = masked(recorded[0]["executionStartedEventDetails"]["input"], given)
    made = states.create_state_machine(name=unique("m"), definition=json.dumps(definition), roleArn=ROLE)
    execution = Execution(states, states.start_execution(
        stateMachineArn=made["stateMachineArn"], input=json.dumps(payload),
    )["executionArn"])
    execution.ended()
    Comparison().check([opened(masked(event, given)) for event in recorded], [opened(event) for event in execution.events()])
    return execution


@pytest.mark.parametrize("name", ["test_put_events_base", "test_put_events_mixed_malformed_detail", "test_put_events_no_source"])
def test_events_are_put_on_a_bus(clients, states, name):
    events, sqs = clients.boto("events"), clients.boto("sqs")
    kind, rule = unique("kind"), unique("rule")
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=rule, EventPattern=json.dumps({"detail-type": [kind]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "t", "Arn": arn}])
    execution = played(states, EVENTS, name, of(PutEvents=task("events:putEvents", ["Entries"])), DetailType=kind)
    recorded = scenario(EVENTS, name)["stepfunctions_events"]
    wanted = len({event["id"] for event in recorded})
    got = []
    wait_until(lambda: got.extend(
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])) or len(got) >= wanted, 60, "the events")
    resources = [json.loads(message["Body"])["resources"] for message in got]
    machine = execution.describe()["stateMachineArn"]
    assert all(some[-2:] == [machine, execution.arn] for some in resources), "who put it there is named"
    assert max(map(len, resources)) == max(len(event["resources"]) for event in recorded)
    events.remove_targets(Rule=rule, Ids=["t"])
    events.delete_rule(Name=rule)


PUBLISH = of(Publish=task("sns:publish", ["TopicArn", "Message"]))


@pytest.mark.parametrize("name", ["test_publish_base[None]", "test_publish_base[True]", "test_publish_base[message1]"])
def test_messages_are_published(clients, states, name):
    played(states, SNS, name, PUBLISH, TopicArn=clients.boto("sns").create_topic(Name=unique("topic"))["TopicArn"])


def test_a_topic_that_is_not_there(states):
    topic = f"arn:aws:sns:us-east-1:000000000000:{unique('none')}"
    played(states, SNS, "test_publish_base_error_topic_arn", PUBLISH, TopicArn=topic)


@pytest.mark.parametrize("name, names", [
    ("test_fifo_message_attribute[input_params0-True]", ["TopicArn", "Message"]),
    ("test_fifo_message_attribute[input_params1-False]", ["TopicArn", "Message", "MessageGroupId", "MessageDeduplicationId"]),
])
def test_fifo_topics(clients, states, name, names):
    topic = clients.boto("sns").create_topic(Name=f"{unique('t')}.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    played(states, SNS, name, of(**{state(SNS, name): task("sns:publish", names)}), TopicArn=topic)


def state(file, name):
    """The first state's name."""
    return scenario(file, name)["get_execution_history"]["events"][1]["stateEnteredEventDetails"]["name"]


ECHO = "def handler(event, context):\n    return event\n"


@pytest.mark.parametrize("value", ["0_0", "0_1", "HelloWorld", "json_value5", "json_value7"])
def test_text_is_given_to_functions_as_it_is(clients, states, value):
    function = functions.create(clients, ECHO)
    name = f"test_invoke_json_values[{value}]"
    call = {**task("lambda:invoke", ["FunctionName", "Payload"], Next="EndWithFinal")}
    del call["End"]
    final = {"Type": "Pass", "ResultPath": "$.final", "End": True}
    played(states, LAMBDA, name, of(Start=call, EndWithFinal=final), FunctionName=function.name)


def test_a_function_that_is_not_there(states):
    name = "test_no_such_function"
    file = f"{ERRORS}/test_task_service_lambda.json"
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{unique('none')}"
    recorded = scenario(file, name)["get_execution_history"]["events"]
    failed = next(event for event in recorded if event["type"] == "TaskFailed")["taskFailedEventDetails"]
    definition = of(Start=task("lambda:invoke", Parameters={"FunctionName": arn, "Payload": {}}))
    made = states.create_state_machine(name=unique("m"), definition=json.dumps(definition), roleArn=ROLE)
    execution = Execution(states, states.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"])
    execution.ended()
    ours = next(event for event in execution.events() if event["type"] == "TaskFailed")["taskFailedEventDetails"]
    cause = failed["cause"].replace("no_such_", "").replace("<lambda_function_name>", arn.rpartition(":")[2])
    Comparison().check({**failed, "cause": cause}, ours)


PUT = task("dynamodb:putItem", ["TableName", "Item"])


@pytest.mark.parametrize("file, name, resource", [
    (f"{ERRORS}/test_task_service_dynamodb.json", "test_put_item_no_such_table", "dynamodb:putItem"),
    (f"{ERRORS}/test_aws_sdk.json", "test_dynamodb_put_item_no_such_table", "aws-sdk:dynamodb:putItem"),
])
def test_a_table_that_is_not_there(states, file, name, resource):
    definition = of(**{state(file, name): task(resource, ["TableName", "Item"])})
    played(states, file, name, definition, TableName=unique("none"))


def test_items_are_put_and_read_by_the_sdk(clients, states):
    definition = of(
        PutItem={**task("aws-sdk:dynamodb:putItem", ["TableName", "Item"], ResultPath="$.putItemOutput"), "Next": "GetItem"},
        GetItem=task("aws-sdk:dynamodb:getItem", ["TableName", "Key"], ResultPath="$.getItemOutput"),
    )
    del definition["States"]["PutItem"]["End"]
    played(states, SDK, "test_dynamodb_put_get_item", definition, TableName=tables.create(clients))


@pytest.mark.parametrize("kind", ["str", "empty_str", "binary", "bytearray"])
def test_what_objects_have_is_shown_as_text(clients, states, kind):
    name, s3, bucket = f"test_s3_get_object[{kind}]", clients.boto("s3"), unique("bucket")
    recorded = scenario(SDK, name)["get_execution_history"]["events"]
    output = next(event for event in recorded if event["type"] == "TaskSucceeded")["taskSucceededEventDetails"]["output"]
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="file_key", Body=output["Body"])
    played(states, SDK, name, of(**{state(SDK, name): task("aws-sdk:s3:getObject", ["Bucket", "Key"])}), Bucket=bucket)


@pytest.mark.parametrize("kind, body", [("bool", b"false"), ("num", b"0"), ("list", b'["List","Data"]')])
def test_json_is_put_into_objects_as_it_is_written(clients, states, kind, body):
    name, s3, bucket = f"test_s3_put_object[{kind}]", clients.boto("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    played(states, SDK, name, of(**{state(SDK, name): task("aws-sdk:s3:putObject", ["Bucket", "Key", "Body"])}), Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="file-key")["Body"].read() == body


@pytest.mark.parametrize("name", ["test_start_execution", "test_start_execution_input_json"])
def test_executions_are_started(states, name):
    made = states.create_state_machine(
        name=unique("inner"), definition=json.dumps(of(A={"Type": "Pass", "End": True})), roleArn=ROLE,
    )
    definition = of(StartExecution=task("states:startExecution", ["StateMachineArn", "Input", "Name"]))
    arn = made["stateMachineArn"]
    texts = [("<ArnPart_0idx>", arn.rpartition(":")[2]), ("start-date", "datetime")]
    played(states, STATES, name, definition, texts, StateMachineArn=arn)
