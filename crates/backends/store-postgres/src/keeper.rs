//! What has to be done now and then: folding counters, and taking away marks and additions that nobody needs.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, Shutdown};

use crate::connect::Use;
use crate::errors::Failure;
use crate::session::Session;
use crate::shared::Shared;
use crate::{counters, marks};

const FOLD: Duration = Duration::from_secs(1);
const CLEAN: Duration = Duration::from_secs(600);

/// Works until shutdown. Nothing depends on it but speed and space, so what fails is done the next time.
pub(crate) async fn run(shared: Arc<Shared>, mut stop: Shutdown) {
    let mut cleaned = shared.clock.monotonic();
    let mut session = None;
    while !stop.is_requested() {
        tokio::select! {
            () = stop.requested() => return,
            () = shared.clock.pause(FOLD) => {}
        }
        let clean = shared.clock.monotonic().saturating_sub(cleaned) >= CLEAN;
        if clean {
            cleaned = shared.clock.monotonic();
        }
        match turn(&shared, &mut session, clean).await {
            Ok(()) => {}
            Err(err) => {
                tracing::debug!(?err, "tidying the database failed; it is tried again");
                session = None;
            }
        }
    }
}

async fn turn(shared: &Shared, session: &mut Option<Session>, clean: bool) -> Result<(), Failure> {
    let due = shared.counters.due();
    if due.is_empty() && !clean {
        return Ok(());
    }
    let session = match session {
        Some(session) if !session.is_closed() => session,
        _ => session.insert(shared.connector.connect(Use::Statements).await.map_err(Failure::Refused)?),
    };
    if !due.is_empty() {
        counters::fold(session, &due).await?;
    }
    if clean {
        marks::clean(session, &shared.marks.horizon()).await?;
        counters::sweep(session).await?;
    }
    Ok(())
}
