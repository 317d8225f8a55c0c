"""Layers: published, read, listed, shared and deleted; functions over them, in every language."""

import base64
import hashlib
import io
import json
import os
import urllib.request
import zipfile

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, ROLE, error_of
from harness.functions import zipped
from harness.names import unique

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer"
ECHO = "def handler(event, context):\n    return event\n"
LIMIT = 262_144_000


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


def publish(client, files=None, name=None, **extra):
    content = {"ZipFile": zipped(files or {"data": "x"})}
    return client.publish_layer_version(LayerName=name or unique("layer"), Content=content, **extra)


def test_a_version_is_described_as_it_was_published(client):
    code, name = zipped({"python/m.py": "x = 1\n"}), unique("layer")
    about = {"Description": "d", "LicenseInfo": "MIT", "CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["x86_64"]}
    made = client.publish_layer_version(LayerName=name, Content={"ZipFile": code}, **about)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    expected = {**about, "LayerArn": f"{ARN}:{name}", "LayerVersionArn": f"{ARN}:{name}:1", "Version": 1}
    assert {key: made[key] for key in expected} == expected
    assert made["Content"]["CodeSize"] == len(code)
    assert made["Content"]["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    for found in (
        client.get_layer_version(LayerName=name, VersionNumber=1),
        client.get_layer_version(LayerName=made["LayerArn"], VersionNumber=1),
        client.get_layer_version_by_arn(Arn=made["LayerVersionArn"]),
    ):
        assert {key: found[key] for key in (*expected, "Content")} == {key: made[key] for key in (*expected, "Content")}
    with urllib.request.urlopen(made["Content"]["Location"], timeout=30) as answer:
        assert answer.read() == code


def test_the_cli_publishes_and_lists(clients, tmp_path):
    name, file = unique("layer"), tmp_path / "layer.zip"
    file.write_bytes(zipped({"data": "x"}))
    made = clients.cli(
        "lambda", "publish-layer-version", "--layer-name", name, "--zip-file", f"fileb://{file}", "--compatible-runtimes", "python3.13"
    )
    assert made["LayerVersionArn"] == f"{ARN}:{name}:1"
    clients.cli("lambda", "publish-layer-version", "--layer-name", name, "--zip-file", f"fileb://{file}")
    versions = clients.cli("lambda", "list-layer-versions", "--layer-name", name)["LayerVersions"]
    assert [version["Version"] for version in versions] == [2, 1]
    versions = clients.cli("lambda", "list-layer-versions", "--layer-name", name, "--page-size", "1")["LayerVersions"]
    assert [version["Version"] for version in versions] == [2, 1]
    layers = clients.cli("lambda", "list-layers", "--compatible-runtime", "python3.13")["Layers"]
    (mine,) = [layer for layer in layers if layer["LayerName"] == name]
    assert mine["LatestMatchingVersion"]["Version"] == 1
    arn = made["LayerVersionArn"]
    assert clients.cli("lambda", "get-layer-version-by-arn", "--arn", arn)["Version"] == 1
    clients.cli(
        "lambda", "add-layer-version-permission", "--layer-name", name, "--version-number", "1",
        "--statement-id", "all", "--action", "lambda:GetLayerVersion", "--principal", "*",
    )
    policy = clients.cli("lambda", "get-layer-version-policy", "--layer-name", name, "--version-number", "1")
    assert json.loads(policy["Policy"])["Statement"][0]["Principal"] == "*"
    removal = ("remove-layer-version-permission", "--layer-name", name, "--version-number", "1", "--statement-id", "all")
    assert clients.cli("lambda", *removal) is None
    assert clients.cli("lambda", "delete-layer-version", "--layer-name", name, "--version-number", "1") is None


def test_lists_have_pages(client):
    names = sorted(unique("paged") for _ in range(3))
    for name in names:
        publish(client, name=name, CompatibleRuntimes=["ruby3.2"])
        publish(client, name=name, CompatibleArchitectures=["arm64"])
    pages = client.get_paginator("list_layers").paginate(CompatibleRuntime="ruby3.2", PaginationConfig={"PageSize": 2})
    found = [layer for page in pages for layer in page["Layers"] if layer["LayerName"] in names]
    assert [layer["LayerName"] for layer in found] == names
    assert all(layer["LatestMatchingVersion"]["Version"] == 1 for layer in found)
    for name in names:
        pages = client.get_paginator("list_layer_versions").paginate(LayerName=name, PaginationConfig={"PageSize": 1})
        assert [version["Version"] for page in pages for version in page["LayerVersions"]] == [2, 1]
    only = client.list_layer_versions(LayerName=names[0], CompatibleArchitecture="arm64")["LayerVersions"]
    assert [version["Version"] for version in only] == [2]
    assert client.list_layer_versions(LayerName="never-published")["LayerVersions"] == []


def test_deleted_versions_are_gone_and_their_numbers_too(client):
    name = unique("layer")
    publish(client, name=name)
    for _ in range(2):
        deleted = client.delete_layer_version(LayerName=name, VersionNumber=1)
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error_of(client.get_layer_version, LayerName=name, VersionNumber=1)[0] == "ResourceNotFoundException"
    assert publish(client, name=name)["Version"] == 2


def over(clients, layers, source, language="python", **settings):
    return functions.create(clients, source, language, Layers=[layer["LayerVersionArn"] for layer in layers], **settings)


def test_python_imports_from_layers(client, clients):
    first = publish(client, {"python/one.py": "x = 1\n", "python/both.py": "x = 1\n", "data.txt": "from a layer"})
    second = publish(client, {"python/both.py": "x = 2\n", "python/lib/python3.13/site-packages/site_one.py": "x = 3\n"})
    source = """
import both, one, site_one
def handler(event, context):
    return [one.x, both.x, site_one.x, open("/opt/data.txt").read()]
"""
    assert over(clients, [first, second], source).invoke() == (200, None, [1, 2, 3, "from a layer"])
    # Later layers win over earlier ones.
    assert over(clients, [second, first], source).invoke() == (200, None, [1, 1, 3, "from a layer"])


def test_node_imports_from_layers(client, clients):
    layer = publish(client, {"nodejs/node_modules/greet/index.js": "exports.greet = (who) => `hello ${who}`;\n"})
    imported = "import { greet } from 'greet';\nexport const handler = async (event) => greet(event);\n"
    assert over(clients, [layer], imported, "node").invoke("you") == (200, None, "hello you")
    required = "exports.handler = async (event) => require('greet').greet(event);\n"
    one = over(clients, [layer], "", "node", files={"plain.js": required}, Handler="plain.handler")
    assert one.invoke("you") == (200, None, "hello you")


def test_a_runtime_may_be_a_layer(client, clients):
    bootstrap = """#!/bin/sh
API=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  id=$(curl -sSD - -o /tmp/event $API/next | grep -i '^lambda-runtime-aws-request-id' | cut -d' ' -f2 | tr -d '\\r')
  curl -sS -d "\\"$(tool)\\"" $API/$id/response > /dev/null
done
"""
    layer = publish(client, {"bootstrap": bootstrap, "bin/tool": "#!/bin/sh\nprintf 'from a tool'\n"})
    code = {"ZipFile": zipped({"main": "nothing to run"})}
    name = unique("provided")
    layers = [layer["LayerVersionArn"]]
    client.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="any", Role=ROLE, Code=code, Layers=layers, Timeout=10
    )
    assert functions.Function(clients, name).invoke() == (200, None, "from a tool")


