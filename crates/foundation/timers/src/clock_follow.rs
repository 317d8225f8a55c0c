//! Following a clock that another node moves.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use updraft_kernel::{Clock, Shutdown, UnixMillis};
use updraft_store::Result;

use crate::clock::Mover;
use crate::clock_rows::{self, Moved};
use crate::patience::Outage;

/// Between two looks (in real time) while another node is at a move: it may die, and touches may be lost.
const MOVING: Duration = Duration::from_secs(1);

/// Between two looks while nothing moves.
const QUIET: Duration = Duration::from_secs(5);

/// Takes over what other nodes do to the clock, until shutdown.
pub(crate) async fn follow(mover: Arc<Mover>, mut shutdown: Shutdown) {
    let mut touched = mover.store.watch(clock_rows::topic());
    let outage = Outage::default();
    while !shutdown.is_requested() {
        let span = match look(&mover).await {
            Ok(moved) => {
                outage.over();
                if moved.moving { MOVING } else { QUIET }
            }
            Err(err) => {
                outage.failed("clock follower", &err);
                MOVING
            }
        };
        tokio::select! {
            () = shutdown.requested() => {}
            () = touched.changed() => {}
            () = mover.clock.pause(span) => {}
        }
    }
}

/// Brings this node's clock to where the store says it is.
async fn look(mover: &Mover) -> Result<Moved> {
    // Not while this node moves it.
    let _own = mover.own.lock().await;
    let mut moved = clock_rows::read(&*mover.store).await?;
    if moved.moving && clock_rows::give_up(&*mover.store, mover.clock.real_now()).await? {
        tracing::warn!("the node that moved the clock is gone; time goes on from where it stood");
        moved = clock_rows::read(&*mover.store).await?;
    }
    adopt(mover, moved).await;
    Ok(moved)
}

async fn adopt(mover: &Mover, to: Moved) {
    let before = mover.adopted.lock().unwrap_or_else(PoisonError::into_inner).replace(to);
    // At the start the clock was loaded from the same row, most likely.
    let same = before.map_or(!to.moving && to.offset_millis == mover.clock.offset_millis(), |before| same(before, to));
    if same {
        return;
    }
    if to.moving {
        mover.clock.freeze_at(to.at);
        return;
    }
    // No firing may be under way: it would write down a later time as passed.
    let _steps = mover.timers.step_by_step().await;
    mover.clock.run_from(UnixMillis(mover.clock.real_now().0.saturating_add(to.offset_millis)).max(to.at));
}

/// But for signs of life.
fn same(a: Moved, b: Moved) -> bool {
    Moved { alive: b.alive, ..a } == b
}
