//! Functions: called asynchronously, with one message at a time.

use std::sync::Arc;

use updraft_kernel::ports::{InvocationType, InvokeRequest};
use updraft_kernel::{Arn, AwsError, Ctx, Identity, RequestId};

use super::sqs::SERVICE;
use super::{Answer, Sent};
use crate::Sns;
use crate::errors::invalid;
use crate::fanout::Parcel;
use crate::model::publication::id_of;

pub(super) fn check_endpoint(endpoint: &str) -> Result<(), AwsError> {
    match Arn::parse(endpoint) {
        Ok(arn) if arn.service == "lambda" && arn.resource.starts_with("function:") => Ok(()),
        _ => Err(invalid("Lambda endpoint ARN")),
    }
}

pub(super) async fn send(svc: &Sns, parcel: &Parcel<'_>) -> Vec<Sent> {
    let mut results = Vec::with_capacity(parcel.messages.len());
    for index in &parcel.messages {
        results.push(send_one(svc, parcel, *index).await);
    }
    results
}

async fn send_one(svc: &Sns, parcel: &Parcel<'_>, index: usize) -> Sent {
    let function = match Arn::parse(&parcel.row.endpoint) {
        Ok(function) => function,
        Err(error) => return Sent::Never(Answer { status: 400, response: error.to_string() }),
    };
    let cx = context(svc, parcel, index);
    let request = InvokeRequest {
        function,
        kind: InvocationType::Event,
        payload: parcel.sheet.event(index, parcel).to_string().into(),
        client_context: None,
        tail: false,
        source: Some((SERVICE, parcel.sheet.topic.arn())),
    };
    match svc.parts.functions.invoke(&cx, request).await {
        Ok(outcome) => Sent::Done(Answer {
            status: outcome.status,
            response: format!(r#"{{"lambdaRequestId":"{}"}}"#, cx.request_id.as_str()),
        }),
        Err(error) => Sent::refused(&error),
    }
}

/// By the same request id each time the same message is sent there.
fn context(svc: &Sns, parcel: &Parcel<'_>, index: usize) -> Ctx {
    let message = parcel.sheet.message(index).map(|message| message.id.as_str());
    let account = parcel.sheet.topic.account.clone();
    Ctx {
        identity: Arc::new(Identity::service(account.clone(), SERVICE)),
        account,
        region: parcel.sheet.topic.region.clone(),
        request_id: RequestId::new(id_of(message.unwrap_or_default(), &parcel.id)),
        clock: Arc::clone(&svc.parts.clock),
        rng: Arc::clone(&svc.parts.rng),
        endpoint: parcel.sheet.publication.endpoint.as_str().into(),
        trace: parcel.sheet.publication.trace.as_deref().map(Arc::from),
        source_ip: None,
        via: None,
    }
}
