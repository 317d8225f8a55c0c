"""What a function is given, in both payload formats, and what becomes of its answer."""

import base64
import json

import pytest

from harness import functions, http_api

ECHO = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"
# Answers what the request's body says, so that one function serves all tests of answers.
SAY = "import json\ndef handler(event, context):\n    return json.loads(event['body'])\n"


@pytest.fixture(scope="module")
def apis(platform, clients):
    """{payload version: an API with `ANY /echo/{proxy+}` and `POST /say`}"""
    echo, say = functions.create(clients, ECHO), functions.create(clients, SAY)
    routes = {"ANY /echo/{proxy+}": echo, "POST /say": say}
    yield {version: http_api.create(platform, clients, routes, version=version) for version in ("1.0", "2.0")}
    for one in (echo, say):
        one.client.delete_function(FunctionName=one.name)


HEADERS = {"X-Mixed-Case": "Value", "Cookie": "a=1; b=2", "User-Agent": "me/1", "Content-Type": "text/plain"}


def test_format_2(apis):
    api = apis["2.0"]
    event = api.call("POST", "/echo/a/b?x=1&x=2&y=&z=%20s", "hello", HEADERS).json()
    assert (event["version"], event["routeKey"]) == ("2.0", "ANY /echo/{proxy+}")
    assert (event["rawPath"], event["rawQueryString"]) == ("/echo/a/b", "x=1&x=2&y=&z=%20s")
    assert event["queryStringParameters"] == {"x": "1,2", "y": "", "z": " s"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-mixed-case"] == "Value" and "cookie" not in event["headers"]
    assert event["headers"]["host"] == api.host
    assert event["pathParameters"] == {"proxy": "a/b"}
    assert (event["body"], event["isBase64Encoded"]) == ("hello", False)
    context = event["requestContext"]
    http = context["http"]
    assert (http["method"], http["path"], http["protocol"]) == ("POST", "/echo/a/b", "HTTP/1.1")
    assert (http["userAgent"], http["sourceIp"]) == ("me/1", "127.0.0.1")
    assert (context["apiId"], context["stage"], context["accountId"]) == (api.id, "$default", "000000000000")
    assert context["routeKey"] == "ANY /echo/{proxy+}" and context["requestId"]
    assert context["domainName"].split(".")[0] == context["domainPrefix"] == api.id
    assert isinstance(context["timeEpoch"], int) and context["time"]


def test_format_2_leaves_out_what_is_not_there(apis):
    event = apis["2.0"].call("GET", "/echo/x").json()
    assert not {"body", "cookies", "queryStringParameters", "stageVariables"} & set(event)
    assert event["rawQueryString"] == "" and event["isBase64Encoded"] is False


def test_format_1(apis):
    api = apis["1.0"]
    event = api.call("POST", "/echo/a/b?x=1&x=2&y=", "hello", HEADERS).json()
    assert (event["version"], event["resource"], event["path"]) == ("1.0", "/echo/{proxy+}", "/echo/a/b")
    assert event["httpMethod"] == "POST"
    assert event["queryStringParameters"] == {"x": "2", "y": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": [""]}
    headers = {name.lower(): value for name, value in event["headers"].items()}
    assert headers["x-mixed-case"] == "Value" and headers["cookie"] == "a=1; b=2"
    assert {name.lower(): v for name, v in event["multiValueHeaders"].items()}["x-mixed-case"] == ["Value"]
    assert event["pathParameters"] == {"proxy": "a/b"}
    assert (event["body"], event["isBase64Encoded"]) == ("hello", False)
    context = event["requestContext"]
    assert (context["resourcePath"], context["httpMethod"], context["path"]) == ("/echo/{proxy+}", "POST", "/echo/a/b")
    assert context["identity"]["sourceIp"] == "127.0.0.1" and context["identity"]["userAgent"] == "me/1"
    assert context["apiId"] == api.id and context["stage"] == "$default" and context["requestTimeEpoch"]


def test_format_1_says_null_for_what_is_not_there(apis):
    event = apis["1.0"].call("GET", "/echo/x").json()
    for name in ("body", "queryStringParameters", "multiValueQueryStringParameters", "stageVariables"):
        assert event[name] is None, name


@pytest.mark.parametrize("version", ("1.0", "2.0"))
@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    (
        ("application/octet-stream", b"\x00\xff\xfe", True),
        ("image/png", b"\x89PNG", True),
        ("application/json", b'{"a": 1}', False),
        ("text/plain; charset=utf-8", "ü".encode(), False),
        ("application/x-www-form-urlencoded", b"a=1", True),
    ),
)
def test_bodies_that_are_not_text_are_base64(apis, version, kind, body, encoded):
    event = apis[version].call("POST", "/echo/x", body, {"Content-Type": kind}).json()
    assert event["isBase64Encoded"] is encoded
    got = base64.b64decode(event["body"]) if encoded else event["body"].encode()
    assert got == body


def say(api, answer):
    return api.call("POST", "/say", json.dumps(answer), {"Content-Type": "application/json"})


def test_an_answer_sets_status_headers_cookies_and_body(apis):
    told = {"statusCode": 418, "headers": {"X-A": "1", "Content-Type": "text/x"}, "cookies": ["a=1", "b=2; Path=/"], "body": "tea"}
    answer = say(apis["2.0"], told)
    assert (answer.status, answer.text) == (418, "tea")
    assert (answer.headers["x-a"], answer.headers["content-type"]) == ("1", "text/x")
    assert answer.cookies == ["a=1", "b=2; Path=/"]
    assert answer.headers["apigw-requestid"]


def test_an_answer_in_format_1_may_have_many_values(apis):
    told = {"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}, "body": "x"}
    answer = say(apis["1.0"], told)
    assert (answer.status, sorted(answer.cookies)) == (200, ["a=1", "b=2"])


@pytest.mark.parametrize("version", ("1.0", "2.0"))
def test_a_base64_answer_is_decoded(apis, version):
    told = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()}
    assert say(apis[version], told).body == b"\x00\xff"


@pytest.mark.parametrize("told", ("just text", {"a": 1}, [1, 2], 5, True))
def test_format_2_takes_an_answer_without_a_status_as_the_body(apis, told):
    answer = say(apis["2.0"], told)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.text == told if isinstance(told, str) else answer.json() == told


@pytest.mark.parametrize("told", ({"statusCode": "many"}, {"statusCode": 99}, {"statusCode": 200, "headers": "x"}, {"statusCode": 200, "body": {"a": 1}}))
def test_an_answer_that_cannot_be_one_is_an_error_of_the_gateway(apis, told):
    answer = say(apis["2.0"], told)
    assert answer.status == 502
    assert answer.json() == {"message": "Internal Server Error"}


def test_format_1_insists_on_the_shape(apis):
    for told in ("just text", {"a": 1}, {"body": "x"}):
        answer = say(apis["1.0"], told)
        assert answer.status == 502 and answer.json() == {"message": "Internal Server Error"}


def test_head_has_no_body(apis):
    answer = apis["2.0"].call("HEAD", "/echo/x")
    assert (answer.status, answer.body) == (200, b"")
