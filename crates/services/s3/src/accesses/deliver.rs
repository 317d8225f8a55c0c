//! Making objects of records. A timer says when, and a delivery does it, for it writes more than rows.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use updraft_api_s3::shapes;
use updraft_api_s3::types::{LoggingEnabled, PartitionDateSource, PartitionedPrefix};
use updraft_delivery::{Attempt, Backoff, Delivery, RetryPolicy, Target, Verdict};
use updraft_kernel::{AwsError, BoxFuture, Rng, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreExt as _, Tx, decode_row, encode_row};
use updraft_wire::ByteStream;

use super::rows::{Logged, LoggedKey};
use super::target;
use crate::S3;
use crate::config::{self, Kind};
use crate::keys::{BucketKey, Numbered};
use crate::lifecycle::Whose;
use crate::model::bucket::Bucket;
use crate::notify::Happening;
use crate::objects::acl;
use crate::objects::conditions::OfWrite;
use crate::objects::encryption::By;
use crate::objects::lock;
use crate::objects::receive::{Claims, Keep, receive};
use crate::objects::row::{About, Lock};
use crate::objects::table::New;
use crate::objects::version_id::VersionId;
use crate::objects::write::{self, Write};

/// Records of one run.
const PORTION: ScanOptions =
    ScanOptions { limit: 10_000, max_bytes: 8 << 20, reverse: false, snapshot: true, head: false };

/// The kind of delivery that it is.
const KIND: &str = "s3.accesses";

/// Whose records are to be delivered.
impl Row for Whose {
    const VERSION: u8 = 1;
}

#[derive(Debug)]
struct Carrier(Weak<S3>);

pub(crate) fn register(service: &Arc<S3>) {
    service.parts.outbox.register(KIND, Arc::new(Carrier(Arc::downgrade(service))));
}

impl Target for Carrier {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(svc) = self.0.upgrade() else {
                return Verdict::Retry { reason: "the platform is stopping".to_owned(), after: None };
            };
            match decode_row::<Whose>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(whose) => all(&svc, &whose).await,
                Err(error) => Verdict::Fail(error.to_string()),
            }
        })
    }
}

/// Delivers what waits, when the transaction commits.
///
/// # Errors
/// If the store fails.
pub(crate) async fn begin(svc: &S3, tx: &mut Tx, whose: &Whose, now: UnixMillis) -> Result<(), AwsError> {
    let backoff =
        Backoff::Exponential { min: Duration::from_secs(1), max: Duration::from_secs(300), jitter_percent: 25 };
    let delivery = Delivery {
        id: format!("{KIND}/{}/{}/{}", whose.account, whose.number, now.0),
        kind: KIND.to_owned(),
        target: whose.name.clone(),
        ordering_key: None,
        payload: encode_row(whose)?.to_vec(),
        policy: RetryPolicy { max_attempts: u32::MAX, max_age: Duration::from_secs(24 * 3600), backoff },
        dead_letter: None,
        failure: None,
        dedup_for: None,
    };
    svc.parts.outbox.enqueue(tx, delivery).await?;
    Ok(())
}

async fn all(svc: &S3, whose: &Whose) -> Verdict {
    loop {
        match write::again(svc, || portion(svc, whose)).await {
            Ok(true) => {}
            Ok(false) => return Verdict::Done,
            Err(error) => return Verdict::Retry { reason: error.to_string(), after: None },
        }
    }
}

/// `true`: there is more.
async fn portion(svc: &S3, whose: &Whose) -> Result<bool, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let more = records(svc, &mut tx, whose, svc.parts.clock.now()).await?;
    tx.commit().await?;
    Ok(more)
}

