//! From a publish to queues and functions.

use std::time::Duration;

use updraft_api_sns::types::{MessageAttributeValue, PublishInput};

use crate::support::{Cloud, body, envelope, input, queue_arn, text};

#[tokio::test]
async fn everybody_gets_it_in_an_envelope_or_raw() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let subscription = cloud.subscribe(&topic, "q", &[]).await;
    cloud.subscribe(&topic, "raw", &[("RawMessageDelivery", "true")]).await;
    let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let called = cloud.try_subscribe(&topic, "lambda", function, &[]).await.unwrap();
    let attributes = Some([("a".to_owned(), text("v"))].into());
    let id =
        cloud.try_publish(PublishInput { message_attributes: attributes, ..input(&topic, "hello") }).await.unwrap();
    cloud.settle().await;

    let [enveloped] = cloud.got("q").try_into().unwrap();
    let whole = envelope(&enveloped);
    assert_eq!((whole["Message"].as_str(), whole["MessageId"].as_str()), (Some("hello"), Some(id.as_str())));
    assert_eq!(whole["MessageAttributes"]["a"]["Value"], "v");
    let url = format!("http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn={subscription}");
    assert_eq!(whole["UnsubscribeURL"], url);
    assert!(enveloped.attributes.is_empty());

    let [raw] = cloud.got("raw").try_into().unwrap();
    assert_eq!((body(&raw).as_str(), raw.attributes.len()), ("hello", 1));
    assert_ne!(raw.id, enveloped.id);

    let functions = cloud.outside.functions.lock();
    let (to, event) = &functions[0];
    assert_eq!((to.to_string().as_str(), functions.len()), (function, 1));
    assert_eq!(event["Records"][0]["EventSubscriptionArn"], called.as_str());
    assert_eq!(event["Records"][0]["Sns"]["Message"], "hello");
}

#[tokio::test]
async fn what_functions_get_is_signed_in_the_first_version_whatever_the_topic_asks_for() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[("SignatureVersion", "2")]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    cloud.try_subscribe(&topic, "lambda", function, &[]).await.unwrap();
    cloud.publish(&topic, "hello").await;
    cloud.settle().await;
    let [enveloped] = cloud.got("q").try_into().unwrap();
    let (queues, functions) = (envelope(&enveloped), cloud.outside.functions.lock());
    let of_function = &functions[0].1["Records"][0]["Sns"];
    assert_eq!((&queues["SignatureVersion"], &of_function["SignatureVersion"]), (&"2".into(), &"1".into()));
    assert_ne!(queues["Signature"], of_function["Signature"]);
}

#[tokio::test]
async fn who_comes_later_doesnt_get_what_was_published_before() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.publish(&topic, "before").await;
    cloud.subscribe(&topic, "q", &[]).await;
    cloud.publish(&topic, "after").await;
    cloud.settle().await;
    let got: Vec<_> = cloud.got("q").iter().map(|one| envelope(one)["Message"].as_str().unwrap().to_owned()).collect();
    assert_eq!(got, ["after"]);
}

#[tokio::test]
async fn more_subscriptions_than_a_page_get_it_once() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    for n in 0..501 {
        cloud.subscribe(&topic, &format!("q{n}"), &[]).await;
    }
    cloud.publish(&topic, "x").await;
    cloud.settle().await;
    let queues = cloud.outside.queues.lock();
    assert_eq!((queues.len(), queues.values().all(|got| got.len() == 1)), (501, true));
}

#[tokio::test]
async fn who_cant_take_it_now_gets_it_later_and_nobody_waits() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "busy", &[("RawMessageDelivery", "true")]).await;
    cloud.subscribe(&topic, "free", &[("RawMessageDelivery", "true")]).await;
    cloud.outside.busy.lock().insert("busy".into(), 5);
    cloud.publish(&topic, "x").await;
    cloud.settle().await;
    assert_eq!((cloud.bodies("free").len(), cloud.bodies("busy").len()), (1, 0));
    for _second in 0..5 {
        cloud.world.clock.advance(Duration::from_secs(1));
        cloud.settle().await;
    }
    assert_eq!(cloud.bodies("busy"), ["x"]);
    assert_eq!(cloud.measured("NumberOfNotificationsDelivered").to_string(), "2");
}

#[tokio::test]
async fn what_is_never_taken_goes_to_the_dead_letters() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let policy = format!(r#"{{"deadLetterTargetArn":"{}"}}"#, queue_arn("dead"));
    cloud.subscribe(&topic, "gone", &[("RedrivePolicy", &policy)]).await;
    cloud.subscribe(&topic, "gone-too", &[]).await;
    cloud.outside.gone.lock().extend(["gone".to_owned(), "gone-too".to_owned()]);
    cloud.publish(&topic, "x").await;
    cloud.settle().await;
    let [dead] = cloud.got("dead").try_into().unwrap();
    assert_eq!(envelope(&dead)["Message"], "x");
    assert_eq!(cloud.measured("NumberOfNotificationsFailed").to_string(), "2");
    assert_eq!(cloud.measured("NumberOfNotificationsRedrivenToDlq").to_string(), "1");
}

