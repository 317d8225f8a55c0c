//! `RestoreObject`: what is archived can be read again, after a while and for some days.

use updraft_api_s3::types::{RestoreObjectInput, RestoreObjectOutput, RestoreRequest, Tier};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::errors::{invalid_argument, malformed_xml};
use crate::notify::Happening;
use crate::objects::archive;
use crate::objects::aside;
use crate::objects::conditions::OfRead;
use crate::objects::errors::not_implemented;
use crate::objects::read::{self, Wanted};
use crate::restores::{self, Restored};
use crate::{S3, table};

pub(crate) async fn restore_object(
    svc: &S3,
    cx: &Ctx,
    input: RestoreObjectInput,
) -> Result<RestoreObjectOutput, AwsError> {
    let (days, tier) = asked(input.restore_request.ok_or_else(malformed_xml)?)?;
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (key, version) = (input.key.as_str(), input.version_id.as_deref());
    let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method: "POST" };
    let (found, object) = read::existing(&mut tx, &bucket, wanted).await?;
    let place = (key, found.order);
    let mut known = aside::of(&mut tx, &bucket, place).await?;
    let (restore, again) = archive::restore(&known, &object, (days, &tier), cx.now())?;
    known.restore = Some(restore);
    aside::put(&mut tx, &bucket, place, &known).await?;
    let restored = Restored::of(&bucket, place);
    restores::later(svc, &mut tx, &restored, restore).await?;
    if !again {
        restores::tell(svc, cx, (&mut tx, &bucket), (key, &found, &object), Happening::RestorePost).await?;
    }
    tx.commit().await?;
    Ok(RestoreObjectOutput::default())
}

fn asked(request: RestoreRequest) -> Result<(i32, Tier), AwsError> {
    if request.r#type.is_some() || request.select_parameters.is_some() || request.output_location.is_some() {
        return Err(not_implemented("x-amz-restore-select"));
    }
    let days = request.days.ok_or_else(malformed_xml)?;
    if days < 1 {
        return Err(invalid_argument("Days", "restoration days should be at least 1"));
    }
    let tier = request.glacier_job_parameters.map(|parameters| parameters.tier).or(request.tier);
    match tier.unwrap_or(Tier::Standard) {
        Tier::Unknown(_) => Err(malformed_xml()),
        tier => Ok((days, tier)),
    }
}
