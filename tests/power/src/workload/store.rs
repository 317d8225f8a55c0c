//! The store workload: clients that carry out the script at the same time, with a clean restart in the middle.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use futures_util::future::try_join_all;
use updraft_kernel::{Rng, SeededRng};
use updraft_store::{CommitVersion, Durability, Store, StoreExt, Tx, run as until_committed};

use super::engine::{Engine, store_folder};
use super::say::{Line, say};
use super::script::{Change, Script, Step, Transfer, account_key, counter_key, log_key, log_suffix};

/// Every row of [`fill`] begins so, and has this size.
const FILLER: u8 = 0xd0;
const LARGE: usize = 398_000;

pub(crate) async fn run(engine: Engine, root: &Path, script: Script) -> Result<()> {
    let middle = script.steps / 2;
    for steps in [1..=middle, middle + 1..=script.steps] {
        let store = engine.open(&store_folder(root))?;
        let clients = (0..script.clients).map(|client| {
            let (store, steps) = (Arc::clone(&store), steps.clone());
            async move {
                for step in steps {
                    take(&*store, client, step).await?;
                }
                anyhow::Ok(())
            }
        });
        try_join_all(clients).await?;
        store.close().await?;
    }
    Ok(())
}

/// Large rows over and over, outside of what the script uses.
pub(crate) async fn fill(engine: Engine, root: &Path, count: u8) -> Result<()> {
    let store = engine.open(&store_folder(root))?;
    for number in 0..count {
        let mut value = vec![0; LARGE];
        SeededRng::new(u64::from(number)).fill(&mut value);
        let mut tx = store.write().await?;
        tx.raw().put(vec![FILLER, number % 4].into(), value.into());
        tx.commit().await?;
    }
    Ok(store.close().await?)
}

async fn take(store: &dyn Store, client: usize, number: usize) -> Result<()> {
    let step = &Script::step(client, number);
    say(&Line::Try { client, step: number })?;
    let version = until_committed(store, |tx| commit(tx, step, log_suffix(client, number))).await?.0;
    say(&match step.durability {
        Durability::Durable => Line::Durable { client, step: number, version },
        Durability::Relaxed => Line::Relaxed { client, step: number, version },
    })
}

async fn commit(mut tx: Tx, step: &Step, name: Bytes) -> updraft_store::Result<CommitVersion> {
    transfer(&mut tx, step.transfer).await?;
    for change in &step.changes {
        match change.clone() {
            Change::Put(key, value) => tx.raw().put(key, value),
            Change::Delete(key) => tx.raw().delete(key),
            Change::Clear(range) => tx.raw().delete_range(range),
        }
    }
    tx.raw().add_i64(counter_key(), step.counted);
    if step.appends {
        tx.raw().put_versioned(log_key(), name, Bytes::new());
    }
    match step.durability {
        Durability::Durable => tx.commit().await,
        Durability::Relaxed => tx.commit_relaxed().await,
    }
}

async fn transfer(tx: &mut Tx, Transfer { from, to, amount }: Transfer) -> updraft_store::Result<()> {
    for (account, amount) in [(from, -amount), (to, amount)] {
        let key = account_key(account);
        let before = tx.raw().get(&key).await?.map_or(0, |bytes| number(&bytes));
        tx.raw().put(key, Bytes::copy_from_slice(&(before + amount).to_le_bytes()));
    }
    Ok(())
}

/// What a counter or an account holds.
pub(crate) fn number(bytes: &[u8]) -> i64 {
    bytes.try_into().map_or(i64::MIN, i64::from_le_bytes)
}
