"""Functions' own URLs: made and changed, called by plain HTTP, signed, and read piece by piece."""

import http.client
import json
import re

import pytest

from harness import raw
from harness.clients import ACCOUNT, REGION, error_of
from harness.function_urls import FunctionUrl, host_of

ECHO = "def handler(event, context):\n    return event\n"
# Answers as its query says.
ANSWERS = """
import json
def handler(event, context):
    return json.loads(event["queryStringParameters"]["answer"])
"""
PIECES = """
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const how = event.rawPath;
  if (how === "/early") throw new Error("as asked");
  if (how !== "/bare") {
    stream = awslambda.HttpResponseStream.from(stream, {
      statusCode: 201, headers: { "x-own": "1", "Content-Type": "text/event-stream" }, cookies: ["a=1", "b=2"],
    });
  } else {
    stream.setContentType("text/plain");
  }
  stream.write("one");
  await new Promise((resolve) => setTimeout(resolve, 500));
  if (how === "/fail") throw new Error("as asked");
  stream.end("two");
});
"""


@pytest.fixture
def url(platform, function):
    """Makes a function with a URL."""
    return lambda source=ECHO, language="python", **settings: FunctionUrl(platform, function(source, language), **settings)


def test_a_url_is_made_shown_changed_listed_and_deleted(url):
    one = url()
    name, client = one.function.name, one.function.client
    assert re.fullmatch(rf"http://[a-z0-9]{{32}}\.lambda-url\.{REGION}\.localhost:\d+/", one.url)
    assert one.config["FunctionArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    assert one.config["AuthType"] == "NONE" and "LastModifiedTime" not in one.config
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", one.config["CreationTime"])
    shown = client.get_function_url_config(FunctionName=name)
    assert shown["InvokeMode"] == "BUFFERED" and shown["FunctionUrl"] == one.url
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 60, "AllowCredentials": True}
    changed = one.update(AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM", Cors=cors)
    assert (changed["AuthType"], changed["InvokeMode"], changed["Cors"]) == ("AWS_IAM", "RESPONSE_STREAM", cors)
    assert changed["FunctionUrl"] == one.url
    (listed,) = client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
    assert listed == {key: value for key, value in changed.items() if key != "ResponseMetadata"}
    taken = error_of(client.create_function_url_config, FunctionName=name, AuthType="NONE")
    assert taken[::2] == ("ResourceConflictException", 409)
    client.delete_function_url_config(FunctionName=name)
    assert error_of(client.get_function_url_config, FunctionName=name)[::2] == ("ResourceNotFoundException", 404)
    assert one.call().status == 403


@pytest.mark.parametrize(
    "wrong, named",
    [
        ({"AuthType": "SOME"}, "authType"),
        ({"InvokeMode": "BOTH"}, "invokeMode"),
        ({"Cors": {"MaxAge": 86_401}}, "cors.maxAge"),
        ({"Cors": {"MaxAge": -1}}, "cors.maxAge"),
        ({"Cors": {"AllowMethods": ["OPTIONS"]}}, "cors.allowMethods"),
        ({"Cors": {"AllowMethods": ["GET"] * 7}}, "cors.allowMethods"),
        ({"Cors": {"AllowOrigins": ["x" * 254]}}, "cors.allowOrigins"),
        ({"Cors": {"AllowHeaders": ["x"] * 101}}, "cors.allowHeaders"),
        ({"Qualifier": "1"}, "qualifier"),
        ({"Qualifier": "$LATEST"}, "qualifier"),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_model(clients, function, wrong, named):
    client = clients.boto("lambda", parameter_validation=False)
    asked = {"FunctionName": function(ECHO).name, "AuthType": "NONE", **wrong}
    code, message, status = error_of(client.create_function_url_config, **asked)
    assert (code, status) == ("ValidationException", 400)
    assert f"at '{named}" in message and "failed to satisfy constraint" in message, message


def test_the_command_line_makes_a_url(clients, function):
    name = function(ECHO).name
    made = clients.cli("lambda", "create-function-url-config", "--function-name", name, "--auth-type", "NONE")
    assert made["FunctionUrl"].endswith("/") and f".lambda-url.{REGION}.localhost" in made["FunctionUrl"]
    shown = clients.cli("lambda", "get-function-url-config", "--function-name", name)
    assert shown["FunctionUrl"] == made["FunctionUrl"]


def test_a_request_is_an_event_of_format_two(url):
    one = url()
    answer = one.call(
        "POST", "/a%2Fb/c", "hello", {"Content-Type": "text/plain", "X-Two": "1", "Cookie": "a=1; b=2"},
        query={"q": ["1", "2"], "ä": "x y"},
    )
    event = answer.json()
    assert event["version"] == "2.0" and event["routeKey"] == "$default"
    assert event["rawPath"] == "/a%2Fb/c"
    assert event["queryStringParameters"] == {"q": "1,2", "ä": "x y"}
    assert event["cookies"] == ["a=1", "b=2"] and "cookie" not in event["headers"]
    assert event["headers"]["x-two"] == "1" and event["headers"]["host"] == one.host
    assert (event["body"], event["isBase64Encoded"]) == ("hello", False)
    context = event["requestContext"]
    assert context["accountId"] == "anonymous" and context["apiId"] == one.id
    assert context["domainName"] == one.host.split(":")[0] and context["domainPrefix"] == one.id
    assert context["http"]["method"] == "POST" and context["http"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"] == answer.headers["x-amzn-requestid"]
    assert answer.headers["x-amzn-trace-id"].startswith(event["headers"]["x-amzn-trace-id"])


def test_bytes_come_and_go_as_base64(url):
    one = url("def handler(e, c):\n    return {'statusCode': 200, 'body': e['body'], 'isBase64Encoded': e['isBase64Encoded']}\n")
    for body in (bytes(range(256)), b"a=1&b=2"):
        kind = "application/octet-stream" if len(body) > 100 else "application/x-www-form-urlencoded"
        assert one.call("POST", "/", body, {"Content-Type": kind}).body == body


@pytest.mark.parametrize(
    "returned, status, body",
    [
        ({"statusCode": 418, "headers": {"x-own": "1"}, "cookies": ["a=1", "b=2"], "body": "tea"}, 418, "tea"),
        ({"hello": "world"}, 200, '{"hello": "world"}'),
        (["a", 1], 200, '["a", 1]'),
        ("text", 200, "text"),
        (3, 200, "3"),
        (None, 200, "null"),
        ({"statusCode": "no"}, 502, "Internal Server Error"),
    ],
)
def test_answers_are_responses(url, returned, status, body):
    answer = url(ANSWERS).call(query={"answer": json.dumps(returned)})
    assert (answer.status, answer.text) == (status, body)
    assert answer.headers["content-type"] == "application/json"
    if status == 418:
        assert answer.headers["x-own"] == "1" and answer.cookies == ["a=1", "b=2"]


def test_a_function_that_fails_is_a_502_and_one_without_concurrency_a_429(url):
    one = url("def handler(e, c):\n    raise ValueError('secret')\n")
    answer = one.call()
    assert (answer.status, answer.text) == (502, "Internal Server Error")
    one.function.client.put_function_concurrency(FunctionName=one.function.name, ReservedConcurrentExecutions=0)
    answer = one.call()
    assert answer.status == 429 and answer.json()["message"] == "Rate Exceeded."
    assert answer.json()["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_a_body_that_is_too_large_is_refused(url):
    one = url()
    answer = one.call("POST", "/", b"x" * 6_291_457, {"Content-Type": "text/plain"})
    assert answer.status == 413 and "6291456 bytes" in answer.text


@pytest.mark.parametrize("domain", ["on.aws", "localhost", "localhost.localstack.cloud:4566", "LOCALHOST"])
def test_a_url_is_reached_by_every_name(url, domain):
    one = url()
    event = one.call(path="/p", host=host_of(one.id, domain)).json()
    assert event["requestContext"]["domainName"] == host_of(one.id, domain.split(":")[0])


def test_a_url_stands_on_an_alias(platform, function):
    one = function("def handler(event, context):\n    return context.invoked_function_arn + ' ' + context.function_version\n")
    client, name = one.client, one.name
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    client.update_function_configuration(FunctionName=name, Handler="main.gone")
    url = FunctionUrl(platform, one, Qualifier="live")
    assert url.config["FunctionArn"].endswith(f":{name}:live")
    assert url.call().text == f"{url.config['FunctionArn']} {version}"
    assert error_of(client.get_function_url_config, FunctionName=name)[::2] == ("ResourceNotFoundException", 404)
    client.delete_alias(FunctionName=name, Name="live")
    assert url.call().status == 403


def test_a_url_is_reached_by_path(url):
    one = url()
    event = one.call_by_path("PUT", "/a/b", body="x", headers={"Content-Type": "text/plain"}).json()
    assert (event["rawPath"], event["requestContext"]["http"]["method"]) == ("/a/b", "PUT")
    assert event["requestContext"]["domainName"] == host_of(one.id, "localhost")
    assert one.call_by_path(path="").json()["rawPath"] == "/"


def test_an_unknown_url_is_forbidden(platform):
    answer = raw.request(platform.url, "GET", "/", host=host_of("x" * 32, "localhost"))
    assert (answer.status, answer.text) == (403, '{"Message":"Forbidden"}')
    assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"


def test_head_has_no_body(url):
    answer = url(ANSWERS).call("HEAD", query={"answer": '"text"'})
    assert (answer.status, answer.body) == (200, b"")


def test_a_url_may_ask_for_signatures(url):
    one = url(AuthType="AWS_IAM")
    forbidden = one.call()
    assert (forbidden.status, forbidden.text) == (403, '{"Message":"Forbidden"}')
    assert one.call(headers={"Authorization": "Bearer x"}).status == 403
    signed = one.call_signed("POST", "/p", b"body", extra={"content-type": "text/plain"})
    context = signed.json()["requestContext"]
    assert (signed.status, context["accountId"]) == (200, ACCOUNT)
    assert context["authorizer"]["iam"]["accessKey"] == "test"
    assert context["authorizer"]["iam"]["userArn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert one.call_signed(key="111111111111").json()["requestContext"]["authorizer"]["iam"]["accountId"] == "111111111111"


@pytest.mark.parametrize(
    "wrong, kind, said",
    [
        ({"secret": "other"}, "InvalidSignatureException", "The request signature we calculated does not match"),
        ({"key": "AKIAUNKNOWN"}, "UnrecognizedClientException", "The security token included in the request is invalid"),
        ({"service": "s3"}, "InvalidSignatureException", "Credential should be scoped to correct service: 'lambda'"),
        ({"region": "eu-west-1"}, "InvalidSignatureException", "Credential should be scoped to a valid region"),
    ],
)
def test_a_signature_that_does_not_hold_is_told_as_aws_does(url, wrong, kind, said):
    answer = url(AuthType="AWS_IAM").call_signed(**wrong)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, kind)
    assert said in answer.json()["message"], answer.text


def test_botocore_signs_for_a_url(url):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    one = url(AuthType="AWS_IAM")
    request = AWSRequest("POST", f"{one.url}a%20b?q=1", data=b"body", headers={"Content-Type": "text/plain"})
    SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(request)
    answer = one.call("POST", "/a%20b?q=1", b"body", dict(request.headers.items()))
    assert answer.status == 200 and answer.json()["body"] == "body"


def test_an_open_url_leaves_authorization_to_the_function(url):
    one = url()
    for value in ("Bearer x", "AWS4-HMAC-SHA256 nonsense"):
        answer = one.call(headers={"Authorization": value})
        assert (answer.status, answer.json()["headers"]["authorization"]) == (200, value)


def test_browsers_of_other_origins_are_answered(url):
    cors = {
        "AllowOrigins": ["https://a.example"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-a"],
        "ExposeHeaders": ["x-b"], "MaxAge": 60, "AllowCredentials": True,
    }
    one = url(Cors=cors)
    ask = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    preflight = one.call("OPTIONS", headers=ask)
    told = {name: value for name, value in preflight.headers.items() if name.startswith("access-control-")}
    assert preflight.status == 200 and preflight.body == b""
    assert told == {
        "access-control-allow-origin": "https://a.example", "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "x-a", "access-control-expose-headers": "x-b",
        "access-control-max-age": "60", "access-control-allow-credentials": "true",
    }
    assert one.call(headers={"Origin": "https://a.example"}).headers["access-control-allow-origin"] == "https://a.example"
    for refused in (one.call(headers={"Origin": "https://b.example"}), one.call("OPTIONS", headers=ask | {"Origin": "https://b.example"})):
        assert "access-control-allow-origin" not in refused.headers
    one.update(Cors={})
    assert one.call("OPTIONS", headers=ask).json()["requestContext"]["http"]["method"] == "OPTIONS"


def test_pieces_reach_the_client_as_the_function_writes_them(url):
    one = url(PIECES, "node", InvokeMode="RESPONSE_STREAM")
    response, connection = one.open()
    assert (response.status, response.getheader("x-own")) == (201, "1")
    assert response.getheader("content-type") == "text/event-stream"
    assert [value for name, value in response.getheaders() if name == "set-cookie"] == ["a=1", "b=2"]
    assert response.getheader("transfer-encoding") == "chunked"
    assert response.read1() == b"one"
    assert response.read() == b"two"
    connection.close()
    pieces = list(one.pieces(path="/bare"))
    assert b"".join(piece for _, piece in pieces) == b"onetwo"
    assert pieces[0][1] == b"one" and pieces[-1][0] > 0.4, pieces
    assert one.call(path="/bare").headers["content-type"] == "text/plain"


def test_a_stream_that_fails_early_is_a_502_and_later_breaks_off(url):
    one = url(PIECES, "node", InvokeMode="RESPONSE_STREAM")
    early = one.call(path="/early")
    assert (early.status, early.text) == (502, "Internal Server Error")
    response, connection = one.open(path="/fail")
    assert response.status == 201
    with pytest.raises(http.client.IncompleteRead) as broken:
        response.read()
    assert broken.value.partial == b"one"
    connection.close()
    assert one.call().status == 201, "the next request is served as ever"


def test_a_python_generator_streams_to_a_url(url):
    source = """
import time
def handler(event, context):
    yield {"statusCode": 202, "headers": {"content-type": "text/plain"}}
    yield "one"
    time.sleep(0.5)
    yield b"two"
"""
    one = url(source, InvokeMode="RESPONSE_STREAM")
    response, connection = one.open()
    assert (response.status, response.getheader("content-type")) == (202, "text/plain")
    connection.close()
    pieces = list(one.pieces())
    assert b"".join(piece for _, piece in pieces) == b"onetwo" and pieces[-1][0] > 0.4, pieces


def test_what_is_streamed_is_whole_where_the_url_buffers(url):
    one = url(PIECES, "node")
    answer = one.call(path="/bare")
    assert (answer.status, answer.text) == (200, "onetwo")
    assert "transfer-encoding" not in answer.headers


def test_a_function_calls_the_url_of_another(url):
    one = url()
    source = f"""
import json, os, urllib.request
def handler(event, context):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/p", headers={{"Host": "{one.host}"}})
    return json.load(urllib.request.urlopen(request))["rawPath"]
"""
    other = url(source)
    assert other.call().text == "/p"


def test_a_permission_for_a_url_is_shown_as_aws_does(url):
    one = url()
    client, name = one.function.client, one.function.name
    statement = client.add_permission(
        FunctionName=name, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE"
    )
    assert json.loads(statement["Statement"])["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    statement = client.add_permission(
        FunctionName=name, StatementId="via", Action="lambda:InvokeFunction", Principal="*", InvokedViaFunctionUrl=True
    )
    assert json.loads(statement["Statement"])["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}


def test_a_url_goes_with_its_function_and_survives_a_restart(fresh):
    from harness import functions
    from harness.clients import Clients

    platform = fresh().start()
    function = functions.create(Clients(platform.url), ECHO)
    one = FunctionUrl(platform, function)
    platform.kill()
    platform.start()
    assert one.call().status == 200
    function.client.delete_function(FunctionName=function.name)
    assert one.call().status == 403
