"""CORS, throttling, and what a caller sees when the function behind fails."""

import pytest

from harness import functions, http_api

OK = "def handler(event, context):\n    return {'statusCode': 200, 'headers': {'x-own': 'yes'}, 'body': 'ok'}\n"
CORS = {
    "AllowOrigins": ["https://app.example"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["content-type", "x-own"],
    "ExposeHeaders": ["x-own"],
    "MaxAge": 300,
    "AllowCredentials": True,
}


@pytest.fixture(scope="module")
def fine(clients):
    one = functions.create(clients, OK)
    yield one
    one.client.delete_function(FunctionName=one.name)


@pytest.fixture(scope="module")
def cors(platform, clients, fine):
    return http_api.create(platform, clients, {"GET /x": fine}, CorsConfiguration=CORS)


def preflight(api, origin, method="GET"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-own"}
    return api.call("OPTIONS", "/x", headers=headers)


def test_a_preflight_is_answered_without_the_function(cors):
    answer = preflight(cors, "https://app.example")
    assert answer.status == 204 and answer.body == b""
    headers = answer.headers
    assert headers["access-control-allow-origin"] == "https://app.example"
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["access-control-max-age"] == "300"
    assert set(headers["access-control-allow-methods"].replace(" ", "").split(",")) == {"GET", "POST"}
    assert set(headers["access-control-allow-headers"].replace(" ", "").split(",")) == {"content-type", "x-own"}
    assert "x-own" not in headers


def test_answers_tell_the_allowed_origin_and_no_other(cors):
    answer = cors.call("GET", "/x", headers={"Origin": "https://app.example"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "https://app.example")
    assert answer.headers["access-control-expose-headers"] == "x-own"
    for headers in ({"Origin": "https://evil.example"}, {}):
        answer = cors.call("GET", "/x", headers=headers)
        assert answer.status == 200 and "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in preflight(cors, "https://evil.example").headers


def test_without_cors_options_is_a_method_like_others(platform, clients, fine):
    api = http_api.create(platform, clients, {"GET /x": fine})
    assert preflight(api, "https://app.example").status == 404
    api.client.update_api(ApiId=api.id, CorsConfiguration=CORS)
    assert preflight(api, "https://app.example").status == 204
    api.client.delete_cors_configuration(ApiId=api.id)
    assert preflight(api, "https://app.example").status == 404


@pytest.mark.parametrize(
    "source",
    (
        "def handler(event, context):\n    raise RuntimeError('secret detail')\n",
        "import os\ndef handler(event, context):\n    os._exit(1)\n",
        "import nope\n",
    ),
)
def test_a_function_that_fails_shows_nothing_of_its_inside(platform, clients, function, source):
    api = http_api.create(platform, clients, {"GET /x": function(source)})
    answer = api.call("GET", "/x")
    assert answer.status == 500
    assert answer.json() == {"message": "Internal Server Error"}


def test_a_function_that_is_slower_than_the_integration_is_given_up(platform, clients, function):
    slow = function("import time\ndef handler(event, context):\n    time.sleep(20)\n", Timeout=30)
    api = http_api.create(platform, clients, {"GET /x": slow})
    (integration,) = api.client.get_integrations(ApiId=api.id)["Items"]
    api.client.update_integration(ApiId=api.id, IntegrationId=integration["IntegrationId"], TimeoutInMillis=1000)
    answer = api.call("GET", "/x")
    assert (answer.status, answer.json()) in ((503, {"message": "Service Unavailable"}), (504, {"message": "Endpoint request timed out"}))


def test_a_function_that_was_deleted(platform, clients):
    gone = functions.create(clients, OK)
    api = http_api.create(platform, clients, {"GET /x": gone})
    assert api.call("GET", "/x").status == 200
    gone.client.delete_function(FunctionName=gone.name)
    answer = api.call("GET", "/x")
    assert answer.status == 500 and answer.json() == {"message": "Internal Server Error"}


def test_more_than_the_stage_allows_is_throttled(platform, clients, fine):
    api = http_api.create(platform, clients, {"GET /x": fine})
    api.client.update_stage(
        ApiId=api.id, StageName="$default", DefaultRouteSettings={"ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": 2}
    )
    answers = [api.call("GET", "/x") for _ in range(20)]
    statuses = {answer.status for answer in answers}
    assert statuses == {200, 429}
    throttled = next(answer for answer in answers if answer.status == 429)
    assert throttled.json() == {"message": "Too Many Requests"}


def test_a_body_over_the_limit_is_refused(platform, clients, fine):
    api = http_api.create(platform, clients, {"POST /x": fine})
    assert api.call("POST", "/x", b"x" * (1 << 20)).status == 200
    answer = api.call("POST", "/x", b"x" * (10 * (1 << 20) + 1))
    assert (answer.status, answer.json()) == (413, {"message": "Request Entity Too Large"})
