//! Handing events to the target, each kind of it in its own way.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use updraft_api_pipes::types::{PipeTargetInvocationType, PipeTargetParameters};
use updraft_kernel::ports::{
    BusEvent, InvocationType, InvokeRequest, LogBatch, LogLine, QueueMessage, Sender, TargetEvent,
};
use updraft_kernel::{AccountId, Arn, AwsError, Region, RngExt, UnixMillis};

use super::{SERVICE, Work};
use crate::errors::invalid;
use crate::model::target::Kind;
use crate::model::template::{find, text};

/// What the target made of them.
#[derive(Debug)]
pub(super) enum Handed {
    /// A function's, if it names records that failed; else nothing.
    Answer(Bytes),
    Each(Vec<Result<(), AwsError>>),
    Failed,
}

/// An event, and what the target gets of it.
#[derive(Clone, Copy, Debug)]
struct Parcel<'a> {
    /// The same each time the record is sent. A UUID.
    id: &'a str,
    event: &'a Value,
    input: &'a Value,
}

impl Work<'_> {
    pub(super) async fn hand_on(
        &self,
        target: &Arn,
        records: &[String],
        (events, inputs): (&[Value], Vec<Value>),
    ) -> Result<Handed, AwsError> {
        let kind = Kind::of(target);
        if kind == Kind::Function {
            return self.call(target, inputs).await;
        }
        if kind == Kind::StateMachine {
            return self.start(target, inputs).await;
        }
        let ids = self.ids(records, events.len());
        let parcels: Vec<Parcel> =
            ids.iter().zip(events).zip(&inputs).map(|((id, event), input)| Parcel { id, event, input }).collect();
        match kind {
            Kind::Queue => self.enqueue(target, &parcels).await.map(Handed::Each),
            Kind::LogGroup => self.log(target, &parcels).map(|()| Handed::Answer(Bytes::new())),
            Kind::Server => {
                let asked = self.parameters().and_then(|given| given.http_parameters.clone()).unwrap_or_default();
                let mut results = Vec::with_capacity(parcels.len());
                for parcel in &parcels {
                    let asked = asked.clone().into();
                    results.push(self.ask(target, asked, (parcel.event, parcel.input)).await.map(drop));
                }
                Ok(Handed::Each(results))
            }
            _ => {
                let mut results = Vec::with_capacity(parcels.len());
                for parcel in &parcels {
                    results.push(self.send(target, *parcel).await);
                }
                Ok(Handed::Each(results))
            }
        }
    }

    /// Of a record that comes again the id is the same, so that a target can tell; what an enrichment made is new each time.
    fn ids(&self, records: &[String], count: usize) -> Vec<String> {
        if self.config.enrichment.is_some() || records.len() != count {
            return (0..count).map(|_| self.cx.rng.uuid()).collect();
        }
        records.iter().map(|record| derived(&self.id, record)).collect()
    }

    pub(super) fn parameters(&self) -> Option<&PipeTargetParameters> {
        self.config.target_parameters.as_ref()
    }

    async fn call(&self, function: &Arn, inputs: Vec<Value>) -> Result<Handed, AwsError> {
        let asked = self.parameters().and_then(|given| given.lambda_function_parameters.as_ref());
        let forgets = asked.and_then(|given| given.invocation_type.as_ref());
        let kind = match forgets {
            Some(PipeTargetInvocationType::FireAndForget) => InvocationType::Event,
            _ => InvocationType::RequestResponse,
        };
        let request = InvokeRequest {
            function: function.clone(),
            kind,
            payload: Value::Array(inputs).to_string().into(),
            client_context: None,
            tail: false,
            source: None,
        };
        let outcome = self.svc.parts.functions.invoke(&self.cx, request).await?;
        if outcome.function_error.is_some() {
            return Ok(Handed::Failed);
        }
        Ok(Handed::Answer(reported(outcome.payload)))
    }

    async fn enqueue(&self, queue: &Arn, parcels: &[Parcel<'_>]) -> Result<Vec<Result<(), AwsError>>, AwsError> {
        let asked = self.parameters().and_then(|given| given.sqs_queue_parameters.as_ref());
        let message = |parcel: &Parcel| QueueMessage {
            id: parcel.id.to_owned(),
            body: text(parcel.input).into(),
            attributes: BTreeMap::new(),
            group: asked.and_then(|given| said(given.message_group_id.as_deref(), parcel.event)),
            deduplication: asked.and_then(|given| said(given.message_deduplication_id.as_deref(), parcel.event)),
            trace: self.cx.trace.as_deref().map(str::to_owned),
        };
        self.svc.parts.queues.send(queue, &self.sender(), parcels.iter().map(message).collect()).await
    }

    /// The group keeps them soon, not at once, as it does with all that isn't put there by a client.
    fn log(&self, group: &Arn, parcels: &[Parcel]) -> Result<(), AwsError> {
        let asked = self.parameters().and_then(|given| given.cloud_watch_logs_parameters.as_ref());
        let stream = asked.and_then(|given| given.log_stream_name.as_deref());
        let name = group.resource.strip_prefix("log-group:").unwrap_or_default().trim_end_matches(":*");
        let account = AccountId::parse(&group.account).map_err(AwsError::internal)?;
        let region = Region::parse(&group.region).map_err(AwsError::internal)?;
        for parcel in parcels {
            let at = asked.and_then(|given| said(given.timestamp.as_deref(), parcel.event));
            let at = at.and_then(|at| at.parse().ok()).map_or(self.cx.now(), UnixMillis);
            self.svc.parts.logs.append(LogBatch {
                account: account.clone(),
                region: region.clone(),
                group: name.to_owned(),
                stream: said(stream, parcel.event).unwrap_or_else(|| self.names.pipe_name.clone()),
                lines: vec![LogLine { at, message: text(parcel.input) }],
            });
        }
        Ok(())
    }

    /// AWS: a pipe sends as its role.
    fn sender(&self) -> Sender {
        Sender::new(SERVICE, self.arn.clone()).acting_as(self.config.role_arn.as_deref())
    }

    /// To a topic or a bus.
    async fn send(&self, target: &Arn, parcel: Parcel<'_>) -> Result<(), AwsError> {
        let nobody = || invalid(format!("updraft does not run pipes to {target} yet"));
        let port = self.svc.parts.targets.of(target).ok_or_else(nobody)?;
        let asked = self.parameters().and_then(|given| given.event_bridge_event_bus_parameters.as_ref());
        let source = Arn::parse(&self.names.source_arn).map(|arn| arn.service).unwrap_or_default();
        let detail_type = asked.and_then(|given| said(given.detail_type.as_deref(), parcel.event));
        let resources = asked.and_then(|given| given.resources.as_ref()).into_iter().flatten();
        let at = asked.and_then(|given| said(given.time.as_deref(), parcel.event));
        let event = TargetEvent {
            id: parcel.id.to_owned(),
            target: target.clone(),
            sender: self.sender(),
            body: text(parcel.input).into(),
            attributes: Vec::new(),
            detail_type: Some(detail_type.unwrap_or_else(|| format!("Event from aws:{source}"))),
            object_key: None,
            at: at.and_then(|at| moment(&at)).unwrap_or(self.cx.now()),
            trace: self.cx.trace.as_deref().map(str::to_owned),
        };
        let by = asked.and_then(|given| said(given.source.as_deref(), parcel.event));
        let said = BusEvent {
            source: by.unwrap_or_else(|| format!("Pipe {}", self.names.pipe_name)),
            resources: resources.filter_map(|resource| said(Some(resource), parcel.event)).collect(),
        };
        port.put(event, said).await
    }
}

