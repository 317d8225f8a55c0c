//! What this service offers to others: buses, as what events can be sent to, and API destinations, as what can be called.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};
use updraft_kernel::ports::{BusEvent, CallFailure, EventTargetPort, Sender, ServerCall, TargetEvent};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::StoreExt;

use crate::errors::{no_such_bus, not_valid};
use crate::model::event::Event;
use crate::model::name::BusId;
use crate::model::publication::Publication;
use crate::send::Trouble;
use crate::{EventBridge, access, fanout, table};

/// For so long the same event isn't taken again.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// Knows the service weakly, for the service knows those whom events come from.
#[derive(Debug)]
struct Buses {
    service: Weak<EventBridge>,
    endpoint: Arc<str>,
}

impl EventBridge {
    /// For events of the platform's own services: the body is the event's `detail`. `endpoint` is where the platform is
    /// reached.
    #[must_use]
    pub fn event_target(self: &Arc<Self>, endpoint: &str) -> Arc<dyn EventTargetPort> {
        Arc::new(Buses { service: Arc::downgrade(self), endpoint: endpoint.into() })
    }
}

impl EventTargetPort for Buses {
    fn exists<'a>(&'a self, target: &'a updraft_kernel::Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let (Some(service), Some(bus)) = (self.service.upgrade(), BusId::of_arn(target)) else { return Ok(false) };
            match table::bus(&mut service.parts.store.read().await?, &bus).await {
                Ok(_) => Ok(true),
                Err(error) if error.code().status == 400 => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    fn hears<'a>(&'a self, target: &'a updraft_kernel::Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let (Some(service), Some(bus)) = (self.service.upgrade(), BusId::of_arn(target)) else { return Ok(false) };
            Ok(!service.rules_of(&bus).await?.is_empty())
        })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move { self.publish(event, None).await })
    }

    fn put(&self, event: TargetEvent, said: BusEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move { self.publish(event, Some(said)).await })
    }

    /// API destinations have ARNs of this service, too.
    fn call(&self, call: ServerCall) -> BoxFuture<'_, Result<Bytes, CallFailure>> {
        Box::pin(async move {
            let stopping = || Trouble::later("INTERNAL_ERROR", "the platform is stopping");
            let service = self.service.upgrade().ok_or_else(stopping)?;
            Ok(service.call(&call).await?)
        })
    }
}

impl Buses {
    async fn publish(&self, event: TargetEvent, said: Option<BusEvent>) -> Result<(), AwsError> {
        let service = self.service.upgrade().ok_or_else(|| AwsError::unavailable("the platform is stopping"))?;
        let bus = BusId::of_arn(&event.target).ok_or_else(|| no_such_bus(&event.target.resource))?;
        let mut tx = service.parts.store.write().await?;
        let row = table::bus(&mut tx, &bus).await?;
        access::check_sender(&event.sender, (&bus, &row), service.parts.clock.now())?;
        let mut made = made(&bus, event, &service)?;
        if let Some(BusEvent { source, resources }) = said {
            (made.source, made.resources) = (source, resources);
        }
        let publication = Publication::of(&bus, &self.endpoint, vec![made]);
        let mut delivery = fanout::delivery(&publication)?;
        delivery.dedup_for = Some(REMEMBERED);
        service.parts.outbox.enqueue(&mut tx, delivery).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn made(bus: &BusId, event: TargetEvent, service: &EventBridge) -> Result<Event, AwsError> {
    let detail: Map<String, Value> = serde_json::from_slice(&event.body).map_err(|_| not_valid("Detail"))?;
    let Sender { service: by, source: about, .. } = event.sender;
    let (source, resources) = match by.trim_end_matches(".amazonaws.com") {
        // AWS: functions' records name the bus, and the function with its version, which only they know.
        "lambda" => {
            let function = detail.get("requestContext").and_then(|context| context.get("functionArn"));
            let function = function.and_then(Value::as_str).map_or_else(|| about.to_string(), str::to_owned);
            ("lambda".to_owned(), vec![bus.arn().to_string(), function])
        }
        service => (format!("aws.{service}"), vec![about.to_string()]),
    };
    Ok(Event {
        id: event.id,
        detail_type: event.detail_type.unwrap_or_default(),
        source,
        account: bus.account.clone(),
        region: bus.region.clone(),
        time: event.at,
        resources,
        detail: Value::Object(detail).to_string(),
        ingested: service.parts.clock.now(),
        trace: event.trace,
        replay: None,
    })
}
