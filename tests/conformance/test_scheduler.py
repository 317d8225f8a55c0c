"""Scenarios recorded from AWS's EventBridge Scheduler, done again here."""

import pytest

from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios
from harness.schedules import OFF, target

FILE = "scheduler/test_scheduler.json"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
VALID = "test_create_schedule_with_valid_cron_expressions["
INVALID = "tests_create_schedule_with_invalid_schedule_expression["


@pytest.fixture
def scheduler(clients):
    return clients.boto("scheduler")


def create(scheduler, expression):
    given = {"Target": target(QUEUE, Input="x"), "FlexibleTimeWindow": OFF, "State": "DISABLED"}
    return answered(scheduler.create_schedule, Name=unique("schedule"), ScheduleExpression=expression, **given)


def expressions(beginning):
    """{expression: what AWS answered}"""
    named = {name: answers for name, answers in scenarios(FILE).items() if name.startswith(beginning)}
    return {name.removeprefix(beginning)[:-1]: answers for name, answers in named.items()}


def test_expressions_that_are_taken(scheduler):
    taken = expressions(VALID)
    assert len(taken) == 2
    for expression, answers in taken.items():
        Comparison().check(answers["create-schedule"], create(scheduler, expression))
    told = scenario(FILE, "tests_create_schedule_with_valid_schedule_expression")
    Comparison().check(told["valid-schedule-expression"], create(scheduler, "at(2100-12-31T23:59:59)"))


def test_expressions_that_are_refused(scheduler):
    refused = expressions(INVALID)
    assert len(refused) == 7
    for expression, answers in refused.items():
        Comparison().check(answers["invalid-schedule-expression"], create(scheduler, expression))


def test_tags(scheduler):
    name = unique("group")
    arn = scheduler.create_schedule_group(Name=name)["ScheduleGroupArn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "TagKey", "Value": "TagValue"}])
    told = scenario(FILE, "test_tag_resource")
    Comparison().check(told["list-tagged-schedule"], scheduler.list_tags_for_resource(ResourceArn=arn))
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["TagKey"])
    told = scenario(FILE, "test_untag_resource")
    Comparison().check(told["list-untagged-schedule"], scheduler.list_tags_for_resource(ResourceArn=arn))
    scheduler.delete_schedule_group(Name=name)
