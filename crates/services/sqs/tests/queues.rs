//! Making queues, setting them and deleting them.

use std::time::Duration;

use serde_json::json;

use crate::support::Queues;

#[tokio::test]
async fn a_queue_is_what_its_maker_said_and_by_default_what_aws_makes() {
    let queues = Queues::new();
    queues.world.clock.advance(Duration::from_secs(5));
    let url = queues.queue("q", json!({ "DelaySeconds": "7" })).await;
    assert_eq!(url, "http://127.0.0.1:4566/000000000000/q");
    let told = queues.attributes(&url).await;
    let created = told["CreatedTimestamp"].clone();
    assert_eq!(told["DelaySeconds"], "7");
    for (name, value) in [
        ("VisibilityTimeout", "30"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("SqsManagedSseEnabled", "true"),
        ("QueueArn", "arn:aws:sqs:us-east-1:000000000000:q"),
        ("LastModifiedTimestamp", created.as_str().unwrap()),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert!(told.get("FifoQueue").is_none() && told.get("Policy").is_none());
}

#[tokio::test]
async fn the_same_queue_made_again_is_the_same_and_another_is_refused() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({ "DelaySeconds": "7", "VisibilityTimeout": "1" })).await;
    assert_eq!(queues.queue("q", json!({ "DelaySeconds": "7" })).await, url);
    assert_eq!(queues.queue("q", json!({})).await, url);
    let other = json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "8", "VisibilityTimeout": "2" } });
    let refusal = queues.refused("CreateQueue", other).await;
    assert_eq!(refusal.code, "QueueNameExists");
    assert_eq!(
        refusal.message,
        "A queue already exists with the same name and a different value for attribute DelaySeconds"
    );
}

#[tokio::test]
async fn a_deleted_queues_name_is_free_after_a_minute_and_nothing_is_left() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    queues.ok("DeleteQueue", json!({ "QueueUrl": url })).await;
    let gone = queues.refused("GetQueueAttributes", json!({ "QueueUrl": url })).await;
    assert_eq!(
        (gone.code.as_str(), gone.message.as_str()),
        ("QueueDoesNotExist", "The specified queue does not exist.")
    );
    queues.world.clock.advance(Duration::from_millis(59_999));
    queues.timers.run_due().await.unwrap();
    assert_eq!(queues.refused("CreateQueue", json!({ "QueueName": "q" })).await.code, "QueueDeletedRecently");
    queues.world.clock.advance(Duration::from_millis(1));
    queues.timers.run_due().await.unwrap();
    assert_eq!(queues.rows().await, 0);
    queues.queue("q", json!({})).await;
}

#[tokio::test]
async fn settings_change_one_by_one() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({ "DelaySeconds": "7" })).await;
    queues.world.clock.advance(Duration::from_secs(3));
    queues.ok("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { "VisibilityTimeout": "9" } })).await;
    let told = queues.attributes(&url).await;
    assert_eq!((&told["DelaySeconds"], &told["VisibilityTimeout"]), (&json!("7"), &json!("9")));
    assert_ne!(told["CreatedTimestamp"], told["LastModifiedTimestamp"]);
}

#[tokio::test]
async fn only_what_is_asked_for_is_told() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let ask = |names| json!({ "QueueUrl": url, "AttributeNames": names });
    let told = queues.ok("GetQueueAttributes", ask(json!(["DelaySeconds", "Policy"]))).await;
    assert_eq!(told, json!({ "Attributes": { "DelaySeconds": "0" } }));
    assert_eq!(queues.ok("GetQueueAttributes", ask(json!(["Policy"]))).await, json!({}));
    assert_eq!(queues.ok("GetQueueAttributes", json!({ "QueueUrl": url })).await, json!({}));
    for name in ["Nothing", "FifoQueue", "DeduplicationScope"] {
        let refusal = queues.refused("GetQueueAttributes", ask(json!([name]))).await;
        assert_eq!(refusal.code, "InvalidAttributeName");
        assert_eq!(refusal.message, format!("Unknown Attribute {name}."));
    }
}

