"""STS: who am I, and who may I become."""

from harness.clients import ACCOUNT, error_of


def test_the_cli_knows_who_it_is(clients):
    who = clients.cli("sts", "get-caller-identity")
    assert who["Account"] == ACCOUNT and who["Arn"].endswith(":root") and who["UserId"]


def test_credentials_of_an_assumed_role_work(clients):
    role = f"arn:aws:iam::{ACCOUNT}:role/worker"
    answer = clients.boto("sts").assume_role(RoleArn=role, RoleSessionName="night-shift")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/night-shift"
    got = answer["Credentials"]
    import boto3

    session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], "us-east-1")
    who = session.client("sts", endpoint_url=clients.url).get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]


def test_a_session_token_that_was_never_given_is_refused(clients):
    import boto3

    role = f"arn:aws:iam::{ACCOUNT}:role/worker"
    got = clients.boto("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], "forged", "us-east-1")
    code, _, status = error_of(session.client("sts", endpoint_url=clients.url).get_caller_identity)
    assert (code, status) == ("InvalidClientTokenId", 403)


def test_session_names_are_checked_before_anything_happens(clients):
    role = f"arn:aws:iam::{ACCOUNT}:role/worker"
    code, message, status = error_of(clients.boto("sts").assume_role, RoleArn=role, RoleSessionName="no spaces")
    assert (code, status) == ("ValidationError", 400)
    assert message.startswith("1 validation error detected: Value 'no spaces' at 'roleSessionName' failed to satisfy constraint")
