//! `/_updraft/snapshot`: the whole state as one file, streamed while the platform goes on serving.

use std::fmt::Debug;
use std::io;

use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::response::{self, Response};

/// Taking snapshots; the binary knows what there is to take them of.
pub trait Snapshots: Send + Sync + Debug {
    /// The file in pieces. Ends with an error if the file isn't whole; dropped, nothing goes on.
    fn take(&self) -> BoxStream<'static, io::Result<Bytes>>;
}

/// Its client learns from a broken connection that the file is none.
pub(super) fn taken(snapshots: &dyn Snapshots) -> Response {
    response::streamed("application/vnd.updraft.snapshot", snapshots.take())
}