#[tokio::test]
async fn values_are_checked_on_both_sides_of_their_bounds() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    for (name, least, most) in [
        ("VisibilityTimeout", 0_i64, 43_200_i64),
        ("MaximumMessageSize", 1_024, 1_048_576),
        ("MessageRetentionPeriod", 60, 1_209_600),
        ("DelaySeconds", 0, 900),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
    ] {
        let set = |value: String| json!({ "QueueUrl": url, "Attributes": { name: value } });
        for good in [least, most] {
            queues.ok("SetQueueAttributes", set(good.to_string())).await;
            assert_eq!(queues.attributes(&url).await[name], good.to_string());
        }
        for bad in [(least - 1).to_string(), (most + 1).to_string(), "x".to_owned(), String::new()] {
            let refusal = queues.refused("SetQueueAttributes", set(bad)).await;
            assert_eq!(refusal.code, "InvalidAttributeValue");
            assert_eq!(refusal.message, format!("Invalid value for the parameter {name}."));
        }
    }
}

#[tokio::test]
async fn attributes_of_fifo_queues_are_only_theirs() {
    let queues = Queues::new();
    let refused = async |name: &str, attributes| {
        let refusal = queues.refused("CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await;
        (refusal.code, refusal.message)
    };
    let unknown = |name: &str| ("InvalidAttributeName".to_owned(), format!("Unknown Attribute {name}."));
    assert_eq!(refused("q", json!({ "FifoQueue": "false" })).await, unknown("FifoQueue"));
    for name in ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"] {
        assert_eq!(refused("q", json!({ name: "true" })).await, unknown(name));
    }
    assert_eq!(refused("q", json!({ "FifoQueue": "true" })).await.0, "InvalidParameterValueException");
    assert_eq!(refused("q.fifo", json!({})).await.0, "InvalidParameterValueException");
    let url = queues.queue("q.fifo", json!({ "FifoQueue": "true" })).await;
    let told = queues.attributes(&url).await;
    let fifo = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
    assert_eq!(fifo.map(|name| told[name].as_str().unwrap()), ["true", "false", "queue", "perQueue"]);
    let limit = json!({ "QueueUrl": url, "Attributes": { "FifoThroughputLimit": "perMessageGroupId" } });
    assert_eq!(queues.refused("SetQueueAttributes", limit).await.code, "InvalidAttributeValue");
    let high = json!({ "FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "messageGroup" });
    queues.ok("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": high })).await;
    assert_eq!(queues.attributes(&url).await["DeduplicationScope"], "messageGroup");
}

#[tokio::test]
async fn one_kind_of_encryption_at_a_time() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let set =
        async |attributes| queues.ok("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": attributes })).await;
    set(json!({ "KmsMasterKeyId": "k" })).await;
    let told = queues.attributes(&url).await;
    assert_eq!((&told["SqsManagedSseEnabled"], &told["KmsMasterKeyId"]), (&json!("false"), &json!("k")));
    assert_eq!(told["KmsDataKeyReusePeriodSeconds"], "300");
    set(json!({ "SqsManagedSseEnabled": "true" })).await;
    let told = queues.attributes(&url).await;
    assert_eq!((&told["SqsManagedSseEnabled"], told.get("KmsMasterKeyId")), (&json!("true"), None));
    let both = json!({ "KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true" });
    let refusal = queues.refused("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": both })).await;
    assert_eq!(refusal.code, "InvalidAttributeValue");
    set(json!({ "KmsMasterKeyId": "k" })).await;
    set(json!({ "KmsMasterKeyId": "" })).await;
    assert!(queues.attributes(&url).await.get("KmsMasterKeyId").is_none());
}

