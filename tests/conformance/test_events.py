"""Scenarios recorded from AWS's EventBridge, done again here."""

import datetime
import json

import pytest

from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios
from harness.topics import make_queue, received
from harness.wait import wait_until

EVENTS, PATTERNS = "events/test_events.json", "events/test_events_patterns.json"
INPUTS, SCHEDULES = "events/test_events_inputs.json", "events/test_events_schedule.json"
SERVERS = "events/test_api_destinations_and_connection.json"
ARCHIVES, TAGS = "events/test_archive_and_replay.json", "events/test_events_tags.json"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus"
DETAIL = {"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}
SOURCE = "core.update-account-command"
PATTERN = {"source": [SOURCE], "detail-type": [SOURCE], "detail": {"command": ["update-account"]}}


@pytest.fixture
def events(clients):
    return clients.boto("events")


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


@pytest.fixture
def bus(events):
    name = unique("bus")
    events.create_event_bus(Name=name)
    return name


def shown(answer):
    """With the JSON in it parsed, as recordings have it."""
    for one in [answer, *answer.get("Rules", []), *answer.get("Archives", [])]:
        one.update({name: json.loads(one[name]) for name in ("EventPattern", "Policy") if name in one})
    return answer


def entry(bus, detail=DETAIL, **more):
    detail = detail if isinstance(detail, str) else json.dumps(detail)
    return {"Source": SOURCE, "DetailType": SOURCE, "Detail": detail, "EventBusName": bus, **more}


def test_buses(events):
    told = scenario(EVENTS, "test_create_list_describe_delete_custom_event_buses[False-regions0]")
    check, name = Comparison().check, unique("bus")
    check(told["create-custom-event-bus-us-east-1"], events.create_event_bus(Name=name))
    check(told["list-event-buses-after-create-us-east-1"], events.list_event_buses(NamePrefix=name))
    check(told["describe-custom-event-bus-us-east-1"], events.describe_event_bus(Name=name))
    check(told["delete-custom-event-bus-us-east-1"], events.delete_event_bus(Name=name))
    check(told["list-event-buses-after-delete-us-east-1"], events.list_event_buses(NamePrefix=name))
    told = scenario(EVENTS, "test_describe_delete_not_existing_event_bus")
    check(told["describe-not-existing-event-bus-error"], answered(events.describe_event_bus, Name=name))
    told = scenario(EVENTS, "test_delete_default_event_bus")
    check(told["delete-default-event-bus-error"], answered(events.delete_event_bus, Name="default"))


def test_buses_page_by_page(events):
    told, check, prefix = scenario(EVENTS, "test_list_event_buses_with_limit"), Comparison().check, unique("bus")
    for n in range(6):
        events.create_event_bus(Name=f"{prefix}-{n}")
    first = events.list_event_buses(NamePrefix=prefix, Limit=3)
    check(told["list-event-buses-limit"], first)
    rest = events.list_event_buses(NamePrefix=prefix, Limit=3, NextToken=first["NextToken"])
    check(told["list-event-buses-limit-next-token"], rest)
    assert "NextToken" not in rest


def test_permissions(events, bus):
    told, check = scenario(EVENTS, "test_put_permission[default]"), Comparison().check
    statement = {"EventBusName": bus, "Action": "events:PutEvents"}
    for n, principal in enumerate((ACCOUNT, ACCOUNT, "111111111112")):
        answer = events.put_permission(StatementId=f"s{n}", Principal=principal, **statement)
    check(told["put-permission"], answer)
    several = told["describe-event-bus-put-permission-multiple-principals"]
    check(several, shown(events.describe_event_bus(Name=bus)))
    events.put_permission(StatementId="s3", Principal="*", **statement)
    check(told["describe-event-bus-put-permission"], shown(events.describe_event_bus(Name=bus)))
    told = scenario(EVENTS, "test_remove_permission_non_existing_sid[True-default]")
    refused = answered(events.remove_permission, EventBusName=bus, StatementId="x")
    check(told["remove-permission-non-existing-sid-error"], refused)


@pytest.mark.parametrize("kind", ("default", "custom"))
def test_rules(events, bus, kind):
    told = scenario(EVENTS, f"test_put_list_with_prefix_describe_delete_rule[{kind}]")
    check, name = Comparison().check, unique("rule")
    on = {"EventBusName": "default" if kind == "default" else bus}
    check(told["put-rule"], events.put_rule(Name=name, EventPattern=json.dumps(PATTERN), **on))
    check(told["list-rules"], shown(events.list_rules(NamePrefix=name, **on)))
    check(told["describe-rule"], shown(events.describe_rule(Name=name, **on)))
    check(told["delete-rule"], events.delete_rule(Name=name, **on))
    check(told["list-rules-after-delete"], events.list_rules(NamePrefix=name, **on))


def test_rules_are_switched(events):
    told, check, name = scenario(EVENTS, "test_disable_re_enable_rule[default]"), Comparison().check, unique("rule")
    events.put_rule(Name=name, EventPattern=json.dumps(PATTERN))
    check(told["disable-rule"], events.disable_rule(Name=name))
    check(told["describe-rule-disabled"], shown(events.describe_rule(Name=name)))
    check(told["enable-rule"], events.enable_rule(Name=name))
    check(told["describe-rule-enabled"], shown(events.describe_rule(Name=name)))


def test_targets(events, sqs):
    told, check, name = scenario(EVENTS, "test_put_list_remove_target[default]"), Comparison().check, unique("rule")
    events.put_rule(Name=name, EventPattern=json.dumps(PATTERN))
    _, arn = make_queue(sqs)
    check(told["put-target"], events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn}]))
    check(told["list-targets"], events.list_targets_by_rule(Rule=name))
    refused = answered(events.delete_rule, Name=name)
    check(scenario(EVENTS, "test_delete_rule_with_targets")["delete-rule-with-targets-error"], refused)
    many = [{"Id": str(n), "Arn": arn} for n in range(7)]
    refused = answered(events.put_targets, Rule=name, Targets=many)
    check(scenario(EVENTS, "test_add_exceed_fife_targets_per_rule")["put-targets-client-error"], refused)
    ids = scenario(EVENTS, "test_put_target_id_validation")
    refused = answered(events.put_targets, Rule=name, Targets=[{"Id": "!@#$@!#$", "Arn": arn}])
    check(ids["put-targets-invalid-id-error"], refused)
    check(told["remove-target"], events.remove_targets(Rule=name, Ids=["t"]))
    check(told["list-targets-after-delete"], events.list_targets_by_rule(Rule=name))


