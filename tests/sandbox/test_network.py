"""The network: of the host, of other instances, and of the world."""

from sandbox.lab import control
from sandbox.lab.calls import STAY, Call, Stay

REFUSED = {"ECONNREFUSED"}
NO_ROUTE = {"ENETUNREACH", "EADDRNOTAVAIL"}


def test_host_loopback(attack):
    attack({"the host's address": NO_ROUTE | REFUSED, ...: REFUSED}, root=False)


def test_ipv6_loopback(attack, arena):
    if arena.bait.listeners.tcp6:
        attack(REFUSED, root=False)
        return
    # Without it on the host there is none inside either.
    attack.notes.no_control(attack.name, "this machine has no version 6")
    assert arena.attempt(attack.name)["::1"].startswith("refused")


def test_abstract_unix_socket(attack):
    attack({"abstract": REFUSED, "by its path": {"ENOENT"}}, root=False)


def test_raw_socket(attack):
    attack({"EPERM", "EACCES"})


def test_packet_socket(attack):
    attack({"EPERM"})


def test_metadata_169_254(attack):
    attack(NO_ROUTE, wrapper=control.metadata_service())


def test_dns_leak(attack):
    attack({"planted": REFUSED, "by name": {"gaierror"}, "by /etc": {"nothing"}, ...: NO_ROUTE | REFUSED | {"TimeoutError"}}, root=False)


def test_port_9001_hijack_by_child(attack):
    attack({"EADDRINUSE"}, root=False)


def test_supervisor_admin_port(attack):
    # S3, which takes what nobody signed, has no such method for whatever isn't the platform's own path.
    attack({"the port": REFUSED, "absolute": {"403"}, ...: {"403", "404", "405", "400"}}, root=False)


POST = """
import http.client, sys
def handler(event, context):
    connection = http.client.HTTPConnection("127.0.0.1", 9001, timeout=5)
    connection.request("POST", f"/2018-06-01/runtime/invocation/{event}/response", b'"forged"')
    answer = connection.getresponse()
    return [answer.status, answer.read().decode()]
"""
BUSY = f"{STAY}\ndef handler(event, context):\n    stay('busy', context)\n    return 'its own'\n"


def test_other_instance_runtime_api(attack, function, arena):
    """A neighbour's call is answered by the neighbour alone, whoever knows its id."""
    busy, attacker = function(BUSY, Timeout=30), function(POST)
    call = Call(busy)
    at = Stay(arena.platform, busy.name, "busy")
    status, error, told = attacker.invoke(at.request_id)
    assert (status, error, told[0]) == (200, None, 400) and "InvalidRequestID" in told[1], told
    at.go()
    assert call.result() == (200, None, "its own")

    def proof():
        """Whoever is in the neighbour's network can do it."""
        network = control.network_of(at.init())
        call = Call(busy)
        again = Stay(arena.platform, busy.name, "busy", since=1)
        said = control.script(f"{POST}\nprint(handler(sys.argv[1], None)[0])", network, again.request_id)
        assert call.result() == (200, None, "forged")
        return said

    attack.control(proof, "202")
