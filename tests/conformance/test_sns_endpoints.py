"""Scenarios recorded from AWS's SNS about HTTP endpoints, phones, apps and filter policies, done again here."""

import json

import pytest

from harness import queues
from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import Comparison, scenario
from harness.subscribers import Subscriber, fetch

FILE, POLICIES = "sns/test_sns.json", "sns/test_sns_filter_policy.json"
# AWS's certificates and links are at a name of its own.
PLACES = ("SigningCertURL", "SubscribeURL", "UnsubscribeURL")


@pytest.fixture
def sns(clients):
    return clients.boto("sns", parameter_validation=False)


def answer(call, **arguments):
    from botocore.exceptions import ClientError

    try:
        return call(**arguments)
    except ClientError as error:
        return error.response


def check(name, label, ours, file=FILE):
    Comparison().check(scenario(file, name)[label], ours, label)


@pytest.fixture
def hook():
    one = Subscriber()
    yield one
    one.stop()


def of_message(comparison, recorded, body, where):
    ours = json.loads(body)
    assert sorted(recorded) == sorted(ours), where
    comparison.check({name: value for name, value in recorded.items() if name not in PLACES}, ours, where)


def of_headers(comparison, recorded, headers, where):
    recorded = {name.lower(): value for name, value in recorded.items() if name != "Connection"}
    assert sorted(recorded) == sorted(name for name in headers if name != "connection"), where
    comparison.check({name: value for name, value in recorded.items() if "length" not in name}, headers, where)


def test_an_endpoint_is_asked_told_and_asked_again(sns, hook):
    recorded = scenario(FILE, "test_subscribe_external_http_endpoint[False]")
    comparison, topic = Comparison(), sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    headers, body = hook.next()
    of_headers(comparison, recorded["http-confirm-sub-headers"], headers, "the question's headers")
    of_message(comparison, recorded["subscription-confirmation"], body, "the question")
    assert fetch(json.loads(body)["SubscribeURL"]).status == 200
    sns.publish(TopicArn=topic, Message="test_external_http_endpoint")
    headers, body = hook.next()
    of_headers(comparison, recorded["http-message-headers"], headers, "the message's headers")
    of_message(comparison, recorded["http-message"], body, "the message")
    assert fetch(json.loads(body)["UnsubscribeURL"]).status == 200
    of_message(comparison, recorded["unsubscribe-request"], hook.next()[1], "the end")


@pytest.mark.parametrize("raw", (False, True))
def test_content_types(sns, hook, raw):
    recorded = scenario(FILE, f"test_subscribe_external_http_endpoint_content_type[{raw}]")
    comparison = Comparison()
    policy = {"http": {"defaultRequestPolicy": {"headerContentType": "application/json"}}}
    attributes = {} if raw else {"DeliveryPolicy": json.dumps(policy)}
    topic = sns.create_topic(Name=unique("topic"), Attributes=attributes)["TopicArn"]
    own = {"RawMessageDelivery": "true", "DeliveryPolicy": json.dumps({"requestPolicy": {"headerContentType": "text/csv"}})}
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url, Attributes=own if raw else {})
    headers, body = hook.next()
    of_headers(comparison, recorded["http-confirm-sub-headers"], headers, "the question's headers")
    assert fetch(json.loads(body)["SubscribeURL"]).status == 200
    sns.publish(TopicArn=topic, Message="a,b")
    label = "http-message-headers-raw" if raw else "http-message-headers"
    of_headers(comparison, recorded[label], hook.next()[0], label)


def test_phones(sns):
    name = "test_publish_wrong_phone_format"
    for label, number in (("invalid-number", "+1a234"), ("wrong-format", "NAA+15551234567")):
        check(name, label, answer(sns.publish, Message="m", PhoneNumber=number))
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    wrong = answer(sns.subscribe, TopicArn=topic, Protocol="sms", Endpoint="NAA+15551234567")
    check(name, "wrong-endpoint", wrong)


def test_settings_for_phones(clients):
    sns = clients.other("test", region="eu-central-1").boto("sns")
    check("test_get_sms_attributes_from_unmodified_region", "get-sms-attributes_unmodified_region", sns.get_sms_attributes())
    for case, name in (("InvalidAttributeName", "InvalidAttribute"), ("NoLetterID", "DefaultSendID")):
        ours = answer(sns.set_sms_attributes, attributes={name: "1111111"})
        check(f"test_set_invalid_sms_attributes[{case}]", "invalid-attribute", ours)
    sns.set_sms_attributes(
        attributes={"DefaultSMSType": "Promotional", "DefaultSenderID": "LSTest", "DeliveryStatusSuccessSamplingRate": "100"}
    )
    name = "test_set_get_sms_attributes"
    check(name, "get-sms-all-attributes", sns.get_sms_attributes())
    some = sns.get_sms_attributes(attributes=["DefaultSMSType", "DefaultSenderID"])
    check(name, "get-sms-some-attributes", some)


