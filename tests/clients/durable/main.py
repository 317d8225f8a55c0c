"""What the tests of durable functions ask for, in Python. main.mjs does the same."""

import os
import time
import uuid

import boto3
from aws_durable_execution_sdk_python import CallbackError, InvokeError, StepError, durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryDecision
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

seconds = Duration.from_seconds


def put(event, what):
    """Leaves a mark outside, under an id of its own, which it returns."""
    mark = str(uuid.uuid4())
    boto3.client("dynamodb").put_item(TableName=event["table"], Item={"id": {"S": mark}, "what": {"S": what}})
    return mark


def first(event, what):
    """Whether nobody has asked for this before."""
    client = boto3.client("dynamodb")
    item, unless = {"id": {"S": what}}, "attribute_not_exists(id)"
    try:
        client.put_item(TableName=event["table"], Item=item, ConditionExpression=unless)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def steps(event, context):
    one = context.step(lambda _: event["n"] + 1, name="one")
    return context.step(lambda _: {"one": one, "two": 2 * one}, name="two")


def wait(event, context):
    before = context.step(lambda _: put(event, "before"), name="before")
    context.wait(seconds(event["seconds"]), name="pause")
    return {"before": before, "after": context.step(lambda _: put(event, "after"), name="after")}


def many(event, context):
    marks = []
    for n in range(event["steps"]):
        marks.append(context.step(lambda _: put(event, f"step {n}"), name=f"step {n}"))
        context.wait(seconds(1), name=f"pause {n}")
    return marks


def big(event, context):
    """More than any one invocation is told at once."""
    texts = [context.step(lambda _: chr(97 + n % 26) * event["size"], name=f"text {n}") for n in range(event["steps"])]
    context.wait(seconds(60), name="pause")
    return [len(texts), sum(map(len, texts)), "".join(text[0] for text in texts)]


def parallel(event, context):
    def branch(n):
        def run(child):
            child.wait(seconds(n), name=f"pause {n}")
            return child.step(lambda _: 10 * n, name=f"after {n}")

        return run

    return context.parallel([branch(n) for n in event["waits"]], name="all").get_results()


def squares(event, context):
    def square(child, item, index, items):
        return child.step(lambda _: [index, item * item, len(items)], name="square")

    return context.map(event["items"], square, name="squares").get_results()


def large(event, context):
    """Results too large to be kept together, so that they are put together again from their parts."""
    texts = context.map(event["items"], lambda child, item, *_: child.step(lambda _: item * 100_000), name="texts")
    context.wait(seconds(60), name="pause")
    return [len(text) for text in texts.get_results()]


def children(event, context):
    def outer(child):
        one = child.step(lambda _: 1, name="one")
        child.wait(seconds(30), name="pause")
        return child.run_in_child_context(lambda deep: deep.step(lambda _: one + 1, name="two"), name="inner")

    return context.run_in_child_context(outer, name="outer")


def callback(event, context):
    timeout, heartbeat = seconds(event.get("timeout", 0)), seconds(event.get("heartbeat", 0))
    config = CallbackConfig(timeout=timeout, heartbeat_timeout=heartbeat)
    asked = context.create_callback(name="approval", config=config)
    try:
        return {"answer": asked.result()}
    except CallbackError as error:
        return {"error": type(error).__name__, "message": str(error)}


def submit(event, context):
    def tell(callback_id, _):
        item = {"id": {"S": event["run"]}, "callback": {"S": callback_id}}
        boto3.client("dynamodb").put_item(TableName=event["table"], Item=item)

    return context.wait_for_callback(tell, name="approval")


def flaky(event, context):
    def attempt(step):
        if step.attempt < event["good"]:
            raise ValueError(f"attempt {step.attempt}")
        return step.attempt

    def again(error, made):
        return RetryDecision.retry(seconds(10 * 2**made)) if made < event["most"] else RetryDecision.no_retry()

    try:
        return {"attempt": context.step(attempt, name="flaky", config=StepConfig(retry_strategy=again))}
    except StepError as error:
        return {"error": type(error).__name__, "message": str(error)}


def condition(event, context):
    def strategy(state, made):
        if state >= event["until"]:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(seconds(30))

    config = WaitForConditionConfig(wait_strategy=strategy, initial_state=0)
    return context.wait_for_condition(lambda state, _: state + 1, config, name="enough")


def call(event, context):
    try:
        return {"answer": context.invoke(event["function"], event["payload"], name="other")}
    except InvokeError as error:
        return {"error": type(error).__name__, "message": str(error)}


def crash(event, context):
    mark = context.step(lambda _: put(event, "before"), name="before")
    if first(event, f"crash {event['run']}"):
        time.sleep(event["sleep"])
        os._exit(1)
    return mark


def fail(event, context):
    raise ValueError("no")


@durable_execution
def handler(event, context):
    return globals()[event["do"]](event, context)
