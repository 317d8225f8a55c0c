"""Activities of Step Functions: workers that ask for tasks, through boto3."""

import json
import threading

import pytest

from harness.clients import Clients, error_of
from harness.names import unique
from harness.platform import watched
from harness.workflows import Machine, of


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("activities")) as platform:
        yield platform


@pytest.fixture(scope="module")
def states(platform):
    return Clients(platform.url).boto("stepfunctions")


@pytest.fixture
def activity(states):
    return states.create_activity(name=unique("activity"))["activityArn"]


def machine(states, activity, **fields):
    return Machine(states, of(A={"Type": "Task", "Resource": activity, "End": True, **fields}))


def test_a_worker_is_woken_by_a_task_and_answers_it(states, activity):
    waiting, got = machine(states, activity), []
    worker = threading.Thread(target=lambda: got.append(states.get_activity_task(activityArn=activity, workerName="w")))
    worker.start()
    execution = waiting.start({"n": 1})
    worker.join(50)
    assert json.loads(got[0]["input"]) == {"n": 1}
    states.send_task_heartbeat(taskToken=got[0]["taskToken"])
    states.send_task_success(taskToken=got[0]["taskToken"], output=json.dumps({"done": True}))
    assert execution.output() == {"done": True}
    events = execution.events()
    assert [event["type"] for event in events] == [
        "ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded",
        "TaskStateExited", "ExecutionSucceeded",
    ]
    assert events[2]["activityScheduledEventDetails"]["resource"] == activity
    assert events[3]["activityStartedEventDetails"] == {"workerName": "w"}


def test_who_waits_in_vain_is_told_after_a_minute(platform, states, activity):
    got = []
    worker = threading.Thread(target=lambda: got.append(states.get_activity_task(activityArn=activity)))
    worker.start()
    while worker.is_alive():
        platform.advance(30)
        worker.join(0.1)
    assert "taskToken" not in got[0] and "input" not in got[0]


def test_a_worker_that_fails_is_tried_again_and_one_that_is_silent_times_out(platform, states, activity):
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    execution = machine(states, activity, Retry=retry, HeartbeatSeconds=60).start()
    first = states.get_activity_task(activityArn=activity)
    states.send_task_failure(taskToken=first["taskToken"], error="Busy", cause="later")
    execution.reaches("ActivityFailed")
    platform.advance(5)
    second = states.get_activity_task(activityArn=activity)
    assert error_of(states.send_task_success, taskToken=first["taskToken"], output="1")[0] == "TaskTimedOut"
    assert second["taskToken"] != first["taskToken"]
    said = execution.ended_by_moving(platform, 61)
    assert (said["status"], said["error"]) == ("FAILED", "States.Timeout")
    assert execution.types().count("ActivityScheduled") == 2


def test_tasks_survive_a_kill(platform, states, activity):
    execution = machine(states, activity).start({"n": 2})
    platform.kill()
    platform.start()
    states = Clients(platform.url).boto("stepfunctions")
    task = states.get_activity_task(activityArn=activity)
    platform.kill()
    platform.start()
    states = Clients(platform.url).boto("stepfunctions")
    states.send_task_success(taskToken=task["taskToken"], output=task["input"])
    execution.client = states
    assert execution.output() == {"n": 2}


def test_one_that_is_gone_fails_its_tasks(states, activity):
    gone = machine(states, activity)
    states.tag_resource(resourceArn=activity, tags=[{"key": "a", "value": "b"}])
    assert states.list_tags_for_resource(resourceArn=activity)["tags"] == [{"key": "a", "value": "b"}]
    assert activity in [one["activityArn"] for one in states.list_activities()["activities"]]
    states.delete_activity(activityArn=activity)
    said = gone.start().ended()
    assert (said["error"], said["cause"].endswith(f"The activity {activity} does not exist.")) == ("States.Runtime", True)
    assert error_of(states.get_activity_task, activityArn=activity)[0] == "ActivityDoesNotExist"
    assert error_of(states.create_activity, name="a b")[:2] == ("InvalidName", "Invalid Name: 'a b'")