def test_a_function_keeps_its_layer_when_that_is_deleted(client, clients):
    layer = publish(client, {"python/kept.py": "x = 'kept'\n"})
    one = over(clients, [layer], "import kept\ndef handler(event, context):\n    return kept.x\n")
    size = layer["Content"]["CodeSize"]
    client.delete_layer_version(LayerName=layer["LayerArn"], VersionNumber=1)
    assert one.invoke() == (200, None, "kept")
    config = client.get_function_configuration(FunctionName=one.name)
    assert config["Layers"] == [{"Arn": layer["LayerVersionArn"], "CodeSize": size}]
    client.update_function_configuration(FunctionName=one.name, Layers=[])
    assert "Layers" not in client.get_function_configuration(FunctionName=one.name)
    assert one.invoke()[1] == "Unhandled"


def test_an_update_takes_other_layers(client, clients):
    layers = [publish(client, {"python/which.py": f"x = {n}\n"}) for n in (1, 2)]
    one = over(clients, layers[:1], "import which\ndef handler(event, context):\n    return which.x\n")
    assert one.invoke() == (200, None, 1)
    version = client.publish_version(FunctionName=one.name)
    assert version["Layers"][0]["Arn"] == layers[0]["LayerVersionArn"]
    changed = client.update_function_configuration(FunctionName=one.name, Layers=[layers[1]["LayerVersionArn"]])
    assert changed["Layers"][0]["Arn"] == layers[1]["LayerVersionArn"]
    assert one.invoke() == (200, None, 2)
    assert one.invoke(Qualifier=version["Version"]) == (200, None, 1)


