//! `DescribeActivity`.

use updraft_api_states::types::{DescribeActivityInput, DescribeActivityOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::model::name::ActivityId;
use crate::table;

pub(crate) async fn describe_activity(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeActivityInput,
) -> Result<DescribeActivityOutput, AwsError> {
    let id = ActivityId::of_arn(cx, &input.activity_arn)?;
    let activity = table::activity(&mut svc.parts.store.read().await?, &id).await?;
    Ok(DescribeActivityOutput {
        activity_arn: id.arn().to_string(),
        name: id.name,
        creation_date: activity.created,
        encryption_configuration: Some(activity.encryption()),
    })
}
