"""What EventBridge lists, and what it hands on: scenarios recorded from AWS, done again here."""

import datetime
import json

import pytest

from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios
from harness.topics import make_queue, received
from harness.wait import wait_until

EVENTS, PATTERNS = "events/test_events.json", "events/test_events_patterns.json"
INPUTS = "events/test_events_inputs.json"
ARCHIVES, TAGS = "events/test_archive_and_replay.json", "events/test_events_tags.json"
ACROSS = "events/test_events_cross_account_region.json"
DETAIL = {"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}
SOURCE = "core.update-account-command"
PATTERN = json.dumps({"source": [SOURCE], "detail-type": [SOURCE], "detail": {"command": ["update-account"]}})


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


def arn(resource):
    return f"arn:aws:events:{REGION}:{ACCOUNT}:{resource}"


def entry(bus, source=SOURCE, detail=DETAIL):
    return {"Source": source, "DetailType": SOURCE, "Detail": json.dumps(detail), "EventBusName": bus}


def read(rules):
    """With patterns parsed, as recordings have them."""
    for rule in rules["Rules"]:
        rule["EventPattern"] = json.loads(rule["EventPattern"])
    return rules


def rule(events, sqs, bus, pattern=PATTERN, **target):
    """A rule with a queue; the queue's URL."""
    name, (url, queue) = unique("rule"), make_queue(sqs)
    events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "t", "Arn": queue, **target}])
    return url


def test_buses_by_prefix(events, bus):
    told, check = scenario(EVENTS, "test_list_event_buses_with_prefix"), Comparison().check
    check(told["list-event-buses-prefix"], events.list_event_buses(NamePrefix=bus[:-1]))
    check(told["list-event-buses-prefix-complete-name"], events.list_event_buses(NamePrefix=bus))


def test_permission_for_a_bus_that_isnt_there(events):
    told = scenario(EVENTS, "test_put_permission_non_existing_event_bus")["remove-permission-non-existing-sid-error"]
    params = {"EventBusName": unique("bus"), "Action": "events:PutEvents", "Principal": "*", "StatementId": "s"}
    Comparison().check(told, answered(events.put_permission, **params))


def test_rules_of_a_target(events, sqs, bus):
    told, (_, queue), prefix = scenario(EVENTS, "test_list_rule_names_by_target_with_limit[custom]"), make_queue(sqs), unique("r")
    for n in range(5):
        events.put_rule(Name=f"{prefix}{n}", EventBusName=bus, EventPattern=PATTERN)
        events.put_targets(Rule=f"{prefix}{n}", EventBusName=bus, Targets=[{"Id": "t", "Arn": queue}])
    of, token = {"TargetArn": queue, "EventBusName": bus, "Limit": 2}, {}
    for label in ("first_page", "second_page", "third_page"):
        page = events.list_rule_names_by_target(**of, **token)
        assert page["RuleNames"] == [name.replace("<rule-prefix>", prefix) for name in told[label]["RuleNames"]]
        assert ("NextToken" in page) == ("NextToken" in told[label])
        token = {"NextToken": page.get("NextToken")}


def test_rules_page_by_page(events, bus):
    told, prefix = scenario(EVENTS, "test_list_rule_with_limit"), unique("r")
    for n in range(6):
        events.put_rule(Name=f"{prefix}-{n}", EventBusName=bus, EventPattern=PATTERN)
    first = events.list_rules(EventBusName=bus, NamePrefix=prefix, Limit=3)
    rest = events.list_rules(EventBusName=bus, NamePrefix=prefix, NextToken=first["NextToken"])
    Comparison().check(told["list-rules-limit"], read(first))
    Comparison().check(told["list-rules-limit-next-token"], read(rest))


