"""What AWS answered under functions' own URLs, done again here."""

import json

import pytest

from harness.clients import ACCOUNT
from harness.function_urls import FunctionUrl
from harness.raw import request
from harness.recordings import Comparison, answered, scenario

API, REQUESTS = "lambda_/test_lambda_api.json", "lambda_/test_lambda.json"
RETURNS = "def handler(event, context):\n    return {}\n"
ECHO = """
import json
def handler(event, context):
    http = event["requestContext"]["http"]
    return {
        "args": event["queryStringParameters"], "data": json.loads(event["body"]),
        "domain": event["headers"]["host"], "origin": http["sourceIp"],
        "headers": {name: value for name, value in event["headers"].items() if not name.startswith("x-")},
        "method": http["method"], "path": http["path"],
    }
"""


@pytest.fixture
def url(platform, function):
    return lambda source, language="python", **settings: FunctionUrl(platform, function(source, language), **settings)


def permit(url):
    return answered(
        url.function.client.add_permission, FunctionName=url.function.name, StatementId="urlPermission",
        Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE",
    )


@pytest.mark.parametrize(
    "name, returned",
    [("boolean", "True"), ("integer", "3"), ("http-response-json", repr({"statusCode": 200, "body": '{"hello": "world"}'}))],
)
def test_answers_of_a_url(url, name, returned):
    told, compare = scenario(REQUESTS, f"test_lambda_url_invocation[{name}]"), Comparison()
    one = url(RETURNS.format(returned))
    compare.check(told["create_lambda_url_config"], one.config)
    permission = permit(one)
    permission["Statement"] = json.loads(permission["Statement"])
    compare.check(told["add_permission"], permission)
    answer, recorded = one.call(), told["lambda_url_invocation"]
    content = answer.text if isinstance(recorded["content"], str) else answer.json()
    headers = {name: answer.headers[name.lower()] for name in recorded["headers"]}
    compare.check(recorded, {"statuscode": answer.status, "content": content, "headers": headers})


def test_an_id_for_request_and_function(platform, url):
    told, compare = scenario(REQUESTS, "test_request_id_invoke_url"), Comparison()
    one = url(RETURNS.format("'hi'"))
    answer = one.call("POST", "/", "{'key':'value'}")
    headers = {"x-amzn-RequestId": answer.headers["x-amzn-requestid"]}
    ours = {"statuscode": answer.status, "content": answer.text, "headers": headers}
    compare.check(told["lambda_url_invocation"], ours)
    from harness.wait import wait_until

    group = f"%2Faws%2Flambda%2F{one.function.name}"
    path = f"/_updraft/logs?group={group}&region=us-east-1&account={ACCOUNT}&after="
    lines = wait_until(lambda: [line for line in request(platform.url, "GET", path).text.split('"') if line.startswith("END ")])
    compare.check(told["end_log_entries"], [lines[0].replace("\\n", "")])


def test_an_echo(url):
    told, one = scenario(REQUESTS, "test_lambda_url_echo_http_fixture_trim_x_headers"), url(ECHO)
    headers = {
        "Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "test/echo", "Connection": "keep-alive",
        "Content-Type": "application/json", "ExTrA-HeadErs": "With WeiRd CapS", "X-Amz-Other": "not shown",
    }
    ours = one.call("POST", "/path/1?q=query", json.dumps({"foo": "bar"}), headers).json()
    Comparison().check(told["url_response"], ours)
    assert ours["headers"] == {**told["url_response"]["headers"], "host": one.host}, "nothing else is there"


def test_a_streamed_answer(url):
    told = scenario(REQUESTS, "test_function_url_with_response_streaming")
    source = """
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  for (const word of ["Hello", ", ", "world!"]) stream.write(word);
  stream.end();
});
"""
    answer = url(source, "node", InvokeMode="RESPONSE_STREAM").call()
    Comparison().check(told, {"response_status": answer.status, "response_data": answer.text})


def test_a_urls_changes(url):
    told, compare = scenario(REQUESTS, "test_lambda_update_function_url_config"), Comparison()
    one = url(RETURNS.format("1"), InvokeMode="BUFFERED")
    client, name = one.function.client, one.function.name
    compare.check(told["create_lambda_url_config"], one.config)
    compare.check(told["get_url_config"], answered(client.get_function_url_config, FunctionName=name))
    changed = answered(client.update_function_url_config, FunctionName=name, InvokeMode="RESPONSE_STREAM")
    compare.check(told["modify_lambda_url_config"], changed)
    compare.check(told["get_url_config_2"], answered(client.get_function_url_config, FunctionName=name))
    changed = answered(client.update_function_url_config, FunctionName=name, AuthType="NONE")
    compare.check(told["modify_lambda_url_config_none"], changed)
    compare.check(told["get_url_config_3"], answered(client.get_function_url_config, FunctionName=name))


def test_urls_of_another_region(clients):
    name = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:any"
    ours = answered(clients.boto("lambda").get_function_url_config, FunctionName=name)
    told = scenario(API, "test_get_function_wrong_region[get_function_url_config]")
    Comparison().check(told["wrong_region_exception"], ours)


def test_a_list_of_urls(clients, function):
    told, compare = scenario(API, "test_url_config_list_paging"), Comparison()
    client, one = clients.boto("lambda"), function(RETURNS.format("1"))
    missing = answered(client.list_function_url_configs, FunctionName="doesnotexist")
    compare.check(told["list_function_notfound"], missing)
    compare.check(told["list_all_empty"], answered(client.list_function_url_configs, FunctionName=one.name))
    made = answered(client.create_function_url_config, FunctionName=one.name, AuthType="NONE")
    compare.check(any_url(told["url_config_fn"]), made)
    version = client.publish_version(FunctionName=one.name)["Version"]
    alias = answered(client.create_alias, FunctionName=one.name, Name="urlalias", FunctionVersion=version)
    compare.check(told["create_alias_result"], alias)
    made = answered(client.create_function_url_config, FunctionName=one.name, Qualifier="urlalias", AuthType="NONE")
    compare.check(any_url(told["url_config_alias"]), made)
    listed = answered(client.list_function_url_configs, FunctionName=one.name)
    all_of_it = told["list_all"]
    urls = [any_url(config) for config in all_of_it["FunctionUrlConfigs"]]
    compare.check({**all_of_it, "FunctionUrlConfigs": urls}, listed)
    pages = client.get_paginator("list_function_url_configs").paginate(
        FunctionName=one.name, PaginationConfig={"PageSize": 1}
    )
    paged = [config for page in pages for config in page["FunctionUrlConfigs"]]
    assert paged == listed["FunctionUrlConfigs"]


def any_url(recorded):
    """Recorded without the address."""
    return {**recorded, "FunctionUrl": "<url>"}
