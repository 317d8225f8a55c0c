//! The suite's histories find what is wrong with stores that break one rule each.

use std::sync::Arc;

use updraft_store::suite::histories::broken::{Broken, Rule};
use updraft_store::suite::histories::found_in;

/// Rounds after which a broken store would count as a good one.
const ROUNDS: u64 = 20;

async fn is_found(rule: Rule) {
    for seed in 0..ROUNDS {
        let store = Broken::new(updraft_store_mem::open().unwrap(), rule);
        if !found_in(Arc::new(store), seed).await.is_empty() {
            return;
        }
    }
    panic!("{rule:?} is broken and nobody noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_scans_arent_tracked_is_found() {
    is_found(Rule::ScansAreTracked).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_whose_reads_arent_tracked_is_found() {
    is_found(Rule::ReadsAreTracked).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_reads_from_many_moments_is_found() {
    is_found(Rule::OneSnapshot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_applies_half_of_a_transaction_is_found() {
    is_found(Rule::AllOrNothing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_acknowledges_what_it_doesnt_apply_is_found() {
    is_found(Rule::AnswersAreTrue).await;
}
