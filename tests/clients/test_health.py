"""What tools probe for."""

from harness.raw import request


def test_health_says_what_runs(platform):
    answer = request(platform.url, path="/_updraft/health")
    assert answer.status == 200
    health = answer.json()
    assert health["version"] and health["store"] and health["sandbox"]


def test_tools_that_probe_for_localstack_find_health(platform):
    answer = request(platform.url, path="/_localstack/health")
    assert answer.status == 200
    services = answer.json()["services"]
    assert {"dynamodb", "lambda", "sts"} <= set(services)


def test_reserved_paths_that_mean_nothing_are_not_buckets(platform):
    for path in ("/_updraft/nothing", "/_localstack/nothing", "/_aws/nothing"):
        assert request(platform.url, path=path).status == 404, path


def test_an_embedded_stores_only_node_is_alone(platform):
    assert request(platform.url, path="/_updraft/health").json()["node"]["state"] == "alone"
    (node,) = request(platform.url, path="/_updraft/nodes").json()["nodes"]
    assert (node["state"], "leases" in node) == ("alone", False)
