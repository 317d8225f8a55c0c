//! Requests that are cut off in the middle: what was acknowledged is whole, and no bytes stay that nobody names.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    AbortMultipartUploadInput, CompleteMultipartUploadInput, CompletedMultipartUpload, CompletedPart, CopyObjectInput,
    CreateMultipartUploadInput, Delete, DeleteObjectInput, DeleteObjectsInput, ListMultipartUploadsInput,
    ObjectIdentifier, UploadPartInput,
};
use updraft_blob::{GRACE, sweep};
use updraft_kernel::{AwsError, RngExt as _, SeededRng};
use updraft_store::faults::{Faults, FaultyStore};
use updraft_testkit::{ManualClock, World};
use updraft_wire::ByteStream;

use crate::support::Cloud;

const STEPS: usize = 80;
const KEYS: u64 = 4;
/// Above what lies in the store, so that they are blobs.
const SIZE: u64 = 40_000;

/// Every way in which a commit may go wrong, often.
const FAULTS: Faults = Faults {
    conflict: 50,
    unknown_applied: 150,
    unknown_lost: 150,
    unknown_late: 50,
    unavailable: 20,
    slow: 0,
    longest: Duration::ZERO,
};

/// What a key may stand for: after an acknowledgement one thing, after a failure one of several.
type MayBe = BTreeMap<String, Vec<Option<Bytes>>>;

struct Client {
    cloud: Cloud,
    may_be: MayBe,
    number: u8,
}

impl Client {
    fn below(&self, many: u64) -> u64 {
        self.cloud.world.rng.below(many)
    }

    fn key(&self) -> String {
        format!("k{}", self.below(KEYS))
    }

    fn bytes(&mut self) -> Bytes {
        self.number = self.number.wrapping_add(1);
        let size = usize::try_from(self.below(SIZE)).unwrap();
        vec![self.number; size].into()
    }

    fn done(&mut self, key: &str, value: Option<Bytes>, went: bool) {
        let may_be = self.may_be.entry(key.to_owned()).or_insert_with(|| vec![None]);
        if went {
            may_be.clear();
        }
        may_be.push(value);
    }

    async fn step(&mut self) {
        let key = self.key();
        match self.below(6) {
            0 | 1 => {
                let bytes = self.bytes();
                let put = self.cloud.try_put(&key, bytes.clone(), |_| {}).await;
                self.done(&key, Some(bytes), put.is_ok());
            }
            2 => {
                let bytes = self.bytes();
                let went = self.in_parts(&key, &bytes).await.is_ok();
                self.done(&key, Some(bytes), went);
            }
            3 => self.copy(&key).await,
            4 => {
                let input = DeleteObjectInput { bucket: "bucket".into(), key: key.clone(), ..Default::default() };
                let went = self.cloud.s3.delete_object(&self.cloud.cx(), input).await.is_ok();
                self.done(&key, None, went);
            }
            _ => self.delete_many(&key).await,
        }
    }

    /// The same part twice, of which the first is put over.
    async fn in_parts(&self, key: &str, bytes: &Bytes) -> Result<(), AwsError> {
        let (s3, cx) = (&self.cloud.s3, self.cloud.cx());
        let input = CreateMultipartUploadInput { bucket: "bucket".into(), key: key.into(), ..Default::default() };
        let upload_id = s3.create_multipart_upload(&cx, input).await?.upload_id.unwrap();
        let mut e_tag = None;
        for body in [Bytes::from(vec![0; 20_000]), bytes.clone()] {
            let input = UploadPartInput {
                bucket: "bucket".into(),
                key: key.into(),
                upload_id: upload_id.clone(),
                part_number: 1,
                body: Some(ByteStream::whole(body)),
                ..Default::default()
            };
            e_tag = s3.upload_part(&cx, input).await?.e_tag;
        }
        let parts = vec![CompletedPart { e_tag, part_number: Some(1), ..Default::default() }];
        let input = CompleteMultipartUploadInput {
            bucket: "bucket".into(),
            key: key.into(),
            upload_id,
            multipart_upload: Some(CompletedMultipartUpload { parts: Some(parts) }),
            ..Default::default()
        };
        s3.complete_multipart_upload(&cx, input).await.map(drop)
    }

