"""State machines and their executions, through boto3."""

import json
import time

from .clients import ROLE
from .names import unique
from .wait import wait_until


class Machine:
    """A state machine of one's own."""

    def __init__(self, client, definition, **settings):
        self.client, self.name = client, unique("machine")
        made = client.create_state_machine(
            name=self.name, definition=json.dumps(definition), roleArn=ROLE, **settings
        )
        self.arn = made["stateMachineArn"]

    def start(self, payload=None, **settings):
        text = json.dumps({} if payload is None else payload)
        started = self.client.start_execution(stateMachineArn=self.arn, input=text, **settings)
        return Execution(self.client, started["executionArn"])


class Execution:
    def __init__(self, client, arn):
        self.client, self.arn = client, arn

    def describe(self):
        return self.client.describe_execution(executionArn=self.arn)

    def ended(self, within=60):
        """Its description, once it has ended."""
        wait_until(lambda: self.describe()["status"] != "RUNNING", within, f"the end of {self.arn}")
        return self.describe()

    def output(self, within=60):
        said = self.ended(within)
        assert said["status"] == "SUCCEEDED", said
        return json.loads(said["output"])

    def events(self):
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=self.arn)
        return [event for page in pages for event in page["events"]]

    def types(self):
        return [event["type"] for event in self.events()]

    def reaches(self, kind, within=60):
        """Waits for an event of that type."""
        wait_until(lambda: kind in self.types(), within, f"{kind} of {self.arn}")

    def ended_by_moving(self, platform, step, within=90):
        """Moves time in steps until it has ended: what is asked for in between takes its own time."""
        begun = time.monotonic()
        while self.describe()["status"] == "RUNNING":
            assert time.monotonic() - begun < within, f"{self.arn} doesn't end: {self.types()}"
            platform.advance(step)
        return self.describe()


def of(**states):
    """A definition that begins with the first of them."""
    return {"StartAt": next(iter(states)), "States": states}
