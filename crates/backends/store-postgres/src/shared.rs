//! What transactions, lanes and background work have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio_postgres::Row;
use updraft_kernel::{Clock, SystemClock, Tasks};
use updraft_store::{CommitVersion, Durability, Limits, Result, StoreError, Topic};

use crate::apply::{Batch, Locking};
use crate::connect::Connector;
use crate::counters::Counters;
use crate::heat::Heat;
use crate::lanes::Lanes;
use crate::marks::{Mark, Marks, Settled};
use crate::options::PostgresOptions;
use crate::pool::Pool;
use crate::reads::column;
use crate::wakes::Wakes;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: PostgresOptions,
    pub(crate) connector: Arc<Connector>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) lanes: Lanes,
    pub(crate) marks: Marks,
    pub(crate) wakes: Arc<Wakes>,
    pub(crate) counters: Counters,
    pub(crate) locking: Locking,
    pub(crate) limits: Limits,
    pub(crate) tasks: Tasks,
    pub(crate) clock: SystemClock,
    pub(crate) heat: Heat,
    closed: AtomicBool,
    /// The last version that a commit of this process had.
    version: AtomicU64,
    /// Something relaxed may not be on the disk yet.
    relaxed: AtomicBool,
}

/// What is made at opening.
pub(crate) struct Parts {
    pub(crate) options: PostgresOptions,
    pub(crate) connector: Arc<Connector>,
    pub(crate) marks: Marks,
    pub(crate) locking: Locking,
    pub(crate) tasks: Tasks,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { options, connector, marks, locking, tasks } = parts;
        let pool = Pool::new(Arc::clone(&connector), options.connections, options.wait);
        let (lanes, wakes, counters) = (Lanes::default(), Wakes::new(&options.schema), Counters::default());
        let (limits, clock) = (Limits::HOUSE, SystemClock::new());
        let (closed, relaxed, version) = (AtomicBool::new(false), AtomicBool::new(false), AtomicU64::new(0));
        Self {
            options,
            connector,
            pool,
            lanes,
            marks,
            wakes,
            counters,
            locking,
            limits,
            tasks,
            clock,
            heat: Heat::default(),
            closed,
            version,
            relaxed,
        }
    }

    /// # Errors
    /// [`StoreError::Closed`].
    pub(crate) fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(()) }
    }

    /// Takes no more. Whether it was open.
    pub(crate) fn shut(&self) -> bool {
        self.lanes.close();
        !self.closed.swap(true, Ordering::AcqRel)
    }

    /// Too long ago for a transaction to commit that began then.
    pub(crate) fn is_too_old(&self, began: std::time::Duration) -> bool {
        self.clock.monotonic().saturating_sub(began) > self.limits.txn_age
    }

    /// What became of a commit whose connection was lost.
    pub(crate) async fn settle(&self, mark: &Mark) -> Settled {
        self.marks.settle(&self.connector, mark, self.options.doubt).await
    }

    /// Remembers a commit and wakes whoever watches.
    pub(crate) fn committed(&self, batch: &Batch, base: i64, touches: Vec<Topic>) -> CommitVersion {
        let version = base.cast_unsigned();
        self.version.fetch_max(version, Ordering::AcqRel);
        self.relaxed.fetch_or(batch.relaxed, Ordering::AcqRel);
        self.counters.added(batch.counters());
        self.wakes.touch(touches);
        CommitVersion(version)
    }

    /// What a commit answers that wrote nothing.
    pub(crate) fn last_version(&self) -> CommitVersion {
        CommitVersion(self.version.load(Ordering::Acquire))
    }

    /// Whether something relaxed was committed since the last time this was asked.
    pub(crate) fn take_relaxed(&self) -> bool {
        self.relaxed.swap(false, Ordering::AcqRel)
    }
}

/// The version that a batch's statement answered.
pub(crate) fn base_of(rows: &[Row]) -> Result<i64> {
    rows.first().map_or_else(|| Err(StoreError::engine("a commit answered no version")), |row| column(row, 0))
}

pub(crate) fn is_relaxed(durability: Durability) -> bool {
    durability == Durability::Relaxed
}
