//! The connections of transactions that read.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use updraft_kernel::{Clock, SystemClock};
use updraft_store::{Result, StoreError};

use crate::connect::{Connector, Use};
use crate::session::Session;

#[derive(Debug)]
pub(crate) struct Pool {
    connector: Arc<Connector>,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Session>>,
    wait: Duration,
    clock: SystemClock,
}

impl Pool {
    pub(crate) fn new(connector: Arc<Connector>, connections: usize, wait: Duration) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(connections.max(1)));
        Arc::new(Self { connector, permits, idle: Mutex::default(), wait, clock: SystemClock::new() })
    }

    /// A connection that nobody else uses.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Held> {
        let permit = self.permit().await?;
        let session = match self.living() {
            Some(session) => session,
            None => self.connector.connect(Use::Transactions).await?,
        };
        Ok(Held { session: Some(session), within: Within::Nothing, pool: Arc::clone(self), _permit: permit })
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Box::pin(Arc::clone(&self.permits).acquire_owned());
        match select(permit, self.clock.pause(self.wait)).await {
            Either::Left((permit, _)) => permit.map_err(|_| StoreError::Closed),
            Either::Right(_) => Err(StoreError::unavailable(
                "all connections to the database are in use by transactions that don't end",
            )),
        }
    }

    fn living(&self) -> Option<Session> {
        let mut idle = self.idle.lock();
        idle.retain(|session| !session.is_closed());
        idle.pop()
    }

    /// One connection was found dead: the others have most likely died with it.
    pub(crate) fn forget_idle(&self) {
        self.idle.lock().clear();
    }

    pub(crate) fn close(&self) {
        self.permits.close();
        self.forget_idle();
    }
}

/// What a connection is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    Nothing,
    /// A transaction that has only read.
    Reads,
    /// One that has sent writes, of which nobody knows how far they got.
    Writes,
}

/// A connection in use. When dropped it goes back, unless it has sent writes: then it is closed, and they are undone.
#[derive(Debug)]
pub(crate) struct Held {
    session: Option<Session>,
    pub(crate) within: Within,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Held {
    /// # Errors
    /// If it was given up.
    pub(crate) fn session(&self) -> Result<&Session> {
        self.session.as_ref().ok_or(StoreError::Conflict)
    }

    /// Closes it.
    pub(crate) fn give_up(mut self) {
        drop(self.session.take());
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        match self.within {
            Within::Nothing => {}
            // Committed, not rolled back: what was read has been told to somebody, and only the reads of a transaction
            // that committed are held against later writes of others. Nobody waits for the answer.
            Within::Reads => drop(session.run("COMMIT").now_or_never()),
            Within::Writes => return,
        }
        if !session.is_closed() && !self.pool.permits.is_closed() {
            self.pool.idle.lock().push(session);
        }
    }
}
