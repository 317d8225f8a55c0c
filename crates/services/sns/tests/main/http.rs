//! Endpoints that are sent messages over HTTP.

use serde_json::Value;
use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{ConfirmSubscriptionInput, UnsubscribeInput};
use updraft_kernel::ports::WebRequest;
use updraft_kernel::{AccountId, Ctx, Identity, Principal};

use crate::support::Cloud;

const URL: &str = "http://example.com/hook";

fn body(post: &WebRequest) -> Value {
    serde_json::from_slice(&post.body).unwrap()
}

fn header<'a>(post: &'a WebRequest, name: &str) -> &'a str {
    post.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

impl Cloud {
    fn posts(&self) -> Vec<WebRequest> {
        std::mem::take(&mut self.outside.posts.lock())
    }

    /// Somebody who follows a link.
    fn anybody(&self) -> Ctx {
        let identity =
            Identity { account: AccountId::local(), principal: Principal::Anonymous, access_key_id: String::new() };
        Ctx { identity: identity.into(), ..self.world.cx() }
    }

    async fn advance(&self, seconds: u64) {
        self.world.clock.advance(std::time::Duration::from_secs(seconds));
        self.settle().await;
    }

    async fn confirm(&self, topic: &str, token: &str) -> Option<String> {
        let input = ConfirmSubscriptionInput {
            topic_arn: topic.into(),
            token: token.into(),
            ..ConfirmSubscriptionInput::default()
        };
        self.sns.confirm_subscription(&self.anybody(), input).await.unwrap().subscription_arn
    }

    /// A confirmed subscription.
    async fn hooked(&self, topic: &str, attributes: &[(&str, &str)]) -> String {
        self.try_subscribe(topic, "http", URL, attributes).await.unwrap();
        self.settle().await;
        let token = body(&self.posts().pop().unwrap())["Token"].as_str().unwrap().to_owned();
        self.confirm(topic, &token).await.unwrap()
    }
}

#[tokio::test]
async fn an_endpoint_gets_nothing_before_it_says_that_it_wants_it() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    assert_eq!(cloud.try_subscribe(&topic, "http", URL, &[]).await.unwrap(), "pending confirmation");
    cloud.publish(&topic, "early").await;
    cloud.settle().await;
    let question = cloud.posts().pop().unwrap();
    assert_eq!(header(&question, "x-amz-sns-message-type"), "SubscriptionConfirmation");
    let asked = body(&question);
    let link = format!("/?Action=ConfirmSubscription&TopicArn={topic}&Token={}", asked["Token"].as_str().unwrap());
    assert!(asked["SubscribeURL"].as_str().unwrap().ends_with(&link), "{asked}");
    let arn = cloud.confirm(&topic, asked["Token"].as_str().unwrap()).await.unwrap();
    cloud.publish(&topic, "hello").await;
    cloud.settle().await;
    let posts = cloud.posts();
    assert_eq!(posts.len(), 1, "what was published before isn't for it");
    assert_eq!(body(&posts[0])["Message"], "hello");
    let headers = ["x-amz-sns-message-type", "x-amz-sns-subscription-arn", "x-amz-sns-rawdelivery", "content-type"];
    let said = headers.map(|name| header(&posts[0], name));
    assert_eq!(said, ["Notification", &arn, "", "text/plain; charset=UTF-8"]);
}

#[tokio::test]
async fn a_raw_message_is_itself_under_its_own_content_type() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let policy = r#"{"requestPolicy":{"headerContentType":"text/csv"}}"#;
    cloud.hooked(&topic, &[("RawMessageDelivery", "true"), ("DeliveryPolicy", policy)]).await;
    cloud.publish(&topic, "a,b").await;
    cloud.settle().await;
    let post = cloud.posts().pop().unwrap();
    assert_eq!((&post.body[..], header(&post, "content-type")), (&b"a,b"[..], "text/csv"));
    assert_eq!(header(&post, "x-amz-sns-rawdelivery"), "true");
}

