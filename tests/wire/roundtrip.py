"""Holds the wire's codecs against botocore's: every operation of every service, every protocol, both ways.

Random inputs go through botocore's serializers into ours, random outputs through ours into botocore's parsers, and so does
every error. Run it by hand after a change to crates/foundation/wire or models/: needs the botocore that
models/source.toml names.

    cargo build --manifest-path tests/wire/Cargo.toml --target-dir target/wire
    python tests/wire/roundtrip.py [seed] [service…]
"""

import base64
import copy
import datetime
import io
import json
import pathlib
import random
import subprocess
import sys
import tomllib
from urllib.parse import quote, urlencode

import botocore.session
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

HERE = pathlib.Path(__file__).parent
PROBE = HERE / "../../target/wire/debug/wire-probe"
SERVICES = {s["dir"]: s["model"] for s in tomllib.loads((HERE / "../../models/source.toml").read_text())["service"]}
DATE = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
SCALARS = {
    "integer": [0, 1, -5, 2**31 - 1],
    "long": [0, 7, 2**53 + 1, -(2**40)],
    "double": [0.5, -1.25, 3.0, 1e-7],
    "float": [0.5, -1.25],
    "boolean": [True, False],
    "blob": [b"hi", b"\x00\xff\x01"],
    "timestamp": [DATE],
    "string": ["abc", "a b", 'q"<&>\\/', "ä€😀", "a+b=c&d", "arn:aws:x/y%"],
}
# S3's oldest operations share method and path with those that replaced them, and one of another endpoint with ListBuckets.
KNOWN = {
    "GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification", "ListDirectoryBuckets",
}  # fmt: skip
# The type of a body stands in a header of every answer; Expires is a date to botocore, where the model says text.
NOT_COMPARED = {"ContentType", "Expires"}


def value(shape, depth=0):
    """A random value of the shape."""
    kind = shape.type_name
    if kind == "structure":
        return structure(shape, depth)
    if kind == "list":
        return [value(shape.member, depth + 1) for _ in range(0 if depth > 6 else random.randint(1, 2))]
    if kind == "map":
        return {} if depth > 6 else {random.choice(["k", "key two", "ä&<"]): value(shape.value, depth + 1)}
    return random.choice(shape.enum if kind == "string" and shape.enum else SCALARS[kind])


def structure(shape, depth):
    if shape.is_document_type:
        return {"a": [1, "x", None]}
    names = [random.choice(list(shape.members))] if shape.is_tagged_union else list(shape.members)
    wanted = lambda name: name in shape.required_members or (depth < 4 and random.random() < 0.6)
    # Every answer has a status, so that botocore always finds the member that holds it.
    always = lambda name: shape.is_tagged_union or shape.members[name].serialization.get("location") == "statusCode"
    members = {name: shape.members[name] for name in names if always(name) or wanted(name)}
    return {
        name: in_message(member) if member.serialization.get("location") else value(member, depth + 1)
        for name, member in members.items()
        if not getattr(member, "is_eventstream", False) and not member.serialization.get("eventstream")
    }


def in_message(member):
    """A value that fits where it travels: headers hold little, a status is a number of three digits."""
    place = member.serialization["location"]
    if place == "statusCode":
        return 207
    if place.startswith("header") and member.type_name in ("string", "list", "map"):
        plain = (getattr(member, "member", member).enum or ["abc"])[0] if member.type_name != "map" else "abc"
        return {"map": {"k": plain}, "list": [plain]}.get(member.type_name, plain)
    return value(member, 1)


def typed(shape, given):
    """The typed JSON form, as crates/foundation/wire/src/typed.rs has it."""
    kind = shape.type_name
    if kind == "structure" and not shape.is_document_type:
        return {name[:1].upper() + name[1:]: typed(shape.members[name], each) for name, each in given.items()}
    if kind == "list":
        return [typed(shape.member, each) for each in given]
    if kind == "map":
        return {key: typed(shape.value, each) for key, each in given.items()}
    if kind == "blob":
        given = given.read() if hasattr(given, "read") else given
        return base64.b64encode(given.encode() if isinstance(given, str) else given).decode()
    if kind == "timestamp":
        return given.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return given


