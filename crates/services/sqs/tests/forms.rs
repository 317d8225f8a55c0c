//! The query protocol, which the model has forgotten and older clients still speak.

use serde_json::json;

use crate::support::{Queues, target};

const ANSWER: &str = "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"";

#[tokio::test]
async fn names_are_those_of_the_older_model() {
    let queues = Queues::new();
    let made = "Action=CreateQueue&Version=2012-11-05&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=7\
                &Tag.1.Key=k&Tag.1.Value=v";
    let (status, answer) = queues.form("/", made).await;
    assert_eq!(status, 200);
    assert!(answer.starts_with(&format!(
        "<CreateQueueResponse {ANSWER}><CreateQueueResult><QueueUrl>http://127.0.0.1:4566/000000000000/q</QueueUrl>\
         </CreateQueueResult><ResponseMetadata><RequestId>"
    )));
    let asked = "Action=GetQueueAttributes&AttributeName.1=DelaySeconds&AttributeName.2=QueueArn";
    let (_, answer) = queues.form("/000000000000/q", asked).await;
    assert!(answer.contains(
        "<Attribute><Name>DelaySeconds</Name><Value>7</Value></Attribute>\
         <Attribute><Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:000000000000:q</Value></Attribute>"
    ));
    let (_, answer) = queues.form("/000000000000/q", "Action=ListQueueTags").await;
    assert!(answer.contains("<ListQueueTagsResult><Tag><Key>k</Key><Value>v</Value></Tag></ListQueueTagsResult>"));
    let (_, answer) = queues.form("/", "Action=ListQueues").await;
    assert!(answer.contains("<ListQueuesResult><QueueUrl>http://127.0.0.1:4566/000000000000/q</QueueUrl>"));
}

#[tokio::test]
async fn the_queue_is_that_of_the_path_unless_another_is_named() {
    let queues = Queues::new();
    let (one, two) = (queues.queue("one", json!({})).await, queues.queue("two", json!({})).await);
    let set = "Action=SetQueueAttributes&Attribute.Name=DelaySeconds&Attribute.Value=";
    let set = |more: &str| format!("{}{more}", set.replace("Attribute.", "Attribute.1."));
    let (status, answer) = queues.form("/000000000000/one", &set("1")).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.starts_with(&format!("<SetQueueAttributesResponse {ANSWER}><ResponseMetadata>")));
    queues.form("/000000000000/one", &set(&format!("2&QueueUrl={two}"))).await;
    assert_eq!(queues.attributes(&one).await["DelaySeconds"], "1");
    assert_eq!(queues.attributes(&two).await["DelaySeconds"], "2");
    let tagged = json!({ "Tags": { "k": "v" } }).to_string();
    let response = queues.send(queues.world.cx(), "/000000000000/one", &target("TagQueue"), tagged).await;
    assert_eq!(response.status, 200);
    let told = queues.ok("ListQueueTags", json!({ "QueueUrl": one })).await;
    assert_eq!(told, json!({ "Tags": { "k": "v" } }));
}

#[tokio::test]
async fn an_operation_may_stand_in_the_url() {
    let queues = Queues::new();
    queues.queue("q", json!({})).await;
    let (status, answer) = queues.form("/000000000000/q?Action=GetQueueAttributes&AttributeName.1=All", "").await;
    assert_eq!(status, 200);
    assert!(answer.contains("<Name>VisibilityTimeout</Name><Value>30</Value>"));
}

#[tokio::test]
async fn errors_have_the_codes_of_the_older_protocol_in_both() {
    let queues = Queues::new();
    let (status, answer) = queues.form("/000000000000/none", "Action=DeleteQueue").await;
    assert_eq!(status, 400);
    assert!(answer.starts_with(&format!(
        "<ErrorResponse {ANSWER}><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>\
         <Message>The specified queue does not exist.</Message><Detail></Detail></Error><RequestId>"
    )));
    let (_, answer) = queues.form("/", "Action=DeleteQueue").await;
    assert!(
        answer.contains(
            "<Code>MissingParameter</Code><Message>The request must contain the parameter QueueUrl.</Message>"
        )
    );
    let asked = json!({ "QueueUrl": "http://127.0.0.1/000000000000/none" }).to_string();
    let response = queues.send(queues.world.cx(), "/", &target("DeleteQueue"), asked).await;
    assert_eq!(response.headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
    let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(body["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
}
