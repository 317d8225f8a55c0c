//! Looking at what is in the outbox, for people.

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Key, Result, ScanOptions, Tx, decode_row};

use crate::delivery::Delivery;
use crate::keys::{BodyKey, bodies};
use crate::rows::Stored;

/// Rows looked at in one call at most: who asks for a rare target gets an early end, and asks on from there.
const LOOKED_AT: usize = 10_000;

const PAGE: usize = 500;

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pending<'a> {
    pub kind: Option<&'a str>,
    pub target: Option<&'a str>,
    /// [`PendingPage::next`] of the page before.
    pub from: Option<&'a str>,
}

/// Some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingPage {
    pub deliveries: Vec<PendingDelivery>,
    /// There may be more, which begin here. A page may have none and still not be the last.
    pub next: Option<String>,
}

/// One delivery, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingDelivery {
    /// Without its payload where that is large.
    pub delivery: Delivery,
    pub enqueued: UnixMillis,
    /// Those that count.
    pub attempts: u32,
    /// When it is tried again; `None`: as soon as it is its turn.
    pub waits_until: Option<UnixMillis>,
    pub last_failure: Option<String>,
}

impl Pending<'_> {
    fn is_asked_for(&self, delivery: &Delivery) -> bool {
        self.kind.is_none_or(|kind| kind == delivery.kind) && self.target.is_none_or(|target| target == delivery.target)
    }
}

pub(crate) async fn pending(tx: &mut Tx, what: &Pending<'_>, limit: usize) -> Result<PendingPage> {
    let mut page = PendingPage::default();
    let mut rest = match what.from {
        Some(id) => bodies().from(BodyKey(id).encode()),
        None => bodies(),
    };
    let mut looked_at = 0;
    loop {
        let read = tx.raw().scan(rest.clone(), ScanOptions::limit(PAGE).untracked()).await?;
        for (key, value) in &read.rows {
            // What can't be read is put aside by whoever is to deliver it.
            let Ok(stored) = decode_row::<Stored>(key, value) else { continue };
            if page.deliveries.len() >= limit || looked_at >= LOOKED_AT {
                page.next = Some(stored.delivery.id);
                return Ok(page);
            }
            looked_at += 1;
            if what.is_asked_for(&stored.delivery) {
                page.deliveries.push(shown(stored));
            }
        }
        match read.rows.last().filter(|_| read.more) {
            Some((last, _)) => rest = rest.after(&Bytes::clone(last)),
            None => return Ok(page),
        }
    }
}

fn shown(stored: Stored) -> PendingDelivery {
    let Stored { delivery, enqueued, attempts, waits_until, last_failure, .. } = stored;
    PendingDelivery { delivery, enqueued, attempts, waits_until, last_failure }
}
