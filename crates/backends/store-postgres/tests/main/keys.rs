//! Long keys, odd keys, large values.

use std::collections::BTreeMap;

use updraft_store::{KeyRange, Limits, ScanOptions};

use super::*;

fn raw(parts: &[&[u8]]) -> Bytes {
    [&[tags::TEST], parts.concat().as_slice()].concat().into()
}

/// Around the length at which a key is split, and of the greatest length.
fn all() -> BTreeMap<Bytes, Bytes> {
    let mut rows = BTreeMap::new();
    for len in [0, 1_997, 1_998, 1_999, 2_000, 2_001, 5_000, Limits::HOUSE.key_bytes - 3] {
        for end in [&b""[..], b"\0", b"a", b"\xff\xff"] {
            let key = raw(&[&vec![b'k'; len], end]);
            rows.insert(key, format!("{len} {end:?}").into());
        }
    }
    for odd in [&b"\0"[..], b"\0\0\0\0", b"\0\xff\0", b"\\x00", b"'; DROP TABLE kv; --", &[0; 3_000], &[255; 2_500]] {
        rows.insert(raw(&[odd]), Bytes::copy_from_slice(odd));
    }
    rows
}

async fn pages(store: &dyn Store, options: ScanOptions) -> Vec<(Bytes, Bytes)> {
    let mut txn = store.begin(TxnKind::ReadOnly).await.unwrap();
    let (mut rest, mut found) = (KeyRange::new(raw(&[]), vec![tags::TEST + 1]), Vec::new());
    loop {
        let page = txn.scan(rest.clone(), options).await.unwrap();
        found.extend(page.rows.clone());
        let Some((last, _)) = page.rows.last().filter(|_| page.more) else { return found };
        rest = if options.reverse { rest.before(last.clone()) } else { rest.after(last) };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_any_length_and_bytes_are_in_order() {
    let (store, _database) = make().await;
    let rows = all();
    let mut txn = begin(&*store).await;
    for (key, value) in &rows {
        txn.put(key.clone(), value.clone());
    }
    txn.commit(Durability::Durable).await.unwrap();
    for options in
        [ScanOptions::default().max_bytes(usize::MAX), ScanOptions::limit(3), ScanOptions::default().max_bytes(9_000)]
    {
        let expected: Vec<_> = rows.clone().into_iter().collect();
        assert_eq!(pages(&*store, options).await, expected, "{options:?}");
        let expected: Vec<_> = expected.into_iter().rev().collect();
        assert_eq!(pages(&*store, options.reversed()).await, expected, "{options:?}, back");
    }
    let keys: Vec<_> = rows.keys().cloned().collect();
    let found = store.begin(TxnKind::ReadOnly).await.unwrap().get_many(&keys).await.unwrap();
    assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), rows.values().cloned().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_between_long_keys_are_deleted_exactly() {
    let (store, _database) = make().await;
    let at = |n: u8| raw(&[&[b'k'; 4_000], &[n]]);
    let mut txn = begin(&*store).await;
    (0..10).for_each(|n| txn.put(at(n), vec![n].into()));
    txn.commit(Durability::Durable).await.unwrap();
    let mut txn = begin(&*store).await;
    txn.delete_range(KeyRange::new(at(3), at(7)));
    txn.delete(at(9));
    txn.commit(Durability::Durable).await.unwrap();
    let left: Vec<_> = pages(&*store, ScanOptions::default()).await.into_iter().map(|(_, value)| value[0]).collect();
    assert_eq!(left, [0, 1, 2, 7, 8]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_prefixes_can_be_appended_to() {
    let (store, _database) = make().await;
    let prefix = raw(&[&[b'p'; 6_000]]);
    for n in 0..3u8 {
        let mut txn = begin(&*store).await;
        txn.put_versioned(prefix.clone(), Bytes::from_static(b"end"), vec![n].into());
        txn.commit(Durability::Durable).await.unwrap();
    }
    let rows = pages(&*store, ScanOptions::limit(2)).await;
    assert_eq!(rows.iter().map(|(_, value)| value[0]).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(rows.iter().all(|(key, _)| key.starts_with(&prefix) && key.ends_with(b"end") && key.len() == 6_012));
    assert_eq!(get(&*store, &rows[1].0).await.as_deref(), Some(&[1][..]), "found by its key, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_large_values_ends_at_its_bytes() {
    let (store, _database) = make().await;
    let value = Bytes::from(vec![7; Limits::HOUSE.value_bytes]);
    for n in 0..6 {
        let mut txn = begin(&*store).await;
        txn.put(key(&n.to_string()), value.clone());
        txn.commit(Durability::Durable).await.unwrap();
    }
    let mut txn = begin(&*store).await;
    let range = KeyBuilder::new(tags::TEST).prefix_range();
    let page = txn.scan(range.clone(), ScanOptions::default().max_bytes(1 << 20)).await.unwrap();
    assert_eq!((page.rows.len(), page.more), (2, true), "two values and their keys are over a mebibyte");
    // Own deletions hide what was counted below.
    (0..3).for_each(|n| txn.delete(key(&n.to_string())));
    let page = txn.scan(range, ScanOptions::default().max_bytes(1 << 20)).await.unwrap();
    assert_eq!(page.rows.iter().map(|(found, _)| found.clone()).collect::<Vec<_>>(), [key("3"), key("4")]);
    assert!(page.more);
}
