//! Records of streams that were given up, on their way to whoever is to be told.

use serde_json::{Value, json};
use updraft_kernel::ports::{GivenUp, Mapping};
use updraft_kernel::{Arn, AwsError, RngExt, UnixMillis};
use updraft_store::run;

use crate::Lambda;
use crate::background::{Outgoing, Purpose, letter};
use crate::model::name::{LATEST, Target};

impl Lambda {
    /// The letter is known by its records: given up again after a crash, they are told of once while the first one waits.
    pub(super) async fn tell_given_up(&self, mapping: &Mapping, what: &GivenUp) -> Result<(), AwsError> {
        let target = mapping.stream.as_ref().and_then(|stream| stream.on_failure.as_deref());
        let Some(target) = target else { return Ok(()) };
        let (id, at) = (self.rng.uuid(), self.clock.now());
        let function = Target::of_arn(&mapping.function);
        let whole = Arn::parse(target).is_ok_and(|arn| arn.service == "s3");
        let outgoing = Outgoing {
            purpose: Purpose::Destination,
            target: target.to_owned(),
            account: mapping.account.clone(),
            region: mapping.region.clone(),
            function: function.as_ref().map(|function| function.id.name.clone()).unwrap_or_default(),
            qualifier: function.and_then(|function| function.qualifier),
            executed_version: what.response.as_ref().map_or(LATEST, |(version, _)| version).to_owned(),
            detail_type: "Lambda Function Invocation Result - Failure".to_owned(),
            object_key: object_key(mapping, what, at, &id),
            id,
            at,
            body: body(mapping, what, at, whole).to_string().into_bytes(),
            attributes: Vec::new(),
            trace: None,
        };
        let known_as = format!("{}/{}/{}-{}", mapping.uuid, what.shard, what.first.0, what.last.0);
        let letter = letter(&known_as, &outgoing)?;
        run(&*self.store, |mut tx| {
            let letter = letter.clone();
            async move {
                self.outbox.enqueue(&mut tx, letter).await?;
                tx.commit().await?;
                Ok(())
            }
        })
        .await
    }
}

/// Recorded: `test_dynamodb_event_source_mapping_with_on_failure_destination_config` and, with the whole event,
/// `..._with_s3_on_failure_destination`.
fn body(mapping: &Mapping, what: &GivenUp, at: UnixMillis, whole: bool) -> Value {
    let mut body = json!({
        "requestContext": {
            "requestId": what.request_id,
            "functionArn": mapping.function.to_string(),
            "condition": what.condition,
            "approximateInvokeCount": what.invoked,
        },
        "version": "1.0",
        "timestamp": timestamp(at, "%Y-%m-%dT%H:%M:%S.%3fZ"),
        "DDBStreamBatchInfo": {
            "shardId": what.shard,
            "startSequenceNumber": what.first.0,
            "endSequenceNumber": what.last.0,
            "approximateArrivalOfFirstRecord": timestamp(what.first.1, "%Y-%m-%dT%H:%M:%SZ"),
            "approximateArrivalOfLastRecord": timestamp(what.last.1, "%Y-%m-%dT%H:%M:%SZ"),
            "batchSize": what.count,
            "streamArn": mapping.source.to_string(),
        },
    });
    let Some(members) = body.as_object_mut() else { return body };
    if let Some((version, error)) = &what.response {
        let response = json!({ "statusCode": 200, "executedVersion": version, "functionError": error });
        members.insert("responseContext".to_owned(), response);
    }
    if whole {
        members.insert("payload".to_owned(), Value::from(String::from_utf8_lossy(&what.event).into_owned()));
    }
    body
}

fn timestamp(at: UnixMillis, form: &str) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime(form).to_string()
}

/// AWS: under which it lies in a bucket.
fn object_key(mapping: &Mapping, what: &GivenUp, at: UnixMillis, id: &str) -> String {
    let moment = timestamp(at, "%Y/%m/%d/%Y-%m-%dT%H.%M.%S");
    format!("aws/lambda/{}/{}/{moment}-{id}", mapping.uuid, what.shard)
}
