"""What functions could learn about others."""

import json
import subprocess
import sys

from sandbox.lab import control
from sandbox.lab.bait import MARK, PLATFORM_MARK

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
