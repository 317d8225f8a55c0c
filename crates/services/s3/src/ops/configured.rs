//! What operations have in common that put, get or delete a configuration of which a bucket has one.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;
use updraft_wire::model::Shape;
use updraft_wire::{FromValue, IntoValue};

use crate::config::{self, Kind};
use crate::model::bucket::Bucket;
use crate::{S3, table};

/// The bucket's name, and who its owner is expected to be.
pub(super) type Whose<'a> = (&'a str, Option<&'a str>);

/// A kind of configuration, and the shape that it has.
pub(super) type What = (Kind, &'static Shape);

pub(super) async fn put<T: IntoValue>(
    svc: &S3,
    cx: &Ctx,
    (name, owner): Whose<'_>,
    what: What,
    value: T,
) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut bucket = table::bucket(&mut tx, cx, name, owner).await?;
    config::put(&mut tx, &mut bucket, what, value)?;
    tx.commit().await?;
    Ok(())
}

/// The bucket too, for errors to name.
pub(super) async fn get<T: FromValue>(
    svc: &S3,
    cx: &Ctx,
    (name, owner): Whose<'_>,
    what: What,
) -> Result<(Bucket, Option<T>), AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, name, owner).await?;
    let value = config::get(&mut tx, &bucket, what).await?;
    Ok((bucket, value))
}

/// It makes no difference whether there is one.
pub(super) async fn delete(svc: &S3, cx: &Ctx, (name, owner): Whose<'_>, kind: Kind) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut bucket = table::bucket(&mut tx, cx, name, owner).await?;
    if config::remove(&mut tx, &mut bucket, kind)? {
        tx.commit().await?;
    }
    Ok(())
}
