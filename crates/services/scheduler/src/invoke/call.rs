//! One call of one target.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Document, json};
use updraft_api_scheduler::types::Target;
use updraft_kernel::ports::{ApiCall, QueueMessage, Sender, TargetEvent};
use updraft_kernel::{Arn, AwsError, Ctx, Identity, RequestId};

use super::input;
use crate::Scheduler;
use crate::errors::{invalid, invalid_input, not_run};
use crate::model::occasion::{Occasion, written};
use crate::model::target::{self, Kind};

const SERVICE: &str = "scheduler.amazonaws.com";

impl Scheduler {
    /// # Errors
    /// What the target answers. A status of 429 or 5xx means that it may be called again.
    pub(super) async fn call(&self, occasion: &Occasion, attempt: u32) -> Result<(), AwsError> {
        let target = target::read(&occasion.target)?;
        let wrong = || invalid("Provided Arn is not in correct format.");
        let arn = Arn::parse(&target.arn).map_err(|_| wrong())?;
        let kind = Kind::of(&arn).ok_or_else(wrong)?;
        let input = input::of(occasion, &kind, &target, attempt);
        match kind {
            Kind::Universal { service, operation } => {
                let input = serde_json::from_str(&input).map_err(invalid_input)?;
                self.dispatch(occasion, ApiCall { service, operation, input }).await.map(drop)
            }
            Kind::Function | Kind::Topic => self.send(occasion, (&target, arn), input).await,
            Kind::Queue => self.enqueue(occasion, &arn, &target, input).await,
            Kind::Bus => self.put_event(occasion, &target, input).await,
            Kind::StateMachine => self.start_execution(occasion, &target, input).await,
            Kind::Other(service) => Err(not_run(&service)),
        }
    }

    async fn send(&self, occasion: &Occasion, (said, target): (&Target, Arn), input: String) -> Result<(), AwsError> {
        let port = self.parts.targets.of(&target).ok_or_else(|| not_run(&target.service))?;
        port.send(TargetEvent {
            id: occasion.id.clone(),
            target,
            sender: sender(occasion, said),
            body: input.into(),
            attributes: Vec::new(),
            detail_type: None,
            object_key: None,
            at: self.parts.clock.now(),
            trace: None,
        })
        .await
    }

    async fn enqueue(&self, occasion: &Occasion, queue: &Arn, target: &Target, body: String) -> Result<(), AwsError> {
        let message = QueueMessage {
            id: occasion.id.clone(),
            body: body.into(),
            attributes: BTreeMap::new(),
            group: target::group_of(target).cloned(),
            // AWS: a FIFO queue must tell duplicates by its messages' content.
            deduplication: None,
            trace: None,
        };
        let sender = sender(occasion, target);
        self.parts.queues.send(queue, &sender, vec![message]).await?.into_iter().collect()
    }

    async fn put_event(&self, occasion: &Occasion, target: &Target, detail: String) -> Result<(), AwsError> {
        let said = target.event_bridge_parameters.clone().unwrap_or_default();
        let entry = json!({
            "Source": said.source,
            "DetailType": said.detail_type,
            "Detail": detail,
            "EventBusName": target.arn,
            "Resources": [occasion.schedule().arn().to_string()],
            "Time": written(occasion.scheduled),
        });
        let (service, operation) = ("eventbridge".to_owned(), "putEvents".to_owned());
        let answer =
            self.dispatch(occasion, ApiCall { service, operation, input: json!({ "Entries": [entry] }) }).await?;
        // AWS: PutEvents goes well and says of each entry how it went.
        let refused = answer.pointer("/Entries/0/ErrorMessage").and_then(Document::as_str);
        refused.map_or(Ok(()), |why| Err(invalid(why)))
    }

    async fn start_execution(&self, occasion: &Occasion, target: &Target, input: String) -> Result<(), AwsError> {
        let (service, operation) = ("sfn".to_owned(), "startExecution".to_owned());
        // By its name it is told that it has been started.
        let input = json!({ "StateMachineArn": target.arn, "Input": input, "Name": occasion.id });
        self.dispatch(occasion, ApiCall { service, operation, input }).await.map(drop)
    }

    async fn dispatch(&self, occasion: &Occasion, call: ApiCall) -> Result<Document, AwsError> {
        self.parts.dispatch.call(&self.context(occasion), call).await
    }

    fn context(&self, occasion: &Occasion) -> Ctx {
        Ctx {
            identity: Arc::new(Identity::service(occasion.account.clone(), SERVICE)),
            account: occasion.account.clone(),
            region: occasion.region.clone(),
            request_id: RequestId::new(occasion.id.clone()),
            clock: Arc::clone(&self.parts.clock),
            rng: Arc::clone(&self.parts.rng),
            endpoint: Arc::clone(&self.parts.endpoint),
            trace: None,
            source_ip: None,
            via: None,
        }
    }
}

/// AWS: a schedule sends as the role of its target.
pub(super) fn sender(occasion: &Occasion, target: &Target) -> Sender {
    Sender::new(SERVICE, occasion.schedule().arn()).acting_as(Some(&target.role_arn))
}
