"""Data folders that older versions have written: opened and read by this one, for ever.

The call that waits for its second attempt there is looked for, row by row, by the binary's own tests: to a platform that
starts months later it is too old to be tried again.
"""

import json
import zipfile
from pathlib import Path

import pytest

from harness import functions, golden
from harness.clients import Clients

FOLDER = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("archive", sorted(FOLDER.glob("data-*.zip")), ids=lambda path: path.stem)
def test_what_an_older_version_wrote_is_there(archive, fresh):
    one = fresh()
    one.data.mkdir(parents=True)
    zipfile.ZipFile(archive).extractall(one.data)
    one.start()
    clients = Clients(one.url)
    db = clients.boto("dynamodb")
    found = db.query(
        TableName="golden",
        IndexName="by-group",
        KeyConditionExpression="#g = :g",
        ExpressionAttributeNames={"#g": "group"},
        ExpressionAttributeValues={":g": {"S": "g"}},
    )["Items"]
    assert found == [golden.ITEM]
    assert db.scan(TableName="golden")["Count"] == 101
    functions_are_there(clients)
    apis = clients.boto("apigatewayv2").get_apis()["Items"]
    assert [api["Name"] for api in apis] == ["api"]


def functions_are_there(clients):
    client = clients.boto("lambda")
    for qualified in ("echo", "echo:1"):
        assert functions.Function(clients, qualified).invoke({"x": 1}) == (200, None, {"x": 1})
    assert client.get_function(FunctionName="echo")["Tags"] == {"k": "v"}
    statement = json.loads(client.get_policy(FunctionName="echo")["Policy"])["Statement"][0]
    assert statement["Sid"] == "s"


def test_there_is_a_folder_of_each_format():
    assert [path.stem for path in sorted(FOLDER.glob("data-*.zip"))] == ["data-1"]
