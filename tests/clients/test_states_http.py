"""Tasks that call servers: HTTP endpoints by EventBridge's connections, and HTTP APIs of API Gateway."""

import base64
import json

import pytest

from harness import functions, http_api
from harness.clients import ROLE, Clients
from harness.names import unique
from harness.platform import watched
from harness.servers import Server, connect
from harness.workflows import Machine, of

INVOKE, GATEWAY = "arn:aws:states:::http:invoke", "arn:aws:states:::apigateway:invoke"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("http"), extra=("--ephemeral",)) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def states(clients):
    return clients.boto("stepfunctions", inject_host_prefix=False)


@pytest.fixture
def server():
    made = []

    def make(*answers):
        made.append(Server(*answers))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def task(url, connection, method="GET", **more):
    parameters = {"ApiEndpoint": url, "Method": method, "Authentication": {"ConnectionArn": connection}, **more}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": parameters, "End": True}


def run(states, state, payload=None):
    return Machine(states, of(Call=state)).start(payload)


@pytest.fixture
def connection(clients):
    def make(kind="BASIC", **auth):
        return connect(clients.boto("events"), unique("connection"), kind, **auth)

    return make


def test_a_server_is_called_as_the_state_and_its_connection_say(states, server, connection):
    asked = server((200, b'{"ok": true}', {**JSON, "x-two": "2"}))
    key = connection("API_KEY", ApiKeyAuthParameters={"ApiKeyName": "x-api-key", "ApiKeyValue": "s3cret"},
                     InvocationHttpParameters={
                         "HeaderParameters": [{"Key": "x-from", "Value": "connection"}],
                         "QueryStringParameters": [{"Key": "tenant", "Value": "t 1"}],
                         "BodyParameters": [{"Key": "added", "Value": "by it"}]})
    state = task(f"{asked.url}/orders?fixed=1", key, "POST", Headers={"x-mine": "a"}, QueryParameters={"q": "x y", "n": [1, 2]},
                 **{"RequestBody.$": "$"})
    output = run(states, state, {"order": 7}).output()
    assert (output["StatusCode"], output["StatusText"], output["ResponseBody"]) == (200, "OK", {"ok": True})
    assert output["Headers"]["x-two"] == ["2"]
    got = asked.next()
    assert (got.method, got.path) == ("POST", "/orders?fixed=1&q=x+y&n=1&n=2&tenant=t+1")
    assert got.json == {"order": 7, "added": "by it"}
    sent = {name: got.headers[name] for name in ("x-api-key", "x-mine", "x-from", "content-type", "user-agent")}
    assert sent == {"x-api-key": "s3cret", "x-mine": "a", "x-from": "connection", "content-type": "application/json",
                    "user-agent": "Amazon|StepFunctions|HttpInvoke"}


