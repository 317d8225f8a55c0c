"""Takes a job apart: publishes each of its items to the topic that the processors listen to."""

import json
import os

import boto3
import jobs

# What PublishBatch takes.
TOGETHER = 10
ATTEMPTS = 5

sns = boto3.client("sns")


def handler(event, _context):
    """`event`: {"job": name, "items": [{"text": …}, …]}. Called again with the same job, it publishes again what may have
    been published already: whoever accounts for items takes each once."""
    job, items = event["job"], event["items"]
    jobs.begin(job, len(items))
    messages = [json.dumps({"job": job, "item": number, **item}) for number, item in enumerate(items)]
    for start in range(0, len(messages), TOGETHER):
        publish(messages[start : start + TOGETHER])
    return {"job": job, "published": len(messages)}


def publish(messages):
    """All of them, or an error: then Lambda calls the orchestrator again."""
    left = [{"Id": str(number), "Message": message} for number, message in enumerate(messages)]
    for _ in range(ATTEMPTS):
        answer = sns.publish_batch(TopicArn=os.environ["TOPIC_ARN"], PublishBatchRequestEntries=left)
        failed = {entry["Id"] for entry in answer["Failed"]}
        left = [entry for entry in left if entry["Id"] in failed]
        if not left:
            return
    raise RuntimeError(f"{len(left)} items could not be published")
