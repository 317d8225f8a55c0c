//! The store over an engine.

use std::sync::Arc;
use std::thread::JoinHandle;

use futures_util::future::ready;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use updraft_kernel::{BoxFuture, Clock, SystemClock, UnixMillis};

use super::committer::Committer;
use super::core::{Core, Message, Request};
use super::engine::Engine;
use super::txn::EmbeddedTxn;
use crate::error::StoreError;
use crate::seam::{CommitVersion, Limits, Result, Store, Txn, TxnKind};
use crate::watch::{Topic, Watch};

/// A [`Store`] over `E`. Dropping it ends the committer after what was sent to it.
#[derive(Debug)]
pub struct EmbeddedStore<E: Engine> {
    shared: Arc<Shared<E>>,
}

/// What transactions hold on to.
#[derive(Debug)]
pub(crate) struct Shared<E: Engine> {
    pub(crate) core: Arc<Core<E>>,
    committer: Arc<Committer<E>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<E: Engine> EmbeddedStore<E> {
    /// Takes over the engine and starts the committer.
    ///
    /// # Errors
    /// If the engine can't be read or no thread can be started.
    pub fn open(engine: E) -> Result<Self> {
        Self::open_with(engine, Limits::HOUSE)
    }

    /// With limits of its own, which only tests need.
    pub(crate) fn open_with(engine: E, limits: Limits) -> Result<Self> {
        let core = Arc::new(Core::open(engine, limits)?);
        let (committer, thread) = Committer::threaded(Arc::clone(&core))?;
        let shared = Shared { core, committer, thread: Mutex::new(Some(thread)) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Takes over the engine without a thread: what commits waits for the disk itself, so that one thread alone runs in
    /// the same order each time. Relaxed writes are synced with the next durable one, or at the end.
    ///
    /// # Errors
    /// If the engine can't be read.
    pub fn open_inline(engine: E) -> Result<Self> {
        let core = Arc::new(Core::open(engine, Limits::HOUSE)?);
        let committer = Arc::new(Committer::inline(Arc::clone(&core)));
        let shared = Shared { core, committer, thread: Mutex::new(None) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The engine, for its figures; writing past the store breaks its transactions.
    #[must_use]
    pub fn engine(&self) -> &E {
        &self.shared.core.engine
    }

    fn begin_now(&self, kind: TxnKind) -> Result<Box<dyn Txn>> {
        if kind == TxnKind::ReadWrite && self.shared.core.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        Ok(Box::new(EmbeddedTxn::begin(Arc::clone(&self.shared), kind)))
    }
}

impl<E: Engine> Shared<E> {
    pub(crate) fn submit(&self, request: Request) -> Result<()> {
        self.committer.submit(Message::Commit(Box::new(request)))
    }
}

impl<E: Engine> Drop for Shared<E> {
    fn drop(&mut self) {
        self.committer.close();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the committer panicked");
        }
    }
}

impl<E: Engine> Store for EmbeddedStore<E> {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        Box::pin(ready(self.begin_now(kind)))
    }

    fn watch(&self, topic: Topic) -> Watch {
        let core = &self.shared.core;
        let watch = core.watches.watch(topic);
        if topic == Topic::POISONED && core.is_poisoned() { watch.wake() } else { watch }
    }

    fn limits(&self) -> Limits {
        self.shared.core.limits
    }

    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>> {
        Box::pin(ready(Ok(SystemClock::new().real_now())))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn raise_version(&self, to: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>> {
        Box::pin(async move {
            let (answer, raised) = oneshot::channel();
            self.shared.committer.submit(Message::Raise(to, answer))?;
            raised.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let (answer, closed) = oneshot::channel();
            self.shared.committer.submit(Message::Close(answer))?;
            closed.await.unwrap_or(Err(StoreError::Closed))
        })
    }
}