@pytest.mark.parametrize("kind, detail", (("ARRAY", "[]"), ("STRING", "text"), ("SERIALIZED_STRING", '"text"')))
def test_malformed_details(events, kind, detail):
    told = scenario(EVENTS, f"test_put_event_malformed_detail[{kind}]")
    Comparison().check(told["put-events"], events.put_events(Entries=[entry("default", detail)]))


def test_an_entry_without_a_type(events):
    told = scenario(EVENTS, "test_put_event_without_detail_type")
    without = {name: value for name, value in entry("default").items() if name != "DetailType"}
    Comparison().check(told["put-events"], events.put_events(Entries=[without]))


def patterns():
    return ("arrays_empty_EXC", "content_ip_address_EXC", "content_numeric_operatorcasing_EXC", "int_nolist_EXC")


@pytest.mark.parametrize("name", patterns())
def test_refused_patterns(events, name):
    told = scenario(PATTERNS, f"test_event_pattern[{name}]")[name]["exception_message"]
    raw = told["Error"].pop("MessageRaw")
    pattern = raw.split('(String)"', 1)[1].split('"; line', 1)[0] if "(String)" in raw else None
    pattern = pattern or '{"detail": {"sourceIPAddress": [{"cidr": "bad-filter"}]}}'
    ours = answered(events.test_event_pattern, EventPattern=pattern, Event=json.dumps({"source": "s"}))
    assert ours["Error"]["Code"] == told["Error"]["Code"]
    assert ours["Error"]["Message"].split("\n at [Source")[0] == told["Error"]["Message"]


def test_events_that_are_none(events):
    told = scenario(PATTERNS, "test_array_event_payload")["array-event-payload-exc"]
    pattern = json.dumps({"source": ["s"]})
    Comparison().check(told, answered(events.test_event_pattern, EventPattern=pattern, Event="[]"))
    told = scenario(PATTERNS, "test_invalid_event_payload")["plain-string-payload-exc"]
    Comparison().check(told, answered(events.test_event_pattern, EventPattern=pattern, Event="text"))


