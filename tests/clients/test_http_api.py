"""HTTP APIs: made, listed, changed, deleted; and which route a request takes."""

import pytest

from harness import functions, http_api
from harness.clients import error_of
from harness.names import unique

# Says which route was taken, and with which parameters.
ROUTE = "def handler(event, context):\n    return {'route': event['routeKey'], 'path': event.get('pathParameters'), 'vars': event.get('stageVariables'), 'stage': event['requestContext']['stage']}\n"


@pytest.fixture(scope="module")
def router(clients):
    one = functions.create(clients, ROUTE)
    yield one
    one.client.delete_function(FunctionName=one.name)


@pytest.fixture
def gateway(clients):
    return clients.boto("apigatewayv2")


def test_an_api_is_described_as_it_was_made(gateway, platform):
    name = unique("api")
    made = gateway.create_api(Name=name, ProtocolType="HTTP", Description="d", Tags={"a": "1"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    found = gateway.get_api(ApiId=made["ApiId"])
    assert (found["Name"], found["ProtocolType"], found["Description"], found["Tags"]) == (name, "HTTP", "d", {"a": "1"})
    assert found["RouteSelectionExpression"] == "$request.method $request.path"
    assert found["ApiKeySelectionExpression"] == "$request.header.x-api-key"
    assert found["DisableExecuteApiEndpoint"] is False
    assert made["ApiId"] in found["ApiEndpoint"] and str(platform.port) in found["ApiEndpoint"]
    gateway.update_api(ApiId=made["ApiId"], Name="other")
    assert gateway.get_api(ApiId=made["ApiId"])["Name"] == "other"
    gateway.delete_api(ApiId=made["ApiId"])
    code, message, status = error_of(gateway.get_api, ApiId=made["ApiId"])
    assert (code, status) == ("NotFoundException", 404)
    assert message == f"Invalid API identifier specified 000000000000:{made['ApiId']}"


def test_apis_are_listed_page_by_page(gateway):
    made = {gateway.create_api(Name=unique("listed"), ProtocolType="HTTP")["ApiId"] for _ in range(3)}
    pages = list(gateway.get_paginator("get_apis").paginate(PaginationConfig={"PageSize": 2}))
    assert made <= {api["ApiId"] for page in pages for api in page["Items"]}
    assert all(len(page["Items"]) <= 2 for page in pages)


def test_a_route_exists_once_in_an_api(gateway, platform, clients, router):
    api = http_api.create(platform, clients, {"GET /x": router})
    code, message, status = error_of(gateway.create_route, ApiId=api.id, RouteKey="GET /x")
    assert (code, message, status) == ("ConflictException", "Route with key GET /x already exists for this API", 409)


ROUTES = (
    "GET /products",
    "GET /products/{id}",
    "POST /products",
    "ANY /any",
    "GET /any/get",
    "GET /files/{proxy+}",
    "GET /files/fixed",
    "GET /files/{id}/meta",
    "$default",
)

TAKEN = (
    ("GET", "/products", "GET /products", None),
    ("POST", "/products", "POST /products", None),
    ("GET", "/products/7", "GET /products/{id}", {"id": "7"}),
    ("GET", "/products/a%20b", "GET /products/{id}", {"id": "a b"}),
    ("DELETE", "/products", "$default", None),
    ("PATCH", "/any", "ANY /any", None),
    ("GET", "/any/get", "GET /any/get", None),
    ("GET", "/files/a", "GET /files/{proxy+}", {"proxy": "a"}),
    ("GET", "/files/a/b/c", "GET /files/{proxy+}", {"proxy": "a/b/c"}),
    ("GET", "/files/fixed", "GET /files/fixed", None),
    ("GET", "/files/a/meta", "GET /files/{id}/meta", {"id": "a"}),
    ("GET", "/nothing/like/it", "$default", None),
    ("GET", "/", "$default", None),
)


@pytest.fixture(scope="module")
def routed(platform, clients, router):
    return http_api.create(platform, clients, dict.fromkeys(ROUTES, router), variables={"color": "blue"})


@pytest.mark.parametrize(("method", "path", "route", "parameters"), TAKEN)
def test_the_most_specific_route_is_taken(routed, method, path, route, parameters):
    answer = routed.call(method, path)
    assert answer.status == 200, answer.text
    assert answer.json() == {"route": route, "path": parameters, "vars": {"color": "blue"}, "stage": "$default"}


def test_without_a_default_route_the_rest_is_not_found(platform, clients, router):
    api = http_api.create(platform, clients, {"GET /only": router})
    for method, path in (("GET", "/other"), ("POST", "/only")):
        answer = api.call(method, path)
        assert (answer.status, answer.json()) == (404, {"message": "Not Found"})
        assert answer.headers["content-type"] == "application/json"


def test_named_stages_are_the_first_part_of_the_path(platform, clients, router):
    api = http_api.create(platform, clients, {"GET /x": router}, stage="dev", variables={"env": "d"})
    assert api.call("GET", "/dev/x").json() == {"route": "GET /x", "path": None, "vars": {"env": "d"}, "stage": "dev"}
    assert api.call("GET", "/x").status == 404
    assert api.call_by_path("GET", "/x", stage="dev").json()["stage"] == "dev"


def test_an_api_is_reached_by_path_and_by_any_host_that_names_it(routed, platform):
    from harness.raw import request

    assert routed.call_by_path("GET", "/products").json()["route"] == "GET /products"
    hosts = ("{id}.execute-api.localhost", "{id}.execute-api.us-east-1.amazonaws.com", "{id}.execute-api.localhost.localstack.cloud:4566")
    for host in hosts:
        answer = request(platform.url, path="/products", host=host.format(id=routed.id))
        assert answer.json()["route"] == "GET /products", host


def test_an_api_that_is_not_there(platform):
    from harness.raw import request

    answer = request(platform.url, path="/x", host=f"nothere123.execute-api.localhost:{platform.port}")
    assert answer.status in (403, 404)


def test_quick_create_is_an_api_in_one_call(gateway, platform, clients, router):
    made = gateway.create_api(Name=unique("quick"), ProtocolType="HTTP", Target=router.arn)
    api = http_api.HttpApi(platform, clients, made["ApiId"])
    http_api.allow(router, api)
    assert api.call("PUT", "/what/ever").json()["route"] == "$default"
    assert [stage["StageName"] for stage in gateway.get_stages(ApiId=api.id)["Items"]] == ["$default"]
    assert [route["RouteKey"] for route in gateway.get_routes(ApiId=api.id)["Items"]] == ["$default"]


def test_without_auto_deploy_only_what_was_deployed_is_live(gateway, platform, clients, router):
    api_id = gateway.create_api(Name=unique("manual"), ProtocolType="HTTP")["ApiId"]
    api = http_api.HttpApi(platform, clients, api_id)
    api.add_route("GET /first", router)
    http_api.allow(router, api)
    deployment = gateway.create_deployment(ApiId=api_id)["DeploymentId"]
    gateway.create_stage(ApiId=api_id, StageName="$default", DeploymentId=deployment)
    api.add_route("GET /second", router)
    assert (api.call("GET", "/first").status, api.call("GET", "/second").status) == (200, 404)
    gateway.update_stage(ApiId=api_id, StageName="$default", DeploymentId=gateway.create_deployment(ApiId=api_id)["DeploymentId"])
    assert api.call("GET", "/second").status == 200


def test_routes_integrations_and_stages_can_be_changed_and_deleted(gateway, platform, clients, router):
    api = http_api.create(platform, clients, {"GET /a": router})
    (route,) = gateway.get_routes(ApiId=api.id)["Items"]
    gateway.update_route(ApiId=api.id, RouteId=route["RouteId"], RouteKey="GET /b")
    assert (api.call("GET", "/a").status, api.call("GET", "/b").status) == (404, 200)
    gateway.delete_route(ApiId=api.id, RouteId=route["RouteId"])
    assert api.call("GET", "/b").status == 404
    (integration,) = gateway.get_integrations(ApiId=api.id)["Items"]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    gateway.delete_integration(ApiId=api.id, IntegrationId=integration["IntegrationId"])
    gateway.delete_stage(ApiId=api.id, StageName="$default")
    assert error_of(gateway.get_stage, ApiId=api.id, StageName="$default")[0] == "NotFoundException"


def test_the_command_line_makes_an_api(clients):
    name = unique("cli")
    made = clients.cli("apigatewayv2", "create-api", "--name", name, "--protocol-type", "HTTP")
    assert name in [api["Name"] for api in clients.cli("apigatewayv2", "get-apis")["Items"]]
    assert clients.cli("apigatewayv2", "delete-api", "--api-id", made["ApiId"]) is None
    assert "(NotFoundException)" in clients.cli_fails("apigatewayv2", "get-api", "--api-id", made["ApiId"])
