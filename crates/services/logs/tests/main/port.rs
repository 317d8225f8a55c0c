//! What was printed is read again: in order, in pages, by group.

use std::sync::Arc;

use updraft_kernel::ports::{LogBatch, LogLine, LogPage, LogQuery, LogsPort};
use updraft_kernel::{AccountId, Region, Tasks, UnixMillis};
use updraft_logs::FunctionLogs;

fn batch(group: &str, texts: &[&str]) -> LogBatch {
    let line = |text: &&str| LogLine { at: UnixMillis(5), message: (*text).to_owned() };
    LogBatch {
        account: AccountId::local(),
        region: Region::default_region(),
        group: group.to_owned(),
        stream: "stream".to_owned(),
        lines: texts.iter().map(line).collect(),
    }
}

fn query(group: &str, limit: usize, after: Option<Vec<u8>>) -> LogQuery {
    let (account, region) = (AccountId::local(), Region::default_region());
    LogQuery { account, region, group: group.to_owned(), from: UnixMillis(0), limit, after }
}

fn texts(page: &LogPage) -> Vec<&str> {
    page.lines.iter().map(|(_, line)| line.message.as_str()).collect()
}

#[tokio::test]
async fn lines_are_read_in_order_by_group_and_page_by_page() {
    let store = updraft_store_mem::open().unwrap();
    let tasks = Tasks::new();
    let logs = FunctionLogs::new(store.clone(), &tasks, None);
    logs.append(batch("/a", &["1", "2"]));
    logs.append(batch("/b", &["other"]));
    logs.append(batch("/a", &["3"]));
    // Stopping writes what is queued.
    tasks.stop().await;

    let logs = FunctionLogs::new(store, &Tasks::new(), None);
    let first = logs.read(query("/a", 1, None)).await.unwrap();
    assert_eq!(texts(&first), ["1", "2"], "a chunk is never torn");
    let second = logs.read(query("/a", 10, first.next)).await.unwrap();
    assert_eq!(texts(&second), ["3"]);
    let third = logs.read(query("/a", 10, second.next.clone())).await.unwrap();
    assert_eq!((texts(&third).len(), third.next), (0, second.next), "the end stays where it is");
    assert_eq!(texts(&logs.read(query("/b", 10, None)).await.unwrap()), ["other"]);
}

#[tokio::test]
async fn a_flood_is_bounded_and_says_what_it_lost() {
    let store = updraft_store_mem::open().unwrap();
    let tasks = Tasks::new();
    let logs = Arc::new(FunctionLogs::new(store.clone(), &tasks, None));
    let megabyte = "x".repeat(1 << 20);
    // Nothing is written meanwhile: this task doesn't yield.
    for _ in 0..40 {
        logs.append(batch("/a", &[&megabyte]));
    }
    tasks.stop().await;
    let tasks = Tasks::new();
    let logs = FunctionLogs::new(store, &tasks, None);
    let kept = logs.read(query("/a", usize::MAX, None)).await.unwrap();
    let bytes: usize = kept.lines.iter().map(|(_, line)| line.message.len()).sum();
    assert_eq!(bytes, 32 << 20);
}
