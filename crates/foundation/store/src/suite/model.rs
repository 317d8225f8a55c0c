//! Any sequence of transactions does what it does to an ordered map.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

#[derive(Clone, Debug)]
enum Op {
    Put(u8, u8),
    Delete(u8),
    DeleteRange(u8, u8),
    /// On the keys from 200 on, which hold nothing but counters.
    Add(u8, i64),
    Get(u8),
    Scan {
        from: u8,
        to: u8,
        limit: usize,
        reverse: bool,
        head: bool,
    },
}

#[derive(Clone, Debug)]
struct Work {
    ops: Vec<Op>,
    commits: bool,
}

fn any_op() -> impl Strategy<Value = Op> {
    let plain = || 0u8..24;
    let scan = (0u8..30, 0u8..30, 0usize..8, any::<bool>(), any::<bool>())
        .prop_map(|(from, to, limit, reverse, head)| Op::Scan { from, to, limit, reverse, head });
    prop_oneof![
        3 => (plain(), any::<u8>()).prop_map(|(k, v)| Op::Put(k, v)),
        2 => plain().prop_map(Op::Delete),
        1 => (plain(), plain()).prop_map(|(a, b)| Op::DeleteRange(a, b)),
        1 => (200u8..203, -3i64..9).prop_map(|(k, d)| Op::Add(k, d)),
        1 => (200u8..203).prop_map(Op::Delete),
        2 => prop_oneof![plain(), 200u8..203].prop_map(Op::Get),
        3 => scan,
    ]
}

fn any_history() -> impl Strategy<Value = Vec<Work>> {
    let work = (prop::collection::vec(any_op(), 1..10), prop::bool::weighted(0.8));
    prop::collection::vec(work.prop_map(|(ops, commits)| Work { ops, commits }), 1..12)
}

/// The map, and the key prefix under which this case keeps it in the store.
struct Case {
    number: u32,
    map: BTreeMap<u8, Bytes>,
}

impl Case {
    fn key(&self, name: u8) -> Bytes {
        KeyBuilder::new(tags::TEST).u32(self.number).u8(name).build()
    }

    fn range(&self, from: u8, to: u8) -> KeyRange {
        KeyRange::new(self.key(from), self.key(to))
    }

    fn rows(map: &BTreeMap<u8, Bytes>, from: u8, to: u8) -> Vec<(u8, Bytes)> {
        if from >= to {
            return Vec::new();
        }
        map.range(from..to).map(|(k, v)| (*k, v.clone())).collect()
    }

    async fn work(&mut self, store: &Subject, work: &Work) {
        let mut txn = begin(store).await;
        let mut map = self.map.clone();
        for op in &work.ops {
            self.step(&mut *txn, &mut map, op).await;
        }
        if work.commits {
            commit(txn).await.unwrap();
            self.map = map;
        } else {
            drop(txn);
        }
        self.check(&mut *reader(store).await, &self.map, (0, 255), ScanOptions::default()).await;
    }

    async fn step(&self, txn: &mut dyn Txn, map: &mut BTreeMap<u8, Bytes>, op: &Op) {
        match *op {
            Op::Put(k, v) => {
                txn.put(self.key(k), vec![v].into());
                map.insert(k, vec![v].into());
            }
            Op::Delete(k) => {
                txn.delete(self.key(k));
                map.remove(&k);
            }
            Op::DeleteRange(from, to) => {
                txn.delete_range(self.range(from, to));
                map.retain(|k, _| !(from..to).contains(k));
            }
            Op::Add(k, delta) => {
                txn.add_i64(self.key(k), delta);
                let before = map.get(&k).map_or(0, |v| i64::from_le_bytes(v[..].try_into().unwrap()));
                map.insert(k, Bytes::copy_from_slice(&(before + delta).to_le_bytes()));
            }
            Op::Get(k) => assert_eq!(txn.get(&self.key(k)).await.unwrap(), map.get(&k).cloned(), "get {k}"),
            Op::Scan { from, to, limit, reverse, head } => {
                let options = ScanOptions { reverse, head, ..ScanOptions::limit(limit) };
                self.check(txn, map, (from, to), options).await;
            }
        }
    }

    async fn check(&self, txn: &mut dyn Txn, map: &BTreeMap<u8, Bytes>, (from, to): (u8, u8), options: ScanOptions) {
        let mut expected = Self::rows(map, from, to);
        if options.reverse {
            expected.reverse();
        }
        let more = expected.len() > options.limit;
        expected.truncate(options.limit);
        let expected: Vec<_> = expected.into_iter().map(|(k, v)| (self.key(k), v)).collect();
        let page = txn.scan(self.range(from, to), options).await.unwrap();
        assert_eq!((page.rows, page.more), (expected, more), "{options:?} of {from}..{to}");
    }
}

/// Run by `store_suite!` as a plain test, as it brings its own runtime.
pub fn a_store_is_an_ordered_map<T, F: Future<Output = (Subject, T)>>(make: impl Fn() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (store, _folder) = runtime.block_on(make());
    let cases = AtomicU32::new(0);
    let mut runner = TestRunner::new(Config { cases: 128, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&any_history(), |history| {
        let mut case = Case { number: cases.fetch_add(1, Ordering::SeqCst), map: BTreeMap::new() };
        runtime.block_on(async {
            for work in &history {
                case.work(&store, work).await;
            }
        });
        Ok(())
    });
    if let Err(err) = outcome {
        panic!("{err}");
    }
}
