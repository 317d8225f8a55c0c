"""Packages that would write outside of their folder, fill the disk, or bring more rights along."""

import io
import json
import os
import shutil
import stat
import zipfile

import pytest
from botocore.exceptions import ClientError

from harness.clients import ROLE
from harness.names import unique
from sandbox.lab import control, zips

MIB = 1 << 20
# AWS: the unpacked package, in bytes.
UNPACKED = 262_144_000


@pytest.fixture
def deploy(arena, undisturbed):
    """Makes functions of packages, and deletes those that came to be. Answers what was refused, and where; or what the
    function says."""
    made = []

    def deployed(package):
        client, name = arena.clients.boto("lambda"), unique("package")
        try:
            client.create_function(FunctionName=name, Runtime=arena.runtime, Handler="main.handler", Role=ROLE, Code={"ZipFile": package}, Timeout=20, MemorySize=512)
        except ClientError as err:
            return "refused", err.response["Error"]["Code"], err.response["Error"]["Message"]
        made.append(name)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        try:
            answer = client.invoke(FunctionName=name, Payload=b"{}")
        except ClientError as err:
            return "unusable", err.response["Error"]["Code"], err.response["Error"]["Message"]
        return "runs", answer.get("FunctionError"), answer["Payload"].read().decode()

    yield deployed
    for name in made:
        arena.clients.boto("lambda").delete_function(FunctionName=name)


@pytest.fixture
def outside(arena):
    """A place in the host's file system that nothing is to be written to."""
    folder = arena.folder / "outside"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def not_taken(said):
    """Refused when it was uploaded, or useless when it was to be unpacked."""
    assert said[0] in ("refused", "unusable"), said
    assert said[1] in ("InvalidParameterValueException", "InvalidZipFileException"), said


def way_up(path):
    return "../" * 40 + str(path).lstrip("/")


def test_zip_slip(attack, deploy, outside, tmp_path):
    for name in (way_up(outside / "evil"), f"folder/{way_up(outside / 'evil')}", f"folder\\..\\..\\{way_up(outside / 'evil')}"):
        not_taken(deploy(zips.archive(zips.file(name))))
        assert list(outside.iterdir()) == []
    zips.unpack_naively(zips.archive(zips.file(way_up(outside / "evil"))), tmp_path / "naive")
    attack.control((outside / "evil").exists, True)


def test_zip_absolute_path(attack, deploy, outside, tmp_path):
    package = zips.archive(zips.file(str(outside / "evil")))
    not_taken(deploy(package))
    assert list(outside.iterdir()) == []
    zips.unpack_naively(package, tmp_path / "naive")
    attack.control((outside / "evil").exists, True)


def test_zip_symlink_out(attack, deploy, outside, arena, tmp_path):
    """Links to what is outside; and files written through a link, in whatever order."""
    secret = arena.platform.data / "secret"
    through = zips.archive(zips.link("out", str(outside)), zips.file("out/evil"))
    for package in (
        zips.archive(zips.link("out", str(secret))),
        zips.archive(zips.link("folder/out", way_up(secret))),
        zips.archive(zips.link("a", "b"), zips.link("b", str(secret))),
        zips.archive(zips.file("folder/x"), zips.link("folder/up", ".."), zips.link("folder/out", "up/../secret")),
        through,
        zips.archive(zips.file("out/evil"), zips.link("out", str(outside))),
    ):
        not_taken(deploy(package))
        assert list(outside.iterdir()) == []
    zips.unpack_naively(through, tmp_path / "naive")
    attack.control((outside / "evil").exists, True)


def test_zip_hardlink_out(attack, deploy, arena):
    """There are none in zip archives but by an extension, which is not to be followed."""
    secret = arena.platform.data / "secret"
    main = "import os\ndef handler(event, context):\n    found = os.stat('/var/task/linked')\n    return [found.st_nlink, found.st_size]\n"
    said = deploy(zips.hard_link("linked", str(secret), main))
    assert said in (("runs", None, "[1, 0]"), ("refused", "InvalidParameterValueException", said[2])), said
    assert secret.stat().st_nlink == 1

    def linked():
        os.link(secret, arena.folder / "linked")
        count = secret.stat().st_nlink
        (arena.folder / "linked").unlink()
        return count

    attack.control(linked, 2)


def test_zip_bomb_ratio(attack, deploy, arena):
    """Small files that unpack to more than is allowed, whether they say so or not."""
    data, honest, lying = arena.platform.data, zips.lying(UNPACKED + MIB, None), zips.lying(UNPACKED + MIB, 1000)
    assert len(honest) < MIB
    said = deploy(honest)
    assert said == ("refused", "InvalidParameterValueException", f"Unzipped size must be smaller than {UNPACKED} bytes")
    before = used(data)
    not_taken(deploy(lying))
    assert used(data) < before + 16 * MIB
    with zipfile.ZipFile(io.BytesIO(honest)) as read:
        attack.control(lambda: sum(len(read.read(info)) for info in read.infolist()), lambda size: size > UNPACKED)