def test_a_rule_put_again(events, sqs, bus):
    told, name, check = scenario(EVENTS, "test_put_multiple_rules_with_same_name"), unique("rule"), Comparison().check
    check(told["put-rule"], events.put_rule(Name=name, EventBusName=bus, EventPattern=PATTERN))
    check(told["re-put-rule"], events.put_rule(Name=name, EventBusName=bus, EventPattern=PATTERN))
    check(told["list-rules"], read(events.list_rules(EventBusName=bus)))
    told, (_, queue) = scenario(EVENTS, "test_update_rule_with_targets"), make_queue(sqs)
    events.put_rule(Name=name, EventPattern=PATTERN)
    events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": queue}])
    check(told["list-targets"], events.list_targets_by_rule(Rule=name))
    check(told["update-rule"], events.put_rule(Name=name, EventPattern='{"source": ["other"]}'))
    check(told["list-targets-after-update"], events.list_targets_by_rule(Rule=name))


def test_targets_page_by_page(events, sqs, bus):
    told, name, (_, queue) = scenario(EVENTS, "test_list_target_by_rule_limit"), unique("rule"), make_queue(sqs)
    events.put_rule(Name=name, EventBusName=bus, EventPattern=PATTERN)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": f"t{n}", "Arn": queue} for n in range(5)])
    first = events.list_targets_by_rule(Rule=name, EventBusName=bus, Limit=3)
    rest = events.list_targets_by_rule(Rule=name, EventBusName=bus, NextToken=first["NextToken"])
    Comparison().check(told["list-targets-limit"], first)
    Comparison().check(told["list-targets-limit-next-token"], rest)


def test_more_than_ten_entries(events, bus):
    told = scenario(EVENTS, "test_put_events_exceed_limit_ten_entries[custom]")["put-events-exceed-limit-error"]
    # Members that no client can send are shown by AWS alone.
    told = json.loads(json.dumps(told).replace(", kmsKeyIdentifier=null, internalMetadata=null", ""))
    Comparison().check(told, answered(events.put_events, Entries=[entry(bus)] * 11))


def test_from_bus_to_bus(events, sqs, bus):
    told, other = scenario(EVENTS, "test_put_events_bus_to_bus[standard]")["messages"][0], unique("bus")
    made = events.create_event_bus(Name=other)["EventBusArn"]
    events.put_rule(Name="on", EventBusName=bus, EventPattern=PATTERN)
    events.put_targets(Rule="on", EventBusName=bus, Targets=[{"Id": "t", "Arn": made, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}])
    url = rule(events, sqs, other)
    events.put_events(Entries=[entry(bus)])
    Comparison().check(told["Body"], dated(received(sqs, url)["Messages"][0]["Body"]))


def dated(event):
    """Times are told as `date` in recordings, whatever they were."""
    return {**event, "time": "date"}


def test_each_rule_gets_what_is_for_it(events, sqs):
    told = scenario(EVENTS, "test_process_to_single_matching_rules_single_target")
    sources = ["source-one", "source-two", "source-three"]
    bus = unique("bus")
    events.create_event_bus(Name=bus)
    urls = {}
    for n, source in enumerate(sources, 1):
        urls[source] = rule(events, sqs, bus, json.dumps({"source": sources[:n]}))
    for source in sources:
        events.put_events(Entries=[entry(bus, source)])
    for source, url in urls.items():
        wanted = told[f"events-{source}"]
        got = received(sqs, url, len(wanted))["Messages"]
        order = sorted((message["Body"] for message in got), key=lambda event: sources.index(event["source"]))
        Comparison().check(wanted, [dated(event) for event in order])


def test_what_is_cut_out_of_nested_details(events, sqs, bus):
    told = scenario(INPUTS, "test_put_events_with_input_path_nested[event_detail1]")["message"][0]["Body"]
    url = rule(events, sqs, bus, json.dumps({"source": [SOURCE]}), InputPath="$.detail.payload")
    events.put_events(Entries=[entry(bus, detail={"payload": told})])
    assert received(sqs, url)["Messages"][0]["Body"] == told


