"""A small products service: API Gateway HTTP API -> Lambda -> DynamoDB.

The table's name comes from the environment, the client is made once per instance, and every answer says honestly
what happened: 201, 200, 204, 400 with what is wrong, 404, 409 on a duplicate, 500 without a word of the inside.
"""

import base64
import logging
import os
import uuid

import boto3
from botocore.exceptions import ClientError

import products

logger = logging.getLogger()
logger.setLevel(logging.INFO)

# Outside the handler: made once, used by every invocation of this instance.
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])

PAGE = 50
PAGE_MAX = 100


class Refused(Exception):
    """A request that is answered with an error the caller can act on."""

    def __init__(self, status, message, **details):
        super().__init__(message)
        self.status = status
        self.body = {"message": message, **details}


def handler(event, context):
    """Entry point; `event` has the HTTP API's payload format 2.0."""
    try:
        return ROUTES.get(event.get("routeKey"), no_route)(event)
    except Refused as refused:
        return answer(refused.status, refused.body)
    except Exception:
        # The cause is for the log; the caller gets an id to ask about.
        logger.exception("request failed")
        return answer(500, {"message": "Something went wrong on our side.", "requestId": context.aws_request_id})


def create(event):
    product = checked(body_of(event))
    product.setdefault("id", str(uuid.uuid4()))
    try:
        table.put_item(Item=product, ConditionExpression="attribute_not_exists(id)")
    except ClientError as err:
        raise_if_condition(err, Refused(409, f"A product with the id {product['id']!r} exists already."))
        raise
    return answer(201, product, {"location": f"/products/{product['id']}"})


def read(event):
    found = table.get_item(Key={"id": id_of(event)}, ConsistentRead=True).get("Item")
    if found is None:
        raise not_found(id_of(event))
    return answer(200, found)


def list_all(event):
    query = event.get("queryStringParameters") or {}
    request = {"Limit": limit_of(query)}
    if "next" in query:
        request["ExclusiveStartKey"] = {"id": token_to_id(query["next"])}
    page = table.scan(**request)
    body = {"products": page["Items"]}
    if "LastEvaluatedKey" in page:
        body["next"] = base64.urlsafe_b64encode(page["LastEvaluatedKey"]["id"].encode()).decode()
    return answer(200, body)


def replace(event):
    product = checked({**body_of(event), "id": id_of(event)})
    try:
        table.put_item(Item=product, ConditionExpression="attribute_exists(id)")
    except ClientError as err:
        raise_if_condition(err, not_found(product["id"]))
        raise
    return answer(200, product)


def delete(event):
    try:
        table.delete_item(Key={"id": id_of(event)}, ConditionExpression="attribute_exists(id)")
    except ClientError as err:
        raise_if_condition(err, not_found(id_of(event)))
        raise
    return {"statusCode": 204}


def no_route(event):
    raise Refused(404, f"There is no {event.get('routeKey')} here.")


ROUTES = {
    "POST /products": create,
    "GET /products": list_all,
    "GET /products/{id}": read,
    "PUT /products/{id}": replace,
    "DELETE /products/{id}": delete,
}


def body_of(event):
    """The request's body as a JSON object."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        text = base64.b64decode(text)
    try:
        body = products.parse(text)
    except ValueError as err:
        raise Refused(400, f"The body is not valid JSON: {err}.") from err
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object.")
    return body


def checked(body):
    """The product, or every reason why it isn't one."""
    errors = products.errors_in(body)
    if errors:
        raise Refused(400, "The product is not valid.", errors=errors)
    return body


def id_of(event):
    return event["pathParameters"]["id"]


def limit_of(query):
    text = query.get("limit", str(PAGE))
    if not text.isdecimal() or not 1 <= int(text) <= PAGE_MAX:
        raise Refused(400, f"limit must be a whole number from 1 to {PAGE_MAX}.")
    return int(text)


def token_to_id(token):
    try:
        return base64.urlsafe_b64decode(token).decode()
    except ValueError as err:
        raise Refused(400, "next is not a token of this list.") from err


def not_found(product_id):
    return Refused(404, f"There is no product with the id {product_id!r}.")


def raise_if_condition(err, refused):
    """Raises `refused` where the write's condition failed."""
    if err.response["Error"]["Code"] == "ConditionalCheckFailedException":
        raise refused from err


def answer(status, body, headers=None):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **(headers or {})},
        "body": products.dump(body),
    }
