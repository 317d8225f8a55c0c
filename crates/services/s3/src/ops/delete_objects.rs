//! `DeleteObjects`: up to a thousand at once, each as `DeleteObject` does it.

use updraft_api_s3::types::{DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error, ObjectIdentifier};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt as _, Tx};

use crate::accesses::{self, Act, BATCH_DELETE};
use crate::errors::malformed_xml;
use crate::model::bucket::Bucket;
use crate::objects::conditions::OfDelete;
use crate::objects::delete::{Deleted, Doomed, delete};
use crate::objects::errors::not_implemented;
use crate::objects::lock::bypasses;
use crate::objects::version_id::VersionId;
use crate::objects::write::discard;
use crate::{S3, table};

/// AWS: in one request.
const MOST: usize = 1000;

pub(crate) async fn delete_objects(
    svc: &S3,
    cx: &Ctx,
    input: DeleteObjectsInput,
) -> Result<DeleteObjectsOutput, AwsError> {
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MOST {
        return Err(malformed_xml());
    }
    // AWS: only directory buckets take these.
    if objects.iter().any(|object| object.last_modified_time.is_some() || object.size.is_some()) {
        return Err(not_implemented("LastModifiedTime"));
    }
    let quiet = input.delete.quiet == Some(true);
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let bypass = bypasses(&bucket, input.bypass_governance_retention)?;
    let (mut told, mut failed, mut gone, mut acts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for object in objects {
        let answer = one(svc, cx, (&mut tx, &bucket), &object, bypass).await;
        if answer.as_ref().is_err_and(|error| error.code().status >= 500) {
            return answer.map(|_| DeleteObjectsOutput::default());
        }
        acts.extend(accesses::are_kept(&bucket).then(|| act(&object, &answer)));
        match answer {
            Ok(mut deleted) => {
                gone.append(&mut deleted.gone);
                told.push(entry(object, deleted));
            }
            Err(error) => failed.push(refusal(object, &error)),
        }
    }
    accesses::done(svc, cx, (&mut tx, &bucket), acts).await?;
    tx.commit().await?;
    discard(svc, gone).await;
    let some = |list: Vec<_>| (!list.is_empty()).then_some(list);
    let errors = (!failed.is_empty()).then_some(failed);
    Ok(DeleteObjectsOutput { deleted: some(told).filter(|_| !quiet), errors, ..Default::default() })
}

/// AWS: each key has a record in the bucket's log.
fn act(object: &ObjectIdentifier, answer: &Result<Deleted, AwsError>) -> Act {
    let (key, version) = (object.key.clone(), object.version_id.clone());
    let act = Act { operation: BATCH_DELETE, key, version, ..Act::default() };
    match answer {
        Ok(deleted) => Act { status: 204, version: deleted.version.clone(), ..act },
        Err(error) => Act { status: error.code().status, error: Some(error.code().name), ..act },
    }
}

async fn one(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    object: &ObjectIdentifier,
    bypass: bool,
) -> Result<Deleted, AwsError> {
    let id = VersionId::random(&*cx.rng);
    let condition = OfDelete { if_match: object.e_tag.as_deref() };
    let doomed = Doomed { key: &object.key, version: object.version_id.as_deref(), condition, bypass };
    delete(svc, cx, (tx, bucket), doomed, id).await
}

fn entry(object: ObjectIdentifier, deleted: Deleted) -> DeletedObject {
    DeletedObject {
        key: Some(object.key),
        delete_marker: deleted.marker.then_some(true),
        delete_marker_version_id: deleted.version.filter(|_| deleted.marker),
        version_id: object.version_id,
    }
}

fn refusal(object: ObjectIdentifier, error: &AwsError) -> Error {
    Error {
        key: Some(object.key),
        version_id: object.version_id,
        code: Some(error.code().name.to_owned()),
        message: Some(error.message().to_owned()),
    }
}
