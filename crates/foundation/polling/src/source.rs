//! What a service that owns a source implements.

use std::fmt;

use serde_json::Value;
use updraft_kernel::{AwsError, BoxFuture, UnixMillis};
use updraft_store::Watch;

/// One record, as it was taken.
#[derive(Debug)]
pub struct Record<T> {
    /// By which a function that reports failures names it: `itemIdentifier`.
    pub id: String,
    /// As the function gets it.
    pub event: Value,
    /// The trace that it belongs to, as `X-Amzn-Trace-Id` has it.
    pub trace: Option<String>,
    /// What the source needs in order to settle it.
    pub token: T,
}

/// What was there.
#[derive(Debug)]
pub struct Taken<T> {
    pub records: Vec<Record<T>>,
    /// Nobody else gets them before: until then a call that was refused is tried again.
    pub hidden_until: UnixMillis,
    /// Where nothing was: when a record that is there, and can't be taken yet, can be.
    pub next: Option<UnixMillis>,
    /// It isn't the source that is watched, but one that was made in its place.
    pub anew: bool,
}

pub trait Source: Send + Sync + fmt::Debug + 'static {
    type Token: Send + Sync + fmt::Debug + 'static;

    /// Records that are there now, `most` at most; waits for none. Nobody else gets them for a while.
    ///
    /// # Errors
    /// With a status of 4xx if the source is gone, which the mapping then tells.
    fn take(&self, most: usize) -> BoxFuture<'_, Result<Taken<Self::Token>, AwsError>>;

    /// Woken by whatever makes a record available at once. Asked for again after each error of [`Self::take`].
    ///
    /// # Errors
    /// As [`Self::take`].
    fn watch(&self) -> BoxFuture<'_, Result<Watch, AwsError>>;

    /// They are dealt with and never come again.
    ///
    /// # Errors
    /// If the store fails: they come again.
    fn done(&self, records: Vec<Self::Token>) -> BoxFuture<'_, Result<(), AwsError>>;

    /// Nobody has dealt with them, nor tried to: they may be taken again at once.
    ///
    /// # Errors
    /// If the store fails: they come again later.
    fn give_back(&self, records: Vec<Self::Token>) -> BoxFuture<'_, Result<(), AwsError>>;

    /// The record as filter patterns see it.
    fn seen(&self, event: &Value) -> Value {
        event.clone()
    }
}
