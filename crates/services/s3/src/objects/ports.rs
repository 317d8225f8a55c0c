//! What others ask of objects: Lambda its code, deliveries a place for what failed, the sweeper which blobs are named.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use updraft_blob::BlobId;
use updraft_kernel::ports::{EventTargetPort, ObjectName, ObjectsPort, TargetEvent};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, Identity, RequestId, RngExt as _};
use updraft_store::StoreExt as _;
use updraft_wire::ByteStream;

use super::conditions::{OfRead, OfWrite};
use super::encryption::{By, Opener};
use super::range::Span;
use super::read::{self, Wanted};
use super::receive::{Claims, Keep, receive};
use super::row::{About, Lock};
use super::write::{self, Write};
use super::{lock, send, table as versions};
use crate::errors::no_such_bucket;
use crate::keys::ObjectVersionKey;
use crate::notify::Happening;
use crate::{S3, keys, table};

impl S3 {
    /// Whether an object or an upload is made of this blob: what the sweeper of blobs asks.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn names_blob(&self, id: &BlobId) -> Result<bool, AwsError> {
        let mut tx = self.parts.store.read().await?;
        versions::names(&mut tx, id).await
    }

    async fn whole(&self, cx: &Ctx, name: &ObjectName, most: u64) -> Result<Option<Bytes>, AwsError> {
        let mut tx = self.parts.store.read().await?;
        let bucket = table::bucket(&mut tx, cx, &name.bucket, None).await?;
        let (key, version) = (name.key.as_str(), name.version.as_deref());
        let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method: "GET" };
        let (found, object) = read::existing(&mut tx, &bucket, wanted).await?;
        if object.size > most {
            return Ok(None);
        }
        let at = ObjectVersionKey { bucket: keys::Numbered::of(&bucket), key, version: found.order };
        let opener = Opener::of(self, object.encryption, None).await?;
        let mut pieces = send::send(self, &mut tx, (at, &object), Span::whole(object.size), opener).await?.take();
        let mut all = BytesMut::with_capacity(usize::try_from(object.size).unwrap_or(0));
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(Some(all.freeze()))
    }

    async fn take(&self, event: TargetEvent) -> Result<(), AwsError> {
        let name = event.target.resource.clone();
        let mut tx = self.parts.store.read().await?;
        let bucket = table::named(&mut tx, &name).await?.ok_or_else(|| no_such_bucket(&name))?;
        let by = By::chosen(&mut tx, &bucket, None).await?;
        let locked = lock::chosen(&mut tx, &bucket, Lock::default(), self.parts.clock.now()).await?;
        drop(tx);
        let cx = Ctx {
            identity: std::sync::Arc::new(Identity::service(bucket.account.clone(), event.sender.service)),
            account: bucket.account.clone(),
            region: bucket.region.clone(),
            request_id: RequestId::new(self.parts.rng.uuid()),
            clock: std::sync::Arc::clone(&self.parts.clock),
            rng: std::sync::Arc::clone(&self.parts.rng),
            endpoint: "".into(),
            trace: event.trace.as_deref().map(Into::into),
            source_ip: None,
            via: None,
        };
        let key = event.object_key.clone().unwrap_or_else(|| event.id.clone());
        let how = (Keep::Object, by.seal(self).await?);
        let received = receive(self, &ByteStream::whole(event.body), Claims::default(), how).await?;
        let about = About { content_type: Some("application/json".to_owned()), ..About::default() };
        let write = Write {
            bucket: &name,
            owner: None,
            key: &key,
            conditions: OfWrite::default(),
            what: Happening::CreatedPut,
        };
        write::put(self, &cx, write, received.object(about, locked)).await.map(drop)
    }
}

impl ObjectsPort for S3 {
    fn read<'a>(
        &'a self,
        cx: &'a Ctx,
        object: &'a ObjectName,
        most: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>> {
        Box::pin(self.whole(cx, object, most))
    }
}

impl EventTargetPort for S3 {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async move {
            let mut tx = self.parts.store.read().await?;
            Ok(table::named(&mut tx, &target.resource).await?.is_some())
        })
    }

    /// AWS: an object under the key that the event names.
    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(self.take(event))
    }
}
