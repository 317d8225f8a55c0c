"""What functions could learn about others."""

import re

from harness.names import unique
from sandbox.lab import control
from sandbox.lab.bait import PLATFORM_MARK

GONE = {"ENOENT", "EACCES", "ESRCH"}


def test_proc_environ_other(attack):
    attack({"anybody's": {"nothing"}, ...: GONE}, root=False)


def test_proc_cmdline_other(attack):
    attack({"anybody's": {"nothing"}, ...: GONE}, root=False)


def test_inherited_fd(attack, arena):
    with open(arena.bait.home.name) as bait:
        attack({"nothing"}, root=False, pass_fds=[bait.fileno()])


def test_env_of_supervisor(attack):
    attack({"nothing"}, root=False, env={"PATH": "/usr/bin:/bin", "BAIT": PLATFORM_MARK})


def test_dmesg(attack):
    attack({"call": {"EPERM"}, "device": GONE, "file": GONE | {"nothing"}})


def test_kallsyms(attack):
    attack({"addresses": GONE | {"nothing"}, "memory": GONE | {"nothing"}})


def test_shared_memory_sysv(attack):
    attack({"segment": {"ENOENT"}, "by name": {"nothing"}}, root=False)


RANDOM = """
import os, random, secrets, ssl, tempfile, uuid
def draw():
    own = random.Random()
    return [
        random.random(), random.getrandbits(64), own.random(), str(uuid.uuid4()), str(uuid.uuid1()), secrets.token_hex(8),
        ssl.RAND_bytes(8).hex(), os.urandom(8).hex(), next(tempfile._get_candidate_names()),
    ]
BEFORE = draw()
def handler(event, context):
    return [BEFORE, draw()]
"""
RANDOM_NODE = """
import crypto from 'node:crypto';
const draw = () => [Math.random(), crypto.randomUUID(), crypto.randomBytes(8).toString('hex'), process.hrtime.bigint().toString()];
const before = draw();
export const handler = async () => [before, draw()];
"""


def test_zygote_shared_random(attack, function, arena):
    """No two instances draw the same, of whatever source, before their first call or in it."""
    for language, source in (("python", RANDOM), ("node", RANDOM_NODE)):
        functions = [function(source, language, Timeout=20), function(source, language, Timeout=20)]
        drawn = []
        for _ in range(3):
            for one in functions:
                drawn += one.invoke()[2]
                arena.end(one)
        for number, values in enumerate(zip(*drawn)):
            assert len(set(values)) == len(values), f"{language} draws {number} twice: {values}"
    # Control: processes forked from one that has drawn already.
    forks = "import os, random\nown = random.Random()\nfor _ in range(2):\n    if os.fork() == 0:\n        print(own.random(), flush=True)\n        os._exit(0)\n    os.wait()"
    attack.control(lambda: control.script(forks).split(), lambda drawn: len(drawn) == 2 and drawn[0] == drawn[1])


SECRETS = """
import os
def handler(event, context):
    return {name: os.environ[name] for name in ("AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY", "SECRET")}
"""


def pattern(secret):
    """Matches the secret and not itself, so that whoever searches doesn't find the question."""
    return f"[{secret[0]}]{re.escape(secret[1:])}"


def test_zygote_memory_residue(attack, function, arena):
    """In the memory of a new instance there is nothing of instances before and beside it."""
    secret = unique("residue-of-a-secret")
    other = function(SECRETS, Environment={"Variables": {"SECRET": secret}})
    known = other.invoke()[2]
    patterns = [pattern(value) for value in (*known.values(), arena.neighbour.secret, PLATFORM_MARK)]
    own = unique("secret-of-its-own")
    one = arena.sibling(function, MemorySize=1769, Environment={"Variables": {"OWN": own}})

    def found(patterns):
        status, error, told = one.invoke({"attempt": attack.name, "bait": {"patterns": patterns, "inside": True}})
        assert (status, error) == (200, None), told
        return told["parts"]["memory"]

    for _ in range(2):
        assert found(patterns) == "refused: nothing"
        assert own in found([pattern(own)]), "it doesn't search its memory"
        arena.end(other)
        arena.end(one)
    bait = {"patterns": [pattern(secret)]}
    attack.control(lambda: control.of(attack.name, bait, attack.scratch, root=False, env={"SECRET": secret})["memory"], lambda found: secret in found)
