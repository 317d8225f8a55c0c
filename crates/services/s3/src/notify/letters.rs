//! What others are told, on its way to them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_delivery::{Attempt, Backoff, Delivery, RetryPolicy, Target, Verdict};
use updraft_kernel::ports::{Sender, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Ctx, RngExt, UnixMillis};
use updraft_store::{Row, Tx, decode_row, encode_row};

use crate::S3;
use crate::acting::SERVICE;
use crate::model::bucket::Bucket;

/// The kind of delivery that they are.
const KIND: &str = "s3.notification";

/// One of them, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// The same each time it is sent. A UUID.
    pub(crate) id: String,
    /// An ARN.
    pub(crate) target: String,
    /// The bucket's ARN.
    pub(crate) bucket: String,
    /// For buses.
    pub(crate) detail_type: Option<String>,
    pub(crate) at: UnixMillis,
    pub(crate) body: Vec<u8>,
    /// The bucket's. `None`: it was written before anybody asked.
    pub(crate) account: Option<AccountId>,
}

impl Row for Letter {
    const VERSION: u8 = 2;

    /// The first version had no account, which was added as its last part.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        const NONE: &[u8] = &[0];
        (version == 1).then(|| postcard::from_bytes(&[body, NONE].concat()).ok()).flatten()
    }
}

impl Letter {
    /// Who sends it, to `target`.
    fn sender(&self, target: &Arn) -> Result<Sender, AwsError> {
        let bucket = Arn::parse(&self.bucket).map_err(AwsError::internal)?;
        let account = self.account.clone().map_or_else(|| AccountId::parse(&target.account), Ok);
        Ok(Sender::new(SERVICE, bucket).of(account.map_err(AwsError::internal)?))
    }
}

/// Who carries them out. Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
struct Letters(Weak<S3>);

pub(crate) fn register(service: &Arc<S3>) {
    service.parts.outbox.register(KIND, Arc::new(Letters(Arc::downgrade(service))));
}

/// Sends it when the transaction commits: of a bucket, to an ARN, and what kind of event it is where that is a bus.
pub(super) async fn enqueue(
    svc: &S3,
    cx: &Ctx,
    tx: &mut Tx,
    (bucket, target, detail_type): (&Bucket, &str, Option<&str>),
    body: Vec<u8>,
) -> Result<(), AwsError> {
    let letter = Letter {
        id: cx.rng.uuid(),
        target: target.to_owned(),
        bucket: bucket.arn().to_string(),
        detail_type: detail_type.map(str::to_owned),
        at: cx.now(),
        body,
        account: Some(bucket.account.clone()),
    };
    let delivery = Delivery {
        id: format!("{KIND}/{}", letter.id),
        kind: KIND.to_owned(),
        target: letter.target.clone(),
        ordering_key: None,
        payload: encode_row(&letter)?.to_vec(),
        policy: policy(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    };
    svc.parts.outbox.enqueue(tx, delivery).await?;
    Ok(())
}

/// AWS doesn't say for how long it tries; a day is what it is for others.
fn policy() -> RetryPolicy {
    let backoff =
        Backoff::Exponential { min: Duration::from_secs(1), max: Duration::from_secs(300), jitter_percent: 25 };
    RetryPolicy { max_attempts: u32::MAX, max_age: Duration::from_secs(24 * 3600), backoff }
}

impl Target for Letters {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.0.upgrade() else {
                return Verdict::Retry { reason: "the platform is stopping".to_owned(), after: None };
            };
            match decode_row::<Letter>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(letter) => service.deliver(letter).await,
                Err(error) => Verdict::Fail(error.to_string()),
            }
        })
    }
}

impl S3 {
    async fn deliver(&self, letter: Letter) -> Verdict {
        let (target, bucket) = (letter.target.clone(), letter.bucket.clone());
        let Err(error) = self.send(letter).await else { return Verdict::Done };
        let reason = error.to_string();
        if matches!(error.code().status, 429 | 500..) {
            return Verdict::Retry { reason, after: None };
        }
        tracing::warn!(bucket, target, source = ?error, "a notification was refused");
        Verdict::Fail(reason)
    }

    async fn send(&self, letter: Letter) -> Result<(), AwsError> {
        let target = Arn::parse(&letter.target).map_err(AwsError::internal)?;
        let sender = letter.sender(&target)?;
        let nobody = || AwsError::unavailable(format!("nothing here takes events for {target}"));
        let port = self.parts.targets.of(&target).ok_or_else(nobody)?;
        let event = TargetEvent {
            id: letter.id,
            target,
            sender,
            body: letter.body.into(),
            attributes: Vec::new(),
            detail_type: letter.detail_type,
            object_key: None,
            at: letter.at,
            trace: None,
        };
        port.send(event).await
    }
}
