//! `ListBuckets`: the caller's, by name, in all regions or one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use updraft_api_s3::types::{Bucket as Listed, BucketLocationConstraint, ListBucketsInput, ListBucketsOutput, Owner};
use updraft_kernel::{AwsError, Ctx, Region};
use updraft_store::{Key, KeyRange, ScanOptions, StoreExt, Tx};

use crate::S3;
use crate::errors::{invalid_argument, invalid_value};
use crate::keys::BucketKey;
use crate::model::bucket::Bucket;
use crate::model::owner::canonical_id;

/// AWS: all of them where no number is asked for.
const MOST: usize = 10_000;

/// Rows read at once.
const PORTION: usize = 1000;

pub(crate) async fn list_buckets(svc: &S3, cx: &Ctx, input: ListBucketsInput) -> Result<ListBucketsOutput, AwsError> {
    let region = input.bucket_region.as_deref().map(region).transpose()?;
    let most = most(input.max_buckets)?;
    let asks = input.max_buckets.is_some() || input.prefix.is_some() || region.is_some();
    let mut range = BucketKey::starting(&cx.account, input.prefix.as_deref().unwrap_or_default());
    if let Some(token) = &input.continuation_token {
        range = range.after(&BucketKey { account: &cx.account, name: &read_token(token)? }.encode());
    }
    let mut tx = svc.parts.store.read().await?;
    let mut found = matching(&mut tx, range, most, region.as_ref()).await?;
    let continues = found.len() > most;
    found.truncate(most);
    let continuation_token = found.last().filter(|_| continues).map(|last| URL_SAFE_NO_PAD.encode(&last.name));
    let listed = |bucket: Bucket| Listed {
        bucket_arn: Some(bucket.arn().to_string()),
        // AWS: of use only to who asks for more than all of them.
        bucket_region: asks.then(|| bucket.region.to_string()),
        creation_date: Some(bucket.created),
        name: Some(bucket.name),
    };
    Ok(ListBucketsOutput {
        buckets: Some(found.into_iter().map(listed).collect()),
        owner: Some(Owner { id: Some(canonical_id(&cx.account)), ..Owner::default() }),
        continuation_token,
        prefix: input.prefix,
    })
}

/// One more than `most`, where there are more.
async fn matching(
    tx: &mut Tx,
    mut range: KeyRange,
    most: usize,
    region: Option<&Region>,
) -> Result<Vec<Bucket>, AwsError> {
    let mut found = Vec::new();
    while found.len() <= most {
        let page = tx.rows::<BucketKey<'_>>(range.clone(), ScanOptions::limit(PORTION.min(most + 1))).await?;
        let resume = page.resume().cloned();
        let wanted = |bucket: &Bucket| region.is_none_or(|region| bucket.region == *region);
        found.extend(page.rows.into_iter().map(|(_, bucket)| bucket).filter(wanted));
        let Some(last) = resume else { break };
        range = range.after(&last);
    }
    Ok(found)
}

fn region(given: &str) -> Result<Region, AwsError> {
    let unknown = || invalid_argument("bucket-region", format!("Argument value {given} is not a valid AWS Region"));
    let known = given == "us-east-1"
        || !matches!(
            BucketLocationConstraint::from(given),
            BucketLocationConstraint::Unknown(_) | BucketLocationConstraint::Eu
        );
    if known { Region::parse(given).map_err(|_| unknown()) } else { Err(unknown()) }
}

fn most(given: Option<i32>) -> Result<usize, AwsError> {
    let Some(given) = given else { return Ok(MOST) };
    let wrong = || {
        let message = "Argument max-buckets must be an integer between 1 and 10000";
        invalid_value("max-buckets", &given.to_string(), message)
    };
    usize::try_from(given).ok().filter(|most| (1..=MOST).contains(most)).ok_or_else(wrong)
}

fn read_token(token: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let wrong = || invalid_value("continuation-token", token, "The continuation token provided is incorrect");
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)
}
