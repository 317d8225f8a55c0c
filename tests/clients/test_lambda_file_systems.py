"""File systems of functions: a folder of the host stands for an access point."""

import os

import pytest

from harness import functions
from harness.clients import Clients, error_of
from harness.names import unique

POINT = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-{}".format
ONE, NONE = POINT("1" * 17), POINT("2" * 17)
SOURCE = """
import os
def handler(event, context):
    path = f"/mnt/data/{event['name']}"
    with open(path, "a") as file:
        file.write(event["text"])
    with open(path) as file:
        return [file.read(), sorted(os.listdir("/mnt/data"))]
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    # Folders above must let others through, as on a host where one is shared.
    for above in folder.parents:
        if above.stat().st_mode & 0o111 != 0o111 and os.access(above, os.W_OK):
            above.chmod(above.stat().st_mode | 0o111)
    return folder


def mounted(clients, **more):
    settings = {"FileSystemConfigs": [{"Arn": ONE, "LocalMountPath": "/mnt/data"}], **more}
    return functions.create(clients, SOURCE, **settings)


def test_functions_share_what_they_write(fresh, folder):
    platform = fresh(extra=["--file-system", f"{ONE}={folder}"]).start()
    clients = Clients(platform.url)
    writer, other = mounted(clients), mounted(clients)
    assert writer.invoke({"name": "a", "text": "1"}) == (200, None, ["1", ["a"]])
    assert (folder / "a").read_text() == "1"
    # Another function, and so another sandbox, may change the file.
    assert other.invoke({"name": "a", "text": "2"}) == (200, None, ["12", ["a"]])
    (folder / "b").write_text("from the host")
    (folder / "b").chmod(0o666)
    assert writer.invoke({"name": "b", "text": "!"}) == (200, None, ["from the host!", ["a", "b"]])
    config = writer.client.get_function_configuration(FunctionName=writer.name)
    assert config["FileSystemConfigs"] == [{"Arn": ONE, "LocalMountPath": "/mnt/data"}]
    writer.client.update_function_configuration(FunctionName=writer.name, FileSystemConfigs=[])
    assert "FileSystemConfigs" not in writer.client.get_function_configuration(FunctionName=writer.name)
    assert writer.invoke({"name": "a", "text": "3"})[1] == "Unhandled"


def test_an_access_point_without_a_folder_is_refused(clients):
    code, message, status = error_of(functions.create, clients, SOURCE, FileSystemConfigs=[{"Arn": NONE, "LocalMountPath": "/mnt/data"}])
    assert (code, status) == ("InvalidParameterValueException", 400) and f"fsap-{'2' * 17}" in message


@pytest.mark.parametrize("path", ("/data", "/mnt/", "/mnt/a/b", "/mnt/.."))
def test_paths_are_below_mnt(clients, path):
    code, _, status = error_of(functions.create, clients, SOURCE, FileSystemConfigs=[{"Arn": ONE, "LocalMountPath": path}])
    assert (code in ("ValidationException", "InvalidParameterValueException"), status) == (True, 400)


def test_a_folder_that_is_gone_fails_the_call(fresh, folder):
    """The operator's choice may change under a function that is there already."""
    config = folder.parent / "config.toml"
    config.write_text(f'[file-systems]\n"{ONE}" = "{folder}"\n')
    platform = fresh(extra=["--config", str(config)]).start()
    one = mounted(Clients(platform.url), FunctionName=unique("mounted"))
    assert one.invoke({"name": "a", "text": "1"})[1] is None
    platform.terminate()
    config.write_text("")
    platform.start()
    code, message, status = error_of(one.client.invoke, FunctionName=one.name, Payload=b"{}")
    assert (code, status) == ("EFSMountFailureException", 403) and ONE in message
