"""Durable functions with AWS's own SDKs packed in, and their executions."""

import functools
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from . import functions
from .platform import JS
from .wait import wait_until

SOURCES = JS.parent / "durable"
# What the SDK for JavaScript asks for.
NODE = 22
# Seconds of the machine's own time for what moving the clock sets off.
PATIENCE = 60
OVER = ("SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED")


@functools.cache
def node():
    """A Node that AWS's SDK for JavaScript runs on."""
    hidden = ""
    for program in [*JS.glob("node_modules/node-linux-*/bin/node"), "node"]:
        path = os.path.realpath(shutil.which(program) or "/nowhere")
        if path.startswith("/tmp/"):
            hidden = f" (functions have a /tmp of their own and don't see {path})"
        elif os.path.exists(path) and _version(path) >= NODE:
            return path
    pytest.fail(f"durable functions in JavaScript need Node {NODE} or newer: `npm ci` in {JS} brings one along{hidden}")


def _version(program):
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30).stdout
    return int(said.removeprefix("v").split(".")[0] or 0)


def _files(folder, inside, suffixes):
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in suffixes)
    return {f"{inside}/{path.relative_to(folder)}": path.read_bytes() for path in files}


@functools.cache
def _python_sdk():
    name = "aws_durable_execution_sdk_python"
    found = importlib.util.find_spec(name)
    if found is None:
        pytest.fail("aws-durable-execution-sdk-python (tests/requirements.txt; Python 3.11 or newer) isn't installed")
    return _files(Path(found.origin).parent, name, {".py"})


@functools.cache
def _node_sdk():
    folder = JS / "node_modules/@aws/durable-execution-sdk-js"
    if not folder.is_dir():
        pytest.fail(f"@aws/durable-execution-sdk-js isn't installed: run `npm ci` in {JS}")
    inside = "node_modules/@aws/durable-execution-sdk-js"
    modules = _files(folder / "dist", f"{inside}/dist", {".mjs", ".js"})
    return {f"{inside}/package.json": (folder / "package.json").read_bytes(), **modules}


SDKS = {"python": (_python_sdk, "main.py"), "node": (_node_sdk, "main.mjs")}


class Durable:
    """One durable function that does what its event asks for."""

    def __init__(self, platform, clients, language, **settings):
        self.platform, self.client = platform, clients.boto("lambda")
        sdk, main = SDKS[language]
        settings = {"DurableConfig": {"ExecutionTimeout": 900, "RetentionPeriodInDays": 1}, "Timeout": 60, **settings}
        source = (SOURCES / main).read_text()
        self.function = functions.create(clients, source, language, files=sdk(), **settings)
        self.name = self.function.name

    def start(self, do, name=None, qualifier="$LATEST", **event):
        """An execution that goes on by itself."""
        extra = {"DurableExecutionName": name} if name else {}
        answer = self.client.invoke(
            FunctionName=self.name,
            Qualifier=qualifier,
            InvocationType="Event",
            Payload=json.dumps({"do": do, **event}),
            **extra,
        )
        assert answer["StatusCode"] == 202
        return Execution(self.platform, self.client, answer["DurableExecutionArn"])

    def call(self, do, **event):
        """(the execution, function error, decoded payload) of a call that waits."""
        payload = json.dumps({"do": do, **event})
        answer = self.client.invoke(FunctionName=self.name, Qualifier="$LATEST", Payload=payload)
        body = json.loads(answer["Payload"].read() or b"null")
        execution = Execution(self.platform, self.client, answer["DurableExecutionArn"])
        return execution, answer.get("FunctionError"), body


class Execution:
    """One execution, seen from outside."""

    def __init__(self, platform, client, arn):
        self.platform, self.client, self.arn = platform, client, arn

    def get(self):
        return self.client.get_durable_execution(DurableExecutionArn=self.arn)

    @property
    def status(self):
        return self.get()["Status"]

    def history(self, **asked):
        """All events, page by page."""
        asked = {"DurableExecutionArn": self.arn, "IncludeExecutionData": True, "MaxItems": 100, **asked}
        pages = self.client.get_paginator("get_durable_execution_history").paginate(**asked)
        return [event for page in pages for event in page["Events"]]

    def story(self):
        """The kinds of the events, without those of invocations, whose number is the platform's affair."""
        return [event["EventType"] for event in self.history() if event["EventType"] != "InvocationCompleted"]

    def invocations(self):
        return sum(event["EventType"] == "InvocationCompleted" for event in self.history())

    def of(self, kind):
        return [event for event in self.history() if event["EventType"] == kind]

    def rests(self, *kinds):
        """Waits until these events have happened and no invocation is under way."""

        def resting():
            story = [event["EventType"] for event in self.history()]
            return set(kinds) <= set(story) and story[-1] == "InvocationCompleted"

        wait_until(resting, PATIENCE, f"{kinds} in {self.arn}")
        return self

    def is_over(self):
        return wait_until(lambda: (self.status in OVER) and self.status, PATIENCE, f"the end of {self.arn}")

    def succeeds(self):
        """Waits for the end, and returns the decoded result."""
        self.is_over()
        found = self.get()
        assert found["Status"] == "SUCCEEDED", found
        return json.loads(found["Result"])

    def callback(self):
        """The id of the callback that it waits for."""
        self.rests("CallbackStarted")
        return self.of("CallbackStarted")[-1]["CallbackStartedDetails"]["CallbackId"]