def test_forms_and_text(states, server, connection):
    asked = server((200, b"plain", {"content-type": "text/plain"}), (204, b"", {}))
    basic = connection()
    body = {"name": "Ada L", "tags": ["a", "b"]}
    encoded = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "REPEAT"}}
    output = run(states, task(asked.url, basic, "POST", RequestBody=body, Transform=encoded)).output()
    assert output["ResponseBody"] == "plain"
    got = asked.next()
    assert (got.body, got.headers["content-type"]) == (b"name=Ada+L&tags=a&tags=b", "application/x-www-form-urlencoded;charset=UTF-8")
    assert got.headers["authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()
    assert run(states, task(asked.url, basic, "DELETE")).output()["StatusText"] == "No Content"


def test_tokens_of_oauth(states, server, connection):
    tokens, asked = server((200, b'{"access_token": "t1", "expires_in": 3600}', JSON)), server()
    oauth = connection("OAUTH_CLIENT_CREDENTIALS", OAuthParameters={
        "ClientParameters": {"ClientID": "id", "ClientSecret": "s"}, "HttpMethod": "POST",
        "AuthorizationEndpoint": f"{tokens.url}/token",
    })
    for _ in range(2):
        run(states, task(asked.url, oauth)).output()
        assert asked.next().headers["authorization"] == "Bearer t1"
    assert tokens.next().path == "/token"
    assert not tokens.asked, "it is asked for once"


def test_what_fails_has_a_name(states, server, connection):
    basic = connection()
    asked = server((404, b'{"message": "no such order"}', JSON), (503, b"", {}), (503, b"", {}))
    said = run(states, task(asked.url, basic)).ended()
    assert (said["error"], said["cause"]) == ("States.Http.StatusCode.404", '{"message": "no such order"}')
    retried = {**task(asked.url, basic), "Retry": [{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 1}],
               "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}
    platformless = Machine(states, of(Call=retried, Caught={"Type": "Pass", "End": True})).start()
    assert platformless.output()["StatusCode"] == 200, "the third answer is good"
    gone = run(states, task(asked.url, basic.replace("connection/", "connection/no"))).ended()
    assert gone["error"] == "Events.ConnectionResource.ResourceNotFound"
    nobody = run(states, task("http://127.0.0.1:1/", basic)).ended()
    assert nobody["error"] == "States.Http.Socket"
    forbidden = run(states, task(asked.url, basic, Headers={"Host": "else.where"})).ended()
    assert (forbidden["error"], forbidden["cause"]) == (
        "States.Runtime", "The value of the field 'Headers' has an invalid format")


def test_a_trial_shows_the_exchange_and_keeps_secrets(states, server, connection):
    asked = server((200, b'{"n": 1}', JSON), (200, b'{"n": 2}', JSON))
    key = connection("API_KEY", ApiKeyAuthParameters={"ApiKeyName": "x-api-key", "ApiKeyValue": "s3cret"})
    state = json.dumps(task(f"{asked.url}/x", key, "POST", RequestBody={"a": 1}))
    said = states.test_state(definition=state, roleArn=ROLE, inspectionLevel="TRACE")
    assert said["status"] == "SUCCEEDED" and json.loads(said["output"])["ResponseBody"] == {"n": 1}
    request, response = said["inspectionData"]["request"], said["inspectionData"]["response"]
    assert (request["method"], request["url"], request["body"]) == ("POST", f"{asked.url}/x", '{"a":1}')
    assert "content-type: application/json" in request["headers"] and "s3cret" not in json.dumps(said["inspectionData"])
    assert (response["statusCode"], response["statusMessage"], response["body"]) == ("200", "OK", '{"n": 1}')
    revealed = states.test_state(definition=state, roleArn=ROLE, inspectionLevel="TRACE", revealSecrets=True)
    assert "x-api-key: s3cret" in revealed["inspectionData"]["request"]["headers"]
    plain = states.test_state(definition=state, roleArn=ROLE, inspectionLevel="DEBUG")
    assert "request" not in plain["inspectionData"]


ECHO = """
import json
def handler(event, context):
    if event["rawPath"].endswith("fails"):
        return {"statusCode": 418, "body": json.dumps({"message": "teapot"})}
    told = {"path": event["rawPath"], "query": event.get("queryStringParameters"), "body": event.get("body"),
            "mine": event["headers"].get("x-mine"), "stage": event["requestContext"]["stage"]}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(told)}
"""


def test_http_apis_are_called_without_leaving_the_platform(platform, states, clients):
    function = functions.create(clients, ECHO)
    api = http_api.create(platform, clients, {"ANY /{proxy+}": function})
    staged = http_api.create(platform, clients, {"ANY /{proxy+}": function}, stage="prod")

    def call(api, **more):
        parameters = {"ApiEndpoint": f"{api.id}.execute-api.us-east-1.amazonaws.com", "Method": "POST", **more}
        return run(states, {"Type": "Task", "Resource": GATEWAY, "Parameters": parameters, "End": True})

    output = call(api, Path="/orders", Headers={"x-mine": ["a"]}, QueryParameters={"q": ["x y"]}, RequestBody={"n": 1}).output()
    assert (output["StatusCode"], output["StatusText"]) == (200, "OK")
    assert output["ResponseBody"] == {"path": "/orders", "query": {"q": "x y"}, "body": '{"n":1}', "mine": "a", "stage": "$default"}
    body = call(staged, Stage="prod", Path="orders").output()["ResponseBody"]
    assert (body["stage"], body["path"]) == ("prod", "/prod/orders")
    said = call(api, Path="/fails").ended()
    assert (said["error"], json.loads(said["cause"])) == ("ApiGateway.418", {"message": "teapot"})
    gone = call(api, Path="/x", ApiEndpoint="nothing.execute-api.us-east-1.amazonaws.com").ended()
    assert gone["error"] == "ApiGateway.403"
    misshapen = call(api, Path="/x", Headers={"x-mine": "a"})
    said = misshapen.ended()
    assert said["error"] == "States.Runtime"
    assert said["cause"].endswith("could not be used to start the Task: [The value of the field 'Headers' has an invalid format]")
    assert misshapen.types() == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_services_that_are_not_here_are_told_of(states):
    state = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob", "Parameters": {"JobName": "j"}, "End": True}
    said = run(states, state).ended()
    assert said["status"] == "FAILED" and "batch" in said["cause"]
