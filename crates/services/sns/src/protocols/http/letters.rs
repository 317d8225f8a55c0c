//! What an endpoint is asked and told beside the messages: whether it wants them, and that it gets none any more. Each lies
//! in the outbox, in the transaction that causes it.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use updraft_delivery::{Attempt, Delivery, Target, Verdict};
use updraft_kernel::{AwsError, BoxFuture, Ctx, RngExt, UnixMillis};
use updraft_store::{Row, Tx, decode_row, encode_row};

use super::{Policy, Post};
use crate::keys::Place;
use crate::model::envelope::{Signature, timestamp};
use crate::model::name::SubscriptionId;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;
use crate::ops::subscribe::new_token;
use crate::protocols::Sent;
use crate::protocols::http::policy::PLAIN;
use crate::{Sns, ended, signing};

/// The kind of delivery.
pub(crate) const LETTER: &str = "sns.letter";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Subscribed,
    Unsubscribed,
}

/// One question, as it lies in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Question {
    kind: Kind,
    /// A UUID.
    id: String,
    /// ARNs.
    topic: String,
    subscription: String,
    /// Where it goes.
    url: String,
    token: String,
    /// Where the platform is reached.
    endpoint: String,
    /// Of the signature.
    version: String,
    at: UnixMillis,
}

impl Row for Question {
    const VERSION: u8 = 1;
}

/// Asks whether it wants what the topic is sent.
///
/// # Errors
/// If the store fails.
pub(crate) async fn ask_to_confirm(
    svc: &Sns,
    cx: &Ctx,
    (tx, topic): (&mut Tx, &Topic),
    (place, row): (&Place, &Subscription),
) -> Result<(), AwsError> {
    let token = row.token.clone().unwrap_or_default();
    ask(svc, cx, (tx, topic), (place, row), (Kind::Subscribed, token)).await
}

/// Tells that it gets nothing any more, and how to undo that.
///
/// # Errors
/// If the store fails.
pub(crate) async fn tell_of_end(
    svc: &Sns,
    cx: &Ctx,
    (tx, topic): (&mut Tx, &Topic),
    (place, row): (&Place, &Subscription),
) -> Result<(), AwsError> {
    let token = new_token(cx);
    ended::remember(svc, tx, (place, row), &token).await?;
    ask(svc, cx, (tx, topic), (place, row), (Kind::Unsubscribed, token)).await
}

