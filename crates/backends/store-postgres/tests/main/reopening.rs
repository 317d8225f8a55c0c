//! What stays when a store is opened again. Not that it has one owner: it has as many as there are nodes.

use updraft_store::suite::durable;

use super::*;

async fn reopened(url: &str) -> Result<Arc<dyn Store>> {
    let store = open(url).await?;
    Ok(store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_is_there_after_reopening() {
    let database = FreshDatabase::new().unwrap();
    durable::what_was_committed_is_there_after_reopening(async || reopened(&database.url()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_go_on_after_reopening() {
    let database = FreshDatabase::new().unwrap();
    durable::versions_go_on_after_reopening(async || reopened(&database.url()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relaxed_commit_is_there_after_closing() {
    let database = FreshDatabase::new().unwrap();
    durable::a_relaxed_commit_is_there_after_closing(async || reopened(&database.url()).await).await;
}
