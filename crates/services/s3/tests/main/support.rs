//! Buckets under test.

use std::sync::Arc;

use bytes::Bytes;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{CreateBucketInput, DeletePublicAccessBlockInput};
use updraft_blob::{Blobs as _, BlobsExt as _, ByteRange, MemBlobs};
use updraft_delivery::Outbox;
use updraft_kernel::ports::EventTargets;
use updraft_kernel::{AccountId, AwsError, Ctx, Identity, Tasks};
use updraft_nodes::Nodes;
use updraft_s3::{Parts, S3};
use updraft_store::{KeyBuilder, ScanOptions, Store, StoreExt, tags};
use updraft_testkit::{MemSecrets, World};
use updraft_timers::{Settles, Timers};

pub(crate) struct Cloud {
    pub(crate) world: World,
    pub(crate) blobs: Arc<MemBlobs>,
    pub(crate) s3: Arc<S3>,
    pub(crate) targets: EventTargets,
    timers: Timers,
    outbox: Outbox,
    tasks: Tasks,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let store = Arc::clone(&world.store);
        Self::over(world, store)
    }

    /// `way`: how the service reaches the world's store.
    pub(crate) fn over(world: World, way: Arc<dyn Store>) -> Self {
        let (store, nodes, tasks) = (Arc::clone(&world.store), Nodes::alone(), Tasks::new());
        let blobs = Arc::new(MemBlobs::new(Arc::clone(&world.rng), world.clock()));
        let timers = Timers::new(Arc::clone(&store), world.clock(), &nodes);
        let rng = Arc::clone(&world.rng);
        let outbox = Outbox::new(Arc::clone(&store), world.clock(), Arc::clone(&rng), timers.clone(), &nodes);
        let targets = EventTargets::default();
        let kept = blobs.clone();
        let (clock, outgoing, wheel) = (world.clock(), outbox.clone(), timers.clone());
        let s3 = S3::new(Parts {
            store: way,
            blobs: kept,
            clock,
            rng,
            outbox: outgoing,
            timers: wheel,
            targets: targets.clone(),
            secrets: Arc::new(MemSecrets::default()),
        });
        outbox.start(&tasks);
        Self { world, blobs, s3, targets, timers, outbox, tasks }
    }

    /// Until nothing is left to do now.
    pub(crate) async fn settle(&self) {
        while self.outbox.settle().await || self.timers.run_due().await.unwrap() > 0 {}
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    pub(crate) fn cx(&self) -> Ctx {
        self.world.cx()
    }

    pub(crate) fn cx_of(&self, account: &str) -> Ctx {
        let account = AccountId::parse(account).unwrap();
        Ctx { identity: Arc::new(Identity::root(account.clone())), account, ..self.cx() }
    }

    pub(crate) async fn bucket(&self, name: &str) -> String {
        let input = CreateBucketInput { bucket: name.into(), ..Default::default() };
        self.s3.create_bucket(&self.cx(), input).await.unwrap();
        name.to_owned()
    }

    /// Lets a bucket be made public, which new ones can't.
    pub(crate) async fn unblock(&self, name: &str) {
        let input = DeletePublicAccessBlockInput { bucket: name.into(), ..Default::default() };
        self.s3.delete_public_access_block(&self.cx(), input).await.unwrap();
    }

    /// How many blobs are kept.
    pub(crate) async fn blobs(&self) -> usize {
        self.blobs.list(None, usize::MAX).await.unwrap().len()
    }

    /// What is in them.
    pub(crate) async fn all_blobs(&self) -> Vec<Bytes> {
        let mut all = Vec::new();
        for blob in self.blobs.list(None, usize::MAX).await.unwrap() {
            all.push(self.blobs.get_bytes(&blob.id, ByteRange::ALL).await.unwrap());
        }
        all
    }

    /// All rows of the service.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        tx.raw().scan(KeyBuilder::new(tags::S3).prefix_range(), options).await.unwrap().rows.len()
    }
}

pub(crate) fn words<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    let error = result.unwrap_err();
    format!("{}: {}", error.code().name, error.message())
}
