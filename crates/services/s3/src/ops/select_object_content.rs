//! `SelectObjectContent`: what a query finds in an object, as it is found.

use updraft_api_s3::service::Streaming;
use updraft_api_s3::types::{
    SelectObjectContentEventStream as Event, SelectObjectContentInput, SelectObjectContentOutput,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::conditions::OfRead;
use crate::objects::encryption::{Opener, brought};
use crate::objects::read::{self, Wanted};
use crate::objects::send::send;
use crate::selects::{Select, pour};
use crate::{S3, table};

pub(crate) async fn select_object_content(
    svc: &S3,
    cx: &Ctx,
    input: SelectObjectContentInput,
) -> Result<Streaming<SelectObjectContentOutput, Event>, AwsError> {
    let customer = brought!(input);
    let select = Select::of(&input)?;
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let conditions = OfRead::default();
    let wanted = Wanted { key: &input.key, version: None, range: None, part: None, conditions, method: "GET" };
    let seen = read::look(cx, &mut tx, &bucket, (wanted, customer.as_ref())).await?;
    let opener = Opener::of(svc, seen.object.encryption, customer.as_ref()).await?;
    let body = send(svc, &mut tx, (seen.at(&bucket, &input.key), &seen.object), seen.span, opener).await?;
    let events = pour(select, (body.take(), seen.object.size), cx.now())?;
    Ok(Streaming { head: SelectObjectContentOutput {}, events })
}
