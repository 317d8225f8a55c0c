"""API destinations and connections: a real server is called as target and connection say, and again as it answers."""

import base64
import json

import pytest

from harness.clients import ROLE, Clients, error_of
from harness.names import unique
from harness.platform import watched
from harness.servers import Server, connect, destination
from harness.topics import make_queue, received

OAUTH = {
    "ClientParameters": {"ClientID": "id", "ClientSecret": "s&s"},
    "HttpMethod": "POST",
    "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": False}]},
}


class World:
    def __init__(self, platform):
        clients = Clients(platform.url)
        self.platform, self.events, self.sqs = platform, clients.boto("events"), clients.boto("sqs")

    def call(self, url, connection, rate=300, **settings):
        """A source whose events call the server."""
        name = unique("server")
        arn = destination(self.events, name, url, connection, InvocationRateLimitPerSecond=rate)
        self.events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
        told = self.events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn, "RoleArn": ROLE, **settings}])
        assert told["FailedEntryCount"] == 0
        return name

    def put(self, source, *details):
        entries = [{"Source": source, "DetailType": "t", "Detail": json.dumps(detail)} for detail in details]
        assert self.events.put_events(Entries=entries)["FailedEntryCount"] == 0


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("servers"), extra=("--ephemeral",)) as platform:
        yield World(platform)


@pytest.fixture
def server():
    made = []

    def make(*answers):
        made.append(Server(*answers))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def test_a_server_is_called_as_target_and_connection_say(world, server):
    one = server()
    key = {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}
    more = {
        "HeaderParameters": [{"Key": "x-both", "Value": "connection", "IsValueSecret": True}],
        "QueryStringParameters": [{"Key": "q", "Value": "a b", "IsValueSecret": False}],
        "BodyParameters": [{"Key": "m", "Value": "v", "IsValueSecret": False}],
    }
    connection = connect(world.events, unique("c"), "API_KEY", ApiKeyAuthParameters=key, InvocationHttpParameters=more)
    source = world.call(
        f"{one.url}/a/*/b/*",
        connection,
        InputPath="$.detail",
        HttpParameters={
            "PathParameterValues": ["x", "y"],
            "HeaderParameters": {"x-mine": "1", "x-both": "target"},
            "QueryStringParameters": {"n": "1"},
        },
    )
    world.put(source, {"k": 1})
    asked = one.next()
    assert (asked.method, asked.path, asked.json) == ("POST", "/a/x/b/y?n=1&q=a+b", {"k": 1, "m": "v"})
    wanted = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Amazon/EventBridge/ApiDestinations",
        "x-key": "secret",
        "x-mine": "1",
        "x-both": "connection",
    }
    assert {name: asked.headers.get(name) for name in wanted} == wanted


def test_a_connection_shows_no_secrets_and_is_changed(world, server):
    one, name = server(), unique("c")
    arn = connect(world.events, name)
    source = world.call(one.url, arn)
    told = world.events.describe_connection(Name=name)
    assert told["AuthParameters"] == {"BasicAuthParameters": {"Username": "user"}}
    world.events.update_connection(Name=name, AuthParameters={"BasicAuthParameters": {"Password": "new"}})
    world.put(source, {})
    assert one.next().headers["authorization"] == "Basic " + base64.b64encode(b"user:new").decode()
    assert world.events.deauthorize_connection(Name=name)["ConnectionState"] == "DEAUTHORIZED"
    (listed,) = world.events.list_connections(NamePrefix=name)["Connections"]
    assert listed["ConnectionState"] == "DEAUTHORIZED"
    (listed,) = world.events.list_api_destinations(ConnectionArn=arn)["ApiDestinations"]
    assert listed["ApiDestinationState"] == "INACTIVE"
    world.events.delete_connection(Name=name)
    assert error_of(world.events.describe_connection, Name=name)[0] == "ResourceNotFoundException"


def test_a_token_is_fetched_kept_and_renewed(world, server):
    tokens = server(*((200, json.dumps({"access_token": token, "expires_in": 3600}).encode(), {}) for token in "ab"))
    one = server((200, b"", {}), (200, b"", {}), (401, b"", {}))
    oauth = {**OAUTH, "AuthorizationEndpoint": f"{tokens.url}/token"}
    source = world.call(one.url, connect(world.events, unique("c"), "OAUTH_CLIENT_CREDENTIALS", OAuthParameters=oauth))
    said = []
    for _ in range(3):
        world.put(source, {})
        said.append(one.next().headers["authorization"])
    world.platform.advance(10)
    said.append(one.next().headers["authorization"])
    assert said == ["Bearer a", "Bearer a", "Bearer a", "Bearer b"]
    asked = tokens.next()
    form = b"grant_type=client_credentials&client_id=id&client_secret=s%26s&scope=all"
    assert (asked.method, asked.path, asked.body) == ("POST", "/token", form)
    tokens.next()
    assert not tokens.asked


def test_a_server_in_trouble_is_called_again_when_it_says_and_then_given_up(world, server):
    one = server((503, b"", {"retry-after": "300"}), (429, b"", {}), (409, b"", {}))
    url, dead = make_queue(world.sqs)
    retries = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 86400}
    source = world.call(
        one.url, connect(world.events, unique("c")), RetryPolicy=retries, DeadLetterConfig={"Arn": dead}
    )
    world.put(source, {"n": 1})
    one.next()
    world.platform.advance(280)
    assert not one.asked, "it was told to wait for 300 seconds"
    world.platform.advance(600)
    one.next()
    world.platform.advance(1200)
    assert one.next().json["detail"] == {"n": 1}
    letters = world.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
    said = {name: value["StringValue"] for name, value in letters[0]["MessageAttributes"].items()}
    assert (said["ERROR_CODE"], said["RETRY_ATTEMPTS"]) == ("ERROR_FROM_TARGET", "2")
    assert said["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert json.loads(letters[0]["Body"])["detail"] == {"n": 1}


def test_what_is_refused_for_good_is_not_tried_again(world, server):
    one = server((400, b"", {}))
    url, dead = make_queue(world.sqs)
    source = world.call(one.url, connect(world.events, unique("c")), DeadLetterConfig={"Arn": dead})
    world.put(source, {"n": 2})
    one.next()
    (letter,) = received(world.sqs, url, 1)["Messages"]
    assert letter["Body"]["detail"] == {"n": 2}
    world.platform.advance(3600)
    assert not one.asked


def test_no_more_calls_a_second_than_may_be_and_none_is_lost(world, server):
    one = server()
    source = world.call(one.url, connect(world.events, unique("c")), rate=2)
    world.put(source, *({"n": n} for n in range(10)))
    seen = []
    for _ in range(30):
        world.platform.advance(1)
        seen += [one.asked.pop(0).json["detail"]["n"] for _ in range(len(one.asked))]
        if len(seen) == 10:
            break
    assert sorted(seen) == list(range(10))
