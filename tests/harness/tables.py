"""Making DynamoDB tables."""

from .names import unique


def create(clients, sort=None, name=None, **extra):
    """A table keyed by `id` (S), and by `sort` (N or S, as in "at:N") where given; active when this returns."""
    client = clients.boto("dynamodb")
    name = name or unique("table")
    attributes, schema = [("id", "S")], [("id", "HASH")]
    if sort:
        attribute, kind = sort.split(":")
        attributes.append((attribute, kind))
        schema.append((attribute, "RANGE"))
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in attributes],
        KeySchema=[{"AttributeName": n, "KeyType": k} for n, k in schema],
        **extra,
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return name