def delivered(events, sqs, bus, detail=DETAIL, **target):
    """The body that a queue gets of an event."""
    name, (url, arn) = unique("rule"), make_queue(sqs)
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"source": [SOURCE]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "t", "Arn": arn, **target}])
    events.put_events(Entries=[entry(bus, detail)])
    messages = received(sqs, url)["Messages"]
    events.remove_targets(Rule=name, EventBusName=bus, Ids=["t"])
    return messages[0]["Body"]


def test_input_paths(events, sqs, bus):
    told = scenario(INPUTS, "test_put_events_with_input_path")["message"][0]["Body"]
    assert delivered(events, sqs, bus, InputPath="$.detail") == told
    told = scenario(INPUTS, "test_put_events_with_input_path_max_level_depth")["message"][0]["Body"]
    assert delivered(events, sqs, bus, InputPath="$.detail.payload.sf_id") == json.loads(told)


def test_input_templates(events, sqs, bus):
    template = '"Payload of <payload> with path users-service/users/<userId> and <userId>"'
    told = scenario(INPUTS, f"test_input_transformer_nested_keys_replacement[{template}]")
    paths = {"payload": "$.detail.payload", "userId": "$.detail.payload.acc_id"}
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    body = delivered(events, sqs, bus, InputTransformer=transformer)
    assert body == json.loads(told["input-transformed-messages"][0]["Body"])
    told = scenario(INPUTS, 'test_input_transformer_nested_keys_replacement[{"singlelistitem": <listsingle>}]')
    transformer = {"InputPathsMap": {"listsingle": "$.detail.list"}, "InputTemplate": '{"singlelistitem": <listsingle>}'}
    body = delivered(events, sqs, bus, {**DETAIL, "list": ["HIGH"]}, InputTransformer=transformer)
    assert body == told["input-transformed-messages"][0]["Body"]


def test_a_placeholder_that_isnt_known(events):
    told, name = scenario(INPUTS, "test_put_events_with_input_transformer_missing_keys"), unique("rule")
    events.put_rule(Name=name, EventPattern=json.dumps(PATTERN))
    transformer = {"InputPathsMap": {"known": "$.detail"}, "InputTemplate": '"<known> <notdefinedkey>"'}
    target = {"Id": "t", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "InputTransformer": transformer}
    refused = answered(events.put_targets, Rule=name, Targets=[target])
    Comparison().check(told["missing-key-exception-error"], refused)


def test_schedules(events, bus):
    check = Comparison().check
    for name, told in scenarios(SCHEDULES).items():
        if name.startswith("tests_put_rule_with_schedule_cron["):
            expression, rule = name.split("[", 1)[1][:-1], unique("rule")
            answer = events.put_rule(Name=rule, ScheduleExpression=expression)
            Comparison().check(told["put-rule"], answer)
            Comparison().check(told["list-rules"], events.list_rules(NamePrefix=rule))
        if name.startswith("tests_put_rule_with_invalid_schedule_cron["):
            expression = name.split("[", 1)[1][:-1]
            refused = answered(events.put_rule, Name=unique("rule"), ScheduleExpression=expression)
            Comparison().check(told["invalid-put-rule"], refused)
    told = scenario(SCHEDULES, "tests_put_rule_with_schedule_custom_event_bus")
    refused = answered(events.put_rule, Name="r", EventBusName=bus, ScheduleExpression="rate(1 minute)")
    check(told["put-rule-with-custom-event-bus-error"], refused)


