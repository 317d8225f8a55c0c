"""Files of the host, of other functions, of the platform, and of the function itself."""

import hashlib
import shutil
from pathlib import Path

from sandbox.lab.bait import Victim

# What isn't there, and what may not be looked at.
GONE = {"ENOENT", "EACCES", "ENOTDIR"}
READ_ONLY = {"EROFS", "EACCES", "EPERM"}


def test_other_fn_tmp(attack):
    attack({"nothing"})


def test_other_fn_code(attack, arena):
    folder = Path(arena.code_of(arena.neighbour.one)).parent
    attack({"by its path": GONE, "beside its own": {"nothing"}}, outside={"task": str(folder / "another")})


def test_own_code_write(attack, arena, tmp_path):
    code = Path(arena.code_of(arena.attacker)).parent
    before = {path.name: hashlib.sha256(path.read_bytes()).digest() for path in code.iterdir()}
    copy = shutil.copytree(code, tmp_path / "copy")
    copy.chmod(0o755)
    (copy / "main.py").chmod(0o644)
    attack(READ_ONLY, outside={"task": str(copy)}, root=False)
    assert before == {path.name: hashlib.sha256(path.read_bytes()).digest() for path in code.iterdir()}


def test_host_etc_shadow(attack):
    attack(GONE)


def test_host_home(attack):
    attack({"read": GONE, "list": GONE | {"nothing"}}, root=False)


def test_server_data_dir(attack):
    attack({"by handle": {"EPERM"}, ...: GONE})


def test_proc_1_root(attack):
    attack({"anybody's root": {"nothing"}, "its own root": {"nothing"}, ...: GONE})


def test_proc_self_exe_overwrite(attack, arena, tmp_path):
    program = shutil.copy("/usr/bin/python3", tmp_path / "program")
    victim = Victim(program)
    before = arena.platform.program.stat()
    attack({"of the init": GONE, "of the runtime": READ_ONLY}, outside={"programs": {"a victim": victim.pid}}, root=False)
    victim.end()
    after = arena.platform.program.stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_size) == (after.st_ino, after.st_mtime_ns, after.st_size)


def test_dotdot_after_pivot(attack):
    attack({"chroot": {"EPERM"}, ...: GONE})


def test_old_root_still_mounted(attack):
    attack({"below the root": {"EPERM"}, ...: {"nothing"}})


def test_device_node_mknod(attack):
    attack({"EPERM"})


def test_dev_mem_kvm_open(attack):
    attack(GONE)


TMP = """
import os, uuid
TOKEN = str(uuid.uuid4())
def handler(event, context):
    found = {folder: sorted(os.listdir(folder)) for folder in ("/tmp", "/dev/shm")}
    for folder in found:
        open(f"{folder}/left", "w").write(event)
    return [TOKEN, found]
"""


def test_tmp_leak_after_reuse(attack, function, arena):
    """What an instance leaves is gone with it, for the next one and for other functions; while it lives it is there."""
    one, two = function(TMP), function(TMP)
    nothing, something = {"/tmp": [], "/dev/shm": []}, {"/tmp": ["left"], "/dev/shm": ["left"]}
    token, found = one.invoke("first")[2]
    assert found == nothing
    attack.control(lambda: one.invoke("again")[2], [token, something])
    arena.end(one)
    assert two.invoke("other")[2][1] == nothing
    for _ in range(3):
        following, found = one.invoke("next")[2]
        assert following != token and found == nothing
        arena.end(one)
