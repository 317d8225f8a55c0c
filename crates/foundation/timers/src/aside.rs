//! Timers whose rows can't be read: they stop nobody else.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Result, ScanOptions, Tx, run};

use crate::bucket::{Mine, bucket_of};
use crate::drain::Raw;
use crate::keys::{self, ASIDE, ByIdKey};
use crate::timers::Wheel;

/// Moves rows out of the wheel, as they are.
pub(crate) async fn put_aside(wheel: &Wheel, mine: &Mine<'_>, rows: &[Raw]) -> Result<()> {
    let moved = run(&*wheel.store, |mut tx| async move {
        mine.fence(&mut tx).await?;
        let mut moved = 0;
        for (key, value) in rows {
            if ASIDE.put_aside(&mut tx, key, value).await? {
                forget_place(&mut tx, key);
                moved += 1;
            }
        }
        tx.commit().await.map(|_| moved)
    })
    .await?;
    for (key, _) in rows {
        tracing::error!(?key, "a timer can't be read and was put aside; it will not fire");
    }
    wheel.unreadable.fetch_add(moved, Ordering::SeqCst);
    Ok(())
}

fn forget_place(tx: &mut Tx, key: &Bytes) {
    if let Ok((owner, id)) = keys::name(key) {
        tx.delete_row(&ByIdKey { owner: &owner, id: &id });
    }
}

/// Finds a timer whose place can't be read, by looking at all of its bucket.
pub(crate) async fn search(tx: &mut Tx, owner: &str, id: &str) -> Result<Option<UnixMillis>> {
    tracing::error!(owner, id, "where a timer lies can't be read; looking for it");
    let mut rest = keys::whole(bucket_of(owner, id));
    loop {
        let page = tx.raw().scan(rest.clone(), ScanOptions::default().untracked()).await?;
        let is_it = |key: &Bytes| keys::name(key).is_ok_and(|(of, named)| of == owner && named == id);
        if let Some((key, _)) = page.rows.iter().find(|(key, _)| is_it(key)) {
            return keys::at(key).map(Some);
        }
        match page.rows.last().filter(|_| page.more) {
            Some((last, _)) => rest = rest.after(last),
            None => return Ok(None),
        }
    }
}