@pytest.mark.parametrize("form", ["json", "string"])
def test_templates_whose_paths_lead_nowhere(events, sqs, bus, form):
    name = f"test_put_events_with_input_transformer_input_template_{form}"
    told = next(answers for at, answers in scenarios(INPUTS).items() if at.startswith(name))
    template = {
        "json": '{"detailType": <type>, "time": <time>, "command": <command>}',
        "string": '"Event of <type> type, at time <time>, info extracted from detail <command>"',
    }[form]
    paths = {"type": "$.detail-type", "time": "$.time", "command": "$.detail.command"}
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    url = rule(events, sqs, bus, json.dumps({"source": [SOURCE]}), InputTransformer=transformer)
    for label, detail in (("custom-variables-match-all", DETAIL), ("custom-variables-not-match-all", {"other": 1})):
        events.put_events(Entries=[entry(bus, detail=detail)])
        message = received(sqs, url)["Messages"][0]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        body, wanted = message["Body"], told[label][0]["Body"]
        if form == "json":
            assert dated(body) == wanted
        else:
            said = body if body.startswith('"') else json.dumps(body)
            Comparison().check(wanted.replace("time date", "time <any>"), said)


def test_what_can_be_said_of_the_rule(events, sqs, bus):
    stem = "test_input_transformer_predefined_variables"
    name = next(name for name in scenarios(INPUTS) if name.startswith(stem) and "Message containing" in name)
    template = name[len(stem) + 1 : -1]
    url = rule(events, sqs, bus, json.dumps({"source": [SOURCE]}), InputTransformer={"InputTemplate": template})
    events.put_events(Entries=[entry(bus)])
    body = received(sqs, url)["Messages"][0]["Body"]
    told = scenarios(INPUTS)[name]["messages"][0]["Body"].replace(" date", " <any>")
    Comparison().check(told, body if body.startswith('"') else json.dumps(body))


@pytest.mark.parametrize("pattern", ['["not", "a", "dict", "but valid json"]', '{"not": closed mark"', "{'bad': 'quotation'}"])
def test_patterns_that_arent_json(events, pattern):
    told = scenario(PATTERNS, f"test_invalid_json_event_pattern[{pattern}]")["invalid-pattern"]
    ours = answered(events.put_rule, Name=unique("rule"), EventPattern=pattern)
    assert ours["Error"]["Code"] == told["Error"]["Code"]
    # Where the parser was is told by the parser: of the words, the reason is held to.
    assert ours["Error"]["Message"].split(". Reason:")[0] == told["Error"]["Message"].split(". Reason:")[0]


def test_archives_by_state_and_source(events, bus):
    source = arn(f"event-bus/{bus}")
    for file in ("test_list_archive_state_enabled[custom]", "test_list_archive_with_source_arn[default]"):
        ((label, told),) = scenario(ARCHIVES, file).items()
        name = unique("archive")
        events.create_archive(ArchiveName=name, EventSourceArn=source, RetentionDays=1)
        by = {"State": "ENABLED"} if "state" in label else {"EventSourceArn": source}
        listed = events.list_archives(**by)
        listed["Archives"] = [archive for archive in listed["Archives"] if archive["ArchiveName"] == name]
        Comparison().check(told, listed)
        events.delete_archive(ArchiveName=name)


def replayed(events, bus, count, prefix):
    """An archive of that bus with replays of it that are over; the archive's ARN."""
    made = events.create_archive(ArchiveName=unique("archive"), EventSourceArn=arn(f"event-bus/{bus}"))["ArchiveArn"]
    now = datetime.datetime.now(datetime.UTC)
    names = [f"{prefix}-test-replay-{n}" if count > 1 else f"{prefix}-test-replay" for n in range(count)]
    for name in names:
        events.start_replay(
            ReplayName=name, EventSourceArn=made, EventStartTime=now - datetime.timedelta(hours=1), EventEndTime=now,
            Destination={"Arn": arn(f"event-bus/{bus}")},
        )
    for name in names:
        wait_until(lambda: events.describe_replay(ReplayName=name)["State"] == "COMPLETED", 60, f"the end of {name}")
    return made


