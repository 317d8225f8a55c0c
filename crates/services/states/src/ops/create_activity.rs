//! `CreateActivity`.

use std::collections::BTreeMap;

use updraft_api_states::types::{CreateActivityInput, CreateActivityOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;
use crate::errors::activity_exists;
use crate::keys::ActivityKey;
use crate::model::activity::Activity;
use crate::model::kept;
use crate::model::name::ActivityId;

pub(crate) async fn create_activity(
    svc: &StepFunctions,
    cx: &Ctx,
    input: CreateActivityInput,
) -> Result<CreateActivityOutput, AwsError> {
    let id = ActivityId::of(cx, &input.name)?;
    let activity_arn = id.arn().to_string();
    let encryption = input.encryption_configuration.map(|given| kept::write("EncryptionConfiguration", given));
    let tags = tags::joined(BTreeMap::new(), input.tags.unwrap_or_default())?;
    let mut tx = svc.parts.store.write().await?;
    if let Some(there) = tx.row(&ActivityKey(&id)).await? {
        // AWS: the same again is no error, whatever its tags; they stay as they are.
        let same = there.encryption == encryption;
        let again = CreateActivityOutput { activity_arn: activity_arn.clone(), creation_date: there.created };
        return if same { Ok(again) } else { Err(activity_exists(&activity_arn)) };
    }
    let creation_date = cx.now();
    tx.put_row(&ActivityKey(&id), &Activity { created: creation_date, encryption, tags })?;
    tx.commit().await?;
    Ok(CreateActivityOutput { activity_arn, creation_date })
}
