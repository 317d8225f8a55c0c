//! What the first version wrote had no groups, no streams and no times: they are made of its chunks, once.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region, Shutdown};
use updraft_store::{
    Key, KeyBuilder, KeyRange, KeyReader, Result, Row, ScanOptions, Store, StoreExt, Tx, encode_row, run, tags,
};

use crate::keys::{Chunk, ChunkKey, GroupKey, Printed, minute};
use crate::table;

/// Chunks in one transaction.
const PORTION: usize = 200;

/// Says that all is done. No account has this name, so that only a reset of everything deletes it.
#[derive(Clone, Copy, Debug)]
struct DoneKey;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Done;

impl Row for Done {
    const VERSION: u8 = 1;
}

impl Key for DoneKey {
    type Row = Done;

    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::LOGS).str("times are there").build()
    }
}

/// Does it unless it is done. What was done before a crash is done again, and is the same then.
pub(crate) async fn complete(store: Arc<dyn Store>, shutdown: Shutdown) {
    if let Err(err) = all(&*store, &shutdown).await {
        tracing::error!(error = %err, "logs of an older version can't be found by their times; tried again at the next start");
    }
}

async fn all(store: &dyn Store, shutdown: &Shutdown) -> Result<()> {
    if store.read().await?.row(&DoneKey).await?.is_some() {
        return Ok(());
    }
    let mut rest = Some(KeyBuilder::new(tags::LOGS).prefix_range());
    while let Some(range) = rest {
        if shutdown.is_requested() {
            return Ok(());
        }
        rest = run(store, |tx| portion(tx, range.clone())).await?;
    }
    run(store, |mut tx| async move {
        tx.put_row(&DoneKey, &Done)?;
        tx.commit().await.map(drop)
    })
    .await
}

/// Looks at some rows; what is left to look at.
async fn portion(mut tx: Tx, range: KeyRange) -> Result<Option<KeyRange>> {
    let page = tx.raw().scan(range.clone(), ScanOptions::limit(PORTION).untracked()).await?;
    for (key, _) in &page.rows {
        if let Some((account, region, group)) = chunk(key) {
            let group = GroupKey { account: &account, region: &region, group: &group };
            // Read again: it may have been deleted meanwhile, and then this conflicts.
            if let Some(chunk) = tx.row(&ChunkKey(key.clone())).await? {
                let key = ChunkKey(key.clone());
                time(&mut tx, group, &key, &chunk).await?;
            }
        }
    }
    let last = page.rows.last().filter(|_| page.more).map(|(key, _)| key.clone());
    tx.commit_relaxed().await?;
    Ok(last.map(|last| range.after(&last)))
}

/// Whose chunk it is, if it is one.
fn chunk(key: &[u8]) -> Option<(AccountId, Region, String)> {
    let mut reader = KeyReader::new(key, tags::LOGS).ok()?;
    let account = AccountId::parse(&reader.str().ok()?).ok()?;
    let region = Region::parse(&reader.str().ok()?).ok()?;
    let is_chunk = reader.u8().ok()? == crate::keys::CHUNK;
    is_chunk.then(|| reader.str().ok())?.map(|group| (account, region, group))
}

async fn time(tx: &mut Tx, group: GroupKey<'_>, key: &ChunkKey, chunk: &Chunk) -> Result<()> {
    let minutes: BTreeSet<_> = chunk.lines.iter().map(|(at, _)| minute(*at)).collect();
    let Some(first) = minutes.first() else { return Ok(()) };
    let suffix = key.suffix();
    let at = |minute| Bytes::from([&group.time_prefix(minute)[..], suffix].concat());
    if tx.raw().get(&at(*first)).await?.is_some() {
        return Ok(());
    }
    let printed = encode_row(&Printed { stream: chunk.stream.clone() })?;
    for minute in minutes {
        tx.raw().put(at(minute), printed.clone());
    }
    table::begin(tx, group, &[(0, chunk)]).await?;
    table::count(tx, group, chunk).await
}
