//! `PutBucketNotificationConfiguration`: instead of the one that was there. Who is told from now on is told so.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    NotificationConfiguration, PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
};
use updraft_kernel::ports::Sender;
use updraft_kernel::{Arn, AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::acting::SERVICE;
use crate::config::{self, Kind};
use crate::errors::wrong_destinations;
use crate::model::bucket::Bucket;
use crate::model::notification::{self, wishes};
use crate::{S3, notify, table};

pub(crate) async fn put_bucket_notification_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketNotificationConfigurationInput,
) -> Result<PutBucketNotificationConfigurationOutput, AwsError> {
    let mut configuration = input.notification_configuration;
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    notification::check(&configuration, &bucket.region)?;
    notification::name(&mut configuration, || cx.rng.uuid());
    notification::capitalise(&mut configuration);
    if input.skip_destination_validation != Some(true) {
        check_destinations(svc, &bucket, &configuration).await?;
        for wish in wishes(&configuration) {
            notify::begins(svc, cx, &mut tx, (&bucket, &wish)).await?;
        }
    }
    let nobody = wishes(&configuration).next().is_none() && configuration.event_bridge_configuration.is_none();
    if nobody {
        config::remove(&mut tx, &mut bucket, Kind::Notification)?;
    } else {
        let what = (Kind::Notification, &shapes::NotificationConfiguration);
        config::put(&mut tx, &mut bucket, what, configuration)?;
    }
    tx.commit().await?;
    Ok(PutBucketNotificationConfigurationOutput {})
}

/// All that are missing, or let nobody in, are told of at once.
async fn check_destinations(
    svc: &S3,
    bucket: &Bucket,
    configuration: &NotificationConfiguration,
) -> Result<(), AwsError> {
    let sender = Sender::new(SERVICE, bucket.arn()).of(bucket.account.clone());
    let mut wrong = Vec::new();
    for wish in wishes(configuration) {
        let arn = Arn::parse(wish.arn).map_err(AwsError::internal)?;
        let port = svc.parts.targets.of(&arn);
        match port {
            Some(port) if port.admits(&sender, &arn).await? => {}
            Some(port) if port.exists(&arn).await? => wrong.push((wish.arn, wish.destination.refusing(wish.arn))),
            _ => wrong.push((wish.arn, wish.destination.missing().to_owned())),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong_destinations(&wrong)) }
}
