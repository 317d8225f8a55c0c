"""Libraries that applications consume queues with, unchanged: Celery, and sqs-consumer."""

import contextlib
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from harness.names import unique
from harness.wait import wait_until

TASKS = '''
import os

from celery import Celery

app = Celery("tasks", broker=os.environ["BROKER"])
app.conf.update(
    task_default_queue=os.environ["QUEUE"],
    broker_transport_options={"region": "us-east-1", "is_secure": False, "visibility_timeout": 60, "wait_time_seconds": 1},
    broker_connection_retry_on_startup=True,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    task_ignore_result=True,
)


def note(text):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(text + "\\n")


@app.task
def add(a, b):
    note(f"{a}+{b}={a + b}")


@app.task(bind=True, max_retries=3)
def stubborn(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    note(f"after {self.request.retries} retries")
'''


class Celery:
    """An application of Celery over one queue."""

    def __init__(self, clients, folder):
        self.folder, self.notes, self.log = folder, folder / "notes", folder / "worker.log"
        (folder / "tasks.py").write_text(TASKS)
        self.queue = unique("celery")
        self.environment = clients.environment() | {
            "BROKER": f"sqs://{clients.key}:{clients.secret}@{urlsplit(clients.url).netloc}/",
            "QUEUE": self.queue,
            "NOTES": str(self.notes),
            "PYTHONPATH": str(folder),
        }

    def send(self, code):
        """Sends tasks from a process of its own."""
        command = [sys.executable, "-c", f"from tasks import add, stubborn\n{code}"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    @contextlib.contextmanager
    def worker(self):
        command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "--pool=solo", "--loglevel=INFO"]
        more = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-Q", self.queue]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command + more, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def noted(self):
        return sorted(self.notes.read_text().split("\n")[:-1]) if self.notes.exists() else []

    def until(self, expected):
        try:
            wait_until(lambda: len(self.noted()) >= len(expected), 90, "all tasks")
        except AssertionError as err:
            raise AssertionError(f"{err}\n{self.noted()}\n{self.log.read_text()[-4000:]}") from None
        assert self.noted() == sorted(expected)


@pytest.fixture
def celery(clients, tmp_path):
    return Celery(clients, tmp_path)


def test_celery_runs_its_tasks_over_a_queue(celery, clients):
    celery.send("for n in range(20): add.delay(n, n)\nstubborn.delay()\nadd.apply_async((1, 2), countdown=1)")
    with celery.worker():
        celery.until([f"{n}+{n}={2 * n}" for n in range(20)] + ["after 2 retries", "1+2=3"])
    sqs = clients.boto("sqs")
    url = sqs.get_queue_url(QueueName=celery.queue)["QueueUrl"]

    def left():
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return [told[name] for name in told if name.startswith("ApproximateNumber")]

    wait_until(lambda: left() == ["0", "0", "0"], 30, "an empty queue")


def test_sqs_consumer_handles_deletes_and_gives_up(clients):
    steps = clients.node("sqs_consumer.mjs", unique("consumer"), 25)
    assert steps["done"] == sorted(f"job {n}" for n in range(25) if n != 3)
    assert (steps["tries"], steps["letter"], steps["errors"]) == (2, "poison", [])
