"""The expression language, end to end: what it finds, what it changes, and its words when it refuses."""

import pytest

from harness import tables
from harness.clients import error_of

ITEM = {
    "id": {"S": "i"},
    "n": {"N": "10"},
    "text": {"S": "hello world"},
    "list": {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]},
    "map": {"M": {"inner": {"M": {"x": {"S": "deep"}}}, "k.dot": {"N": "1"}}},
    "tags": {"SS": ["a", "b"]},
    "flag": {"BOOL": True},
    "nothing": {"NULL": True},
}
VALUES = {
    ":n": {"N": "10"},
    ":five": {"N": "5"},
    ":twenty": {"N": "20"},
    ":hello": {"S": "hello"},
    ":world": {"S": "world"},
    ":a": {"S": "a"},
    ":z": {"S": "z"},
    ":type": {"S": "S"},
    ":three": {"N": "3"},
    ":two": {"N": "2"},
    ":deep": {"S": "deep"},
    ":true": {"BOOL": True},
}


@pytest.fixture(scope="module")
def db(clients):
    return clients.boto("dynamodb")


@pytest.fixture(scope="module")
def filled(clients, db):
    name = tables.create(clients)
    db.put_item(TableName=name, Item=ITEM)
    return name


def used(text, names=None):
    """Only the names and values the expression uses, as DynamoDB insists on."""
    values = {name: value for name, value in VALUES.items() if any(name == word for word in words(text))}
    extra = {"ExpressionAttributeNames": names} if names else {}
    return extra | ({"ExpressionAttributeValues": values} if values else {})


def words(text):
    import re

    return re.findall(r":\w+", text)


TRUE = (
    "n = :n",
    "n <> :five AND n > :five",
    "n BETWEEN :five AND :twenty",
    "n IN (:five, :n)",
    "NOT n < :n",
    "attribute_exists(#map.#in.x)",
    "attribute_not_exists(#map.nope)",
    "attribute_type(#text, :type)",
    "begins_with(#text, :hello)",
    "contains(#text, :world)",
    "contains(tags, :a)",
    "contains(#list, :two)",
    "size(#text) > :five",
    "size(#list) = :three",
    "#map.#in.x = :deep",
    "#list[1] = :two",
    "(n = :five OR flag = :true) AND attribute_exists(nothing)",
    "n = :five OR n = :twenty OR n = :n",
)
FALSE = (
    "n = :five",
    "contains(tags, :z)",
    "#list[9] = :two",
    "attribute_exists(nope)",
    "nope = :n",
    "nope < :n",
    "#text > :n",
    "NOT (n = :n)",
    "n = :n AND flag <> :true",
)
RESERVED = {"#in": "inner", "#map": "map", "#text": "text", "#list": "list"}


def names_in(text):
    return {name: real for name, real in RESERVED.items() if name in text}


@pytest.mark.parametrize("text", TRUE)
def test_filters_that_hold(db, filled, text):
    assert db.scan(TableName=filled, FilterExpression=text, **used(text, names_in(text)))["Count"] == 1


@pytest.mark.parametrize("text", FALSE)
def test_filters_that_do_not_hold(db, filled, text):
    assert db.scan(TableName=filled, FilterExpression=text, **used(text, names_in(text)))["Count"] == 0


UPDATES = (
    ("SET n = n + :five", {}, {"n": {"N": "15"}}),
    ("SET n = :five - n", {}, {"n": {"N": "-5"}}),
    ("SET n = if_not_exists(nope, :five)", {}, {"n": {"N": "5"}}),
    ("SET #list[1] = :five", {}, {"list": {"L": [{"N": "1"}, {"N": "5"}, {"N": "3"}]}}),
    ("SET #list[9] = :five", {}, {"list": {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}, {"N": "5"}]}}),
    ("REMOVE #list[0], flag", {}, {"list": {"L": [{"N": "2"}, {"N": "3"}]}, "flag": None}),
    ("SET #map.#in.x = :hello", {}, {"map": {"M": {"inner": {"M": {"x": {"S": "hello"}}}, "k.dot": {"N": "1"}}}}),
    ("REMOVE #map.#d", {"#d": "k.dot"}, {"map": {"M": {"inner": {"M": {"x": {"S": "deep"}}}}}}),
    ("ADD n :five", {}, {"n": {"N": "15"}}),
    ("SET a = n, n = :five", {}, {"a": {"N": "10"}, "n": {"N": "5"}}),
)


