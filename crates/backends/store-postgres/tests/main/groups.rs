//! Group commit.

use futures_util::future::join_all;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_share_commits_and_each_has_its_version() {
    let (store, database) = make().await;
    let before = ask(&database.url(), "SELECT count(*) FROM updraft.commits").await;
    let names: Vec<_> = (0..300).map(|n| n.to_string()).collect();
    let mut versions = Vec::new();
    for done in join_all(names.iter().map(|name| put(&*store, name, "x"))).await {
        versions.push(done.unwrap());
    }
    versions.sort();
    versions.dedup();
    assert_eq!(versions.len(), 300, "each its own");
    let commits = ask(&database.url(), "SELECT count(*) FROM updraft.commits").await - before;
    assert!(commits < 150, "{commits} commits for 300 transactions");
    for name in names {
        assert!(get(&*store, &key(&name)).await.is_some());
    }
}

/// One that can't be done fails alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_doesnt_fail_for_one_of_its_members() {
    let (store, _database) = make().await;
    put(&*store, "text", "no counter").await.unwrap();
    let add = async |name: &str| {
        let mut txn = begin(&*store).await;
        txn.add_i64(key(name), 1);
        txn.put(key(&format!("beside {name}")), "x".into());
        txn.commit(Durability::Durable).await
    };
    let names = ["a", "b", "text", "c", "d", "e", "f", "g"];
    for (name, done) in names.iter().zip(join_all(names.iter().map(|name| add(name))).await) {
        assert_eq!(done.is_ok(), *name != "text", "{name}");
        assert_eq!(get(&*store, &key(&format!("beside {name}"))).await.is_some(), *name != "text", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_to_one_key_keep_the_order_of_their_answers() {
    let (store, _database) = make().await;
    for round in 0..20 {
        let write = async |n: i64| {
            let mut txn = begin(&*store).await;
            txn.put(key("hot"), Bytes::copy_from_slice(&n.to_le_bytes()));
            (txn.commit(Durability::Durable).await.unwrap(), n)
        };
        let mut done = join_all((0..8).map(write)).await;
        done.sort();
        let last = done.last().map(|(_, n)| *n);
        assert_eq!(Some(number(get(&*store, &key("hot")).await)), last, "round {round}: the greatest version is there");
    }
}
