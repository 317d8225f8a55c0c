"""Scenarios recorded from AWS's STS, done again here."""

from harness.clients import ACCOUNT
from harness.recordings import Comparison, answered, scenario

FILE = "sts/test_sts.json"

ARNS = {
    "malformed-arn": "nothing-valid-in-here",
    "no-partition": "arn::b:::something/test-role",
    "no-service": "arn:a::::something/test-role",
    "not-enough-colons": "arn:a:::something/test-role",
    "no-resource": "arn:a:a::aaaaaaaaaa:",
}


def test_parameters_that_cannot_be(clients):
    told, sts = scenario(FILE, "test_sts_invalid_parameters"), clients.boto("sts")
    for label, arn in ARNS.items():
        ours = answered(sts.assume_role, RoleArn=arn, RoleSessionName="Session1")
        Comparison().check(told[label], ours, label)
    role = f"arn:aws:iam::{ACCOUNT}:role/test-role"
    ours = answered(sts.assume_role, RoleArn=role, RoleSessionName="Session1:2")
    Comparison().check(told["invalid-session-name"], ours)


def test_an_assumed_role(clients):
    told = scenario(FILE, "test_assume_role")["assume-role"]
    role = f"arn:aws:iam::{ACCOUNT}:role/any"
    Comparison().check(told, answered(clients.boto("sts").assume_role, RoleArn=role, RoleSessionName="session"))
