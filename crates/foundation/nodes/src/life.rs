//! The task of a node: from joining to leaving.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use updraft_kernel::Shutdown;
use updraft_store::{Result, StoreError};

use crate::beat::{beat, topic};
use crate::info::NodeState;
use crate::member::Member;

/// Beats until this node has left, or must.
pub(crate) async fn run(member: Arc<Member>, mut shutdown: Shutdown) {
    let _gone = Gone(&member);
    let mut touched = member.parts.store.watch(topic());
    loop {
        let Some(pause) = next(&member).await else { return };
        tokio::select! {
            () = shutdown.requested() => break,
            () = touched.changed() => {}
            () = member.kick.notified() => {}
            () = member.clock().pause(pause) => {}
        }
    }
    leave_at_once(&member).await;
}

/// One heart-beat. Answers how long to wait for the next; `None`: this node has left, or tried long enough.
pub(crate) async fn next(member: &Member) -> Option<Duration> {
    let began = member.clock().monotonic();
    match watched(member, beat(member)).await {
        Ok(_) if member.health.borrow().state == NodeState::Gone => None,
        Ok(silence) => {
            member.said_so.store(false, Ordering::Relaxed);
            Some(until_next(member, began, silence))
        }
        Err(err) => {
            say_once(member, &err);
            (!member.is_overdue()).then_some(member.parts.settings.beat / 2)
        }
    }
}

fn say_once(member: &Member, err: &StoreError) {
    if member.said_so.swap(true, Ordering::Relaxed) {
        tracing::debug!(error = %err, "no heart-beat could be written again");
    } else {
        tracing::warn!(error = %err, source = ?err, "no heart-beat could be written; trying again");
    }
}

/// At the next heart-beat's time, or just when another node would count as dead.
fn until_next(member: &Member, began: Duration, silence: Option<Duration>) -> Duration {
    let beat = member.parts.settings.beat;
    let passed = member.clock().monotonic().saturating_sub(began);
    beat.min(silence.unwrap_or(beat)).saturating_sub(passed).max(beat / 20)
}

/// Does `work` to its end, and sees to it that nothing is held if it takes too long.
async fn watched<T>(member: &Member, work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    let lapse = member.clock().pause(member.left_alive());
    let done = tokio::select! {
        done = &mut work => done,
        () = lapse => {
            member.lapse_if_due();
            work.await
        }
    };
    member.lapse_if_due();
    done
}

/// The process ends: what this node has is free from now on, if the store can be told.
pub(crate) async fn leave_at_once(member: &Member) {
    member.leave_at_once();
    if let Err(err) = beat(member).await {
        tracing::warn!(error = %err, "the other nodes could not be told that this one leaves");
    }
}

/// However the task ends, whoever waits for this node's leaving goes on.
struct Gone<'a>(&'a Member);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.gone();
    }
}
