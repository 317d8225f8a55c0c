"""A person decides about large orders: the workflow waits for its task token, which is in a link that is sent to a topic. The
link leads to a page with two buttons. It doesn't decide by itself, since mail programs open links, too."""

import base64
import html
import json
import os
from urllib.parse import parse_qs, quote

import boto3

sns, workflows = boto3.client("sns"), boto3.client("stepfunctions")

PAGE = """<!doctype html><meta charset="utf-8"><title>Order {order}</title>
<h1>Order {order}</h1>
<form method="post">
<input type="hidden" name="token" value="{token}"><input type="hidden" name="order" value="{order}">
<button name="decision" value="approve">Approve</button> <button name="decision" value="deny">Deny</button>
</form>"""


def ask(event, _context):
    """Called with the token; nobody waits for what this answers."""
    order = event["order"]
    link = f"{os.environ['APPROVAL_URL']}/approval?order={quote(order['id'])}&token={quote(event['token'], safe='')}"
    told = {"order": order["id"], "customer": order["customer"], "total": order["total"], "link": link}
    sns.publish(TopicArn=os.environ["APPROVALS_TOPIC"], Subject=f"Order {order['id']}"[:100], Message=json.dumps(told))


def page(event, _context):
    """Behind the HTTP API: the page, and what its buttons send."""
    if event["requestContext"]["http"]["method"] != "POST":
        asked = event.get("queryStringParameters") or {}
        shown = {name: html.escape(asked.get(name, "")) for name in ("order", "token")}
        return answer(200, PAGE.format(**shown))
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    said = {name: values[0] for name, values in parse_qs(body).items()}
    return decide(said.get("token", ""), said.get("decision"))


def decide(token, decision):
    try:
        if decision == "approve":
            workflows.send_task_success(taskToken=token, output=json.dumps({"approved": True}))
        elif decision == "deny":
            workflows.send_task_failure(taskToken=token, error="Denied", cause="Somebody has looked at it and said no.")
        else:
            return answer(400, "approve or deny?")
    except (workflows.exceptions.TaskTimedOut, workflows.exceptions.TaskDoesNotExist, workflows.exceptions.InvalidToken):
        return answer(410, "That is decided already, or it is too late.")
    return answer(200, "Thank you.")


def answer(status, text):
    return {"statusCode": status, "headers": {"content-type": "text/html; charset=utf-8"}, "body": text}