#[tokio::test]
async fn more_than_ten_attributes_arent_delivered_raw() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "raw", &[("RawMessageDelivery", "true")]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    for (count, raw) in [(10, 1), (11, 0)] {
        let attributes = Some((0..count).map(|n| (format!("a{n}"), text("v"))).collect());
        cloud.try_publish(PublishInput { message_attributes: attributes, ..input(&topic, "x") }).await.unwrap();
        cloud.settle().await;
        assert_eq!((cloud.got("raw").len(), cloud.got("q").len()), (raw, 1), "{count}");
    }
}

#[tokio::test]
async fn a_filter_chooses_by_attributes_or_by_body() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "red", &[("FilterPolicy", r#"{"colour":["red"]}"#)]).await;
    let body = [("FilterPolicyScope", "MessageBody"), ("FilterPolicy", r#"{"size":{"width":[{"numeric":[">",2]}]}}"#)];
    cloud.subscribe(&topic, "wide", &body).await;
    for (colour, width) in [("red", 1), ("blue", 3), ("green", 2)] {
        let attributes = Some([("colour".to_owned(), text(colour))].into());
        let message = format!(r#"{{"size":{{"width":{width}}}}}"#);
        cloud.try_publish(PublishInput { message_attributes: attributes, ..input(&topic, &message) }).await.unwrap();
    }
    cloud.settle().await;
    assert_eq!((cloud.got("red").len(), cloud.got("wide").len()), (1, 1));
    assert_eq!(cloud.measured("NumberOfNotificationsFilteredOut").to_string(), "4");

    let list = |value: &str| MessageAttributeValue { data_type: "String.Array".to_owned(), ..text(value) };
    let attributes = Some([("colour".to_owned(), list("[no list"))].into());
    cloud.try_publish(PublishInput { message_attributes: attributes, ..input(&topic, "[1]") }).await.unwrap();
    cloud.publish(&topic, "no JSON").await;
    cloud.settle().await;
    let reasons = [
        ("", "8"),
        ("-MessageAttributes", "2"),
        ("-NoMessageAttributes", "1"),
        ("-InvalidAttributes", "1"),
        ("-MessageBody", "2"),
        ("-InvalidMessageBody", "2"),
    ];
    for (reason, count) in reasons {
        assert_eq!(cloud.measured(&format!("NumberOfNotificationsFilteredOut{reason}")).to_string(), count, "{reason}");
    }
}

#[tokio::test]
async fn a_structure_has_words_for_each_protocol() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    for (message, expected) in [(r#"{"default":"d","sqs":"s"}"#, "s"), (r#"{"default":"d","http":"h"}"#, "d")] {
        let structure = Some("json".to_owned());
        cloud.try_publish(PublishInput { message_structure: structure, ..input(&topic, message) }).await.unwrap();
        cloud.settle().await;
        assert_eq!(envelope(&cloud.got("q")[0])["Message"], expected);
    }
}

#[tokio::test]
async fn what_became_of_messages_is_logged_where_the_topic_asks_for_it() {
    let cloud = Cloud::new();
    let role = "arn:aws:iam::000000000000:role/r";
    let asked = [("SQSSuccessFeedbackRoleArn", role), ("SQSFailureFeedbackRoleArn", role)];
    let topic = cloud.topic("t", &asked).await;
    cloud.subscribe(&topic, "q", &[]).await;
    cloud.subscribe(&topic, "gone", &[]).await;
    cloud.outside.gone.lock().push("gone".to_owned());
    let id = cloud.publish(&topic, "test").await;
    cloud.settle().await;
    let logs = cloud.outside.logs.lock();
    let of = |group: &str| {
        let batch = logs.iter().find(|batch| batch.group == group).unwrap();
        serde_json::from_str::<serde_json::Value>(&batch.lines[0].message).unwrap()
    };
    let (done, failed) = (of("sns/us-east-1/000000000000/t"), of("sns/us-east-1/000000000000/t/Failure"));
    assert_eq!((logs.len(), &done["status"], &failed["status"]), (2, &"SUCCESS".into(), &"FAILURE".into()));
    assert_eq!(done["notification"]["messageMD5Sum"], "098f6bcd4621d373cade4e832627b4f6");
    assert_eq!((&done["notification"]["messageId"], &done["delivery"]["statusCode"]), (&id.into(), &200.into()));
    assert_eq!(
        (&failed["delivery"]["statusCode"], failed["delivery"]["destination"].as_str()),
        (&400.into(), Some(&*queue_arn("gone")))
    );
}

#[tokio::test]
async fn what_comes_while_some_are_on_their_way_goes_together() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    for queue in ["p", "q"] {
        cloud.subscribe(&topic, queue, &[("RawMessageDelivery", "true")]).await;
    }
    let publishes = (0..200).map(|n| {
        let (cloud, topic) = (&cloud, &topic);
        async move { cloud.publish(topic, &n.to_string()).await }
    });
    futures_util::future::join_all(publishes).await;
    cloud.settle().await;
    for queue in ["p", "q"] {
        let mut got: Vec<usize> = cloud.bodies(queue).iter().map(|body| body.parse().unwrap()).collect();
        got.sort_unstable();
        assert_eq!(got, (0..200).collect::<Vec<_>>());
        let sends = cloud.outside.sends.lock()[queue];
        assert!(sends <= 50, "{sends} transactions for 200 messages");
    }
}
