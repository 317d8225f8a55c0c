"""What functions still must not reach where they reach the internet."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.lab import control
from sandbox.lab.bait import INSIDE
from sandbox.lab.servers import MACHINE_PORT

# By version 6 the kernel has another word for it.
NO_ROUTE = {"ENETUNREACH", "EACCES"}
# The machine's own addresses; everybody on its networks; networks behind the router; what clouds tell their machines.
OWN = [(host, MACHINE_PORT) for host in ("10.99.0.2", "11.1.0.2", "2e00:1::2", "::ffff:11.1.0.2")]
NEAR = [(host, 80) for host in ("10.99.0.1", "11.1.0.1", "2e00:1::1")]
PRIVATE = [(host, 80) for host in ("192.168.7.7", "100.64.0.9", "fd12::7", "::ffff:192.168.7.7", "64:ff9b:1::7")]
SECRET = [(host, 80) for host in ("169.254.169.254", "169.254.170.2", "168.63.129.16", "fd00:ec2::254")]
PLACES = OWN + NEAR + PRIVATE + SECRET


@pytest.fixture(scope="module")
def attacker(world):
    return world.function()


def ask(function, **event):
    status, error, told = function.invoke(event)
    assert (status, error) == (200, None), told
    return told


def attempt(world, attacker, name, refused, **bait):
    """As everywhere: refused inside, in one of these ways, and unseen by anybody; on the machine it goes through."""
    before = len(world.visits())
    held = ask(attacker, attempt=name, bait={"inside": True, **bait})["parts"]
    visits = [line for line in world.visits()[before:] if not line.startswith("dns")]
    assert not visits, f"somebody was visited: {visits}"
    ways = {f"refused: {way}" for way in refused}
    wrong = {part: said for part, said in held.items() if said not in ways}
    assert not wrong, f"inside: {wrong}; expected: {refused}"
    return held


def proof(world, name, **bait):
    """How the parts of an attempt go on the machine itself."""
    if world.user:
        pytest.skip("the control takes the machine's rights")
    wrapper = control.network_of(world.platform.process.pid)
    mounts = ("--mount",) if name == "internet-names" else ()
    command = [*wrapper, *mounts, sys.executable, "-S", "-E", str(INSIDE / "main.py"), name, json.dumps({"inside": False, **bait})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def gone_through(world, name, **bait):
    said = proof(world, name, **bait)
    assert all(how.startswith("through") for how in said.values()), f"the control shows nothing: {said}"


def test_places_that_are_not_public(world, attacker):
    attempt(world, attacker, "internet-places", NO_ROUTE, places=PLACES)


def test_those_places_are_there(world):
    """The control. Datagrams are answered at one port only, so that is asked by connections."""
    said = proof(world, "internet-places", places=PLACES)
    assert all(how.startswith("through") for part, how in said.items() if not part.endswith("udp")), said
    said = proof(world, "internet-places", places=[(host, 7) for host, _ in NEAR + PRIVATE + SECRET])
    assert all(how.startswith("through") for part, how in said.items() if part.endswith("udp")), said


def test_their_datagrams(world, attacker):
    attempt(world, attacker, "internet-places", NO_ROUTE, places=[(host, 7) for host, _ in PLACES])


def test_names_that_stand_for_them(world, attacker):
    held = attempt(world, attacker, "internet-names", NO_ROUTE | {"ECONNREFUSED"})
    assert held["loop.example"] == "refused: ECONNREFUSED", "its own loopback is meant"
    assert {said for part, said in held.items() if part != "loop.example"} <= {f"refused: {way}" for way in NO_ROUTE}, held


def test_those_names_are_there(world):
    gone_through(world, "internet-names")


def test_the_machines_loopback(world, attacker):
    """Its ports are the function's own, but for those that are named."""
    others = [("127.0.0.1", world.platform.port), ("127.0.0.2", MACHINE_PORT), ("::1", MACHINE_PORT), ("0.0.0.0", 53)]
    attempt(world, attacker, "internet-places", {"ECONNREFUSED"}, places=others)


def test_everybody_at_once(world, attacker):
    attempt(world, attacker, "internet-everybody", NO_ROUTE | {"TimeoutError"})


def test_everybody_is_there(world):
    before = len(world.visits())
    gone_through(world, "internet-everybody")
    assert len(world.visits()) > before


def test_raw_packets(world, attacker):
    attempt(world, attacker, "raw-socket", {"EPERM", "EACCES"})
    attempt(world, attacker, "packet-socket", {"EPERM"})


def test_the_interface_is_as_it_was_made(world, attacker):
    attempt(world, attacker, "internet-interface", {"EPERM", "EACCES", "ENOENT"})


def test_other_functions(world, attacker):
    """Each is alone in a network like all others."""
    other = world.function()
    with ThreadPoolExecutor(1) as pool:
        listening = pool.submit(ask, other, do="listen", port=7777, seconds=4)
        attempt(world, attacker, "internet-neighbours", NO_ROUTE | {"ECONNREFUSED"}, port=7777)
        assert listening.result() == "alone"


def test_a_flood_stays_within_its_share(world, attacker):
    """Neither the platform nor anybody else is short of connections then."""
    other = world.function()
    assert ask(other, attempt="internet-places", bait={"inside": True, "places": [("11.0.0.10", 80)]})
    with ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(ask, attacker, do="flood", host="11.0.0.10", connections=900, seconds=3, datagrams=3000)
        while not flooding.done():
            told = ask(other, attempt="internet-places", bait={"inside": True, "places": [("11.0.0.10", 80)]})
            assert told["parts"]["11.0.0.10 80"] == "through: True", told
        made = flooding.result()
    assert 200 <= made <= 256, made
    # What was refused is told, but not each of it.
    log = world.platform.log.read_text()
    assert "a function was refused" in log and log.count("a function was refused") < 300
    told = ask(attacker, attempt="internet-places", bait={"inside": True, "places": [("11.0.0.10", 80)]})
    assert told["parts"]["11.0.0.10 80"] == "through: True", "room again"