KEYS = {"PlatformCredential": "secret", "PlatformPrincipal": "who"}
APPS = {
    "invalid_attributes[missing-principal]": (
        "platform-application-no-attributes",
        {"Attributes": {"PlatformCredential": "secret"}},
    ),
    "invalid_attributes[no-args]": ("platform-application-no-attributes", {"Attributes": None}),
    "invalid_name[too-long]": ("invalid-application-name", {"Name": "a" * 257}),
    "invalid_platform": ("invalid-platform", {"Platform": "AAA"}),
}


@pytest.mark.parametrize("case", APPS)
def test_apps_that_cannot_be(sns, case):
    label, arguments = APPS[case]
    given = {"Name": unique("app"), "Platform": "ADM", "Attributes": KEYS, **arguments}
    given = {name: value for name, value in given.items() if value is not None}
    check(f"test_create_platform_application_{case}", label, answer(sns.create_platform_application, **given))


def test_apps_that_are_not_there(sns):
    wrong = answer(sns.get_platform_application_attributes, PlatformApplicationArn="invalid")
    check("test_get_platform_application_attributes_invalid_arn", "invalid-application-arn", wrong)
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:app/ADM/{unique('never')}"
    cases = {"dummy-args": {"EventEndpointCreated": "x"}, "missing-credential": {"PlatformPrincipal": "x"}}
    for case, attributes in cases.items():
        ours = answer(sns.set_platform_application_attributes, PlatformApplicationArn=arn, Attributes=attributes)
        name = f"test_set_platform_application_attributes_non_existing_app[{case}]"
        check(name, "non_existing-application-arn", ours)


@pytest.fixture
def app(sns):
    name = unique("app")
    yield sns.create_platform_application(Name=name, Platform="ADM", Attributes=KEYS)["PlatformApplicationArn"]
    sns.delete_platform_application(PlatformApplicationArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:app/ADM/{name}")


def test_devices(sns, app):
    recorded, comparison = scenario(FILE, "test_create_platform_endpoint_idempotency"), Comparison()
    for label, more in (
        ("create-platform-endpoint", {}),
        ("create-platform-endpoint-idempotent", {}),
        ("create-platform-endpoint-different-token", {"Attributes": {"CustomUserData": "x"}}),
    ):
        ours = answer(sns.create_platform_endpoint, PlatformApplicationArn=app, Token="token", **more)
        comparison.check(recorded[label], ours, label)
    wrong = answer(sns.create_platform_endpoint, PlatformApplicationArn=app, Token="t", Attributes={"InvalidKey": "x"})
    name = "test_create_platform_endpoint_with_invalid_attributes[Invalid_Name_Generic]"
    check(name, "create-platform-endpoint-invalid-attr", wrong)


def test_attributes_of_devices(sns, app):
    device = sns.create_platform_endpoint(PlatformApplicationArn=app, Token="token")["EndpointArn"]
    for case, key in (("Invalid_Name_Generic", "InvalidKey"), ("Invalid_Name_Principal", "PlatformPrincipal")):
        ours = answer(sns.set_endpoint_attributes, EndpointArn=device, Attributes={key: "x"})
        name = f"test_set_platform_endpoint_attributes_invalid_attributes[{case}]"
        check(name, "set-platform-endpoint-invalid-attributes", ours)
    sns.delete_endpoint(EndpointArn=device)
    name = "test_get_platform_endpoint_attributes_non_existent_endpoint"
    check(name, "set-platform-endpoint-attributes-non-existent-app", answer(sns.get_endpoint_attributes, EndpointArn=device))


def test_nested_policies_have_limits(sns, clients):
    sqs, topic = clients.boto("sqs"), sns.create_topic(Name=unique("topic"))["TopicArn"]
    endpoint = queues.arn(sqs, queues.create(sqs))
    attributes = {"FilterPolicyScope": "MessageBody"}
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint, Attributes=attributes)
    name = "test_sub_filter_policy_nested_property_constraints"
    cases = {
        "sub-filter-policy-max-attr-keys": {f"key_{n}": ["value"] for n in range(6)},
        "sub-filter-policy-nested-error-too-many-combinations": {
            "key_a": {"key_b": {"key_c": ["value_one", "value_two", "value_three", "value_four"]}},
            "key_d": {"key_e": ["value_one", "value_two", "value_three"]},
            "key_f": ["value_one", "value_two", "value_three"],
        },
        "sub-filter-policy-rule-no-list": {"key_a": "value_one"},
    }
    for label, policy in cases.items():
        ours = answer(
            sns.set_subscription_attributes,
            SubscriptionArn=subscribed["SubscriptionArn"],
            AttributeName="FilterPolicy",
            AttributeValue=json.dumps(policy, separators=(",", ":")),
        )
        check(name, label, ours, POLICIES)