    async fn copy(&mut self, key: &str) {
        let certain = |(name, may_be): (&String, &Vec<Option<Bytes>>)| match &may_be[..] {
            [Some(bytes)] if name != key => Some((name.clone(), bytes.clone())),
            _ => None,
        };
        let Some((from, bytes)) = self.may_be.iter().find_map(certain) else { return };
        let input = CopyObjectInput {
            bucket: "bucket".into(),
            key: key.into(),
            copy_source: format!("bucket/{from}"),
            ..Default::default()
        };
        let went = self.cloud.s3.copy_object(&self.cloud.cx(), input).await.is_ok();
        self.done(key, Some(bytes), went);
    }

    async fn delete_many(&mut self, key: &str) {
        let keys = [key.to_owned(), "other".to_owned()];
        let objects = keys.iter().map(|key| ObjectIdentifier { key: key.clone(), ..Default::default() }).collect();
        let delete = Delete { objects, quiet: None };
        let input = DeleteObjectsInput { bucket: "bucket".into(), delete, ..Default::default() };
        let went = self.cloud.s3.delete_objects(&self.cloud.cx(), input).await.is_ok();
        for key in keys {
            self.done(&key, None, went);
        }
    }

    /// As the platform does each hour.
    async fn sweep(&self) {
        self.cloud.settle().await;
        self.cloud.world.clock.advance(GRACE + Duration::from_secs(1));
        self.cloud.settle().await;
        let s3 = &self.cloud.s3;
        let named = |id| async move { s3.names_blob(&id).await };
        sweep(&*self.cloud.blobs, &*self.cloud.world.clock, named).await.unwrap();
    }

    async fn check(&self) {
        for (key, may_be) in &self.may_be {
            let found = match self.cloud.get(key, |_| {}).await {
                Ok((_, bytes)) => Some(bytes),
                Err(error) => {
                    assert_eq!(error.code().name, "NoSuchKey");
                    None
                }
            };
            assert!(may_be.contains(&found), "{key} is none of the {} things that it may be", may_be.len());
        }
    }

    async fn clear(&self) {
        let (s3, cx) = (&self.cloud.s3, self.cloud.cx());
        for key in self.may_be.keys() {
            self.cloud.delete(key, None).await;
        }
        let input = ListMultipartUploadsInput { bucket: "bucket".into(), ..Default::default() };
        for upload in s3.list_multipart_uploads(&cx, input).await.unwrap().uploads.unwrap_or_default() {
            let input = AbortMultipartUploadInput {
                bucket: "bucket".into(),
                key: upload.key.unwrap(),
                upload_id: upload.upload_id.unwrap(),
                ..Default::default()
            };
            s3.abort_multipart_upload(&cx, input).await.unwrap();
        }
    }
}

/// What waits for a moment waits in virtual time.
async fn driven<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::task::yield_now() => clock.advance(Duration::from_millis(100)),
        }
    }
}

#[tokio::test]
async fn what_is_acknowledged_is_whole_and_no_orphan_survives_the_sweeper() {
    let mut orphans = 0;
    for seed in 0..12 {
        let mut world = World::new(updraft_store_mem::open().unwrap());
        world.rng = Arc::new(SeededRng::new(seed));
        let way = FaultyStore::new(Arc::clone(&world.store), world.clock(), Arc::clone(&world.rng));
        let cloud = Cloud::over(world, Arc::new(way.clone()));
        cloud.bucket("bucket").await;
        let mut client = Client { cloud, may_be: MayBe::new(), number: 0 };
        way.set(FAULTS);
        for _ in 0..STEPS {
            let clock = Arc::clone(&client.cloud.world.clock);
            driven(&clock, client.step()).await;
        }
        way.set(Faults::default());
        way.land().await;
        client.check().await;
        let before = client.cloud.blobs().await;
        client.sweep().await;
        orphans += before - client.cloud.blobs().await;
        client.check().await;
        client.clear().await;
        client.sweep().await;
        assert_eq!(client.cloud.blobs().await, 0, "seed {seed}: something is kept that nobody has");
    }
    assert!(orphans > 0, "nothing was ever left behind: this proves nothing");
}