/// What names records that failed; else nothing.
pub(super) fn reported(answer: Bytes) -> Bytes {
    let says = |answer: Value| answer.get("batchItemFailures").is_some_and(Value::is_array);
    if serde_json::from_slice(&answer).is_ok_and(says) { answer } else { Bytes::new() }
}

/// A parameter: as it is, or what is at a path in the event.
pub(super) fn said(parameter: Option<&str>, event: &Value) -> Option<String> {
    let parameter = parameter?;
    if parameter.starts_with('$') {
        find(event, parameter).map(|value| text(&value))
    } else {
        Some(parameter.to_owned())
    }
}

/// AWS: seconds since 1970, or milliseconds, or ISO 8601.
fn moment(text: &str) -> Option<UnixMillis> {
    match text.parse::<i64>() {
        Ok(number) if number < 100_000_000_000 => Some(UnixMillis(number.saturating_mul(1000))),
        Ok(number) => Some(UnixMillis(number)),
        Err(_) => text.parse::<Timestamp>().ok().map(|at| UnixMillis(at.as_millisecond())),
    }
}

/// A UUID that is a pipe's for a record.
pub(super) fn derived(pipe: &str, record: &str) -> String {
    let digest = Sha256::digest(format!("{pipe}/{record}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-5{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_id_is_its_own_and_the_same_each_time() {
        let one = derived("p", "m");
        assert_eq!((one.len(), &one), (36, &derived("p", "m")));
        assert!(one != derived("p", "n") && one != derived("q", "m"));
    }
}
