//! What this service offers to others: topics, as what events can be sent to.

use std::sync::{Arc, Weak};

use updraft_kernel::ports::{AttributeContent, EventAttribute, EventTargetPort, QueueAttribute, Sender, TargetEvent};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, Identity, RequestId, RngExt};
use updraft_store::StoreExt;

use crate::Sns;
use crate::errors::{invalid, no_such_topic};
use crate::keys::TopicKey;
use crate::model::attribute::Attributes;
use crate::model::message::Draft;
use crate::model::name::TopicId;

/// Knows the service weakly, for the service knows those whom events come from.
#[derive(Debug)]
struct Topics {
    service: Weak<Sns>,
    endpoint: Arc<str>,
}

impl Sns {
    /// For events that other parts of the platform send to topics; `endpoint` is where the platform is reached.
    #[must_use]
    pub fn event_target(self: &Arc<Self>, endpoint: &str) -> Arc<dyn EventTargetPort> {
        Arc::new(Topics { service: Arc::downgrade(self), endpoint: endpoint.into() })
    }

    fn context(&self, topic: &TopicId, event: &TargetEvent, endpoint: &Arc<str>) -> Ctx {
        Ctx {
            identity: Arc::new(Identity::service(topic.account.clone(), event.sender.service)),
            account: topic.account.clone(),
            region: topic.region.clone(),
            request_id: RequestId::new(self.parts.rng.uuid()),
            clock: Arc::clone(&self.parts.clock),
            rng: Arc::clone(&self.parts.rng),
            endpoint: Arc::clone(endpoint),
            trace: event.trace.as_deref().map(Arc::from),
            source_ip: None,
            via: None,
        }
    }
}

impl EventTargetPort for Topics {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let (Some(service), Some(topic)) = (self.service.upgrade(), TopicId::of_arn(target)) else {
                return Ok(false);
            };
            Ok(service.parts.store.read().await?.row(&TopicKey(&topic)).await?.is_some())
        })
    }

    fn admits<'a>(&'a self, sender: &'a Sender, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let (Some(service), Some(id)) = (self.service.upgrade(), TopicId::of_arn(target)) else {
                return Ok(false);
            };
            let topic = service.parts.store.read().await?.row(&TopicKey(&id)).await?;
            Ok(topic.is_some_and(|topic| service.check_sender(sender, &id, &topic).is_ok()))
        })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let service = self.service.upgrade().ok_or_else(|| AwsError::unavailable("the platform is stopping"))?;
            let topic = TopicId::of_arn(&event.target).ok_or_else(no_such_topic)?;
            let cx = service.context(&topic, &event, &self.endpoint);
            let message = String::from_utf8(event.body.to_vec()).map_err(|why| invalid("Message").because(why))?;
            let draft = Draft { message, attributes: attributes(event.attributes), ..Draft::default() };
            let answers = service.publish(&cx, &topic, vec![draft], Some((&event.sender, &event.id))).await?;
            answers.into_iter().try_for_each(|answer| answer.map(drop))
        })
    }
}

fn attributes(given: Vec<EventAttribute>) -> Attributes {
    let one = |EventAttribute { name, is_number, value }: EventAttribute| {
        let data_type = if is_number { "Number" } else { "String" }.to_owned();
        (name, QueueAttribute { data_type, content: AttributeContent::Text(value) })
    };
    given.into_iter().map(one).collect()
}