#[tokio::test]
async fn dead_letters_go_to_a_queue_of_the_same_kind_that_takes_them() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let policy = |name: &str| {
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
        json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 3 }).to_string()
    };
    let set = |name: &str| json!({ "QueueUrl": url, "Attributes": { "RedrivePolicy": policy(name) } });
    let refused = async |name: &str| {
        let refusal = queues.refused("SetQueueAttributes", set(name)).await;
        assert_eq!(refusal.code, "InvalidParameterValueException");
        refusal.message.split(" Reason: ").nth(1).unwrap().to_owned()
    };
    assert_eq!(refused("dlq").await, "Dead letter target does not exist.");
    assert_eq!(refused("q").await, "Dead-letter queue must be different from the source.");
    queues.queue("dlq.fifo", json!({ "FifoQueue": "true" })).await;
    assert_eq!(refused("dlq.fifo").await, "Dead-letter queue must be same type of queue as the source.");
    let dlq = queues.queue("dlq", json!({ "RedriveAllowPolicy": r#"{"redrivePermission":"denyAll"}"# })).await;
    assert!(refused("dlq").await.contains("denied"));
    queues.ok("SetQueueAttributes", json!({ "QueueUrl": dlq, "Attributes": { "RedriveAllowPolicy": "" } })).await;
    queues.ok("SetQueueAttributes", set("dlq")).await;
    assert_eq!(queues.attributes(&url).await["RedrivePolicy"], policy("dlq"));
    queues.ok("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { "RedrivePolicy": "" } })).await;
    assert!(queues.attributes(&url).await.get("RedrivePolicy").is_none());
}

#[tokio::test]
async fn queues_are_listed_by_name_in_pages() {
    let queues = Queues::new();
    assert_eq!(queues.ok("ListQueues", json!({})).await, json!({}));
    let mut urls = Vec::new();
    for name in ["a-1", "a-2", "a-3", "b"] {
        urls.push(queues.queue(name, json!({})).await);
    }
    assert_eq!(queues.ok("ListQueues", json!({})).await, json!({ "QueueUrls": urls }));
    let first = queues.ok("ListQueues", json!({ "QueueNamePrefix": "a-", "MaxResults": 2 })).await;
    assert_eq!(first["QueueUrls"], json!(urls[..2]));
    let token = &first["NextToken"];
    let rest = json!({ "QueueNamePrefix": "a-", "MaxResults": 2, "NextToken": token });
    assert_eq!(queues.ok("ListQueues", rest).await, json!({ "QueueUrls": [urls[2]] }));
    let refusal = queues.refused("ListQueues", json!({ "MaxResults": 1001 })).await;
    assert_eq!(
        refusal.message,
        "Value 1001 for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided."
    );
}

#[tokio::test]
async fn tags_come_and_go() {
    let queues = Queues::new();
    let made = queues.ok("CreateQueue", json!({ "QueueName": "q", "tags": { "a": "1" } })).await;
    let url = &made["QueueUrl"];
    queues.ok("TagQueue", json!({ "QueueUrl": url, "Tags": { "a": "2", "b": "" } })).await;
    let told = queues.ok("ListQueueTags", json!({ "QueueUrl": url })).await;
    assert_eq!(told, json!({ "Tags": { "a": "2", "b": "" } }));
    queues.ok("UntagQueue", json!({ "QueueUrl": url, "TagKeys": ["a", "b", "c"] })).await;
    assert_eq!(queues.ok("ListQueueTags", json!({ "QueueUrl": url })).await, json!({}));
}

#[tokio::test]
async fn sources_of_dead_letters_are_listed_by_name_in_pages() {
    let queues = Queues::new();
    let (dlq, _other) = (queues.queue("dlq", json!({})).await, queues.queue("other", json!({})).await);
    let policy = |name: &str| {
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
        json!({ "RedrivePolicy": json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 1 }).to_string() })
    };
    assert_eq!(queues.ok("ListDeadLetterSourceQueues", json!({ "QueueUrl": dlq })).await, json!({ "queueUrls": [] }));
    let mut urls = Vec::new();
    for name in ["a", "b", "z"] {
        urls.push(queues.queue(name, policy("dlq")).await);
    }
    queues.queue("c", policy("other")).await;
    let list = async |more: serde_json::Value| {
        let mut asked = json!({ "QueueUrl": dlq });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        queues.ok("ListDeadLetterSourceQueues", asked).await
    };
    assert_eq!(list(json!({})).await, json!({ "queueUrls": urls }));
    let first = list(json!({ "MaxResults": 2 })).await;
    assert_eq!(first["queueUrls"], json!(urls[..2]));
    let rest = list(json!({ "MaxResults": 2, "NextToken": first["NextToken"] })).await;
    assert_eq!(rest, json!({ "queueUrls": [urls[2]] }));
}

#[tokio::test]
async fn permissions_are_written_into_the_policy() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let permission = json!({ "QueueUrl": url, "Label": "l", "AWSAccountIds": ["123456789012"], "Actions": ["*"] });
    queues.ok("AddPermission", permission.clone()).await;
    let policy = queues.attributes(&url).await["Policy"].as_str().unwrap().to_owned();
    assert!(policy.contains(r#""Sid":"l""#) && policy.contains("q/SQSDefaultPolicy"));
    assert_eq!(queues.refused("AddPermission", permission).await.code, "InvalidParameterValueException");
    queues.ok("RemovePermission", json!({ "QueueUrl": url, "Label": "l" })).await;
    assert!(queues.attributes(&url).await.get("Policy").is_none());
    let refusal = queues.refused("RemovePermission", json!({ "QueueUrl": url, "Label": "l" })).await;
    assert_eq!(refusal.message, "Value l for parameter Label is invalid. Reason: can't find label.");
}

#[tokio::test]
async fn a_policy_grows_to_its_limits_and_no_further() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let permission = |label: usize| json!({ "QueueUrl": url, "Label": label.to_string(), "AWSAccountIds": ["123456789012"], "Actions": ["*"] });
    for label in 0..20 {
        queues.ok("AddPermission", permission(label)).await;
    }
    let refusal = queues.refused("AddPermission", permission(20)).await;
    let message = "21 statements were found in the submitted policy, max allowed is 20";
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("OverLimit", message));
    let long = json!({
        "Id": "x".repeat(8192),
        "Statement": { "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*" },
    });
    let attributes = json!({ "QueueUrl": url, "Attributes": { "Policy": long.to_string() } });
    let refusal = queues.refused("SetQueueAttributes", attributes).await;
    let message = "Submitted policy is over max allowed size.";
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("OverLimit", message));
}

