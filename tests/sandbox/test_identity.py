"""Beside the list: being taken for somebody else by the platform's own API. Tried with raw, hand-signed requests."""

import json
from pathlib import Path

import pytest

from harness import signing
from harness.clients import ROLE, Clients

SIGNING = Path(signing.__file__).read_text().replace("from . import raw", "")

# Calls STS as whoever is asked for, by default as the function's own session.
CALLER = """
import http.client, os, re
import signing
OWN = {"key": os.environ["AWS_ACCESS_KEY_ID"], "secret": os.environ["AWS_SECRET_ACCESS_KEY"], "token": os.environ["AWS_SESSION_TOKEN"]}
def handler(event, context):
    who = {**OWN, **event.get("who", {})}
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    extra = {"content-type": "application/x-www-form-urlencoded", **event.get("signed", {})}
    if who["token"]:
        extra["x-amz-security-token"] = who["token"]
    host = "127.0.0.1:4566"
    sent = signing.headers("sts", "POST", "/", body, host=host, key=who["key"], secret=who["secret"], extra=extra)
    connection = http.client.HTTPConnection(host, timeout=5)
    connection.request("POST", "/", body, {**sent, **event.get("unsigned", {})})
    answer = connection.getresponse()
    said = answer.read().decode()
    arn = re.search("<Arn>(.*)</Arn>", said)
    code = re.search("<Code>(.*)</Code>", said)
    return [answer.status, (arn or code).group(1) if arn or code else said, OWN]
"""


@pytest.fixture
def caller(function):
    return function(CALLER, files={"signing.py": SIGNING})


def ask(one, **event):
    status, error, told = one.invoke(event)
    assert (status, error) == (200, None), told
    return told


def own_arn(one):
    return f"arn:aws:sts::000000000000:assumed-role/{ROLE.rsplit('/', 1)[1]}/{one.name}"


def test_a_function_is_its_roles_session(caller):
    assert ask(caller)[:2] == [200, own_arn(caller)]


def test_a_session_is_bound_to_its_key_its_secret_and_every_byte_of_its_token(caller, function):
    own = ask(caller)[2]
    other = ask(function(CALLER, files={"signing.py": SIGNING}))[2]
    flipped = own["token"][:40] + ("A" if own["token"][40] != "A" else "B") + own["token"][41:]
    for who in (
        {"key": other["key"]},
        {"secret": other["secret"]},
        {"token": other["token"]},
        {"token": flipped},
        {"token": own["token"][:-8]},
        {"token": ""},
        {"key": "ASIA" + "A" * 16},
        {"key": own["key"], "secret": "test", "token": ""},
        {"key": "AKIAIOSFODNN7EXAMPLE", "secret": "test", "token": ""},
    ):
        status, code, _ = ask(caller, who=who)
        assert status == 403 and code in ("InvalidClientTokenId", "SignatureDoesNotMatch"), (who, status, code)


def test_a_token_is_worth_nothing_once_the_key_that_sealed_it_is_another(fresh):
    """After its rotation, and at another platform."""
    platform = fresh().start()
    role = Clients(platform.url).boto("sts").assume_role(RoleArn=ROLE, RoleSessionName="stolen")["Credentials"]
    form = {"content-type": "application/x-www-form-urlencoded", "x-amz-security-token": role["SessionToken"]}
    stolen = {"key": role["AccessKeyId"], "secret": role["SecretAccessKey"], "extra": form}
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    assert signing.send(platform, "sts", body=body, **stolen).status == 200
    platform.terminate()
    (platform.data / "secret").unlink()
    platform.start()
    answer = signing.send(platform, "sts", body=body, **stolen)
    assert answer.status == 403 and "InvalidClientTokenId" in answer.text


HEADERS = {
    "x-amz-source-account": "111122223333",
    "x-amz-source-arn": "arn:aws:lambda:us-east-1:111122223333:function:x",
    "x-amz-account-id": "111122223333",
    "x-updraft-account": "111122223333",
    "x-updraft-principal": "root",
    "x-updraft-function": "other",
    "x-updraft-origin": "loopback",
    "x-amzn-lambda-caller": "arn:aws:iam::111122223333:root",
    "x-forwarded-user": "root",
    "x-forwarded-for": "127.0.0.1",
}


def test_forged_internal_headers_make_nobody_somebody_else(caller):
    assert ask(caller, unsigned=HEADERS)[:2] == [200, own_arn(caller)]
    assert ask(caller, signed=HEADERS)[:2] == [200, own_arn(caller)]


def test_the_conventional_keys_work_inside_as_the_guide_says(caller):
    """On loopback, where they work for everybody. The guide names it: this is no protection that is claimed."""
    status, arn, _ = ask(caller, who={"key": "111122223333", "secret": "test", "token": ""})
    assert (status, arn) == (200, "arn:aws:iam::111122223333:root")


VISITOR = """
import http.client
def handler(event, context):
    connection = http.client.HTTPConnection("127.0.0.1", 4566, timeout=5)
    connection.request("GET", f"/_aws/execute-api/{event['api']}/", None, event["headers"])
    return connection.getresponse().read().decode()
"""
ECHO = "def handler(event, context):\n    return [event['requestContext']['http']['sourceIp'], event['headers'].get('x-forwarded-for')]\n"


def test_a_spoofed_x_forwarded_for_names_no_source(arena, function):
    """AWS: the source is who was connected; what the client says of itself stands before it in the header."""
    echo, visitor = function(ECHO), function(VISITOR)
    client = arena.clients.boto("apigatewayv2")
    api = client.create_api(Name="echo", ProtocolType="HTTP", Target=echo.arn)["ApiId"]
    try:
        told = visitor.invoke({"api": api, "headers": {"X-Forwarded-For": "203.0.113.7"}})[2]
    finally:
        client.delete_api(ApiId=api)
    source, header = json.loads(told)
    assert source == "127.0.0.1" and header.split(",")[-1].strip() == "127.0.0.1", told