def test_zip_nested_bomb(attack, deploy, arena):
    """What is in an archive in the package stays there."""
    inner = zips.archive(zips.file("zeros", bytes(64 * MIB)))
    main = "import os\ndef handler(event, context):\n    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk('/var/task') for name in names)\n"
    package = zips.archive(*(zips.file(f"inner{number}.zip", inner) for number in range(8)), main=main)
    before = used(arena.platform.data)
    said = deploy(package)
    assert said == ("runs", None, str(8 * len(inner) + len(main)))
    assert used(arena.platform.data) < before + 8 * MIB
    with zipfile.ZipFile(io.BytesIO(inner)) as read:
        attack.control(lambda: 8 * len(read.read("zeros")), 512 * MIB)


def test_zip_many_entries(attack, deploy, arena):
    package = zips.many(200_001)
    before = os.statvfs(arena.platform.data).f_ffree
    not_taken(deploy(package))
    assert os.statvfs(arena.platform.data).f_ffree > before - 20_000
    with zipfile.ZipFile(io.BytesIO(package)) as read:
        attack.control(lambda: len(read.infolist()), 200_001)


def test_folders_as_deep_as_names_can_be(deploy, arena):
    """Beside the list: what follows such folders down holds a descriptor for each."""
    not_taken(deploy(zips.archive(zips.file("a/" * 1000 + "file"))))
    assert deploy(zips.archive(zips.file("a/" * 100 + "file")))[0] == "runs"


SETUID = """
import os, stat, subprocess
def handler(event, context):
    mode = os.stat("/var/task/root-id").st_mode
    return [oct(stat.S_IMODE(mode)), subprocess.run(["/var/task/root-id", "-u"], capture_output=True, text=True).stdout.strip()]
"""


def test_zip_setuid_bit(attack, deploy, arena):
    """Packages are unpacked by root: a program of theirs with the setuid bit would be root's."""
    with open(shutil.which("id"), "rb") as program:
        package = zips.archive(zips.file("root-id", program.read(), 0o6755), main=SETUID)
    said = deploy(package)
    assert said == ("runs", None, '["0o555", "993"]'), said
    odd = [path for path in (arena.platform.data / "code").rglob("root-id") if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
    assert odd == []

    def proof():
        arena.folder.joinpath("naive").mkdir()
        zips.unpack_naively(package, arena.folder / "naive")
        told = control.as_nobody(arena.folder / "naive/root-id", "-u")
        shutil.rmtree(arena.folder / "naive")
        return told

    attack.control(proof, "0")


RUNTIME = """
import hashlib, os
def handler(event, context):
    found = {}
    for folder in ("/var/runtime", os.path.dirname(os.__file__)):
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                found[path] = hashlib.sha256(open(path, "rb").read()).hexdigest()
    return found
"""


def test_layer_overwrites_runtime(attack, deploy, function, arena):
    """Whatever a package or a layer holds, the runtime stays as it is, for its own function and for others."""
    before = function(RUNTIME).invoke()[2]
    assert any(path.startswith("/var/runtime/") for path in before)
    stem = os.path.dirname(next(path for path in before if not path.startswith("/var/runtime/"))).lstrip("/")
    names = ["var/runtime/bootstrap.pyc", "runtime/bootstrap.pyc", "bootstrap.pyc", "var/runtime/bootstrap", "bootstrap", f"{stem}/json.py", "usr/bin/python3"]
    said = deploy(zips.archive(*(zips.file(name, "raise SystemExit('evil')", 0o755) for name in names), main=RUNTIME))
    assert said[:2] == ("runs", None) and json.loads(said[2]) == before
    for name in ("../runtime/bootstrap.pyc", "/var/runtime/bootstrap.pyc", "x/../../runtime/bootstrap.pyc"):
        not_taken(deploy(zips.archive(zips.file(name), main=RUNTIME)))
    for package in (zips.archive(*(zips.file(name) for name in names)), zips.archive(zips.link("runtime", "/var/runtime"), zips.file("runtime/bootstrap.pyc"))):
        overlaid(arena, function, package, before)
    assert function(RUNTIME).invoke()[2] == before


def overlaid(arena, function, package, before):
    """A function with such a layer, if layers are to be had."""
    client = arena.clients.boto("lambda")
    try:
        layer = client.publish_layer_version(LayerName=unique("layer"), Content={"ZipFile": package})
    except ClientError as err:
        assert err.response["Error"]["Code"] in ("NotImplemented", "NotImplementedException", "InvalidParameterValueException"), err
        return
    one = function(RUNTIME, Layers=[layer["LayerVersionArn"]])
    try:
        assert one.invoke()[2] == before
    except ClientError as err:
        assert err.response["Error"]["Code"] == "InvalidZipFileException", err
    finally:
        client.delete_layer_version(LayerName=layer["LayerArn"], VersionNumber=layer["Version"])


def used(folder):
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))
