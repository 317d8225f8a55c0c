//! Carrying out asynchronous invocations, and telling of what came of them.

mod attend;
mod outgoing;

use std::sync::Weak;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use updraft_delivery::{Attempt, Delivery, Target as DeliveryTarget, Verdict};
use updraft_kernel::{AccountId, BoxFuture, Region};
use updraft_store::{Row, decode_row};

use crate::Lambda;
use crate::call::Call;
use crate::model::name::{FunctionId, Target};

pub(crate) use outgoing::{Letters, OUTGOING, Outgoing, Purpose, letter, until_told};

/// The kind of delivery that is an asynchronous invocation.
pub const ASYNC_INVOCATIONS: &str = "lambda.async";

/// How many events of one function are worked at once.
const AT_ONCE: usize = 64;

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
    /// Before the function.
    pub(crate) trace: Option<String>,
}

impl Row for AsyncCall {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        (version == 1).then(|| without_a_trace(body)).flatten()
    }
}

/// A row of version 1: it had no trace, which was added as the last part of it.
fn without_a_trace<R: DeserializeOwned>(body: &[u8]) -> Option<R> {
    const NONE: &[u8] = &[0];
    postcard::from_bytes(&[body, NONE].concat()).ok()
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
            trace: call.trace.clone(),
        }
    }

    fn target(&self) -> Target {
        let Self { account, region, name, qualifier, .. } = self;
        let id = FunctionId { account: account.clone(), region: region.clone(), name: name.clone() };
        Target { id, qualifier: qualifier.clone() }
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
        trace: Some("t".into()),
    }
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct AsyncInvocations(pub(crate) Weak<Lambda>);

impl DeliveryTarget for AsyncInvocations {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.0.upgrade() else { return stopping() };
            match decode_row::<AsyncCall>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(call) => service.attend(&call, attempt).await,
                Err(error) => Verdict::Fail(error.to_string()),
            }
        })
    }

    fn concurrency(&self) -> usize {
        AT_ONCE
    }
}

fn stopping() -> Verdict {
    Verdict::Busy { reason: "the platform is stopping".to_owned(), after: Duration::from_secs(1) }
}