def pruned(given):
    """Without what XML, forms and headers cannot say: that something is there and empty."""
    if isinstance(given, dict):
        inner = {key: pruned(each) for key, each in given.items() if key not in NOT_COMPARED}
        return {key: each for key, each in inner.items() if each not in ({}, [], "", None)}
    return [each for each in map(pruned, given) if each not in ({}, [])] if isinstance(given, list) else given


def request(service, protocol, operation):
    shape = operation.input_shape
    given = value(shape) if shape else {}
    sent = create_serializer(protocol, include_validation=False).serialize_to_request(copy.deepcopy(given), operation)
    path, _, fixed = sent["url_path"].partition("?")
    query = sent["query_string"] or ""
    query = query if isinstance(query, str) else urlencode(query, doseq=True, quote_via=quote)
    body = sent["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
        sent["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
    body = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else body
    task = {
        "do": "decode", "service": service, "method": sent["method"], "path": path,
        "query": "&".join(filter(None, [fixed, query])), "headers": {k: str(v) for k, v in sent["headers"].items()},
        "body": base64.b64encode(body or b"").decode(),
    }  # fmt: skip
    expected = typed(shape, given) if shape else {}
    name = operation.name
    return task, lambda answer: answer.get("op") == name and pruned(answer["value"]) == pruned(expected)


def response(service, protocol, operation):
    shape = operation.output_shape
    expected = typed(shape, value(shape)) if shape else {}
    task = {"do": "encode", "service": service, "op": operation.name, "protocol": protocol, "value": expected}

    def check(answer):
        parsed = parse(protocol, answer, shape, operation.has_streaming_output)
        parsed.pop("ResponseMetadata", None)
        return pruned(typed(shape, parsed) if shape else {}) == pruned(expected)

    return task, check


def failure(service, protocol, shape, model):
    task = {"do": "fail", "service": service, "protocol": protocol, "shape": shape.name, "message": "a <message> ä"}
    output = next(op.output_shape for op in map(model.operation_model, model.operation_names)
                  if op.output_shape and not op.has_streaming_output)  # fmt: skip

    def check(answer):
        parsed = parse(protocol, answer, output, False)
        error, id = parsed["Error"], parsed["ResponseMetadata"]["RequestId"]
        known = model.shape_for_error_code(error["Code"]) or service == "sqs"
        return bool(known) and (error["Message"], id) == ("a <message> ä", "the-request")

    return task, check


def parse(protocol, answer, shape, streaming):
    headers = HeadersDict()
    for name, text in answer["headers"].items():
        headers[name] = text
    body = base64.b64decode(answer["body"])
    whole = {"headers": headers, "status_code": answer["status"], "body": io.BytesIO(body) if streaming else body}
    return create_parser(protocol).parse(whole | {"context": {}}, shape)


def tasks(service, folder):
    name, version = folder.split("/")
    model = botocore.session.Session().get_service_model(name, version)
    for protocol in model.metadata.get("protocols", [model.metadata["protocol"]]):
        for operation in map(model.operation_model, model.operation_names):
            for _ in range(0 if operation.name in KNOWN else 3):
                yield f"{service} {protocol} {operation.name}, its input", *request(service, protocol, operation)
                if not operation.has_event_stream_output:
                    yield f"{service} {protocol} {operation.name}, its output", *response(service, protocol, operation)
        for shape in map(model.shape_for, model.shape_names):
            if shape.metadata.get("exception"):
                yield f"{service} {protocol} {shape.name}", *failure(service, protocol, shape, model)


def main(seed="1", *only):
    random.seed(int(seed))
    all = [task for name, folder in SERVICES.items() if not only or name in only for task in tasks(name, folder)]
    lines = "\n".join(json.dumps(task) for _, task, _ in all)
    answers = subprocess.run([PROBE], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    wrong = 0
    for (name, task, check), line in zip(all, answers, strict=True):
        answer = json.loads(line)
        if "error" in answer or not check(answer):
            wrong += 1
            print(f"{name}:\n  {json.dumps(task)[:1500]}\n  {line[:1500]}")
    print(f"{len(all)} round trips, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
