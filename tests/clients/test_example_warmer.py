"""examples/warmer, deployed by its own script, over two days of virtual time."""

import datetime
import json
import subprocess
import sys

import pytest

from harness import functions
from harness.clients import Clients
from harness.names import unique
from harness.platform import ROOT
from harness.wait import wait_until

DEPLOY = ROOT / "examples" / "warmer" / "deploy.py"
# Runs of the warmer: one every five minutes of 48 hours.
HOURS, RUNS = 48, 48 * 12
SOURCE = "def handler(event, _):\n    return {'warm': event.get('warmer')}\n"


def deploy(clients, *names):
    command = [sys.executable, DEPLOY, "--name", unique("warmer"), *names]
    done = subprocess.run(command, env=clients.environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["function"].rsplit(":", 1)[-1]


def total(clients, namespace, metric, dimension, name, statistic="Sum"):
    real = datetime.datetime.now(datetime.timezone.utc)
    points = clients.boto("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": dimension, "Value": name}],
        StartTime=real - datetime.timedelta(days=1),
        EndTime=real + datetime.timedelta(days=30),
        Period=86_400,
        Statistics=[statistic],
    )
    return [point[statistic] for point in points["Datapoints"]]


@pytest.mark.timeout(900)
def test_two_days_of_keeping_functions_warm(fresh):
    platform = fresh().start()
    clients = Clients(platform.url)
    critical = [functions.create(clients, SOURCE).name for _ in range(2)]
    warmer = deploy(clients, *critical, "nobody")
    for _stride in range(HOURS // 6):
        platform.advance(6 * 3600, within=300)

    def measured(metric):
        return sum(total(clients, "Warmer", metric, "Warmer", warmer))

    wait_until(lambda: measured("failed") >= RUNS, seconds=60, what="the warmer's metrics")
    runs = measured("failed")
    assert measured("reached") == 2 * runs, "two of three functions, each time"
    rates = total(clients, "Warmer", "successRate", "Warmer", warmer, "Maximum")
    assert all(abs(rate - 200 / 3) < 0.01 for rate in rates)
    wait_until(
        lambda: all(sum(total(clients, "AWS/Lambda", "Invocations", "FunctionName", name)) >= RUNS for name in critical),
        seconds=60,
        what="every call of the warm functions",
    )
    attempts = total(clients, "AWS/Scheduler", "InvocationAttemptCount", "ScheduleGroup", "default")
    assert sum(attempts) >= RUNS
