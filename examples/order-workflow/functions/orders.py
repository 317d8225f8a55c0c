"""`Validate Order`: is it an order that can be worked on, and what does it cost?"""

import os

import boto3

catalog = boto3.resource("dynamodb").Table(os.environ["STOCK_TABLE"])

LARGE = int(os.environ.get("LARGE", "100000"))


class InvalidOrder(Exception):
    """Trying again doesn't help."""


def validate(order, _context):
    """The order with its prices; amounts are whole cents."""
    for name in ("id", "customer", "card", "country"):
        if not order.get(name):
            raise InvalidOrder(f"an order needs {name}")
    if not order.get("items"):
        raise InvalidOrder("nothing is ordered")
    items = [{**item, "price": price(item)} for item in order["items"]]
    total = sum(item["price"] * item["count"] for item in items)
    return {**order, "items": items, "total": total, "large": total >= LARGE}


def price(item):
    if not isinstance(item.get("count"), int) or item["count"] < 1:
        raise InvalidOrder(f"how many of {item.get('sku')}?")
    found = catalog.get_item(Key={"sku": item["sku"]}).get("Item")
    if not found:
        raise InvalidOrder(f"there is no {item['sku']}")
    return int(found["price"])
