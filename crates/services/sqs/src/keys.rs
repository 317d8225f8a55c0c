//! Every key type of this service, with a test of its order. The tag byte is in updraft_store::tags.

use bytes::Bytes;
use updraft_kernel::{AccountId, Region};
use updraft_store::{Key, KeyBuilder, tags};

use crate::model::queue::Queue;

/// Kinds of rows within the tag; never reused.
const QUEUE: u8 = 1;

/// A queue by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) name: &'a str,
}

impl Key for QueueKey<'_> {
    type Row = Queue;

    fn encode(&self) -> Bytes {
        scope(self.account, self.region, QUEUE).str(self.name).build()
    }
}

fn scope(account: &AccountId, region: &Region, kind: u8) -> KeyBuilder {
    KeyBuilder::new(tags::SQS).scope(account, region).u8(kind)
}
