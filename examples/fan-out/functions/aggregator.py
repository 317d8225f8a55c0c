"""Accounts for items, and tells when a job is complete. Called from two queues: with results, and with dead letters."""

import json
import os
from collections import defaultdict

import boto3
import jobs

sns = boto3.client("sns")


def results(event, _context):
    """What processors have found out."""
    return each(event, result)


def dead_letters(event, _context):
    """What processors have failed at too often: counted as failed."""
    return each(event, letter)


def result(record):
    told = json.loads(record["body"])
    return told["job"], told["item"], {"state": "done", "words": told["words"]}


def letter(record):
    """A dead letter is the event that the processor was called with; the error stands in its attributes."""
    told = json.loads(json.loads(record["body"])["Records"][0]["Sns"]["Message"])
    why = record["messageAttributes"].get("ErrorMessage", {}).get("stringValue", "it failed")
    return told["job"], told["item"], {"state": "failed", "why": why}


def each(event, read):
    """Messages that can't be accounted for now come again, by their ids; the others are done with."""
    by_job, failed = defaultdict(list), []
    for record in event["Records"]:
        try:
            job, item, outcome = read(record)
            by_job[job].append((record["messageId"], item, outcome))
        except Exception as err:
            print(f"message {record['messageId']} can't be read: {err!r}")
            failed.append(record["messageId"])
    for job, told in by_job.items():
        try:
            jobs.account(job, {item: outcome for _, item, outcome in told})
            finish(job)
        except Exception as err:
            print(f"job {job}: {err!r}")
            failed += [message for message, _, _ in told]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def finish(job):
    """Tells first and notes then that it was told: who dies in between is called again with the same messages, and tells
    again. Better twice than never."""
    found = jobs.finished(job)
    if found is not None:
        sns.publish(TopicArn=os.environ["FINISHED_ARN"], Subject=f"Job {job} is complete", Message=json.dumps(found))
        jobs.close(job)
