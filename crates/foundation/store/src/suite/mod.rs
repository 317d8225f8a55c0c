//! What admits a backend: the rules of [`Store`] and [`Txn`](crate::Txn), each with its check.
//!
//! A backend's tests call [`store_suite!`](crate::store_suite) with a function that makes an empty store, and
//! [`store_durability_suite!`](crate::store_durability_suite) with one that opens a folder, if it has one.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "checks fail by panicking")]

pub mod durable;
pub mod heads;
pub mod histories;
pub mod isolation;
pub mod killed;
pub mod model;
pub mod precise;
pub mod reads;
pub mod serial;
pub mod watches;
pub mod writes;

use std::sync::Arc;

use bytes::Bytes;

use crate::key::KeyBuilder;
use crate::seam::{CommitVersion, Durability, KeyRange, Result, ScanOptions, Store, Txn, TxnKind};
use crate::tags;

/// One test per rule. `$make` is an `async fn() -> (Arc<dyn Store>, T)` giving an empty store, and whatever must outlive
/// it, such as its folder. With `networked` behind it, without what only a backend in this process can promise
/// (`suite::precise`).
#[macro_export]
macro_rules! store_suite {
    ($make:path) => {
        $crate::store_suite!($make, networked);
        $crate::store_suite!(@checks $make,
            precise::what_was_read_and_written_since_conflicts,
            precise::a_phantom_behind_the_end_of_a_page_doesnt_conflict,
            precise::an_untracked_scan_doesnt_conflict,
            serial::transactions_have_an_order_that_explains_all_they_read,
        );
    };
    ($make:path, networked) => {
        $crate::store_suite!(@checks $make,
            reads::rows_come_in_key_order,
            reads::a_range_holds_its_start_and_not_its_end,
            reads::limits_end_a_page_and_say_that_there_is_more,
            reads::many_rows_are_paged_through_both_ways,
            reads::a_transaction_reads_its_own_writes,
            reads::a_snapshot_stands_still,
            reads::get_many_answers_in_the_order_asked,
            writes::a_read_only_transaction_cant_write,
            writes::what_is_dropped_is_undone,
            writes::what_waits_for_a_commit_runs_with_it_alone,
            writes::big_values_come_back_whole,
            writes::what_is_over_a_limit_is_refused_and_nothing_applied,
            writes::counters_add_up_without_conflicts,
            writes::a_counter_over_something_else_is_refused,
            writes::appends_carry_their_commit_version,
            writes::raised_versions_are_never_gone_below,
            writes::a_range_deletion_takes_all_and_only_its_range,
            writes::a_range_deletion_takes_what_was_committed_before_it,
            writes::clearing_takes_any_number_of_rows,
            writes::a_relaxed_commit_is_visible,
            isolation::a_lost_update_conflicts,
            isolation::a_write_skew_conflicts,
            isolation::a_phantom_conflicts,
            isolation::a_change_of_the_last_row_of_a_page_conflicts,
            isolation::a_vanished_row_conflicts,
            isolation::a_write_over_what_was_deleted_since_it_was_read_conflicts,
            isolation::reading_an_absent_row_is_a_read,
            isolation::blind_writes_dont_conflict,
            isolation::own_writes_arent_reads,
            isolation::a_read_only_transaction_never_conflicts,
            isolation::a_conflict_applies_nothing,
            isolation::run_tries_again_until_it_commits,
            isolation::versions_grow,
            isolation::what_was_answered_is_seen_by_the_next,
            watches::a_touch_wakes_when_it_commits,
            watches::a_touch_that_isnt_committed_wakes_nobody,
            watches::whoever_wakes_sees_the_write,
            heads::a_consumed_queue_is_scanned_from_its_head,
            heads::a_row_below_the_head_is_found,
            heads::the_head_is_never_above_a_visible_row,
            serial::money_is_neither_made_nor_lost,
            histories::histories_have_an_order,
            histories::histories_have_an_order_in_spite_of_faults,
            writes::a_closed_store_refuses,
        );

        #[test]
        fn model_a_store_is_an_ordered_map() {
            $crate::suite::model::a_store_is_an_ordered_map($make);
        }
    };
    (@checks $make:path, $($room:ident :: $check:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let (store, _folder) = $make().await;
                $crate::suite::$room::$check(store).await;
            }
        )*
    };
}

/// For backends that keep data. `$open` is an `async fn(&Path) -> Result<Arc<dyn Store>>`.
#[macro_export]
macro_rules! store_durability_suite {
    ($open:path) => {
        $crate::store_durability_suite!(@checks $open,
            what_was_committed_is_there_after_reopening,
            versions_go_on_after_reopening,
            raised_versions_stay_raised,
            a_relaxed_commit_is_there_after_closing,
            a_folder_has_one_owner,
        );
    };
    (@checks $open:path, $($check:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let folder = tempfile::tempdir().unwrap();
                $crate::suite::durable::$check(async || $open(folder.path()).await).await;
            }
        )*
    };
}

/// For backends that keep data, at the root of a test target: the test is found by its name. `$open` as above.
#[macro_export]
macro_rules! store_crash_suite {
    ($open:path) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[ignore = "run by the crash test as a process of its own"]
        async fn works_until_it_is_killed() {
            $crate::suite::killed::work(async |folder| $open(folder).await).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn what_was_acknowledged_survives_being_killed() {
            let folder = tempfile::tempdir().unwrap();
            let open = async |folder: &::std::path::Path| $open(folder).await;
            let within = module_path!().split_once("::").map_or(String::new(), |(_, path)| format!("{path}::"));
            let test = format!("{within}works_until_it_is_killed");
            $crate::suite::killed::what_was_acknowledged_survives_being_killed(&test, folder.path(), open).await;
        }
    };
}

type Subject = Arc<dyn Store>;

fn key(name: &str) -> Bytes {
    KeyBuilder::new(tags::TEST).str(name).build()
}

fn range(from: &str, to: &str) -> KeyRange {
    KeyRange::new(key(from), key(to))
}

fn everything() -> KeyRange {
    KeyBuilder::new(tags::TEST).prefix_range()
}

async fn begin(store: &Subject) -> Box<dyn Txn> {
    store.begin(TxnKind::ReadWrite).await.unwrap()
}

async fn reader(store: &Subject) -> Box<dyn Txn> {
    store.begin(TxnKind::ReadOnly).await.unwrap()
}

async fn commit(txn: Box<dyn Txn>) -> Result<CommitVersion> {
    txn.commit(Durability::Durable).await
}

/// Writes rows named so, each with its name as its value.
async fn fill(store: &Subject, names: &[&str]) {
    let mut txn = begin(store).await;
    for name in names {
        txn.put(key(name), Bytes::copy_from_slice(name.as_bytes()));
    }
    commit(txn).await.unwrap();
}

/// Reads one row and writes another. A transaction that has read the other before, and writes the one after, is in no
/// order with it.
async fn cross(store: &Subject, reads: &str, writes: &str) {
    let mut txn = begin(store).await;
    txn.get(&key(reads)).await.unwrap();
    txn.put(key(writes), Bytes::copy_from_slice(writes.as_bytes()));
    commit(txn).await.unwrap();
}

async fn get(store: &Subject, name: &str) -> Option<Bytes> {
    reader(store).await.get(&key(name)).await.unwrap()
}

/// The values of the rows found, which [`fill`] made equal to their names.
async fn names(txn: &mut Box<dyn Txn>, range: KeyRange, options: ScanOptions) -> Vec<String> {
    let page = txn.scan(range, options).await.unwrap();
    page.rows.iter().map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
}
