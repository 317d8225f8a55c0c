"""Items of one table: puts, updates, deletes, pairs in transactions, a version that only its owner moves, an index."""

import itertools

from .calls import Refused
from .ledger import ABSENT, Ledger

KEYS = 40
PAIRS = 5
COLOURS = 4
INDEX = "by-colour"


class Items:
    def __init__(self, calls, chance, name):
        self.calls, self.chance, self.table = calls, chance, name
        self.ledger = Ledger()
        self.values = itertools.count(1)
        self.version = 0
        self.counted, self.uncounted = 0, 0

    def prepare(self):
        text = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "colour")]
        schema = lambda name: [{"AttributeName": name, "KeyType": "HASH"}]  # noqa: E731
        self.calls.create_table(
            self.table,
            AttributeDefinitions=text,
            KeySchema=schema("id"),
            GlobalSecondaryIndexes=[{"IndexName": INDEX, "KeySchema": schema("colour"), "Projection": {"ProjectionType": "ALL"}}],
        )

    def step(self):
        kinds = (self.put, self.put, self.set, self.delete, self.pair, self.next_version, self.count)
        self.chance.choice(kinds)()

    def put(self):
        value = next(self.values)
        self.change(self.any_key(), value, "put_item", lambda name: {"Item": item(name, value)})

    def set(self):
        value = next(self.values)
        change = {
            "UpdateExpression": "SET v = :v, colour = :c",
            "ExpressionAttributeValues": {":v": {"N": str(value)}, ":c": {"S": colour(value)}},
        }
        self.change(self.any_key(), value, "update_item", lambda name: {"Key": key(name), **change})

    def delete(self):
        self.change(self.any_key(), ABSENT, "delete_item", lambda name: {"Key": key(name)})

    def any_key(self):
        return f"key-{self.chance.randrange(KEYS)}"

    def change(self, name, value, operation, params):
        self.ledger.attempt(name, value)
        self.calls("dynamodb", operation, TableName=self.table, **params(name))
        self.ledger.acknowledge(name, value)

    def pair(self):
        """Two items of the same value: both are there, or neither."""
        name, value = f"pair-{self.chance.randrange(PAIRS)}", next(self.values)
        puts = [{"Put": {"TableName": self.table, "Item": item(f"{name}-{side}", value)}} for side in "ab"]
        self.ledger.attempt(name, value)
        self.calls("dynamodb", "transact_write_items", TransactItems=puts)
        self.ledger.acknowledge(name, value)

    def next_version(self):
        """Conditional on the version before: its only owner can't be refused, unless an earlier call came through."""
        following = self.version + 1
        self.ledger.attempt("version", following)
        condition = "v = :old" if self.version else "attribute_not_exists(id)"
        values = {":new": {"N": str(following)}, ":old": {"N": str(self.version)}}
        if not self.version:
            del values[":old"]
        try:
            self.calls(
                "dynamodb",
                "update_item",
                TableName=self.table,
                Key=key("version"),
                UpdateExpression="SET v = :new",
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except Refused as refused:
            assert refused.code == "ConditionalCheckFailedException", refused
            self.ledger.withdraw("version", following)
            assert following in self.ledger.open["version"], f"version {self.version} was acknowledged and isn't there"
            # The call that was cut off did happen; a second success of it would have been a duplicate.
            self.ledger.acknowledge("version", following)
        else:
            self.ledger.acknowledge("version", following)
        self.version = following

    def count(self):
        self.uncounted += 1
        self.calls(
            "dynamodb",
            "update_item",
            TableName=self.table,
            Key=key("counter"),
            UpdateExpression="ADD v :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
        self.uncounted -= 1
        self.counted += 1

    def check(self):
        rows = self.rows()
        found = {name: int(row["v"]["N"]) for name, row in rows.items()}
        counter = found.pop("counter", 0)
        assert self.counted <= counter <= self.counted + self.uncounted, f"{self.counted} counted, {counter} there"
        self.counted, self.uncounted = counter, 0
        self.ledger.settle(one_of_each_pair(found))
        self.version = self.ledger.acknowledged.get("version", 0)
        indexed = self.rows(IndexName=INDEX)
        wanted = {name: row for name, row in rows.items() if "colour" in row}
        assert indexed == wanted, f"the index has {len(indexed)} items, the table {len(wanted)} that belong into it"

    def rows(self, **where):
        consistent = {} if where else {"ConsistentRead": True}
        pages = self.calls.pages("dynamodb", "scan", TableName=self.table, **consistent, **where)
        return {row["id"]["S"]: row for page in pages for row in page["Items"]}

    def acknowledged(self):
        return self.ledger.count + self.counted


def one_of_each_pair(found):
    """`pair-1-a` and `pair-1-b` as `pair-1`, once it is seen that they agree."""
    whole = {}
    for name, value in found.items():
        if name.startswith("pair-"):
            stem, side = name[:-2], name[-1]
            other = found.get(f"{stem}-{'b' if side == 'a' else 'a'}")
            assert other == value, f"half a transaction: {name} is {value}, its partner {other}"
            name = stem
        whole[name] = value
    return whole


def key(name):
    return {"id": {"S": name}}


def colour(value):
    return f"colour-{value % COLOURS}"


def item(name, value):
    return {**key(name), "v": {"N": str(value)}, "colour": {"S": colour(value)}, "filler": {"S": "x" * 300}}
