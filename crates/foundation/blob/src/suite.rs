//! What admits a backend: the rules of [`Blobs`], each with its check.
#![expect(clippy::unwrap_used, reason = "checks fail by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use updraft_kernel::{BoxFuture, Clock, UnixMillis};

use crate::blobs::{Blobs, BlobsExt, ByteRange};
use crate::error::BlobError;
use crate::id::BlobId;
use crate::sweep::{GRACE, Swept, sweep};

/// One test per rule. `$make` is an `async fn(Arc<dyn Clock>) -> (Arc<dyn Blobs>, T)` giving an empty backend on that
/// clock, and whatever must outlive it.
#[macro_export]
macro_rules! blob_suite {
    ($make:path) => {
        $crate::blob_suite!($make, dated_by_itself);
        $crate::blob_suite!(@checks $make, the_sweeper_takes_old_unnamed_blobs_only);
    };
    // A backend that dates blobs by a clock of its own, which no test can move: it checks by itself what is swept.
    ($make:path, dated_by_itself) => {
        $crate::blob_suite!(@checks $make,
            what_was_put_is_got,
            a_blob_comes_back_under_its_old_id,
            a_large_body_is_streamed_both_ways,
            ranges_are_cut_out,
            a_body_that_fails_leaves_nothing,
            what_was_deleted_is_gone,
            a_body_is_read_on_after_its_deletion,
            a_listing_goes_through_all_in_order,
        );
    };
    (@checks $make:path, $($check:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let clock = std::sync::Arc::new($crate::suite::HandClock::default());
                let (blobs, _folder) = $make(clock.clone()).await;
                $crate::suite::$check(blobs, &clock).await;
            }
        )*
    };
}

type Subject = Arc<dyn Blobs>;

/// Real time, moved by hand.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl Default for HandClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_700_000_000_000))
    }
}