async fn ask(
    svc: &Sns,
    cx: &Ctx,
    (tx, topic): (&mut Tx, &Topic),
    (place, row): (&Place, &Subscription),
    (kind, token): (Kind, String),
) -> Result<(), AwsError> {
    let id = place.topic_id();
    let question = Question {
        kind,
        id: cx.rng.uuid(),
        topic: id.arn().to_string(),
        subscription: SubscriptionId { topic: id, id: place.id.clone() }.arn(),
        url: row.endpoint.clone(),
        token,
        endpoint: svc.parts.outward.of(&cx.endpoint),
        version: signing::version(topic).to_owned(),
        at: cx.now(),
    };
    let delivery = Delivery {
        id: format!("sns/letter/{}", question.id),
        kind: LETTER.to_owned(),
        target: question.subscription.clone(),
        ordering_key: None,
        payload: encode_row(&question)?.to_vec(),
        policy: Policy::of(topic, row).all_retries(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    };
    svc.parts.outbox.enqueue(tx, delivery).await?;
    Ok(())
}

impl Question {
    fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Subscribed => "SubscriptionConfirmation",
            Kind::Unsubscribed => "UnsubscribeConfirmation",
        }
    }

    fn message(&self) -> String {
        match self.kind {
            Kind::Subscribed => format!(
                "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
                 included in this message.",
                self.topic
            ),
            Kind::Unsubscribed => format!(
                "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the subscription, \
                 visit the SubscribeURL included in this message.",
                self.subscription
            ),
        }
    }

    fn link(&self) -> String {
        let Self { endpoint, topic, token, .. } = self;
        format!("{endpoint}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}")
    }

    fn signed_text(&self) -> String {
        let fields = [
            ("Message", self.message()),
            ("MessageId", self.id.clone()),
            ("SubscribeURL", self.link()),
            ("Timestamp", timestamp(self.at)),
            ("Token", self.token.clone()),
            ("TopicArn", self.topic.clone()),
            ("Type", self.type_name().to_owned()),
        ];
        fields.map(|(name, value)| format!("{name}\n{value}\n")).concat()
    }

    /// Laid out as AWS does.
    fn body(&self, signature: &Signature) -> String {
        let fields = [
            ("Type", self.type_name()),
            ("MessageId", &self.id),
            ("Token", &self.token),
            ("TopicArn", &self.topic),
            ("Message", &self.message()),
            ("SubscribeURL", &self.link()),
            ("Timestamp", &timestamp(self.at)),
            ("SignatureVersion", &signature.version),
            ("Signature", &signature.value),
            ("SigningCertURL", &signature.certificate),
        ];
        let lines = fields.map(|(name, value)| format!("  \"{name}\" : {}", Value::from(value)));
        format!("{{\n{}\n}}", lines.join(",\n"))
    }

    async fn send(&self, svc: &Sns) -> Result<Sent, AwsError> {
        let signature = signing::sign_text(svc, &self.version, &self.endpoint, &self.signed_text()).await?;
        let post = Post {
            url: &self.url,
            kind: self.type_name(),
            id: &self.id,
            topic: &self.topic,
            subscription: (self.kind == Kind::Unsubscribed).then_some(&self.subscription),
            raw: false,
            // AWS: whatever content type the messages have.
            content_type: PLAIN,
            body: self.body(&signature),
        };
        Ok(post.send(svc).await)
    }
}

/// Carries them out. Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct Letters(pub(crate) Weak<Sns>);

impl Letters {
    pub(crate) fn register(service: &Arc<Sns>) {
        service.parts.outbox.register(LETTER, Arc::new(Self(Arc::downgrade(service))));
    }
}

impl Target for Letters {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let again = |reason: String| Verdict::Retry { reason, after: None };
            let Some(service) = self.0.upgrade() else { return again("the platform is stopping".to_owned()) };
            let question = match decode_row::<Question>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(question) => question,
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            match question.send(&service).await {
                Ok(Sent::Done(_)) => Verdict::Done,
                Ok(Sent::Later(answer)) => again(answer.response),
                Ok(Sent::NotYet(wait)) => Verdict::Busy { reason: "it waits for its turn".to_owned(), after: wait },
                Ok(Sent::Never(answer)) => Verdict::Fail(answer.response),
                Err(error) => again(error.to_string()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question {
            kind: Kind::Subscribed,
            id: "m".into(),
            topic: "arn:t".into(),
            subscription: "arn:t:s".into(),
            url: "http://e/".into(),
            token: "k".into(),
            endpoint: "http://p".into(),
            version: "1".into(),
            at: UnixMillis(0),
        }
    }

    #[test]
    fn what_is_signed_is_in_the_order_of_the_names() {
        let signed = "Message\nYou have chosen to subscribe to the topic arn:t.\nTo confirm the subscription, visit the \
            SubscribeURL included in this message.\nMessageId\nm\nSubscribeURL\nhttp://p/?Action=ConfirmSubscription&\
            TopicArn=arn:t&Token=k\nTimestamp\n1970-01-01T00:00:00.000Z\nToken\nk\nTopicArn\narn:t\nType\n\
            SubscriptionConfirmation\n";
        assert_eq!(question().signed_text(), signed);
    }

    /// In outboxes: may never change.
    #[test]
    fn golden_row() {
        let row = encode_row(&question()).unwrap();
        assert_eq!(
            row.escape_ascii().to_string(),
            r"\x01\x00\x01m\x05arn:t\x07arn:t:s\thttp://e/\x01k\x08http://p\x011\x00"
        );
    }
}
