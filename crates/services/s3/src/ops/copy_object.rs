//! `CopyObject`: reads an object and writes it again, with what is said of it or with something else.

use updraft_api_s3::types::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, MetadataDirective, TaggingDirective};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::errors::invalid_request;
use crate::model::bucket::Versioning;
use crate::notify::Happening;
use crate::objects::about::{Source, about, check_key};
use crate::objects::acl::{self, acl_of};
use crate::objects::claims::{self, Sums as _};
use crate::objects::conditions::{OfRead, OfWrite};
use crate::objects::copy;
use crate::objects::encryption::{By, Encrypted as _, brought, encryption};
use crate::objects::lock::{self, lock};
use crate::objects::range::Span;
use crate::objects::receive::{Keep, LARGEST};
use crate::objects::row::{About, Object};
use crate::objects::write::{self, Write};
use crate::{S3, lifecycle, table};

pub(crate) async fn copy_object(svc: &S3, cx: &Ctx, mut input: CopyObjectInput) -> Result<CopyObjectOutput, AwsError> {
    check_key(&input.key)?;
    let source = Source::parse(&input.copy_source)?;
    let replaced = about!(input);
    let (asked, locked) = (encryption!(input), lock!(input, cx.now()));
    let customer = brought!(source input);
    let conditions = OfRead {
        if_match: input.copy_source_if_match.as_deref(),
        if_none_match: input.copy_source_if_none_match.as_deref(),
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let on_write = OfWrite { if_match: input.if_match.as_deref(), if_none_match: input.if_none_match.as_deref() };
    on_write.parse()?;
    let mut tx = svc.parts.store.read().await?;
    let target = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let by = By::chosen(&mut tx, &target, asked).await?;
    let locked = lock::chosen(&mut tx, &target, locked, cx.now()).await?;
    let owner = input.expected_source_bucket_owner.as_deref();
    let from = copy::find(cx, &mut tx, (&source, owner), conditions, customer).await?;
    allowed(&input, &replaced, &source, (target.versioning, from.object.size))?;
    // AWS: ACLs are never copied.
    let acl = acl::chosen(&mut tx, cx, &target, acl_of!(input)).await?;
    let algorithm = input.checksum_algorithm.as_ref().map(|given| claims::algorithm(given.as_str())).transpose()?;
    let algorithm = algorithm.or_else(|| from.object.checksum.as_ref().map(|sum| sum.algorithm));
    let span = Span::whole(from.object.size);
    let received =
        copy::copy(svc, &mut tx, (&source, &from), span, (algorithm, Keep::Object, by.seal(svc).await?)).await?;
    drop(tx);
    let about = About { acl, ..about_of(&input, replaced, &from.object.about) };
    let write = Write {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        conditions: on_write,
        what: Happening::CreatedCopy,
    };
    let (bucket, placed) = write::put(svc, cx, write, received.object(about, locked)).await?;
    let version_id = placed.id(&bucket);
    let expiration = match &placed.version.object {
        Some(object) => {
            let made = (placed.order, placed.version.at);
            lifecycle::expiration(svc, (&bucket, &input.key), made, object).await?
        }
        None => None,
    };
    let mut output = CopyObjectOutput {
        copy_object_result: placed.version.object.as_ref().map(|object| result(object, placed.version.at)),
        copy_source_version_id: from.version_id,
        expiration,
        version_id,
        ..Default::default()
    };
    output.encrypted(by.told());
    Ok(output)
}

fn result(object: &Object, at: updraft_kernel::UnixMillis) -> CopyObjectResult {
    let mut result =
        CopyObjectResult { e_tag: Some(format!("\"{}\"", object.etag)), last_modified: Some(at), ..Default::default() };
    if let Some(checksum) = &object.checksum {
        result.tell(checksum);
        result.checksum_type = Some(checksum.kind().into());
    }
    result
}

/// # Errors
/// If nothing would change, or it is too much.
fn allowed(
    input: &CopyObjectInput,
    replaced: &About,
    source: &Source,
    (versioning, size): (Versioning, u64),
) -> Result<(), AwsError> {
    let in_place = source.version.is_none() && source.bucket == input.bucket && source.key == input.key;
    if in_place && versioning != Versioning::Suspended && !changes(input, replaced) {
        return Err(invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    if size > LARGEST {
        return Err(invalid_request(format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST}"
        )));
    }
    Ok(())
}

/// Whether a copy of an object to itself would make it another.
fn changes(input: &CopyObjectInput, replaced: &About) -> bool {
    input.metadata_directive == Some(MetadataDirective::Replace)
        || input.storage_class.is_some()
        || input.server_side_encryption.is_some()
        || input.sse_customer_algorithm.is_some()
        || replaced.redirect.is_some()
        || input.checksum_algorithm.is_some()
}

/// AWS: storage class and redirect are never copied.
fn about_of(input: &CopyObjectInput, replaced: About, kept: &About) -> About {
    let tags = match input.tagging_directive {
        Some(TaggingDirective::Replace) => replaced.tags.clone(),
        _ => kept.tags.clone(),
    };
    match input.metadata_directive {
        Some(MetadataDirective::Replace) => About { tags, ..replaced },
        _ => About { tags, storage_class: replaced.storage_class, redirect: replaced.redirect, ..kept.clone() },
    }
}