impl HandClock {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(0)
    }
    fn sleep_until(&self, _at: UnixMillis) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn pause(&self, _span: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
    fn real_now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

pub async fn what_was_put_is_got(blobs: Subject, _clock: &HandClock) {
    for body in ["", "x", "hello"] {
        let stored = blobs.put_bytes(body.into()).await.unwrap();
        assert_eq!(stored.size, u64::try_from(body.len()).unwrap());
        assert_eq!(blobs.get_bytes(&stored.id, ByteRange::ALL).await.unwrap(), body);
        assert!(blobs.exists(&stored.id).await.unwrap());
    }
    let (one, two) = (blobs.put_bytes("same".into()).await.unwrap(), blobs.put_bytes("same".into()).await.unwrap());
    assert_ne!(one.id, two.id, "ids don't depend on content");
}

pub async fn a_blob_comes_back_under_its_old_id(blobs: Subject, _clock: &HandClock) {
    let id = BlobId::parse(&"0123456789abcdef".repeat(2)).unwrap();
    let body = |text: &'static str| stream::iter([Ok(Bytes::from(text))]).boxed();
    let stored = blobs.put_as(&id, body("old")).await.unwrap();
    assert_eq!((stored.id, stored.size), (id.clone(), 3));
    assert_eq!(blobs.get_bytes(&id, ByteRange::ALL).await.unwrap(), "old");
    assert_eq!(blobs.list(None, 9).await.unwrap().len(), 1);
    let broken = stream::iter([Ok(Bytes::from("x")), Err(BlobError::Body("cut".into()))]).boxed();
    let other = BlobId::parse(&"f".repeat(32)).unwrap();
    blobs.put_as(&other, broken).await.unwrap_err();
    assert!(!blobs.exists(&other).await.unwrap());
}

/// A body in pieces of odd sizes.
fn pieces(total: usize) -> impl Iterator<Item = Bytes> {
    let byte = |n: usize| u8::try_from(n % 251).unwrap();
    let sizes = [1, 70_001, 8_192, 300_003].into_iter().cycle();
    let starts = sizes.scan(0, move |at, size| {
        let from = *at;
        *at += size;
        (from < total).then_some((from, (from + size).min(total)))
    });
    starts.map(move |(from, to)| (from..to).map(byte).collect())
}

pub async fn a_large_body_is_streamed_both_ways(blobs: Subject, _clock: &HandClock) {
    const TOTAL: usize = 5_000_000;
    let stored = blobs.put(stream::iter(pieces(TOTAL).map(Ok)).boxed()).await.unwrap();
    assert_eq!(stored.size, 5_000_000);
    let mut body = blobs.get(&stored.id, ByteRange::ALL).await.unwrap();
    assert_eq!((body.size, body.len), (5_000_000, 5_000_000));
    let mut at = 0usize;
    while let Some(piece) = body.stream.try_next().await.unwrap() {
        assert!(piece.iter().enumerate().all(|(n, byte)| usize::from(*byte) == (at + n) % 251), "around {at}");
        at += piece.len();
    }
    assert_eq!(at, TOTAL);
}

pub async fn ranges_are_cut_out(blobs: Subject, _clock: &HandClock) {
    let id = blobs.put_bytes("0123456789".into()).await.unwrap().id;
    let get = async |range| blobs.get_bytes(&id, range).await;
    assert_eq!(get(ByteRange::new(2, 3)).await.unwrap(), "234");
    assert_eq!(get(ByteRange::new(8, 100)).await.unwrap(), "89", "what is there");
    assert_eq!(get(ByteRange { start: 7, len: None }).await.unwrap(), "789");
    assert_eq!(get(ByteRange::new(10, 1)).await.unwrap(), "", "exactly at the end");
    assert_eq!(get(ByteRange::new(3, 0)).await.unwrap(), "");
    assert!(matches!(get(ByteRange::new(11, 1)).await, Err(BlobError::Range { start: 11, size: 10 })));
    let body = blobs.get(&id, ByteRange::new(2, 3)).await.unwrap();
    assert_eq!((body.size, body.len), (10, 3));
}

pub async fn a_body_that_fails_leaves_nothing(blobs: Subject, _clock: &HandClock) {
    let body = [Ok(Bytes::from("begin")), Err(BlobError::Body("the client went away".into()))];
    let err = blobs.put(stream::iter(body).boxed()).await.unwrap_err();
    assert!(matches!(err, BlobError::Body(_)), "{err}");
    assert!(blobs.list(None, 10).await.unwrap().is_empty());
}

pub async fn what_was_deleted_is_gone(blobs: Subject, _clock: &HandClock) {
    let id = blobs.put_bytes("x".into()).await.unwrap().id;
    blobs.delete(&id).await.unwrap();
    blobs.delete(&id).await.unwrap();
    assert!(!blobs.exists(&id).await.unwrap());
    assert!(matches!(blobs.get(&id, ByteRange::ALL).await, Err(BlobError::NotFound(gone)) if gone == id));
}

pub async fn a_body_is_read_on_after_its_deletion(blobs: Subject, _clock: &HandClock) {
    let body: Bytes = pieces(1_000_000).flatten().collect();
    let id = blobs.put_bytes(body.clone()).await.unwrap().id;
    let got = blobs.get(&id, ByteRange::ALL).await.unwrap();
    blobs.delete(&id).await.unwrap();
    let pieces: Vec<Bytes> = got.stream.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), body);
}

pub async fn a_listing_goes_through_all_in_order(blobs: Subject, _: &HandClock) {
    let mut ids = Vec::new();
    for n in 0..25 {
        ids.push(blobs.put_bytes(vec![0; n].into()).await.unwrap().id);
    }
    ids.sort();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = blobs.list(after.as_ref(), 10).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 10 && page.iter().all(|blob| blob.size < 25));
        after = Some(last.id.clone());
        found.extend(page.into_iter().map(|blob| blob.id));
    }
    assert_eq!(found, ids);
}

pub async fn the_sweeper_takes_old_unnamed_blobs_only(blobs: Subject, clock: &HandClock) {
    let put = async || blobs.put_bytes("x".into()).await.unwrap().id;
    let (named, unnamed) = (put().await, put().await);
    clock.advance(GRACE);
    let young = put().await;
    let named = &named;
    let run = async || {
        let is_named = |id: BlobId| async move { Ok::<_, BlobError>(id == *named) };
        sweep(&*blobs, clock, is_named).await.unwrap()
    };
    assert_eq!(run().await, Swept { seen: 3, deleted: 0 }, "exactly an hour old is not older");
    clock.advance(Duration::from_millis(1));
    assert_eq!(run().await, Swept { seen: 3, deleted: 1 });
    assert!(!blobs.exists(&unnamed).await.unwrap());
    assert!(blobs.exists(named).await.unwrap() && blobs.exists(&young).await.unwrap());
}
