"""What functions reach beyond the platform: what the operator has named, and nothing else."""

import contextlib
import socket
import socketserver
import threading

import pytest

from harness import functions
from harness.clients import Clients
from harness.platform import free_port, run_updraft
from harness.wait import wait_until

# Answers, for each [host, port], what a server there says to "hello", or the error's name.
SOURCE = """
import errno, socket
def ask(host, port):
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(b"hello")
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile().read()
    except socket.gaierror:
        return "gaierror"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
def handler(event, context):
    return [ask(*one) for one in event]
"""


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        said = bytearray()
        while piece := self.request.recv(65536):
            said += piece
        self.request.sendall(self.server.name + b" heard " + bytes(said))


@contextlib.contextmanager
def server(name, host="127.0.0.1"):
    """A server of this machine; its port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kind = type("Server", (socketserver.ThreadingTCPServer,), {"address_family": family, "daemon_threads": True, "request_queue_size": 128})
    with kind((host, 0), Echo) as one:
        one.name = name.encode()
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield one.server_address[1]
        one.shutdown()


def reach(platform, *places):
    return functions.create(Clients(platform.url), SOURCE).invoke(places)


def banner(platform):
    return wait_until(lambda: next((line for line in platform.tail().splitlines() if line.startswith("  network")), None), 30, "the banner")


def test_a_port_that_is_named_is_reached_by_name_and_address(fresh):
    with server("db") as port, server("other") as other:
        platform = fresh(extra=["--function-network-allow", f"db=localhost:{port}"]).start()
        said = reach(platform, ("db", port), ("127.0.0.1", port), ("localhost", port), ("127.0.0.1", other), ("db", other))
        assert said == (200, None, ["db heard hello"] * 3 + ["ECONNREFUSED"] * 2)
        assert f"loopback: functions reach the platform, and db at 127.0.0.1:{port}" in banner(platform)


def test_other_addresses_of_loopback_can_be_named(fresh):
    with server("two", "127.0.0.2") as two, server("six", "::1") as six:
        settings = {"UPDRAFT_FUNCTION_NETWORK_ALLOW": f"two=127.0.0.2:{two},six=[::1]:{six}"}
        platform = fresh(settings=settings).start()
        said = reach(platform, ("two", two), ("six", six), ("127.0.0.1", two), ("two", six), ("::1", two))
        assert said == (200, None, ["two heard hello", "six heard hello"] + ["ECONNREFUSED"] * 3)


def test_the_config_file_names_them_too(fresh, tmp_path):
    with server("a") as a, server("b") as b, server("flag") as flag:
        file = tmp_path / "updraft.toml"
        both, old = f'"localhost:{a}", "localhost:{b}"', free_port()
        file.write_text(f'function-network = "loopback"\n[function-network-allow]\nboth = [{both}]\nflag = "localhost:{old}"\n')
        platform = fresh(extra=["--config", file, "--function-network-allow", f"flag=localhost:{flag}"]).start()
        said = reach(platform, ("both", a), ("both", b), ("flag", flag), ("flag", old))
        assert said == (200, None, ["a heard hello", "b heard hello", "flag heard hello", "ECONNREFUSED"])


def test_without_a_word_there_is_nothing_but_the_platform(fresh):
    with server("db") as port:
        platform = fresh().start()
        said = reach(platform, ("127.0.0.1", port), ("db", port), ("::1", port))
        assert said == (200, None, ["ECONNREFUSED", "gaierror", "ECONNREFUSED"])


def test_much_is_carried_and_many_at_once(fresh):
    source = """
import socket
from concurrent.futures import ThreadPoolExecutor
def talk(port, number):
    with socket.create_connection(("db", port)) as connection:
        connection.sendall(str(number).encode() * (1 << 20))
        connection.shutdown(socket.SHUT_WR)
        return len(connection.makefile().read())
def handler(event, context):
    with ThreadPoolExecutor(40) as pool:
        return sorted(set(pool.map(lambda _: talk(event, 7), range(300))))
"""
    with server("db") as port:
        platform = fresh(extra=["--function-network-allow", f"db=localhost:{port}"]).start()
        one = functions.create(Clients(platform.url), source, Timeout=60, MemorySize=1024)
        assert one.invoke(port) == (200, None, [(1 << 20) + len("db heard ")])


def test_a_server_that_is_not_there_refuses_and_comes_back(fresh):
    port = free_port()
    platform = fresh(extra=["--function-network-allow", f"db=localhost:{port}"]).start()
    one = functions.create(Clients(platform.url), SOURCE)
    # The platform has taken the connection before it knows.
    assert one.invoke([("db", port)])[2][0] in ("ECONNRESET", "EPIPE", "ENOTCONN")
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Echo) as late:
        late.name = b"late"
        threading.Thread(target=late.serve_forever, daemon=True).start()
        assert one.invoke([("db", port)]) == (200, None, ["late heard hello"])
        late.shutdown()


@pytest.mark.parametrize(
    "words, wrong",
    [
        (["--function-network", "host"], "none, loopback or internet"),
        (["--function-network", "none", "--function-network-allow", "db=localhost:1"], "the function network is none"),
        (["--function-network-allow", "db=10.0.0.1:5432"], "isn't on this machine's loopback"),
        (["--function-network-allow", "db=5432"], "NAME=ADDRESS:PORT"),
        (["--function-network-allow", "db=localhost:1,db=127.0.0.2:1"], "allowed twice"),
        (["--function-network-allow", "me=localhost:9001"], "find the platform itself"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_start(tmp_path, words, wrong):
    done = run_updraft("start", "--listen", f"127.0.0.1:{free_port()}", "--data", tmp_path / "data", *words)
    assert done.returncode == 1 and wrong in done.stderr, done.stderr


def test_the_platform_cannot_be_named(tmp_path):
    """Its administration is not for functions."""
    port = free_port()
    words = ["--listen", f"127.0.0.1:{port}", "--function-network-allow", f"me=localhost:{port}"]
    done = run_updraft("start", "--data", tmp_path / "data", *words)
    assert done.returncode == 1 and "find the platform itself" in done.stderr, done.stderr


def test_the_doctor_says_it():
    done = run_updraft("doctor", "--function-network-allow", "db=localhost:5432")
    assert "loopback: functions reach the platform, and db at 127.0.0.1:5432" in done.stdout
