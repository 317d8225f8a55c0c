//! Doors for fuzzing, and nothing else.

use std::hint::black_box;

use updraft_kernel::{AccountId, Region};

use crate::model::permission::{self, Permission};
use crate::model::receipt::Receipt;
use crate::model::{move_task, policies};
use crate::page::Page;
use crate::queue_url::{self, QueueName};

/// Any text as a queue's URL or ARN: what it names is named by the ARN that is told of it.
///
/// # Panics
/// If it isn't.
pub fn queue(text: &str) {
    let (account, region) = (AccountId::local(), Region::default_region());
    for name in [queue_url::parse(text, &account, &region).ok(), QueueName::of_arn(text)].into_iter().flatten() {
        assert_eq!(QueueName::of_arn(&name.arn()), Some(name), "{text}");
    }
}

/// Any text as what clients were given to give back: what is read is written again as the same.
///
/// # Panics
/// If it isn't.
pub fn handle(text: &str) {
    if let Some(receipt) = Receipt::parse(text) {
        assert_eq!(Receipt::parse(&receipt.encode()), Some(receipt), "{text}");
    }
    if let Ok((id, queue)) = move_task::parse(text) {
        let again = move_task::parse(&move_task::handle(&id, &queue.arn())).ok();
        assert_eq!(again, Some((id, queue)), "{text}");
    }
    black_box(Page::parse("queues", Some(1), Some(text)).ok());
}

/// Any text as a policy of each kind, and as the label of a permission in another.
pub fn policy(policy: &str, label: &str) {
    black_box((policies::policy(policy).ok(), policies::redrive(policy).ok(), policies::redrive_allow(policy).ok()));
    let texts = [label.to_owned()];
    let permission = Permission { label, accounts: &texts, actions: &texts };
    black_box((permission.check().ok(), permission.add(Some(policy), label).ok()));
    black_box(permission::remove(Some(policy), label).ok());
}
