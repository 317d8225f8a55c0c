"""PostgreSQL in trouble: what a client is told, what the log says, and that it passes by itself."""

import signal
import time

import pytest

from harness import tables
from harness.clients import Clients, error_of
from harness.platform import Platform
from harness.postgres import with_password
from harness.wait import wait_until

# How long boto3 waits for an answer, unless it is told otherwise.
PATIENCE = 60
# So many cycles make the long form.
LONG = 200


@pytest.fixture
def alone(fleet):
    """One node on a database of a server."""

    def make(database):
        return fleet(database, size=1).start().nodes[0]

    return make


def put(clients, table):
    return lambda: clients.boto("dynamodb", read_timeout=PATIENCE).put_item(TableName=table, Item={"id": {"S": "x"}})


def works(call):
    """Whether it works; a refusal as unavailable is the only other answer there may be."""
    try:
        call()
        return True
    except Exception as error:  # noqa: BLE001 - narrowed below
        assert getattr(error, "response", {}).get("Error", {}).get("Code") == "ServiceUnavailable", error
        return False


def test_a_stopped_database_is_a_503_until_it_is_back(own_postgres, alone, progress):
    server = own_postgres()
    node = alone(server.fresh_database())
    clients = Clients(node.url)
    table = tables.create(clients)
    call = put(clients, table)
    server.stop()
    began = time.monotonic()
    code, _, status = error_of(call)
    progress(f"told after {time.monotonic() - began:.2f} s that the store is away")
    assert (code, status) == ("ServiceUnavailable", 503)
    assert node.alive()
    server.start()
    began = time.monotonic()
    wait_until(lambda: works(call), 60, "that writes work again")
    progress(f"writes work {time.monotonic() - began:.2f} s after the store is back")
    said = [line for line in node.log.read_text().splitlines() if "ERROR" in line or "WARN" in line]
    assert said, "the log says nothing of it"


def test_a_database_that_hangs_is_a_503_too(own_postgres, alone, cycles):
    if cycles < LONG:
        pytest.skip(f"takes a minute: with --cycles={LONG} or more")
    server = own_postgres()
    node = alone(server.fresh_database())
    clients = Clients(node.url)
    table = tables.create(clients)
    call = put(clients, table)
    server.freeze()
    try:
        code, _, status = error_of(call)
        assert (code, status) == ("ServiceUnavailable", 503)
    finally:
        server.thaw()
    wait_until(lambda: works(call), 60, "that writes work again")


def test_cut_connections_are_made_anew(postgres, database, alone):
    node = alone(database)
    clients = Clients(node.url)
    call = put(clients, tables.create(clients))
    for _ in range(5):
        postgres.disconnect(database)
        wait_until(lambda: works(call), 30, "that writes work again")


def test_a_read_only_database_is_named(postgres, database, alone):
    node = alone(database)
    clients = Clients(node.url)
    table = tables.create(clients)
    put(clients, table)()
    name = database.rsplit("/", 1)[-1]
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    postgres.disconnect(database)
    wait_until(lambda: refused_as_read_only(put(clients, table), node), 30, "that the log names it")
    postgres.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    postgres.disconnect(database)
    wait_until(lambda: works(put(clients, table)), 60, "that writes work again")


def refused_as_read_only(call, node):
    _, _, status = error_of(call)
    assert status >= 500
    return "does not allow writes" in node.log.read_text()


def test_a_promoted_standby_is_found(own_postgres, alone):
    first = own_postgres(synchronous_standby_names="*", synchronous_commit="local")
    second = first.standby()
    try:
        database = first.fresh_database()
        both = database.replace(f"127.0.0.1:{first.port}", f"127.0.0.1:{first.port},127.0.0.1:{second.port}")
        node = alone(f"{both}?target_session_attrs=read-write")
        clients = Clients(node.url)
        table = tables.create(clients)
        first.sql("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
        first.sql("SELECT pg_reload_conf()")
        call = put(clients, table)
        call()
        first.kill()
        second.promote()
        wait_until(lambda: works(call), 60, "that writes work on the new primary")
        assert clients.boto("dynamodb").get_item(TableName=table, Key={"id": {"S": "x"}})["Item"]
    finally:
        second.remove()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda url: with_password(url, "wrong"), "password"),
        (lambda url: url + "_gone", "does not exist"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), "port"),
    ],
    ids=["a wrong password", "no such database", "a port that is none"],
)
def test_a_store_that_cannot_be_opened_is_a_sentence_and_exit_code_1(database, tmp_path, spoil, says):
    node = Platform(tmp_path, extra=["--store", spoil(database), "--blobs", str(tmp_path / "blobs")])
    assert node.spawn().wait(60) == 1
    log = node.tail()
    assert says in log.lower() and "panicked" not in log, log
    assert "a-secret-of-tests" not in log, "the password stays out of the log"


def test_a_stop_while_the_database_is_away_ends(own_postgres, alone):
    server = own_postgres()
    node = alone(server.fresh_database())
    server.stop(signal.SIGQUIT)
    node.process.terminate()
    assert node.process.wait(60) in (0, 1)