def test_replays_listed(events, bus):
    prefix = unique("replay")
    source = replayed(events, bus, 1, prefix)
    told = scenario(ARCHIVES, "test_list_replays_with_prefix")
    Comparison().check(told["list-replays-with-full-name"], events.list_replays(NamePrefix=f"{prefix}-test-replay"))
    Comparison().check(told["list-replays-with-prefix"], events.list_replays(NamePrefix=prefix))
    told = scenario(ARCHIVES, "test_list_replays_with_event_source_arn")["list-replays-with-event-source-arn"]
    Comparison().check(told, events.list_replays(EventSourceArn=source))


def test_replays_page_by_page(events, bus):
    told, prefix = scenario(ARCHIVES, "test_list_replay_with_limit"), unique("replay")
    replayed(events, bus, 6, prefix)
    first = events.list_replays(NamePrefix=prefix, Limit=3)
    rest = events.list_replays(NamePrefix=prefix, NextToken=first["NextToken"])
    Comparison().check(told["list-replays-with-limit"], first)
    Comparison().check(told["list-replays-with-limit-next-token"], rest)


def test_an_archive_that_isnt_there(events):
    told = scenario(ARCHIVES, "test_describe_archive_error_unknown_archive")["describe-archive-unknown-archive-error"]
    Comparison().check(told, answered(events.describe_archive, ArchiveName=unique("archive")))


def test_made_anew_without_tags(events, bus):
    told = scenario(TAGS, "test_recreate_tagged_resource_without_tags[rule-event_bus_custom]")
    name = unique("rule")
    of = {"Name": name, "EventBusName": bus, "EventPattern": PATTERN}
    made = events.put_rule(**of, Tags=[{"Key": "tag1", "Value": "value1"}])["RuleArn"]
    events.delete_rule(Name=name, EventBusName=bus)
    events.put_rule(**of)
    Comparison().check(told["list_tags_for_resource"], events.list_tags_for_resource(ResourceARN=made))


KINDS = ["custom-account", "custom-region", "default-account", "default-region", "default-region_account"]


@pytest.mark.parametrize("kind", KINDS)
def test_across_accounts_and_regions(clients, kind):
    told = scenario(ACROSS, f"test_event_bus_to_event_bus_cross_account_region[{kind}]")
    account = "111111111111" if "account" in kind else ACCOUNT
    region = "eu-central-1" if "region" in kind else REGION
    there = clients.other(account if account != ACCOUNT else "test", region=region)
    (near, sqs), (far, far_sqs) = ((of.boto("events"), of.boto("sqs")) for of in (clients, there))
    first, second = (unique("bus"), unique("bus")) if "custom" in kind else ("default", "default")
    if "custom" in kind:
        near.create_event_bus(Name=first)
        far.create_event_bus(Name=second)
    far.put_permission(EventBusName=second, Action="events:PutEvents", Principal=ACCOUNT, StatementId=unique("s"))
    source = unique("source-primary")
    pattern, on = json.dumps({"source": [source]}), {"Rule": unique("on"), "EventBusName": first}
    near.put_rule(Name=on["Rule"], EventBusName=first, EventPattern=pattern)
    theirs = f"arn:aws:events:{region}:{account}:event-bus/{second}"
    near.put_targets(**on, Targets=[{"Id": "t", "Arn": theirs, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"}])
    urls = rule(near, sqs, first, pattern), rule(far, far_sqs, second, pattern)
    near.put_events(Entries=[entry(first, source)])
    ours = [received(of, url)["Messages"][0]["Body"] for of, url in zip((sqs, far_sqs), urls)]
    labels = "messages_primary_queue_from_primary_event_bus", "messages_secondary_queue_from_primary_event_bus"
    theirs = [told[label][0]["Body"] for label in labels]
    # Where it comes from stays; what it is called is new in another region.
    assert [(event["account"], event["region"]) for event in ours] == [(ACCOUNT, REGION)] * 2
    assert (ours[0]["id"] == ours[1]["id"]) == (theirs[0]["id"] == theirs[1]["id"])
    assert [event.keys() for event in ours] == [event.keys() for event in theirs]
    near.remove_targets(**on, Ids=["t"])
    near.delete_rule(Name=on["Rule"], EventBusName=first)
