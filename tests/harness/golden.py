"""What is in a golden data folder: written by tests/golden/write.py, looked for by tests/clients/test_golden.py."""

import json
import urllib.request

ECHO = "def handler(event, context):\n    return event\n"
FAILING = "def handler(event, context):\n    print('attempt')\n    raise RuntimeError('always')\n"

ITEM = {
    "id": {"S": "a"},
    "at": {"N": "-12.5"},
    "text": {"S": "grüße"},
    "bytes": {"B": b"\x00\xff"},
    "flag": {"BOOL": True},
    "none": {"NULL": True},
    "list": {"L": [{"N": "1"}, {"S": ""}]},
    "map": {"M": {"k": {"SS": ["x", "y"]}}},
    "numbers": {"NS": ["1", "2.5"]},
    "group": {"S": "g"},
}


def fill(clients):
    """Rows of every kind beside the functions `echo` and `failing`, which are there already."""
    table(clients.boto("dynamodb"))
    client = clients.boto("lambda")
    client.publish_version(FunctionName="echo")
    client.tag_resource(Resource=client.get_function(FunctionName="echo")["Configuration"]["FunctionArn"], Tags={"k": "v"})
    client.add_permission(
        FunctionName="echo", StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    client.invoke(FunctionName="failing", InvocationType="Event", Payload=b"{}")
    arn = client.get_function(FunctionName="echo")["Configuration"]["FunctionArn"]
    clients.boto("apigatewayv2").create_api(Name="api", ProtocolType="HTTP", Target=arn)


def table(client):
    types = {"id": "S", "at": "N", "group": "S"}
    client.create_table(
        TableName="golden",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-group",
                "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName="golden", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    client.put_item(TableName="golden", Item=ITEM)
    for n in range(100):
        client.put_item(TableName="golden", Item={"id": {"S": f"row {n}"}, "at": {"N": str(n)}, "text": {"S": "x" * n}})


def attempts(url):
    """How often the call that fails was tried: what its function printed."""
    with urllib.request.urlopen(f"{url}/_updraft/logs?group=/aws/lambda/failing", timeout=10) as answer:
        return sum(line["message"].strip() == "attempt" for line in json.load(answer)["lines"])


def waits(clients):
    """It was tried once, and now waits for its second attempt."""
    return attempts(clients.url) == 1