@pytest.mark.parametrize(("text", "names", "expected"), UPDATES)
def test_updates(db, clients, text, names, expected):
    name = tables.create(clients)
    db.put_item(TableName=name, Item=ITEM)
    changed = db.update_item(
        TableName=name,
        Key={"id": ITEM["id"]},
        UpdateExpression=text,
        ReturnValues="ALL_NEW",
        **used(text, {**names_in(text), **names}),
    )["Attributes"]
    for attribute, value in expected.items():
        assert changed.get(attribute) == value
    untouched = set(ITEM) - set(expected) - {"tags"}
    assert {name: changed[name] for name in untouched} == {name: ITEM[name] for name in untouched}
    db.delete_table(TableName=name)


def test_sets_grow_shrink_and_vanish(db, table):
    db.put_item(TableName=table, Item=ITEM)

    def tags(text, *values):
        answer = db.update_item(
            TableName=table,
            Key={"id": ITEM["id"]},
            UpdateExpression=text,
            ExpressionAttributeValues={":t": {"SS": list(values)}},
            ReturnValues="ALL_NEW",
        )
        return sorted(answer["Attributes"].get("tags", {}).get("SS", []))

    assert tags("ADD tags :t", "b", "c") == ["a", "b", "c"]
    assert tags("DELETE tags :t", "a") == ["b", "c"]
    assert tags("DELETE tags :t", "b", "c") == []


def test_projection_keeps_the_shape(db, filled):
    item = db.get_item(
        TableName=filled,
        Key={"id": ITEM["id"]},
        ProjectionExpression="#map.#in, #list[0], #list[2], nope",
        ExpressionAttributeNames=names_in("#map.#in #list"),
    )["Item"]
    assert item == {"map": {"M": {"inner": {"M": {"x": {"S": "deep"}}}}}, "list": {"L": [{"N": "1"}, {"N": "3"}]}}


REFUSED = (
    ("n = :missing", {}, {}, "An expression attribute value used in expression is not defined; attribute value: :missing"),
    ("#missing = :n", {}, {":n"}, "An expression attribute name used in the document path is not defined; attribute name: #missing"),
    ("n = :n", {}, {":n", ":five"}, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:five}"),
    ("n = :n", {"#x": "x"}, {":n"}, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}"),
    ("size = :n", {}, {":n"}, "Attribute name is a reserved keyword; reserved keyword: size"),
    ("n = = :n", {}, {":n"}, 'Syntax error; token: "=", near: "= = :n"'),
    ("n = :n AND", {}, {":n"}, 'Syntax error; token: "<EOF>", near: "AND"'),
    ("nope(n)", {}, set(), "Invalid function name; function: nope"),
    ("size(n)", {}, set(), "The function is not allowed to be used this way in an expression; function: size"),
    ("begins_with(n)", {}, set(), "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"),
    ("n BETWEEN :twenty AND :five", {}, {":twenty", ":five"}, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"),
)


@pytest.mark.parametrize(("text", "names", "values", "message"), REFUSED)
def test_what_is_no_expression_is_refused_in_awss_words(db, filled, text, names, values, message):
    request = {"TableName": filled, "FilterExpression": text}
    request |= {"ExpressionAttributeNames": names} if names else {}
    request |= {"ExpressionAttributeValues": {v: VALUES[v] for v in values}} if values else {}
    code, said, status = error_of(db.scan, **request)
    assert (code, status) == ("ValidationException", 400)
    assert message in said


UPDATES_REFUSED = (
    ("SET id = :a", "Cannot update attribute id. This attribute is part of the key"),
    ("SET n = :n, n = :five", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]"),
    ("SET n = nope", "The provided expression refers to an attribute that does not exist in the item"),
    ("SET nope.x = :n", "The document path provided in the update expression is invalid for update"),
    ("SET n = n + tags", "An operand in the update expression has an incorrect data type"),
    ("SET n = :n SET a = :a", 'The "SET" section can only be used once in an update expression;'),
)


@pytest.mark.parametrize(("text", "message"), UPDATES_REFUSED)
def test_updates_that_cannot_be_are_refused_and_change_nothing(db, filled, text, message):
    code, said, _ = error_of(db.update_item, TableName=filled, Key={"id": ITEM["id"]}, UpdateExpression=text, **used(text))
    assert code == "ValidationException"
    assert message in said
    assert db.get_item(TableName=filled, Key={"id": ITEM["id"]})["Item"]["n"] == ITEM["n"]


def test_a_deeply_nested_expression_is_refused_and_kills_nobody(db, filled, platform):
    for text in ("(" * 5000 + "n = :n" + ")" * 5000, "NOT " * 5000 + "n = :n"):
        code, _, _ = error_of(db.scan, TableName=filled, FilterExpression=text, **used(":n"))
        assert code == "ValidationException"
    assert platform.healthy()
