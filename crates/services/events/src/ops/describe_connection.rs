//! `DescribeConnection`: without what is secret.

use updraft_api_events::types::{DescribeConnectionInput, DescribeConnectionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{arn, connection};

pub(crate) async fn describe_connection(
    svc: &EventBridge,
    cx: &Ctx,
    input: DescribeConnectionInput,
) -> Result<DescribeConnectionOutput, AwsError> {
    let name = input.name;
    let row = connection(&mut svc.parts.store.read().await?, cx, &name).await?;
    // AWS: a secret of its own for each connection, with six letters of chance at its end.
    let suffix = row.id.get(..6).unwrap_or_default();
    let secret = cx.arn("secretsmanager", format!("secret:events!connection/{name}/{}-{suffix}", row.id));
    Ok(DescribeConnectionOutput {
        connection_arn: Some(arn(cx, &name, &row)),
        name: Some(name),
        connection_state: Some(row.state()),
        authorization_type: Some(row.kind()),
        secret_arn: Some(secret.to_string()),
        auth_parameters: Some(row.parameters()?),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
        last_authorized_time: row.authorized,
        description: row.description,
        kms_key_identifier: row.kms_key,
        ..DescribeConnectionOutput::default()
    })
}
