"""Scenarios of large packages recorded from AWS's Lambda, done again here."""

import io
import os
import zipfile

import pytest

from harness.clients import ROLE
from harness.names import unique
from harness.recordings import Comparison, answered, scenario

API = "lambda_/test_lambda_api.json"
ECHO = "def handler(event, context):\n    return event\n"
ZIPPED, UNZIPPED = 50 << 20, 262_144_000


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


def packed(size, piece):
    """A package with so many bytes besides the handler."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("handler.py", ECHO)
        with archive.open("rest", "w") as file:
            for start in range(0, size, 1 << 20):
                file.write(piece(min(1 << 20, size - start)))
    return buffer.getvalue()


def check(client, name, label, code, **extra):
    request = {"Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE, "Timeout": 10, **extra}
    ours = answered(client.create_function, FunctionName=unique("size"), Code={"ZipFile": code}, **request)
    Comparison().check(scenario(API, name)[label], ours, label)


def test_a_package_may_be_large(client):
    code = packed(UNZIPPED - len(ECHO), bytes)
    check(client, "test_large_lambda", "create_function_large_zip", code)


def test_a_package_may_unpack_to_no_more(client):
    code = packed(UNZIPPED - len(ECHO) + 1, bytes)
    check(client, "test_oversized_lambda", "invalid_param_exc", code)


@pytest.mark.parametrize("more", (1, 5 << 20), ids=("just", "much"))
def test_a_request_may_be_no_larger(client, more):
    code = packed(ZIPPED + more, os.urandom)
    check(client, "test_oversized_request_create_lambda", "invalid_param_exc", code)
