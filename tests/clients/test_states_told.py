"""What is told of executions: to rules of EventBridge, to CloudWatch Logs, and as metrics."""

import datetime
import json

import pytest

from harness.mappings import Queue
from harness.names import unique
from harness.wait import wait_until
from harness.workflows import Machine, of


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions")


def test_a_rule_hears_of_beginnings_and_ends(clients, states):
    events, queue = clients.boto("events"), Queue(clients)
    machine = Machine(states, of(A={"Type": "Pass", "Result": {"x": 1}, "End": True}))
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine.arn]}}
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": queue.arn}])
    execution = machine.start({"a": 1})
    heard = {}

    def both():
        for event in queue.receive():
            heard[event["detail"]["status"]] = event
        return set(heard) == {"RUNNING", "SUCCEEDED"}

    wait_until(both, 60, "both events")
    ended = heard["SUCCEEDED"]
    assert ended["detail-type"] == "Step Functions Execution Status Change"
    assert ended["resources"] == [execution.arn]
    assert json.loads(ended["detail"]["output"]) == {"x": 1}
    assert json.loads(heard["RUNNING"]["detail"]["input"]) == {"a": 1}
    events.remove_targets(Rule=rule, Ids=["q"])
    events.delete_rule(Name=rule)


def test_failures_are_counted_and_logged(clients, states):
    logs, cloudwatch, group = clients.boto("logs"), clients.boto("cloudwatch"), unique("states")
    logs.create_log_group(logGroupName=group)
    arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
    logging = {"level": "ERROR", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}
    machine = Machine(states, of(A={"Type": "Fail", "Error": "Bad"}), loggingConfiguration=logging)
    machine.start().ended()
    wait_until(lambda: len(logs.filter_log_events(logGroupName=group)["events"]) == 2, 60, "the execution's log")
    told = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert [one["type"] for one in told] == ["FailStateEntered", "ExecutionFailed"]
    assert told[1]["details"] == {"error": "Bad"}
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)

    def failures():
        counted = cloudwatch.get_metric_statistics(
            Namespace="AWS/States", MetricName="ExecutionsFailed", Period=60, Statistics=["Sum"],
            Dimensions=[{"Name": "StateMachineArn", "Value": machine.arn}], StartTime=now - hour, EndTime=now + hour,
        )
        return sum(point["Sum"] for point in counted["Datapoints"])

    wait_until(lambda: failures() == 1, 60, "the metric of a failure")
