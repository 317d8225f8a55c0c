"""Tags of state machines: the scenarios recorded from AWS, done again here."""

import pytest

from harness.machines import Replay

TAGS = "stepfunctions/v2/test_sfn_api_tagging.json"
ONE = [{"key": "key1", "value": "value1"}]


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions", parameter_validation=False)


def begun(states, name, **more):
    replay = Replay(states, TAGS, name)
    return replay, replay.create("creation_resp_1", **more)


def test_made_with_tags(states):
    replay, arn = begun(states, "test_create_state_machine", tags=[*ONE, {"key": "key2", "value": "value2"}])
    replay.step("list_resources_res", states.list_tags_for_resource, resourceArn=arn)


@pytest.mark.parametrize("form, tags", [("tag_list0", []), ("tag_list2", [{"key": "key1", "value": ""}]), ("tag_list3", ONE)])
def test_tagged(states, form, tags):
    replay, arn = begun(states, f"test_tag_state_machine[{form}]")
    replay.step("tag_resource_resp", states.tag_resource, resourceArn=arn, tags=tags)
    replay.step("list_resources_res", states.list_tags_for_resource, resourceArn=arn)


@pytest.mark.parametrize("name, keys", [
    ("test_tag_state_machine[tag_keys0]", []),
    ("test_tag_state_machine[tag_keys1]", ["key1"]),
    ("test_tag_state_machine[tag_keys3]", ["key1", "key2"]),
    ("test_untag_state_machine[tag_keys1]", ["key1"]),
    ("test_untag_state_machine[tag_keys3]", ["key1", "key2"]),
])
def test_untagged(states, name, keys):
    replay, arn = begun(states, name)
    replay.step("tag_resource_resp", states.tag_resource, resourceArn=arn, tags=ONE)
    replay.step("untag_resource_resp", states.untag_resource, resourceArn=arn, tagKeys=keys) if (
        "untag_resource_resp" in replay.told) else states.untag_resource(resourceArn=arn, tagKeys=keys)
    replay.step("list_resources_res", states.list_tags_for_resource, resourceArn=arn)


def test_versions_have_none(states):
    replay, arn = begun(states, "test_tag_state_machine_version")
    version = replay.step("publish_resp", states.publish_state_machine_version, stateMachineArn=arn)
    told = replay.told["error"].replace("<ArnPart_0idx>", replay.name)
    replay.told["error"] = {"exception_typename": "ResourceNotFound", "exception_value": told}
    replay.refused("error", states.tag_resource, resourceArn=version["stateMachineVersionArn"], tags=ONE)
