//! Reading a shard's log.

use bytes::Bytes;
use updraft_store::{Key, KeyRange, Result, ScanOptions, StoreExt, Tx, decode_row, encode_row, run};

use crate::keys::{ASIDE, BodyKey, LaneId, log_range, logged_id};
use crate::lanes::Logged;
use crate::outbox::Shared;
use crate::rows::Stored;
use crate::settle::put_aside;
use crate::share::Share;

/// Entries read at once: few enough that whatever is under way isn't kept waiting.
const PAGE: usize = 256;

/// A part of the log.
#[derive(Debug, Default)]
pub(crate) struct LogPage {
    pub(crate) entries: Vec<Logged>,
    /// The last key read, readable or not.
    pub(crate) read_to: Option<Bytes>,
    /// There was more in the range.
    pub(crate) more: bool,
}

/// Reads the log's next page behind `read_to`; `None`: from its beginning.
pub(crate) async fn tail(shared: &Shared, share: &Share, shard: u8, read_to: Option<&Bytes>) -> Result<LogPage> {
    match read_to {
        Some(key) => page(shared, share, log_range(shard).after(key), ScanOptions::limit(PAGE)).await,
        // Consumed from its front, mostly.
        None => page(shared, share, log_range(shard), ScanOptions::limit(PAGE).from_head()).await,
    }
}

/// Reads a page of what was read before, from `from` on.
pub(crate) async fn again(shared: &Shared, share: &Share, shard: u8, from: Bytes, read_to: &Bytes) -> Result<LogPage> {
    let range = log_range(shard).from(from).before(crate::keys::behind(read_to));
    page(shared, share, range, ScanOptions::limit(PAGE)).await
}

async fn page(shared: &Shared, share: &Share, range: KeyRange, options: ScanOptions) -> Result<LogPage> {
    let found = shared.store.read().await?.raw().scan(range, options).await?;
    let mut page = LogPage { more: found.more, ..LogPage::default() };
    for (key, value) in found.rows {
        let readable = logged_id(&key).and_then(|id| Ok((id, decode_row(&key, &value)?)));
        match readable {
            Ok((id, lane)) => page.entries.push(Logged { lane, key: key.clone(), id }),
            Err(_) => page.entries.extend(mend(shared, share, &key, &value).await?),
        }
        page.read_to = Some(key);
    }
    Ok(page)
}

/// An entry that can't be read is written anew if its delivery is known, and put aside if not. Either way it stops
/// nobody else.
async fn mend(shared: &Shared, share: &Share, key: &Bytes, value: &Bytes) -> Result<Option<Logged>> {
    let mended = run(&*shared.store, |mut tx| async move {
        share.fence(&mut tx).await?;
        let mended = match stored(shared, &mut tx, key).await? {
            Some(stored) => {
                let lane = LaneId::of(&stored.delivery);
                ASIDE.keep(&mut tx, key, value);
                tx.raw().put(key.clone(), encode_row(&lane)?);
                Some(Logged { lane, key: key.clone(), id: stored.delivery.id })
            }
            None => {
                ASIDE.put_aside(&mut tx, key, value).await?;
                None
            }
        };
        tx.commit().await.map(|_| mended)
    })
    .await?;
    shared.count_unreadable();
    tracing::error!(?key, mended = mended.is_some(), "an entry of the outbox can't be read and was put aside");
    Ok(mended)
}

/// The delivery that a log's key names, if both can be read. One that can't is put aside, too: nobody would look at it
/// again.
async fn stored(shared: &Shared, tx: &mut Tx, key: &Bytes) -> Result<Option<Stored>> {
    let Ok(id) = logged_id(key) else { return Ok(None) };
    let body = BodyKey(&id).encode();
    let Some(found) = tx.raw().get(&body).await? else { return Ok(None) };
    let stored = decode_row::<Stored>(&body, &found).ok();
    if stored.is_none() {
        put_aside(shared, tx, &id, &found).await?;
    }
    Ok(stored)
}
