//! The store's own suite, in memory.

#[tokio::test]
async fn a_row_that_was_committed_is_read() {
    use updraft_store::{Durability, Store, TxnKind};
    let store = updraft_store_mem::open().unwrap();
    let mut txn = store.begin(TxnKind::ReadWrite).await.unwrap();
    txn.put("a".into(), "1".into());
    txn.commit(Durability::Durable).await.unwrap();
    let mut txn = store.begin(TxnKind::ReadOnly).await.unwrap();
    assert_eq!(txn.get(b"a").await.unwrap().as_deref(), Some(&b"1"[..]));
    store.close().await.unwrap();
}
