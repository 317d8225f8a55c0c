//! Counters: rows of additions that become one again.

use updraft_testkit::wait_until_async;

use super::*;

async fn add(store: &dyn Store, delta: i64) {
    let mut txn = begin(store).await;
    txn.add_i64(key("n"), delta);
    txn.commit(Durability::Durable).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_have_read_count_the_same_without_conflict() {
    let (store, _database) = make().await;
    add(&*store, 1).await;
    let mut open = Vec::new();
    for n in 0..5 {
        let mut txn = begin(&*store).await;
        txn.get(&key(&format!("row {n}"))).await.unwrap();
        txn.add_i64(key("n"), 10);
        open.push(txn);
    }
    for txn in open {
        txn.commit(Durability::Durable).await.unwrap();
    }
    assert_eq!(number(get(&*store, &key("n")).await), 51);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_additions_become_one_row_and_the_sum_stays() {
    let (store, database) = make().await;
    for _ in 0..50 {
        add(&*store, 3).await;
    }
    add(&*store, i64::MAX).await;
    let folded = async || ask(&database.url(), "SELECT count(*) FROM updraft.adds").await < 20;
    wait_until_async(LONG, folded).await.unwrap();
    assert_eq!(number(get(&*store, &key("n")).await), i64::MAX.wrapping_add(150));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_over_a_counter_leaves_nothing_of_it() {
    let (store, _database) = make().await;
    add(&*store, 5).await;
    let mut txn = begin(&*store).await;
    txn.put(key("n"), Bytes::copy_from_slice(&7i64.to_le_bytes()));
    txn.commit(Durability::Durable).await.unwrap();
    assert_eq!(number(get(&*store, &key("n")).await), 7);
    add(&*store, 2).await;
    assert_eq!(number(get(&*store, &key("n")).await), 9);
    let mut txn = begin(&*store).await;
    txn.delete(key("n"));
    txn.commit(Durability::Durable).await.unwrap();
    add(&*store, 4).await;
    assert_eq!(number(get(&*store, &key("n")).await), 4);
}
