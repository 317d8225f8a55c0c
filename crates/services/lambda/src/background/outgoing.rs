//! Records of asynchronous calls, and dead letters, on their way to whoever is to have them.

use std::sync::Weak;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_delivery::{Attempt, Backoff, Delivery, RetryPolicy, Target as DeliveryTarget, Verdict};
use updraft_kernel::ports::{EventAttribute, Sender, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Region, UnixMillis};
use updraft_store::{Row, StoreExt, decode_row, encode_row};

use super::{stopping, without_a_trace};
use crate::Lambda;
use crate::keys::VersionKey;
use crate::measure::{Subject, count};
use crate::model::events::pause_without_room;
use crate::model::name::{FunctionId, Version};

/// The kind of delivery that they are.
pub(crate) const OUTGOING: &str = "lambda.outgoing";

/// For so long it is tried while the target can't take it now.
const KEPT: Duration = Duration::from_secs(6 * 3600);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Destination,
    DeadLetter,
}

/// One of them, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    pub(crate) purpose: Purpose,
    /// The same each time it is sent.
    pub(crate) id: String,
    /// An ARN.
    pub(crate) target: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) function: String,
    pub(crate) qualifier: Option<String>,
    pub(crate) executed_version: String,
    pub(crate) detail_type: String,
    pub(crate) object_key: String,
    pub(crate) at: UnixMillis,
    pub(crate) body: Vec<u8>,
    pub(crate) attributes: Vec<EventAttribute>,
    /// As the function got it.
    pub(crate) trace: Option<String>,
}

impl Row for Outgoing {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        (version == 1).then(|| without_a_trace(body)).flatten()
    }
}

/// The delivery of what follows from the call of this id.
///
/// # Errors
/// If it can't be encoded.
pub(crate) fn letter(request_id: &str, outgoing: &Outgoing) -> Result<Delivery, AwsError> {
    let what = match outgoing.purpose {
        Purpose::Destination => "destination",
        Purpose::DeadLetter => "dead-letter-target",
    };
    Ok(Delivery {
        id: format!("{request_id}/{what}"),
        kind: OUTGOING.to_owned(),
        target: outgoing.target.clone(),
        ordering_key: None,
        payload: encode_row(outgoing)?.to_vec(),
        policy: until_told(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}

/// When it is enough is not the outbox's to say: what is given up is to be recorded, measured, and sent elsewhere.
pub(crate) fn until_told() -> RetryPolicy {
    let backoff = Backoff::Schedule(vec![Duration::from_secs(60)]);
    RetryPolicy { max_attempts: u32::MAX, max_age: Duration::MAX, backoff }
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct Letters(pub(crate) Weak<Lambda>);

impl DeliveryTarget for Letters {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.0.upgrade() else { return stopping() };
            match decode_row::<Outgoing>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(outgoing) => service.deliver(&outgoing, attempt).await,
                Err(error) => Verdict::Fail(error.to_string()),
            }
        })
    }
}

impl Lambda {
    async fn deliver(&self, outgoing: &Outgoing, attempt: Attempt) -> Verdict {
        let Err(error) = self.send(outgoing).await else { return Verdict::Done };
        let temporary = matches!(error.code().status, 429 | 500..);
        if temporary && self.clock.now().since(attempt.enqueued) <= KEPT {
            return Verdict::Busy { reason: error.to_string(), after: pause_without_room(attempt.busy) };
        }
        self.undelivered(outgoing, &error);
        Verdict::Fail(error.to_string())
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<(), AwsError> {
        let target = Arn::parse(&outgoing.target).map_err(AwsError::internal)?;
        let nobody = || AwsError::unavailable(format!("nothing here takes events for {target}"));
        let port = self.targets.of(&target).ok_or_else(nobody)?;
        let Outgoing { account, region, function, .. } = outgoing;
        let id = FunctionId { account: account.clone(), region: region.clone(), name: function.clone() };
        let role = self.role_of(&id).await?;
        let event = TargetEvent {
            id: outgoing.id.clone(),
            target,
            sender: Sender::new("lambda.amazonaws.com", id.arn()).acting_as(role.as_deref()),
            body: outgoing.body.clone().into(),
            attributes: outgoing.attributes.clone(),
            detail_type: Some(outgoing.detail_type.clone()),
            object_key: Some(outgoing.object_key.clone()),
            at: outgoing.at,
            trace: outgoing.trace.clone(),
        };
        port.send(event).await
    }

    /// As which a function acts, as long as there is one.
    async fn role_of(&self, id: &FunctionId) -> Result<Option<String>, AwsError> {
        let latest = VersionKey(id, Version::LATEST);
        Ok(self.store.read().await?.row(&latest).await?.map(|row| row.config.role))
    }

    /// It is lost, and that is told.
    fn undelivered(&self, outgoing: &Outgoing, error: &AwsError) {
        let Outgoing { function, target, purpose, .. } = outgoing;
        tracing::error!(function, target, ?purpose, source = ?error, "what came of an asynchronous call was not delivered");
        let metric = match purpose {
            Purpose::Destination => "DestinationDeliveryFailures",
            Purpose::DeadLetter => "DeadLetterErrors",
        };
        let subject = Subject {
            account: &outgoing.account,
            region: &outgoing.region,
            function,
            qualifier: outgoing.qualifier.as_deref(),
            version: &outgoing.executed_version,
            at: self.clock.now(),
        };
        subject.tell(&*self.metrics, vec![count(metric, 1.0)]);
    }
}