#[tokio::test]
async fn a_queue_is_purged_once_in_a_minute() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let purge = json!({ "QueueUrl": url });
    queues.ok("PurgeQueue", purge.clone()).await;
    queues.world.clock.advance(Duration::from_millis(59_999));
    let refusal = queues.refused("PurgeQueue", purge.clone()).await;
    assert_eq!(refusal.code, "PurgeQueueInProgress");
    assert_eq!(refusal.message, "Only one PurgeQueue operation on q is allowed every 60 seconds.");
    queues.world.clock.advance(Duration::from_millis(1));
    queues.ok("PurgeQueue", purge).await;
}

#[tokio::test]
async fn a_purged_queue_is_empty_and_goes_on() {
    let queues = Queues::new();
    let url = queues.queue("q", json!({})).await;
    let before = queues.rows().await;
    for _ in 0..30 {
        queues.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "a" })).await;
    }
    queues.ok("ReceiveMessage", json!({ "QueueUrl": url, "MaxNumberOfMessages": 5 })).await;
    queues.ok("PurgeQueue", json!({ "QueueUrl": url })).await;
    let told = queues.attributes(&url).await;
    assert_eq!(told["ApproximateNumberOfMessages"], "0");
    assert_eq!(told["ApproximateNumberOfMessagesNotVisible"], "0");
    queues.world.clock.advance(Duration::from_secs(60));
    queues.timers.run_due().await.unwrap();
    assert_eq!(queues.rows().await, before);
    queues.ok("SendMessage", json!({ "QueueUrl": url, "MessageBody": "b" })).await;
    let found = queues.ok("ReceiveMessage", json!({ "QueueUrl": url })).await;
    assert_eq!(found["Messages"][0]["Body"], "b");
}

#[tokio::test]
async fn whatever_is_asked_of_a_queue_that_is_not_there_is_refused_alike() {
    let queues = Queues::new();
    let url = "http://127.0.0.1:4566/000000000000/none";
    for (op, more) in [
        ("AddPermission", json!({ "Label": "l", "AWSAccountIds": ["123456789012"], "Actions": ["*"] })),
        ("DeleteQueue", json!({})),
        ("GetQueueAttributes", json!({})),
        ("ListDeadLetterSourceQueues", json!({})),
        ("ListQueueTags", json!({})),
        ("PurgeQueue", json!({})),
        ("RemovePermission", json!({ "Label": "l" })),
        ("SetQueueAttributes", json!({ "Attributes": { "DelaySeconds": "1" } })),
        ("TagQueue", json!({ "Tags": { "k": "v" } })),
        ("UntagQueue", json!({ "TagKeys": ["k"] })),
    ] {
        let mut input = json!({ "QueueUrl": url });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(queues.refused(op, input).await.code, "QueueDoesNotExist", "{op}");
    }
    for asked in [json!({ "QueueName": "none" }), json!({ "QueueName": "none", "QueueOwnerAWSAccountId": "1" })] {
        assert_eq!(queues.refused("GetQueueUrl", asked).await.code, "QueueDoesNotExist");
    }
}