def test_layers_of_other_accounts_need_a_permission(client, clients):
    layer, other = publish(client, {"python/shared.py": "x = 1\n"}), clients.other("111111111111")
    theirs = other.boto("lambda")
    code, message, status = error_of(theirs.get_layer_version_by_arn, Arn=layer["LayerVersionArn"])
    assert (code, status) == ("AccessDeniedException", 403)
    assert f"lambda:GetLayerVersion on resource: {layer['LayerVersionArn']}" in message
    request = {
        "Runtime": "python3.13", "Handler": "main.handler", "Role": "arn:aws:iam::111111111111:role/any",
        "Code": {"ZipFile": zipped({"main.py": "import shared\ndef handler(event, context):\n    return shared.x\n"})},
        "Layers": [layer["LayerVersionArn"]], "FunctionName": unique("borrower"),
    }
    assert error_of(theirs.create_function, **request)[0] == "AccessDeniedException"
    client.add_layer_version_permission(
        LayerName=layer["LayerArn"], VersionNumber=1, StatementId="them", Action="lambda:GetLayerVersion", Principal="111111111111"
    )
    assert theirs.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])["Version"] == 1
    theirs.create_function(**request)
    assert functions.Function(other, request["FunctionName"]).invoke() == (200, None, 1)


def zeros(size):
    """They compress well, so that the limit on the content is met before the one on the package."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as file:
        for start in range(0, size, 1 << 20):
            file.write(bytes(min(1 << 20, size - start)))
    return {"ZipFile": buffer.getvalue()}


def test_limits_have_two_sides(client):
    fits = client.publish_layer_version(LayerName=unique("layer"), Content=zeros(LIMIT))
    assert fits["Content"]["CodeSize"] < 50 << 20
    too_large = error_of(client.publish_layer_version, LayerName=unique("layer"), Content=zeros(LIMIT + 1))
    assert too_large[:2] == ("InvalidParameterValueException", f"Unzipped size must be smaller than {LIMIT} bytes")
    code = {"ZipFile": zipped({"main.py": ECHO})}
    request = {"Runtime": "python3.13", "Handler": "main.handler", "Role": ROLE, "Code": code, "FunctionName": unique("large")}
    combined = error_of(client.create_function, Layers=[fits["LayerVersionArn"]], **request)
    assert combined[1].endswith(f"The actual size is {LIMIT + len(ECHO)} bytes.")
    layers = [publish(client)["LayerVersionArn"] for _ in range(6)]
    assert error_of(client.create_function, Layers=layers, **request)[0] == "InvalidParameterValueException"
    assert len(client.create_function(Layers=layers[:5], **request)["Layers"]) == 5


def exactly(size):
    """A package of so many bytes: what is missing is its comment."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data", os.urandom(size - 1000))
        # The records around the data: the file's own, the directory's, and the end's with this comment.
        archive.comment = b" " * (1000 - len("data") * 2 - 30 - 46 - 22)
    assert len(buffer.getvalue()) == size
    return {"ZipFile": buffer.getvalue()}


def test_packages_have_a_limit_too(client):
    most = 50 << 20
    made = client.publish_layer_version(LayerName=unique("layer"), Content=exactly(most))
    assert made["Content"]["CodeSize"] == most
    refused = error_of(client.publish_layer_version, LayerName=unique("layer"), Content=exactly(most + 1))
    expected = "Request must be smaller than 70167211 bytes for the PublishLayerVersion operation"
    assert refused == ("RequestEntityTooLargeException", expected, 413)


def linked(path, target):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(path)
        info.external_attr = 0o120777 << 16
        archive.writestr(info, target)
    return buffer.getvalue()


def written(path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(path, "evil")
    return buffer.getvalue()


@pytest.mark.parametrize("content", (written("../../evil"), written("/etc/evil"), written("a/../../evil")), ids=("up", "root", "through"))
def test_archives_that_leave_their_folder_are_refused(client, content):
    refused = error_of(client.publish_layer_version, LayerName=unique("evil"), Content={"ZipFile": content})
    assert refused[0] == "InvalidParameterValueException"


def test_a_link_out_of_a_layer_is_never_followed(client, clients):
    """It is found when the layer is unpacked; the function then doesn't run at all."""
    layer = client.publish_layer_version(LayerName=unique("evil"), Content={"ZipFile": linked("out", "/etc")})
    one = over(clients, [layer], ECHO)
    assert error_of(one.client.invoke, FunctionName=one.name)[0] == "InvalidZipFileException"


def test_a_layer_cannot_replace_the_runtime(client, clients):
    layer = publish(client, {"var/runtime/bootstrap.pyc": "evil"})
    source = """
import os
def handler(event, context):
    return [os.path.realpath("/opt/var/runtime"), os.listdir("/var/runtime"), os.access("/opt", os.W_OK)]
"""
    _, failed, (inside, runtime, writable) = over(clients, [layer], source).invoke()
    assert failed is None and inside == "/opt/var/runtime" and "bootstrap.pyc" in runtime and not writable
