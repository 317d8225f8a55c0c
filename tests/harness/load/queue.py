"""A queue as people build it on a sort key: appended at its tail, taken from its head, read in order."""

from .ledger import ABSENT, Ledger

LONGEST = 60


class Queue:
    def __init__(self, calls, chance, name):
        self.calls, self.chance, self.table = calls, chance, name
        self.ledger = Ledger()
        self.tail = 0

    def prepare(self):
        kinds = {"id": "S", "at": "N"}
        self.calls.create_table(
            self.table,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        )

    def step(self):
        there = sorted(self.ledger.names())
        if len(there) >= LONGEST or (there and self.chance.random() < 0.3):
            self.take(there[0])
        elif self.chance.random() < 0.2:
            self.read()
        else:
            self.append()

    def append(self):
        self.tail += 1
        at = self.tail
        self.ledger.attempt(at, at)
        self.calls("dynamodb", "put_item", TableName=self.table, Item={**position(at), "body": {"S": "y" * 200}})
        self.ledger.acknowledge(at, at)

    def take(self, at):
        self.ledger.attempt(at, ABSENT)
        self.calls("dynamodb", "delete_item", TableName=self.table, Key=position(at))
        self.ledger.acknowledge(at, ABSENT)

    def read(self):
        """What is sure must be seen at once, in order, whatever is going on besides."""
        seen = self.positions()
        missing = [at for at in self.ledger.names() if at not in seen]
        assert not missing, f"acknowledged and not read: {missing}"

    def positions(self):
        condition = {"KeyConditionExpression": "id = :q", "ExpressionAttributeValues": {":q": {"S": "q"}}}
        answer = self.calls("dynamodb", "query", TableName=self.table, ConsistentRead=True, **condition)
        assert "LastEvaluatedKey" not in answer, "the queue fits one page"
        seen = [int(row["at"]["N"]) for row in answer["Items"]]
        assert seen == sorted(set(seen)), f"out of order: {seen}"
        return seen

    def check(self):
        self.ledger.settle({at: at for at in self.positions()})
        self.ledger.acknowledged = {at: at for at in self.ledger.names()}

    def acknowledged(self):
        return self.ledger.count


def position(at):
    return {"id": {"S": "q"}, "at": {"N": str(at)}}
