"""AWS's own framework for serverless applications, unchanged: Chalice deploys one, changes it, reads its log and takes it
away; its functions are called by queues, topics, buckets and buses as it has wired them."""

import json
import subprocess
import sys

import pytest

from harness.names import unique
from harness.platform import ROOT
from harness.wait import wait_until

# Packages of their own: they want another botocore than ours.
CHALICE = ROOT / "target" / "chalice"
APP = '''
import os

from chalice import Chalice, Rate

app = Chalice(app_name="{name}")


@app.lambda_function()
def plain(event, context):
    return {{"event": event, "stage": os.environ["STAGE"]}}


@app.on_sqs_message(queue="{name}", batch_size=5)
def of_queue(event):
    for record in event:
        print("from the queue", record.body)


@app.on_sns_message(topic="{name}")
def of_topic(event):
    print("from the topic", event.subject, event.message)


@app.on_s3_event(bucket="{name}", events=["s3:ObjectCreated:*"], prefix="in/")
def of_bucket(event):
    print("from the bucket", event.key)


@app.on_cw_event({{"source": ["{name}"]}})
def of_bus(event):
    print("from the bus", event.detail)


@app.schedule(Rate(5, unit=Rate.MINUTES))
def of_clock(event):
    print("from the clock")
'''
FUNCTIONS = {"plain", "of_queue", "of_topic", "of_bucket", "of_bus", "of_clock"}


class Application:
    """A folder as `chalice new-project` makes it, with what the functions listen to."""

    def __init__(self, clients, folder):
        self.clients, self.folder, self.name = clients, folder, unique("chalice")
        self.write(APP.format(name=self.name))
        (folder / "requirements.txt").write_text("")
        stage = {
            "manage_iam_role": False,
            "iam_role_arn": "arn:aws:iam::000000000000:role/application",
            "environment_variables": {"STAGE": "dev"},
        }
        (folder / ".chalice").mkdir()
        config = {"version": "2.0", "app_name": self.name, "stages": {"dev": stage}}
        (folder / ".chalice/config.json").write_text(json.dumps(config))
        # A function may take up to a minute: a queue that shows a message again before is refused.
        attributes = {"VisibilityTimeout": "60"}
        self.queue = clients.boto("sqs").create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        self.topic = clients.boto("sns").create_topic(Name=self.name)["TopicArn"]
        clients.boto("s3").create_bucket(Bucket=self.name)

    def write(self, text):
        (self.folder / "app.py").write_text(text)

    def chalice(self, *args, given=""):
        done = subprocess.run(
            [sys.executable, CHALICE / "bin/chalice", *args],
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=180,
            env=self.clients.environment() | {"PYTHONPATH": str(CHALICE), "LC_ALL": "C.UTF-8"},
        )
        assert done.returncode == 0, f"chalice {' '.join(args)}: {done.stdout}{done.stderr}"
        return done.stdout

    def call(self):
        return json.loads(self.chalice("invoke", "-n", "plain", given='{"n": 1}'))

    def functions(self):
        found = self.clients.boto("lambda").list_functions()["Functions"]
        stem = f"{self.name}-dev-"
        return {name.removeprefix(stem) for name in (f["FunctionName"] for f in found) if name.startswith(stem)}

    def says(self, function, text):
        wait_until(lambda: text in self.chalice("logs", "-n", function), 60, f"{function} printing “{text}”")


@pytest.fixture
def application(clients, tmp_path):
    application = Application(clients, tmp_path)
    application.chalice("deploy")
    yield application
    if application.functions():
        application.chalice("delete")


def test_an_application_is_deployed_called_changed_and_taken_away(application):
    assert application.functions() == FUNCTIONS
    assert application.call() == {"event": {"n": 1}, "stage": "dev"}
    application.write(APP.format(name=application.name).replace('"event": event', '"changed": event'))
    application.chalice("deploy")
    assert application.call() == {"changed": {"n": 1}, "stage": "dev"}
    application.chalice("delete")
    assert application.functions() == set()
    mapped = application.clients.boto("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert not [mapping for mapping in mapped if application.name in mapping["EventSourceArn"]]


def test_its_functions_hear_what_they_are_wired_to(application):
    clients, name = application.clients, application.name
    clients.boto("sqs").send_message(QueueUrl=application.queue, MessageBody="a message")
    clients.boto("sns").publish(TopicArn=application.topic, Message="a message", Subject="a subject")
    clients.boto("s3").put_object(Bucket=name, Key="in/ü x", Body=b"x")
    clients.boto("events").put_events(Entries=[{"Source": name, "DetailType": "any", "Detail": '{"n": 1}'}])
    application.says("of_queue", "from the queue a message")
    application.says("of_topic", "from the topic a subject a message")
    application.says("of_bucket", "from the bucket in/ü x")
    application.says("of_bus", "from the bus {'n': 1}")
