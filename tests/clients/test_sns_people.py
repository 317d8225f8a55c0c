"""What would have been sent to people: mail, phones and apps, and the outbox where it is."""

import json
import urllib.parse
import urllib.request

import pytest

from harness.clients import Clients, error_of
from harness.names import unique
from harness.subscribers import fetch
from harness.wait import wait_until


@pytest.fixture
def sns(clients):
    return clients.boto("sns")


def outbox(platform, to):
    with fetch(f"{platform.url}/_updraft/outbox.json?to={urllib.parse.quote(to)}") as answer:
        return json.load(answer)["messages"]


def test_mail_is_confirmed_by_its_link_and_shown(platform, sns):
    arn, address = sns.create_topic(Name=unique("topic"))["TopicArn"], f"{unique('somebody')}@example.com"
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint=address)
    (asked,) = outbox(platform, address)
    assert fetch(asked["links"]["Confirm subscription"]).status == 200
    sns.publish(TopicArn=arn, Message="<b>hello</b>", Subject="greetings")
    wait_until(lambda: len(outbox(platform, address)) == 2, what="the mail")
    mail = outbox(platform, address)[0]
    assert (mail["channel"], mail["subject"], mail["text"], mail["topic"]) == ("email", "greetings", "<b>hello</b>", arn)
    page = fetch(f"{platform.url}/_updraft/outbox")
    shown = page.read().decode()
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;b&gt;hello&lt;/b&gt;" in shown and "<b>hello" not in shown and address in shown


def test_a_phone_gets_messages_until_its_owner_wants_no_more(platform, sns):
    number = "+15550111"
    sns.publish(PhoneNumber=number, Message="hello")
    (got,) = outbox(platform, number)
    assert (got["channel"], got["text"]) == ("sms", "hello")
    body = json.dumps({"stop": number}).encode()
    assert fetch(urllib.request.Request(f"{platform.url}/_updraft/outbox", body)).status == 200
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"]
    assert number in sns.list_phone_numbers_opted_out()["phoneNumbers"]
    sns.publish(PhoneNumber=number, Message="unwanted")
    assert len(outbox(platform, number)) == 1
    sns.opt_in_phone_number(phoneNumber=number)
    assert not sns.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"]


def test_an_app_is_on_a_device(platform, sns):
    attributes = {"PlatformCredential": "key", "PlatformPrincipal": "id"}
    app = sns.create_platform_application(Name=unique("app"), Platform="GCM", Attributes=attributes)["PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=app, Token="t")["EndpointArn"]
    assert device.startswith(app.replace(":app/", ":endpoint/"))
    assert sns.get_endpoint_attributes(EndpointArn=device)["Attributes"] == {"Enabled": "true", "Token": "t"}
    arn = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="application", Endpoint=device)
    sns.publish(TopicArn=arn, Message=json.dumps({"default": "all", "GCM": "just this"}), MessageStructure="json")
    wait_until(lambda: outbox(platform, device), what="the notification")
    assert outbox(platform, device)[0]["text"] == "just this"
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "false"})
    assert error_of(sns.publish, TargetArn=device, Message="x")[0] == "EndpointDisabled"
    sns.delete_platform_application(PlatformApplicationArn=app)
    assert error_of(sns.get_endpoint_attributes, EndpointArn=device)[0] == "NotFound"


def test_the_outbox_is_an_accounts_own(platform, clients, sns):
    other = Clients(platform.url, key="111122223333").boto("sns")
    other.publish(PhoneNumber="+15550122", Message="theirs")
    assert outbox(platform, "+15550122") == []
    with fetch(f"{platform.url}/_updraft/outbox.json?account=111122223333") as answer:
        assert json.load(answer)["messages"][0]["text"] == "theirs"
