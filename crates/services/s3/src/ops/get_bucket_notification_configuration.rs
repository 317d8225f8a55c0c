//! `GetBucketNotificationConfiguration`: says nothing where nobody is told.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput, NotificationConfiguration,
};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_notification_configuration(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketNotificationConfigurationInput,
) -> Result<GetBucketNotificationConfigurationOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Notification, &shapes::NotificationConfiguration);
    let (_, found) = get::<NotificationConfiguration>(svc, cx, whose, what).await?;
    let NotificationConfiguration {
        topic_configurations,
        queue_configurations,
        lambda_function_configurations,
        event_bridge_configuration,
    } = found.unwrap_or_default();
    Ok(GetBucketNotificationConfigurationOutput {
        topic_configurations,
        queue_configurations,
        lambda_function_configurations,
        event_bridge_configuration,
    })
}