async fn records(svc: &S3, tx: &mut Tx, whose: &Whose, now: UnixMillis) -> Result<bool, AwsError> {
    let bucket = tx.row(&BucketKey { account: &whose.account, name: &whose.name }).await?;
    let Some(bucket) = bucket.filter(|bucket| bucket.number == whose.number) else { return Ok(false) };
    let page = tx.rows::<LoggedKey<'_>>(LoggedKey::all(Numbered::of(&bucket)), PORTION).await?;
    let more = page.resume().is_some();
    let mut records = Vec::new();
    for (key, record) in page.rows {
        tx.raw().delete(key);
        records.push(record);
    }
    let what = (Kind::Logging, &shapes::LoggingEnabled);
    let Some(logging) = config::get::<LoggingEnabled>(tx, &bucket, what).await? else { return Ok(more) };
    match target::of(svc, tx, &bucket, &logging).await? {
        // AWS: what isn't let in is lost, and nobody is told.
        Err(why) => tracing::debug!(bucket = bucket.name, target = logging.target_bucket, why, "access logs are lost"),
        Ok(target) => {
            for (prefix, text) in parted(&bucket, &logging, (records, now)) {
                put(svc, tx, (&target, &logging), (prefix, text), now).await?;
            }
        }
    }
    Ok(more)
}

/// The beginnings of the keys that records go to, and the records of each.
fn parted(
    bucket: &Bucket,
    logging: &LoggingEnabled,
    (records, now): (Vec<Logged>, UnixMillis),
) -> BTreeMap<String, String> {
    let format = logging.target_object_key_format.as_ref().and_then(|format| format.partitioned_prefix.as_ref());
    let mut parted: BTreeMap<String, String> = BTreeMap::new();
    for record in records {
        let prefix = match format {
            None => format!("{}{}", logging.target_prefix, date(now, "%Y-%m-%d-%H-%M-%S")),
            Some(format) => format!("{}{}", logging.target_prefix, partition(bucket, format, (record.at, now))),
        };
        let text = parted.entry(prefix).or_default();
        text.push_str(&record.line);
        text.push('\n');
    }
    parted
}

/// AWS: by the day on which a request came there are no hours, and by the time of the delivery there are.
fn partition(bucket: &Bucket, format: &PartitionedPrefix, (at, now): (UnixMillis, UnixMillis)) -> String {
    let Bucket { account, region, name, .. } = bucket;
    let by_event = format.partition_date_source == Some(PartitionDateSource::EventTime);
    let days = if by_event { at } else { now };
    let time = if by_event { date(at, "%Y-%m-%d-00-00-00") } else { date(now, "%Y-%m-%d-%H-%M-%S") };
    format!("{account}/{region}/{name}/{}/{time}", date(days, "%Y/%m/%d"))
}

fn date(at: UnixMillis, format: &str) -> String {
    Timestamp::from_millisecond(at.0).unwrap_or_default().strftime(format).to_string()
}

async fn put(
    svc: &S3,
    tx: &mut Tx,
    (target, logging): (&Bucket, &LoggingEnabled),
    (prefix, text): (String, String),
    now: UnixMillis,
) -> Result<(), AwsError> {
    let by = By::chosen(tx, target, None).await?;
    let locked = lock::chosen(tx, target, Lock::default(), now).await?;
    let how = (Keep::Object, by.seal(svc).await?);
    let received = receive(svc, &ByteStream::whole(text.into()), Claims::default(), how).await?;
    let acl = acl::of_log(target, logging.target_grants.clone().unwrap_or_default());
    let about = About { content_type: Some("text/plain".to_owned()), acl, ..About::default() };
    let (object, inline) = received.object(about, locked);
    let key = format!("{prefix}-{}", unique(&*svc.parts.rng));
    let write = Write {
        bucket: &target.name,
        owner: None,
        key: &key,
        conditions: OfWrite::default(),
        what: Happening::CreatedPut,
    };
    let new = New { id: VersionId::random(&*svc.parts.rng), at: now, inline, object: Some(object) };
    write::put_in(svc, &svc.acting(target, target::SERVICE), (tx, target), write, new).await?;
    Ok(())
}

/// AWS: sixteen digits, in capitals.
fn unique(rng: &dyn Rng) -> String {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
