//! One batch on its way: enriched, put into another form, and handed to the target.
//!
//! Whoever polls calls this as a function, and is told which records come again: all of them if the enrichment failed, and
//! where the target took only some of them, the others.

mod ask;
mod dead;
mod enrich;
mod hand;
mod machine;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use updraft_api_pipes::types::DescribePipeOutput;
use updraft_kernel::ports::{FunctionPort, InvokeOutcome, InvokeRequest};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, Identity};
use updraft_store::StoreExt;

use self::enrich::Enriched;
use self::hand::Handed;
use crate::errors::missing;
use crate::keys::Owner;
use crate::model::target::Kind;
use crate::model::template::{Names, apply};
use crate::{Pipes, view};

/// Who sends what pipes send.
pub(crate) const SERVICE: &str = "pipes.amazonaws.com";

/// What came of a batch.
#[derive(Debug)]
enum Outcome {
    /// All of it is dealt with, or all but those whose ids a payload names.
    Done(Bytes),
    /// None of it.
    Failed,
}

/// A pipe at work on one batch.
#[derive(Debug)]
struct Work<'a> {
    svc: &'a Pipes,
    cx: Ctx,
    /// The pipe's.
    id: String,
    arn: Arn,
    config: DescribePipeOutput,
    names: Names,
}

impl FunctionPort for Pipes {
    /// The function is a pipe, and the payload what a function would get of the pipe's source.
    fn invoke<'a>(&'a self, cx: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            let records = records(&request.payload)?;
            let work = self.work(cx, &request.function).await?;
            let (payload, function_error) = match work.carry(records).await? {
                Outcome::Done(payload) => (payload, None),
                Outcome::Failed => (Bytes::new(), Some("Unhandled")),
            };
            Ok(InvokeOutcome {
                status: 200,
                payload,
                function_error,
                log_tail: None,
                executed_version: "$LATEST".to_owned(),
            })
        })
    }
}

fn records(payload: &[u8]) -> Result<Vec<Value>, AwsError> {
    let mut event: Value = serde_json::from_slice(payload).map_err(AwsError::internal)?;
    match event.get_mut("Records").map(Value::take) {
        Some(Value::Array(records)) => Ok(records),
        _ => Err(AwsError::internal("a batch without records")),
    }
}

impl Pipes {
    async fn work(&self, cx: &Ctx, pipe: &Arn) -> Result<Work<'_>, AwsError> {
        let name = pipe.resource.strip_prefix("pipe/").unwrap_or_default();
        let owner = Owner { account: cx.account.clone(), region: cx.region.clone(), name: name.to_owned() };
        let row = self.parts.store.read().await?.row(&owner.key()).await?.ok_or_else(|| missing(name))?;
        let config = row.config()?;
        let arn = view::arn_of(&owner);
        let names = Names {
            pipe_arn: arn.to_string(),
            pipe_name: owner.name,
            source_arn: config.source.clone().unwrap_or_default(),
            enrichment_arn: config.enrichment.clone().unwrap_or_default(),
            target_arn: config.target.clone().unwrap_or_default(),
            ingested: Timestamp::from_millisecond(cx.now().0).map_err(AwsError::internal)?.to_string(),
        };
        let cx = Ctx { identity: std::sync::Arc::new(Identity::service(owner.account, SERVICE)), ..cx.clone() };
        Ok(Work { svc: self, cx, id: row.id, arn, config, names })
    }
}

impl Work<'_> {
    /// An error is one that may pass, or that none of the records can be blamed for.
    async fn carry(&self, records: Vec<Value>) -> Result<Outcome, AwsError> {
        let ids: Vec<String> = records.iter().map(id).collect();
        let events = match self.enrich(records).await? {
            Enriched::Events(events) => events,
            Enriched::Nothing => return Ok(Outcome::Done(Bytes::new())),
            Enriched::Failed => return Ok(Outcome::Failed),
        };
        let target = Arn::parse(&self.names.target_arn).map_err(AwsError::internal)?;
        // AWS: a target isn't called with more than it takes at once, which an enrichment may have made.
        if events.len() > Kind::of(&target).most() {
            tracing::debug!(pipe = %self.arn, events = events.len(), "more events than the target takes at once");
            return Ok(Outcome::Failed);
        }
        let parameters = self.config.target_parameters.as_ref();
        let template = parameters.and_then(|given| given.input_template.as_deref());
        let inputs: Vec<Value> = events.iter().map(|event| apply(template, event, &self.names)).collect();
        match self.hand_on(&target, &ids, (&events, inputs)).await? {
            Handed::Answer(payload) => Ok(Outcome::Done(payload)),
            Handed::Failed => Ok(Outcome::Failed),
            Handed::Each(results) => settled(&ids, results),
        }
    }
}

/// A record's name by which it is said to have failed.
fn id(record: &Value) -> String {
    let of_stream = || record.pointer("/dynamodb/SequenceNumber");
    let id = record.get("messageId").or_else(of_stream);
    id.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn settled(ids: &[String], results: Vec<Result<(), AwsError>>) -> Result<Outcome, AwsError> {
    let (count, known) = (results.len(), results.len() == ids.len());
    let mut errors = Vec::new();
    let mut failed = Vec::new();
    for (position, result) in results.into_iter().enumerate() {
        if let Err(error) = result {
            errors.push(error);
            failed.extend(ids.get(position));
        }
    }
    if errors.len() == count
        && let Some(first) = errors.into_iter().next()
    {
        return Err(first);
    }
    if failed.is_empty() {
        return Ok(Outcome::Done(Bytes::new()));
    }
    // Which of them an enrichment made more or fewer events of can't be told.
    let failed: Vec<&String> = if known { failed } else { ids.iter().collect() };
    let named: Vec<Value> = failed.into_iter().map(|id| json!({ "itemIdentifier": id })).collect();
    Ok(Outcome::Done(json!({ "batchItemFailures": named }).to_string().into()))
}
