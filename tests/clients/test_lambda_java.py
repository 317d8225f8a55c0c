"""Functions in Java, on the host's Java.

AWS's client comes from Maven Central, which tests don't reach: unless UPDRAFT_JAVA_CLIENT names a folder with it, a small one
of the same name stands in, so that what is shown is how Java is started, what it sees, and what comes of it.
"""

import os
import shutil

import pytest

from harness import functions, java
from harness.clients import Clients, error_of
from harness.platform import Platform, run_updraft

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java (Debian: apt install openjdk-17-jdk-headless)")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Makes functions of the shop's handlers."""
    folder = tmp_path_factory.mktemp("java")
    client = os.environ.get("UPDRAFT_JAVA_CLIENT") or str(java.stand_in(folder))
    platform = Platform(folder, settings={"UPDRAFT_JAVA_CLIENT": client}).start()
    clients = Clients(platform.url)

    def make(handler, runtime="java17", **settings):
        settings = {"MemorySize": 512, "Timeout": 30, "Runtime": runtime, "Handler": f"example.Shop::{handler}", **settings}
        return functions.create(clients, None, "provided", files=java.package(), **settings)

    yield make
    platform.stop()


def test_it_answers_and_prints(shop):
    one = shop("echoes")
    for event in ({"ä": [1, None]}, "text", 7):
        error, told, log = one.invoke_with_log(event)
        assert (error, told) == (None, event)
        assert "in the log" in log


@pytest.mark.parametrize("runtime", ("java8.al2", "java11", "java17", "java21", "java25"))
def test_each_version_is_served(shop, runtime):
    heap, environment, added = shop("tells", runtime).invoke({})[2]
    assert (environment, added) == (f"AWS_Lambda_{runtime}", "null")
    assert 400 < heap < 440, "85 % of the memory"


def test_its_errors_are_the_callers(shop):
    one = shop("fails")
    for _ in range(2):
        _, error, told = one.invoke({})
        assert (error, told["errorMessage"]) == ("Unhandled", "as asked")
        assert told["errorType"].endswith("IllegalStateException")


def test_a_process_that_ends_is_told(shop):
    _, error, told = shop("exits").invoke({})
    assert (error, told["errorType"]) == ("Unhandled", "Runtime.ExitError")


def test_a_class_that_is_not_there_is_told(shop):
    _, error, told = shop("echoes", Handler="example.Nope::echoes").invoke({})
    assert error == "Unhandled" and "example.Nope" in told["errorMessage"]


def test_libraries_load_from_tmp(shop):
    assert shop("loads").invoke({}) == (200, None, True)


def test_memory_ends_in_javas_own_error(shop):
    _, error, told = shop("grows").invoke({})
    assert error == "Unhandled" and told["errorType"].endswith("OutOfMemoryError"), told


def test_functions_add_options(shop):
    variables = {"Variables": {"JAVA_TOOL_OPTIONS": "-Dadded=7"}}
    assert shop("tells", Environment=variables).invoke({})[2][2] == "7"


def test_without_the_client_it_is_said_how_to_get_it(fresh, tmp_path):
    clients = Clients(fresh(settings={"XDG_CACHE_HOME": str(tmp_path / "cache")}).start().url)
    one = functions.create(clients, None, "provided", files=java.package(), Runtime="java21", Handler="example.Shop::echoes")
    _, message, status = error_of(one.client.invoke, FunctionName=one.name, Payload="{}")
    assert status >= 500 and "updraft runtimes install java" in message, message


def test_what_is_not_a_language_is_said():
    done = run_updraft("runtimes", "install", "cobol")
    assert done.returncode != 0 and "java" in done.stderr
