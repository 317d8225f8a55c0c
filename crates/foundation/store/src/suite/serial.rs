//! Many committers at once: there is an order of the transactions that explains everything they read.

use std::collections::BTreeMap;

use updraft_kernel::{Rng, RngExt, SeededRng, Tasks};

use super::*;
use crate::error::StoreError;
use crate::run::run;

type Names = Vec<u64>;

/// One committed transaction: what it saw and what it wrote.
#[derive(Debug, Default)]
struct Record {
    gets: Vec<(u64, Option<u64>)>,
    scans: Vec<(u64, u64, Names)>,
    puts: Vec<(u64, Option<u64>)>,
}

const KEYS: u64 = 12;

fn at(name: u64) -> Bytes {
    KeyBuilder::new(tags::TEST).u64(name).build()
}

async fn random_transaction(store: &Subject, rng: &dyn Rng) -> Result<(CommitVersion, Record)> {
    let mut txn = begin(store).await;
    let mut record = Record::default();
    for _ in 0..=rng.below(2) {
        let name = rng.below(KEYS);
        let value = txn.get(&at(name)).await?.map(|v| u64::from_le_bytes(v[..].try_into().unwrap()));
        record.gets.push((name, value));
        tokio::task::yield_now().await;
    }
    if rng.below(2) == 0 {
        let (from, to) = (rng.below(KEYS), rng.below(KEYS));
        let options = ScanOptions { head: rng.below(2) == 0, ..ScanOptions::default() };
        let page = txn.scan(KeyRange::new(at(from), at(to)), options).await?;
        let found = (from..to).filter(|name| page.rows.iter().any(|(key, _)| *key == at(*name))).collect();
        record.scans.push((from, to, found));
        tokio::task::yield_now().await;
    }
    // Writing keys that weren't read or written yet in this transaction, so that reads are all of the state before.
    for _ in 0..=rng.below(2) {
        let (name, value) = (rng.below(KEYS), rng.u64());
        let value = (rng.below(3) > 0).then_some(value);
        match value {
            Some(value) => txn.put(at(name), Bytes::copy_from_slice(&value.to_le_bytes())),
            None => txn.delete(at(name)),
        }
        record.puts.push((name, value));
    }
    commit(txn).await.map(|version| (version, record))
}

/// Each commit version is a place in the order: replayed so, every read finds what it found.
pub async fn transactions_have_an_order_that_explains_all_they_read(store: Subject) {
    let (send, mut records) = tokio::sync::mpsc::unbounded_channel();
    let tasks = Tasks::new();
    for seed in 0..8 {
        let (store, send) = (Arc::clone(&store), send.clone());
        tasks.spawn("random transactions", async move {
            let rng = SeededRng::new(seed);
            for _ in 0..100 {
                match random_transaction(&store, &rng).await {
                    Ok(done) => send.send(done).unwrap(),
                    Err(err) => assert!(matches!(err, StoreError::Conflict), "{err}"),
                }
            }
        });
    }
    drop(send);
    let mut history = BTreeMap::new();
    while let Some((version, record)) = records.recv().await {
        assert!(history.insert(version, record).is_none(), "a version of two transactions");
    }
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
    assert!(history.len() > 100, "only {} of 800 got through", history.len());
    replay(history);
}

fn replay(history: BTreeMap<CommitVersion, Record>) {
    let mut state = BTreeMap::new();
    for (version, record) in history {
        for (name, value) in record.gets {
            assert_eq!(state.get(&name).copied(), value, "{version:?} got {name}");
        }
        for (from, to, found) in record.scans {
            let expected: Names = (from..to).filter(|name| state.contains_key(name)).collect();
            assert_eq!(found, expected, "{version:?} scanned {from}..{to}");
        }
        for (name, value) in record.puts {
            match value {
                Some(value) => drop(state.insert(name, value)),
                None => drop(state.remove(&name)),
            }
        }
    }
}

fn amount(value: Option<Bytes>) -> i64 {
    value.map_or(100, |v| i64::from_le_bytes(v[..].try_into().unwrap()))
}

async fn transfer(store: &Subject, from: u64, to: u64) -> Result<()> {
    run(&**store, |mut tx| async move {
        let txn = tx.raw();
        let (a, b) = (amount(txn.get(&at(from)).await?), amount(txn.get(&at(to)).await?));
        tokio::task::yield_now().await;
        txn.put(at(from), Bytes::copy_from_slice(&(a - 1).to_le_bytes()));
        txn.put(at(to), Bytes::copy_from_slice(&(b + 1).to_le_bytes()));
        tx.commit().await.map(drop)
    })
    .await
}

/// Transfers between accounts, with readers that check the sum in each snapshot.
pub async fn money_is_neither_made_nor_lost(store: Subject) {
    let tasks = Tasks::new();
    for seed in 0..6 {
        let store = Arc::clone(&store);
        tasks.spawn("transfers", async move {
            let rng = SeededRng::new(seed);
            for _ in 0..40 {
                let from = rng.below(KEYS);
                let to = (from + 1 + rng.below(KEYS - 1)) % KEYS;
                transfer(&store, from, to).await.unwrap();
                let mut txn = reader(&store).await;
                let all: Vec<_> = (0..KEYS).map(at).collect();
                let sum: i64 = txn.get_many(&all).await.unwrap().into_iter().map(amount).sum();
                assert_eq!(sum, 1_200);
            }
        });
    }
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
}