#[tokio::test]
async fn a_server_in_trouble_is_tried_again_after_the_policys_pauses_and_then_given_up() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let dead = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"#;
    cloud.hooked(&topic, &[("RedrivePolicy", dead)]).await;
    *cloud.outside.answers.lock() = vec![503, 0, 500, 503];
    cloud.publish(&topic, "hello").await;
    cloud.settle().await;
    for attempt in 1..=4 {
        assert_eq!(cloud.posts().len(), 1, "attempt {attempt}");
        cloud.advance(19).await;
        assert!(cloud.posts().is_empty(), "too early after attempt {attempt}");
        cloud.advance(1).await;
    }
    assert!(cloud.posts().is_empty(), "three retries, and no more");
    assert_eq!(cloud.outside.queues.lock()["dead"].len(), 1);
}

#[tokio::test]
async fn nobody_gets_more_in_a_second_than_was_asked_for() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let policy = r#"{"throttlePolicy":{"maxReceivesPerSecond":1}}"#;
    cloud.hooked(&topic, &[("DeliveryPolicy", policy)]).await;
    for message in ["a", "b", "c"] {
        cloud.publish(&topic, message).await;
    }
    cloud.settle().await;
    for second in 0..3 {
        assert_eq!(cloud.posts().len(), 1, "second {second}");
        cloud.advance(1).await;
    }
    assert!(cloud.posts().is_empty());
}

#[tokio::test]
async fn what_an_endpoint_refuses_is_not_tried_again() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.hooked(&topic, &[]).await;
    *cloud.outside.answers.lock() = vec![404];
    cloud.publish(&topic, "hello").await;
    cloud.settle().await;
    assert_eq!(cloud.posts().len(), 1);
    cloud.advance(3600).await;
    assert!(cloud.posts().is_empty());
}

#[tokio::test]
async fn who_follows_the_link_ends_a_subscription_and_may_have_it_back() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let arn = cloud.hooked(&topic, &[]).await;
    let input = UnsubscribeInput { subscription_arn: arn.clone() };
    cloud.sns.unsubscribe(&cloud.anybody(), input).await.unwrap();
    cloud.settle().await;
    let told = cloud.posts().pop().unwrap();
    assert_eq!(header(&told, "x-amz-sns-message-type"), "UnsubscribeConfirmation");
    assert_eq!(header(&told, "x-amz-sns-subscription-arn"), arn);
    cloud.publish(&topic, "missed").await;
    cloud.settle().await;
    assert!(cloud.posts().is_empty());
    let token = body(&told)["Token"].as_str().unwrap().to_owned();
    assert_eq!(cloud.confirm(&topic, &token).await, Some(arn));
    cloud.publish(&topic, "again").await;
    cloud.settle().await;
    assert_eq!(body(&cloud.posts().pop().unwrap())["Message"], "again");
}

#[tokio::test]
async fn an_owner_who_ends_a_subscription_is_told_nothing() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let arn = cloud.hooked(&topic, &[]).await;
    cloud.sns.unsubscribe(&cloud.world.cx(), UnsubscribeInput { subscription_arn: arn }).await.unwrap();
    cloud.settle().await;
    assert!(cloud.posts().is_empty());
}

#[tokio::test]
async fn the_key_is_made_once_and_its_certificate_is_found_by_its_name() {
    use updraft_kernel::ports::CertificatesPort;
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    for _ in 0..2 {
        cloud.publish(&topic, "hello").await;
    }
    cloud.settle().await;
    let messages = cloud.outside.queues.lock()["q"].clone();
    let places = messages.iter().map(|message| serde_json::from_slice::<Value>(&message.body).unwrap());
    let places: Vec<_> = places.map(|body| body["SigningCertURL"].as_str().unwrap().to_owned()).collect();
    assert_eq!(places[0], places[1]);
    let name = places[0].rsplit_once('-').unwrap().1.strip_suffix(".pem").unwrap();
    let pem = cloud.sns.certificate(name).await.unwrap().unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    assert_eq!(cloud.sns.certificate("0").await.unwrap(), None);
}
