//! Carrying out asynchronous invocations.

use std::sync::Weak;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_delivery::{Attempt, Delivery, Target as DeliveryTarget, Verdict};
use updraft_kernel::ports::{InvocationType, InvokeOutcome};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region};
use updraft_store::{Row, decode_row};

use crate::Lambda;
use crate::call::Call;
use crate::model::name::{FunctionId, Target};

/// The kind of delivery that is an asynchronous invocation.
pub const ASYNC_INVOCATIONS: &str = "lambda.async";

/// How long a throttled call waits.
const PAUSE: Duration = Duration::from_secs(1);

/// A call as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AsyncCall {
    account: AccountId,
    region: Region,
    name: String,
    qualifier: Option<String>,
    payload: Vec<u8>,
    client_context: Option<String>,
    request_id: String,
}

impl Row for AsyncCall {
    const VERSION: u8 = 1;
}

impl AsyncCall {
    pub(crate) fn new(call: &Call) -> Self {
        let FunctionId { account, region, name } = call.target.id.clone();
        Self {
            account,
            region,
            name,
            qualifier: call.target.qualifier.clone(),
            payload: call.payload.to_vec(),
            client_context: call.client_context.clone(),
            request_id: call.request_id.clone(),
        }
    }

    /// Every attempt has the request id that the caller was given.
    fn into_call(self) -> Call {
        let id = FunctionId { account: self.account.clone(), region: self.region, name: self.name };
        Call {
            target: Target { id, qualifier: self.qualifier },
            kind: InvocationType::RequestResponse,
            payload: Bytes::from(self.payload),
            client_context: self.client_context,
            tail: false,
            request_id: self.request_id,
            // Whether the caller may call was asked when the call was accepted.
            source: None,
            caller: self.account,
        }
    }
}

/// One with everything set.
#[cfg(test)]
pub(crate) fn golden_call() -> AsyncCall {
    AsyncCall {
        account: AccountId::local(),
        region: Region::default_region(),
        name: "f".into(),
        qualifier: Some("1".into()),
        payload: b"{}".to_vec(),
        client_context: Some("c".into()),
        request_id: "id".into(),
    }
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct AsyncInvocations(pub(crate) Weak<Lambda>);

impl DeliveryTarget for AsyncInvocations {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.0.upgrade() else {
                return Verdict::Busy { reason: "the platform is stopping".to_owned(), after: PAUSE };
            };
            let call = match decode_row::<AsyncCall>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(call) => call.into_call(),
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            match service.may_run(&call.target).await {
                Ok(true) => verdict(service.call(call).await),
                // AWS: gives such an event up at once, with the condition `ZeroReservedConcurrency`.
                Ok(false) => Verdict::Fail("ZeroReservedConcurrency".to_owned()),
                Err(error) => verdict(Err(error)),
            }
        })
    }
}

fn verdict(outcome: Result<InvokeOutcome, AwsError>) -> Verdict {
    match outcome {
        Ok(outcome) => match outcome.function_error {
            None => Verdict::Done,
            Some(kind) => Verdict::Retry { reason: format!("the function failed ({kind})"), after: None },
        },
        // AWS: a throttled call is tried for hours, without counting against its retries. So is one that finds the
        // platform itself unavailable: stopping, or without its store.
        Err(error) if matches!(error.code().status, 429 | 503) => {
            Verdict::Busy { reason: error.to_string(), after: PAUSE }
        }
        Err(error) if error.code().status >= 500 => Verdict::Retry { reason: error.to_string(), after: None },
        Err(error) => Verdict::Fail(error.to_string()),
    }
}
