"""examples/products-api, both variants, deployed by its own script with the plain AWS CLI, and used over HTTP."""

import json
import subprocess

import pytest

from harness.platform import ROOT
from harness.raw import request

EXAMPLE = ROOT / "examples" / "products-api"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module", params=("python", "node"))
def products(request, platform, clients):
    url = deploy(clients, request.param)
    return Products(platform, url.removeprefix("http://").split("/")[0])


def deploy(clients, language):
    """Runs deploy.sh; the URL it prints last."""
    done = subprocess.run(
        [EXAMPLE / "deploy.sh", language], capture_output=True, text=True, timeout=110, env=clients.environment()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


class Products:
    def __init__(self, platform, host):
        self.platform, self.host = platform, host

    def call(self, method, path, body=None):
        body = json.dumps(body) if isinstance(body, (dict, list)) else body
        answer = request(self.platform.url, method, path, body, JSON, host=self.host)
        return answer.status, (answer.json() if answer.body else None)


LAMP = {"id": "lamp", "name": "Lamp", "price": 19.9, "stock": 3, "tags": ["home", "light"]}


def test_a_products_whole_life(products):
    assert products.call("POST", "/products", LAMP) == (201, LAMP)
    assert products.call("GET", "/products/lamp") == (200, LAMP)
    status, told = products.call("POST", "/products", LAMP)
    assert status == 409 and "lamp" in told["message"]
    dearer = {"name": "Lamp", "price": 25}
    assert products.call("PUT", "/products/lamp", dearer) == (200, {**dearer, "id": "lamp"})
    assert products.call("GET", "/products/lamp") == (200, {**dearer, "id": "lamp"})
    assert products.call("DELETE", "/products/lamp") == (204, None)
    for method in ("GET", "DELETE"):
        status, told = products.call(method, "/products/lamp")
        assert status == 404 and "lamp" in told["message"]
    assert products.call("PUT", "/products/lamp", dearer)[0] == 404


def test_an_id_is_made_and_told_where_none_is_given(products):
    status, made = products.call("POST", "/products", {"name": "Chair", "price": 0})
    assert status == 201 and len(made["id"]) == 36
    assert products.call("GET", f"/products/{made['id']}") == (200, made)


def test_the_list_is_read_page_by_page(products):
    names = {f"p{n}" for n in range(5)}
    for name in names:
        assert products.call("POST", "/products", {"id": name, "name": name, "price": 1})[0] == 201
    found, path = set(), "/products?limit=2"
    while path:
        status, page = products.call("GET", path)
        assert status == 200 and len(page["products"]) <= 2
        found |= {product["id"] for product in page["products"]}
        path = f"/products?limit=2&next={page['next']}" if "next" in page else None
    assert names <= found


def test_every_problem_is_named_at_once(products):
    wrong = {"price": 1.999, "stock": 1.5, "tags": "x", "id": "no spaces", "color": "red"}
    status, told = products.call("POST", "/products", wrong)
    assert status == 400
    assert sorted(error["field"] for error in told["errors"]) == ["color", "id", "name", "price", "stock", "tags"]
    assert all(error["problem"] for error in told["errors"])


@pytest.mark.parametrize("body", ("", "{", "[]", "null", '"x"', "1"))
def test_bodies_that_are_no_object_are_refused(products, body):
    status, told = products.call("POST", "/products", body)
    assert status == 400 and "JSON" in told["message"]


def test_lists_refuse_nonsense(products):
    for query in ("limit=0", "limit=101", "limit=x"):
        status, told = products.call("GET", f"/products?{query}")
        assert status == 400 and "limit" in told["message"]


def test_paths_that_are_not_routes(products):
    assert products.call("GET", "/nothing") == (404, {"message": "Not Found"})


def test_trouble_of_our_own_leaks_nothing(platform, clients):
    """Without its table the service answers a 500 that says nothing of the inside."""
    deployed = Products(platform, deploy(clients, "python").removeprefix("http://").split("/")[0])
    client = clients.boto("lambda")
    client.update_function_configuration(FunctionName="products-python", Environment={"Variables": {"TABLE_NAME": "gone"}})
    client.get_waiter("function_updated_v2").wait(FunctionName="products-python", WaiterConfig={"Delay": 1})
    status, told = deployed.call("GET", "/products/x")
    assert status == 500 and set(told) == {"message", "requestId"}
    assert "ResourceNotFound" not in json.dumps(told)
