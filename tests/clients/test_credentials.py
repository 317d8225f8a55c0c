"""Who may come in, and the exact error each protocol gives to those who may not."""

import datetime

import pytest

from harness import signing
from harness.clients import ACCOUNT, error_of
from harness.raw import request


def test_test_test_is_the_root_of_account_zero_everywhere(clients):
    for region in ("us-east-1", "eu-central-1", "ap-southeast-2"):
        who = clients.other("test", "test", region).boto("sts").get_caller_identity()
        assert (who["Account"], who["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root")


def test_a_twelve_digit_key_names_its_account(clients):
    who = clients.other("111122223333").boto("sts").get_caller_identity()
    assert who["Account"] == "111122223333"


def test_accounts_and_regions_see_only_their_own(clients, table):
    mine = clients.boto("dynamodb").list_tables()["TableNames"]
    assert table in mine
    assert table not in clients.other("111122223333").boto("dynamodb").list_tables()["TableNames"]
    assert table not in clients.other("test", "test", "eu-west-1").boto("dynamodb").list_tables()["TableNames"]
    code, _, status = error_of(clients.other("111122223333").boto("dynamodb").describe_table, TableName=table)
    assert (code, status) == ("ResourceNotFoundException", 400)


CALLS = {
    "dynamodb": ("list_tables", {}),
    "sts": ("get_caller_identity", {}),
    "lambda": ("list_functions", {}),
    "apigatewayv2": ("get_apis", {}),
    "s3": ("list_buckets", {}),
}

UNKNOWN_KEY = {
    "dynamodb": ("UnrecognizedClientException", 400),
    "sts": ("InvalidClientTokenId", 403),
    "lambda": ("UnrecognizedClientException", 403),
    "apigatewayv2": ("UnrecognizedClientException", 403),
    "s3": ("InvalidAccessKeyId", 403),
}

WRONG_SECRET = {
    "dynamodb": ("InvalidSignatureException", 400),
    "sts": ("SignatureDoesNotMatch", 403),
    "lambda": ("InvalidSignatureException", 403),
    "apigatewayv2": ("InvalidSignatureException", 403),
    "s3": ("SignatureDoesNotMatch", 403),
}


@pytest.mark.parametrize("service", CALLS)
def test_an_unknown_key_is_refused_in_the_services_own_words(clients, service):
    operation, params = CALLS[service]
    client = clients.other("AKIAIOSFODNN7EXAMPLE", "whatever").boto(service)
    code, message, status = error_of(getattr(client, operation), **params)
    assert (code, status) == UNKNOWN_KEY[service]
    assert message


@pytest.mark.parametrize("service", CALLS)
def test_a_wrong_secret_is_refused_in_the_services_own_words(clients, service):
    operation, params = CALLS[service]
    code, message, status = error_of(getattr(clients.other("test", "wrong").boto(service), operation), **params)
    assert (code, status) == WRONG_SECRET[service]
    assert "signature" in message.lower()


def test_the_cli_shows_the_error_as_it_does_for_aws(clients):
    said = clients.other("test", "wrong").cli_fails("sts", "get-caller-identity")
    assert "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation" in said


def test_unsigned_requests_are_asked_for_a_token(platform):
    answer = request(platform.url, "POST", "/", "{}", {"x-amz-target": "DynamoDB_20120810.ListTables"})
    assert answer.status == 400
    assert answer.json()["__type"].endswith("MissingAuthenticationTokenException")
    form = "Action=GetCallerIdentity&Version=2011-06-15"
    answer = request(platform.url, "POST", "/", form, {"content-type": "application/x-www-form-urlencoded"})
    assert answer.status == 403
    assert "<Code>MissingAuthenticationToken</Code>" in answer.text
    assert request(platform.url, path="/2015-03-31/functions/").status == 403


def hours(n):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=n)


@pytest.mark.parametrize("offset", (-1, 1))
def test_a_clock_that_is_an_hour_off_is_refused(platform, offset):
    answer = signing.json_call(platform, "ListTables", b"{}", at=hours(offset))
    assert answer.status == 400
    assert answer.json()["__type"].endswith("InvalidSignatureException")
    answer = signing.form_call(platform, b"Action=GetCallerIdentity&Version=2011-06-15", at=hours(offset))
    assert answer.status == 403 and "SignatureDoesNotMatch" in answer.text
    answer = signing.send(platform, "s3", "GET", "/", at=hours(offset))
    assert answer.status == 403 and "RequestTimeTooSkewed" in answer.text


def test_a_body_that_is_not_the_signed_one_is_refused(platform):
    host = f"127.0.0.1:{platform.port}"
    target = {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"}
    signed = signing.headers("dynamodb", "POST", "/", b"{}", host=host, extra=target)
    answer = request(platform.url, "POST", "/", b'{"Limit":1}', signed)
    assert answer.status == 400
    assert answer.json()["__type"].endswith("InvalidSignatureException")


@pytest.mark.parametrize(
    "header",
    (
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=zz",
        "Bearer something",
        "\xff\xfe",
    ),
)
def test_authorization_headers_that_say_nothing_are_a_client_error(platform, header):
    headers = {"authorization": header, "x-amz-target": "DynamoDB_20120810.ListTables", "x-amz-date": "20260101T000000Z"}
    assert 400 <= request(platform.url, "POST", "/", "{}", headers).status < 500