def test_archives(events, bus):
    check, name = Comparison().check, unique("archive")
    told = scenario(ARCHIVES, "test_create_archive_error_unknown_event_bus")
    refused = answered(events.create_archive, ArchiveName=name, EventSourceArn=f"{BUS}/never")
    check(told["create-archive-unknown-event-bus-error"], refused)
    told = scenario(ARCHIVES, "test_list_archive_with_events[True-default]")
    made = {"Description": "description of the archive", "RetentionDays": 1, "EventPattern": json.dumps(PATTERN)}
    events.create_archive(ArchiveName=name, EventSourceArn=f"{BUS}/{bus}", **made)
    events.put_events(Entries=[entry(bus) for _ in range(10)])
    kept = lambda: events.describe_archive(ArchiveName=name)["EventCount"] == 10
    wait_until(kept, 30, "ten events kept")
    describe, listed = shown(events.describe_archive(ArchiveName=name)), events.list_archives(NamePrefix=name)
    check(told["describe-archive"], describe)
    check(told["list-archives"], listed)
    told = scenario(ARCHIVES, "test_create_archive_error_duplicate[custom]")
    refused = answered(events.create_archive, ArchiveName=name, EventSourceArn=f"{BUS}/{bus}")
    check(told["create-archive-duplicate-error"], refused)
    told = scenario(ARCHIVES, "test_update_archive_error_unknown_archive")
    check(told["update-archive-unknown-archive-error"], answered(events.update_archive, ArchiveName=unique("archive")))
    told = scenario(ARCHIVES, "test_start_replay_error_invalid_end_time[10]")
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    span = {"EventStartTime": at, "EventEndTime": at - datetime.timedelta(minutes=10)}
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:archive/{name}"
    refused = answered(events.start_replay, ReplayName="r", EventSourceArn=arn, Destination={"Arn": f"{BUS}/{bus}"}, **span)
    check(told["start-replay-invalid-end-time-error"], refused)
    told = scenario(ARCHIVES, "test_describe_replay_error_unknown_replay")
    refused = answered(events.describe_replay, ReplayName=unique("replay"))
    check(told["describe-replay-unknown-replay-error"], refused)


def test_tags(events):
    told, check = scenario(TAGS, "tests_tag_untag_resource[rule]"), Comparison().check
    arn = events.put_rule(Name=unique("rule"), EventPattern=json.dumps(PATTERN))["RuleArn"]
    tags = [{"Key": "tag1", "Value": "value1"}, {"Key": "tag2", "Value": "value2"}]
    check(told["tag_resource"], events.tag_resource(ResourceARN=arn, Tags=tags))
    check(told["list_tags_for_resource"], events.list_tags_for_resource(ResourceARN=arn))
    check(told["untag_resource"], events.untag_resource(ResourceARN=arn, TagKeys=["tag2"]))
    check(told["list_tags_for_untagged_resource"], events.list_tags_for_resource(ResourceARN=arn))
    told = scenario(TAGS, "tests_tag_list_untag_not_existing_resource[not_existing_rule]")
    never = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{unique('never')}"
    refused = answered(events.list_tags_for_resource, ResourceARN=never)
    check(told["list_tags_for_not_existing_resource_error"], refused)


API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "ApiKey", "ApiKeyValue": "secret"}}
BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}


@pytest.mark.parametrize("case, kind, auth", (("auth_params0", "BASIC", BASIC), ("auth_params1", "API_KEY", API_KEY)))
def test_connections(events, case, kind, auth):
    told, check, name = scenario(SERVERS, f"test_create_connection_with_auth[{case}]"), Comparison().check, unique("c")
    made = events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=auth)
    check(told["create-connection-auth"], made)
    check(told["describe-connection-auth"], events.describe_connection(Name=name))


def test_connections_with_more_parameters(events):
    told, check, name = scenario(SERVERS, "test_create_connection"), Comparison().check, unique("c")
    auth = {**API_KEY, "InvocationHttpParameters": {}}
    check(told["create-connection"], events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=auth))
    check(told["describe-connection"], events.describe_connection(Name=name))


def test_names_of_api_destinations(events):
    told, check = scenario(SERVERS, "test_create_api_destination_name_validation"), Comparison().check
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:connection/c/01234567-89ab-cdef-0123-456789abcdef"
    refused = answered(
        events.create_api_destination,
        Name="Invalid Name With Spaces!",
        ConnectionArn=arn,
        InvocationEndpoint="https://example.com",
        HttpMethod="POST",
    )
    check(told["create-api-destination-invalid-name-error"], refused)


def test_what_there_is_not_of_connections_and_destinations(events):
    told, check = scenario(SERVERS, "test_create_connection_invalid_parameters"), Comparison().check
    auth = {"AuthorizationType": "INVALID_AUTH_TYPE", "AuthParameters": {}}
    refused = answered(events.create_connection, Name=unique("c"), **auth)
    check(told["create-connection-invalid-auth-error"], refused)
    told = scenario(SERVERS, "test_create_api_destination_invalid_parameters")
    refused = answered(
        events.create_api_destination,
        Name=unique("d"),
        ConnectionArn="invalid-connection-arn",
        InvocationEndpoint="https://example.com",
        HttpMethod="INVALID_METHOD",
    )
    check(told["create-api-destination-invalid-parameters-error"], refused)
