//! Services of the platform that send to queues: their policies are asked.

use serde_json::{Value, json};
use updraft_kernel::Arn;
use updraft_kernel::ports::{EventTargetPort, QueueMessage, Sender, TargetEvent};

use crate::inbox::Inbox;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";
const ELSEWHERE: &str = "arn:aws:sns:us-east-1:111111111111:t";

fn statement(effect: &str, principal: &Value, condition: &Value) -> Value {
    json!({ "Effect": effect, "Principal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE, "Condition": condition })
}

/// What becomes of a message to a queue with those statements; the queue keeps them.
async fn told(strict: bool, sender: &Sender, statements: &[Value]) -> String {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let attributes = if statements.is_empty() { json!({}) } else { json!({ "Policy": policy }) };
    let inbox = Inbox::asking(strict, attributes).await;
    let queue = Arn::parse(QUEUE).unwrap();
    let message = QueueMessage {
        id: "1".to_owned(),
        body: "b".into(),
        attributes: Default::default(),
        group: None,
        deduplication: None,
        trace: None,
    };
    let sent = inbox.queues.sqs.queue_port().send(&queue, sender, vec![message]).await;
    assert_eq!(inbox.counts().await.0, u32::from(sent.is_ok()), "it is there if it was taken");
    let target = inbox.queues.sqs.event_target();
    assert_eq!(target.admits(sender, &queue).await.unwrap(), sent.is_ok(), "as is said before");
    sent.map_or_else(|error| format!("{}: {}", error.code().name, error.message()), |_| "taken".to_owned())
}

fn refused(who: &str, why: &str) -> String {
    format!(
        "AccessDeniedException: User: {who} is not authorized to perform: sqs:sendmessage on resource: {QUEUE} {why}"
    )
}

const NOT_ALLOWED: &str = "because no resource-based policy allows the sqs:sendmessage action";
const DENIED: &str = "with an explicit deny in a resource-based policy";

fn topic(arn: &str) -> Sender {
    Sender::new("sns.amazonaws.com", Arn::parse(arn).unwrap())
}

#[tokio::test]
async fn within_an_account_a_policy_keeps_out() {
    let (sns, none) = (json!({ "Service": "sns.amazonaws.com" }), json!({}));
    assert_eq!(told(false, &topic(TOPIC), &[]).await, "taken");
    let other = [statement("Allow", &json!({ "Service": "s3.amazonaws.com" }), &none)];
    assert_eq!(told(false, &topic(TOPIC), &other).await, "taken");
    let denial = [statement("Deny", &sns, &none)];
    assert_eq!(told(false, &topic(TOPIC), &denial).await, refused("sns.amazonaws.com", DENIED));
    let but_one = json!({ "ArnNotEquals": { "aws:SourceArn": TOPIC } });
    let but_one = [statement("Deny", &json!("*"), &but_one)];
    assert_eq!(told(false, &topic(TOPIC), &but_one).await, "taken");
    let another = topic("arn:aws:sns:us-east-1:000000000000:u");
    assert_eq!(told(false, &another, &but_one).await, refused("sns.amazonaws.com", DENIED));
}

#[tokio::test]
async fn where_it_is_strict_a_service_needs_a_statement_for_its_source() {
    let (sns, none) = (json!({ "Service": "sns.amazonaws.com" }), json!({}));
    assert_eq!(told(true, &topic(TOPIC), &[]).await, refused("sns.amazonaws.com", NOT_ALLOWED));
    assert_eq!(told(true, &topic(TOPIC), &[statement("Allow", &sns, &none)]).await, "taken");
    let root = json!({ "AWS": "arn:aws:iam::000000000000:root" });
    let of_account = [statement("Allow", &root, &none)];
    assert_eq!(told(true, &topic(TOPIC), &of_account).await, refused("sns.amazonaws.com", NOT_ALLOWED), "no service");
    let of_source =
        json!({ "ArnEquals": { "aws:SourceArn": TOPIC }, "StringEquals": { "aws:SourceAccount": "000000000000" } });
    let of_source = [statement("Allow", &json!("*"), &of_source)];
    assert_eq!(told(true, &topic(TOPIC), &of_source).await, "taken");
    let another = topic("arn:aws:sns:us-east-1:000000000000:u");
    assert_eq!(told(true, &another, &of_source).await, refused("sns.amazonaws.com", NOT_ALLOWED));
    let role = "arn:aws:iam::000000000000:role/r";
    let schedule = Arn::parse("arn:aws:scheduler:us-east-1:000000000000:schedule/g/s").unwrap();
    let schedule = Sender::new("scheduler.amazonaws.com", schedule).acting_as(Some(role));
    assert_eq!(told(true, &schedule, &[]).await, "taken", "it sends as its role");
    let denial = [statement("Deny", &json!({ "AWS": role }), &none)];
    let session = "arn:aws:sts::000000000000:assumed-role/r/s";
    assert_eq!(told(false, &schedule, &denial).await, refused(session, DENIED));
}

#[tokio::test]
async fn what_is_anothers_needs_a_statement_always() {
    let bucket = || Sender::new("s3.amazonaws.com", Arn::parse("arn:aws:s3:::b").unwrap());
    let of = |account: &str| bucket().of(updraft_kernel::AccountId::parse(account).unwrap());
    let s3 = json!({ "Service": "s3.amazonaws.com" });
    for strict in [false, true] {
        assert_eq!(told(strict, &topic(ELSEWHERE), &[]).await, refused("sns.amazonaws.com", NOT_ALLOWED));
        let condition = json!({ "StringEquals": { "aws:SourceAccount": "111111111111" } });
        let allowed = [statement("Allow", &s3, &condition)];
        assert_eq!(told(strict, &of("111111111111"), &allowed).await, "taken");
        assert_eq!(told(strict, &of("222222222222"), &allowed).await, refused("s3.amazonaws.com", NOT_ALLOWED));
        assert_eq!(told(strict, &bucket(), &allowed).await, refused("s3.amazonaws.com", NOT_ALLOWED), "nobody's");
    }
    assert_eq!(told(false, &of("000000000000"), &[]).await, "taken");
}

#[tokio::test]
async fn plain_events_are_asked_about_too() {
    let inbox = Inbox::asking(true, json!({})).await;
    let event = TargetEvent {
        id: "1".to_owned(),
        target: Arn::parse(QUEUE).unwrap(),
        sender: topic(TOPIC),
        body: "{}".into(),
        attributes: Vec::new(),
        detail_type: None,
        object_key: None,
        at: updraft_kernel::UnixMillis(0),
        trace: None,
    };
    let port: std::sync::Arc<dyn EventTargetPort> = inbox.queues.sqs.event_target();
    assert_eq!(port.send(event).await.unwrap_err().code().name, "AccessDeniedException");
    assert_eq!(inbox.counts().await.0, 0);
}
