"""S3 Select: queries over objects, through boto3, the AWS CLI and the JavaScript SDK."""

import bz2
import gzip
import json

import pytest

from harness.buckets import make_bucket
from harness.clients import error_of
from harness.names import unique

PEOPLE = 'name,age,city\nAda,36,London\n"Doe, Jo",7,Paris\nBob,,"New ""York"""\n'
ORDERS = '{"id": 1, "lines": [{"sku": "a", "n": 2}]}\n{"id": 2, "lines": []}\n{"id": 3, "vip": true}\n'
CSV = {"CSV": {"FileHeaderInfo": "USE"}}
LINES = {"JSON": {"Type": "LINES"}}


@pytest.fixture(scope="module")
def bucket(clients):
    s3 = clients.boto("s3")
    name = make_bucket(s3)
    s3.put_object(Bucket=name, Key="people", Body=PEOPLE.encode())
    s3.put_object(Bucket=name, Key="orders", Body=ORDERS.encode())
    s3.put_object(Bucket=name, Key="people.gz", Body=gzip.compress(PEOPLE.encode()))
    s3.put_object(Bucket=name, Key="people.bz2", Body=bz2.compress(PEOPLE.encode()))
    return name


def ask(clients, bucket, key, query, source, to=None, **more):
    """The events of an answer: its records put together, and what else was said."""
    params = {
        "Bucket": bucket,
        "Key": key,
        "Expression": query,
        "ExpressionType": "SQL",
        "InputSerialization": source,
        "OutputSerialization": to or {"CSV": {}},
    }
    found, others = b"", []
    for event in clients.boto("s3").select_object_content(**params, **more)["Payload"]:
        if "Records" in event:
            found += event["Records"]["Payload"]
        else:
            others.append(event)
    return found.decode(), others


def test_csv(clients, bucket):
    query = "SELECT s.name, s.city FROM S3Object s WHERE CAST(s.age AS INT) > 6 LIMIT 2"
    text, others = ask(clients, bucket, "people", query.replace("CAST(s.age AS INT)", "s.age"), CSV)
    assert text == 'Ada,London\n"Doe, Jo",Paris\n'
    size = len(PEOPLE)
    details = {"BytesScanned": size, "BytesProcessed": size, "BytesReturned": len(text)}
    assert others == [{"Stats": {"Details": details}}, {"End": {}}]
    total, _ = ask(clients, bucket, "people", "SELECT COUNT(*) AS n, MAX(name) FROM S3Object", CSV, {"JSON": {}})
    assert json.loads(total) == {"n": 3, "_2": "Doe, Jo"}


def test_packed(clients, bucket):
    query = "SELECT AVG(CAST(NULLIF(age, '') AS FLOAT)) FROM S3Object"
    for key, packing in [("people.gz", "GZIP"), ("people.bz2", "BZIP2")]:
        text, others = ask(clients, bucket, key, query, {**CSV, "CompressionType": packing})
        assert text == "21.5\n"
        assert others[0]["Stats"]["Details"]["BytesProcessed"] == len(PEOPLE)


def test_json(clients, bucket):
    to = {"JSON": {"RecordDelimiter": ";"}}
    text, _ = ask(clients, bucket, "orders", "SELECT s.lines[0].sku AS sku FROM S3Object s WHERE s.id < 3", LINES, to)
    assert text == '{"sku":"a"};{};'
    text, _ = ask(clients, bucket, "orders", "SELECT l.n FROM S3Object[*].lines[*] l", LINES)
    assert text == "2\n"
    text, _ = ask(clients, bucket, "orders", "SELECT * FROM S3Object s WHERE s.vip IS NOT MISSING", LINES, {"JSON": {}})
    assert json.loads(text) == {"id": 3, "vip": True}


def test_a_part_of_an_object(clients, bucket):
    start = PEOPLE.index("Ada") + 1
    text, _ = ask(clients, bucket, "people", "SELECT name FROM S3Object", CSV, ScanRange={"Start": start, "End": start + 20})
    assert text == '"Doe, Jo"\n'
    asked = {"Start": len(PEOPLE) + 1}
    assert refused(clients, bucket, "people", "SELECT * FROM S3Object", CSV, ScanRange=asked)[0] == "InvalidScanRange"


def test_much_is_found_in_pieces(clients, bucket):
    s3 = clients.boto("s3")
    rows = "".join(f"{number},{'x' * 90}\n" for number in range(120_000))
    s3.put_object(Bucket=bucket, Key="rows", Body=rows.encode())
    text, _ = ask(clients, bucket, "rows", "SELECT * FROM S3Object", {"CSV": {}})
    assert text == rows
    text, others = ask(
        clients, bucket, "rows", "SELECT _1 FROM S3Object WHERE _1 = '119999'", {"CSV": {}}, RequestProgress={"Enabled": True}
    )
    assert text == "119999\n"
    progress = [event["Progress"]["Details"]["BytesScanned"] for event in others if "Progress" in event]
    assert progress == sorted(progress) and progress, others
    s3.delete_object(Bucket=bucket, Key="rows")


def refused(clients, bucket, key, query, source, **more):
    return error_of(ask, clients, bucket, key, query, source, **more)


def test_what_cannot_be_asked(clients, bucket):
    def code(query, key="people", source=CSV):
        return refused(clients, bucket, key, query, source)[0]

    assert code("SELECT 1") == "ParseSelectMissingFrom"
    assert code("SELECT * FROM S3Object ORDER BY name") == "UnsupportedSqlStructure"
    assert code("SELECT FLOOR(age) FROM S3Object") == "UnsupportedFunction"
    assert code("SELECT * FROM S3Object", key="none") == "NoSuchKey"
    assert code("SELECT * FROM S3Object", source={"JSON": {}}) == "InvalidJsonType"
    assert code("SELECT * FROM S3Object", source={}) == "InvalidDataSource"


def test_what_goes_wrong_on_the_way(clients, bucket):
    from botocore.exceptions import EventStreamError

    for query, source, code in [
        ("SELECT CAST(name AS INT) FROM S3Object", CSV, "CastFailed"),
        ("SELECT street FROM S3Object", CSV, "MissingHeaders"),
        ("SELECT * FROM S3Object", LINES, "JSONParsingError"),
        ("SELECT * FROM S3Object", {**CSV, "CompressionType": "GZIP"}, "InvalidCompressionFormat"),
    ]:
        with pytest.raises(EventStreamError) as refused:
            ask(clients, bucket, "people", query, source)
        assert refused.value.response["Error"]["Code"] == code


def test_the_command_line(clients, bucket, tmp_path):
    out = tmp_path / "found"
    clients.cli(
        "s3api", "select-object-content", "--bucket", bucket, "--key", "people",
        "--expression", "SELECT _1 FROM S3Object LIMIT 1", "--expression-type", "SQL",
        "--input-serialization", json.dumps({"CSV": {}}), "--output-serialization", json.dumps({"CSV": {}}), out,
    )
    assert out.read_text() == "name\n"


def test_the_javascript_sdk(clients):
    assert clients.node("s3_select.mjs", unique("js")) == {
        "records": '{"name":"Ada"}\n',
        "stats": [28, 28, 15],
        "kinds": ["Records", "Stats", "End"],
        "refused": "ParseSelectMissingFrom",
    }
