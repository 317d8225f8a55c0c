//! Scans from a queue's head find what plain scans find.

use super::*;

fn queue() -> KeyBuilder {
    KeyBuilder::new(tags::TEST).str("queue")
}

fn at(order: u64) -> Bytes {
    queue().u64(order).build()
}

async fn send(store: &Subject, orders: &[u64]) {
    let mut txn = begin(store).await;
    for order in orders {
        txn.put(at(*order), order.to_string().into());
    }
    commit(txn).await.unwrap();
}

/// Takes up to `limit` from the front.
async fn receive(store: &Subject, limit: usize) -> Result<Vec<String>> {
    let mut txn = begin(store).await;
    let page = txn.scan(queue().prefix_range(), ScanOptions::limit(limit).from_head()).await?;
    for (key, _) in &page.rows {
        txn.delete(key.clone());
    }
    commit(txn).await?;
    Ok(page.rows.iter().map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect())
}

pub async fn a_consumed_queue_is_scanned_from_its_head(store: Subject) {
    send(&store, &(0..1_000).collect::<Vec<_>>()).await;
    let mut before = reader(&store).await;
    assert!(before.get(&at(0)).await.unwrap().is_some());
    for first in (0..1_000).step_by(10) {
        let expected: Vec<_> = (first..first + 10).map(|n: u64| n.to_string()).collect();
        assert_eq!(receive(&store, 10).await.unwrap(), expected);
    }
    assert!(receive(&store, 10).await.unwrap().is_empty());
    let page = before.scan(queue().prefix_range(), ScanOptions::limit(3).from_head()).await.unwrap();
    assert_eq!(page.rows.first().map(|(key, _)| key.clone()), Some(at(0)), "an older snapshot still sees all");
}

pub async fn a_row_below_the_head_is_found(store: Subject) {
    send(&store, &[5, 6, 7]).await;
    assert_eq!(receive(&store, 2).await.unwrap(), ["5", "6"]);
    assert_eq!(receive(&store, 0).await.unwrap(), Vec::<String>::new());
    send(&store, &[3]).await;
    assert_eq!(receive(&store, 9).await.unwrap(), ["3", "7"]);
    assert!(receive(&store, 9).await.unwrap().is_empty());
    send(&store, &[1]).await;
    let mut txn = begin(&store).await;
    txn.put(at(0), "own".into());
    let page = txn.scan(queue().prefix_range(), ScanOptions::limit(9).from_head()).await.unwrap();
    assert_eq!(page.rows.len(), 2, "its own writes below the head, too");
}

/// Producers at random places, consumers from the head: everything is received exactly once.
pub async fn the_head_is_never_above_a_visible_row(store: Subject) {
    const PRODUCERS: u64 = 4;
    const EACH: u64 = 100;
    let left = std::sync::atomic::AtomicU64::new(PRODUCERS * EACH);
    let produce = |producer: u64| {
        let store = &store;
        async move {
            for n in 0..EACH {
                // A walk that goes up on the whole, with steps back below what was consumed.
                let order = n * 100 + (n * 7_919 + producer * 13) % 300;
                send(store, &[order * PRODUCERS + producer]).await;
                tokio::task::yield_now().await;
            }
        }
    };
    let consume = || async {
        let (mut got, mut idle) = (Vec::new(), 0);
        while left.load(std::sync::atomic::Ordering::SeqCst) > 0 {
            match receive(&store, 5).await {
                Ok(some) => {
                    idle = if some.is_empty() { idle + 1 } else { 0 };
                    left.fetch_sub(u64::try_from(some.len()).unwrap(), std::sync::atomic::Ordering::SeqCst);
                    got.extend(some);
                }
                Err(err) => assert!(matches!(err, crate::StoreError::Conflict), "{err}"),
            }
            assert!(idle < 100_000, "rows are there which no scan from the head finds");
            tokio::task::yield_now().await;
        }
        got
    };
    let producers = futures_util::future::join_all((0..PRODUCERS).map(produce));
    let consumers = futures_util::future::join_all((0..3).map(|_| consume()));
    let (_, got) = futures_util::future::join(producers, consumers).await;
    let got: Vec<_> = got.concat();
    let unique: std::collections::BTreeSet<_> = got.iter().collect();
    assert_eq!((got.len(), unique.len()), (400, 400), "each once");
}
