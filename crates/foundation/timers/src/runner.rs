//! The task of one bucket: drains it whenever its first timer is due, or a transaction touched it.

use std::sync::Arc;

use tokio::sync::RwLockReadGuard;
use updraft_kernel::{BoxFuture, Shutdown};
use updraft_nodes::Lease;
use updraft_store::{Result, StoreError, Topic};

use crate::bucket::{Bucket, topic};
use crate::drain::{Drained, Then, drain};
use crate::patience::Patience;
use crate::timers::Wheel;

/// Works until shutdown, while this node has the bucket.
pub(crate) async fn run(wheel: Arc<Wheel>, number: usize, mut shutdown: Shutdown) {
    let Some(bucket) = wheel.buckets.get(number) else { return };
    let mut touched = wheel.store.watch(topic(bucket.number));
    let mut lease = bucket.lease.clone();
    let mut pauses = Pauses::new(&wheel, bucket);
    while !shutdown.is_requested() {
        let Some(steps) = begin(&wheel, bucket, &mut lease, &mut shutdown).await else { continue };
        let drained = tokio::select! {
            // As a crash would: whatever isn't committed fires again, and a backlog keeps nobody from stopping.
            () = shutdown.requested() => break,
            drained = drain(&wheel, bucket) => drained,
        };
        let wait = pauses.after(drained);
        drop(steps);
        tokio::select! {
            () = shutdown.requested() => {}
            () = touched.changed() => {}
            () = lease.changed() => {}
            () = wait => {}
        }
    }
    bucket.let_go().await;
}

/// Waits until there may be something for this node to do. `None`: look again at how things stand.
async fn begin<'a>(
    wheel: &'a Wheel,
    bucket: &Bucket,
    lease: &mut Lease,
    shutdown: &mut Shutdown,
) -> Option<RwLockReadGuard<'a, ()>> {
    if lease.held().is_some() {
        return tokio::select! {
            steps = wheel.steps.read() => Some(steps),
            () = lease.changed() => None,
            () = shutdown.requested() => None,
        };
    }
    bucket.let_go().await;
    tokio::select! {
        () = lease.changed() => {}
        () = shutdown.requested() => {}
    }
    None
}

/// How long nothing is done after what came of draining.
struct Pauses<'a> {
    wheel: &'a Wheel,
    conflicts: Patience,
    outages: Patience,
}

impl<'a> Pauses<'a> {
    fn new(wheel: &'a Wheel, bucket: &Bucket) -> Self {
        // The moment tells apart what the same bucket's runners of several nodes draw.
        let moment = wheel.clock.monotonic().as_nanos().to_le_bytes();
        let seed = Topic::of(&[&[bucket.number], &moment]).0;
        Self { wheel, conflicts: Patience::with_conflicts(seed), outages: Patience::with_outages(seed) }
    }

    /// Until when there is nothing to do in the bucket, unless it is touched.
    fn after(&mut self, drained: Result<Drained>) -> BoxFuture<'static, ()> {
        let err = match drained {
            Ok(Drained { then, .. }) => return self.until(then),
            Err(err) => err,
        };
        self.wheel.outage.failed("timers", &err);
        let patience = if matches!(err, StoreError::Conflict) { &mut self.conflicts } else { &mut self.outages };
        self.wheel.clock.pause(patience.pause())
    }

    fn until(&mut self, then: Then) -> BoxFuture<'static, ()> {
        self.wheel.outage.over();
        self.conflicts.reset();
        self.outages.reset();
        match then {
            Then::Idle(Some(at)) => self.wheel.clock.sleep_until(at),
            // Elsewhere while the lease seems to be held: it is about to change.
            Then::Idle(None) | Then::Elsewhere => Box::pin(std::future::pending()),
        }
    }
}
