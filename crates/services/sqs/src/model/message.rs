//! A message, and what is known about it besides: where it lies, when it can be seen, how often it was received.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::QueueAttribute;
use updraft_store::Row;

/// Which message of its queue it is; the same for as long as it lies there. On standard queues the moment it was sent and a
/// number that nothing else sent in that moment has; on FIFO queues the version of the commit that sent it, and its place
/// among what that commit sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) major: u64,
    pub(crate) minor: u64,
}

impl Address {
    /// AWS: twenty digits, larger than what 64 bits hold; they grow along a queue and leave numbers out.
    pub(crate) fn sequence(self) -> String {
        (u128::from(self.major) * 256 + u128::from(self.minor) + (1 << 64)).to_string()
    }
}

/// What was sent. Written once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) md5: [u8; 16],
    pub(crate) attributes: BTreeMap<String, QueueAttribute>,
    /// `SenderId`.
    pub(crate) sender: String,
    pub(crate) sent: UnixMillis,
    /// When it could be received first.
    pub(crate) available: UnixMillis,
    /// `AWSTraceHeader`.
    pub(crate) trace: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
    /// `DeadLetterQueueSourceArn`.
    pub(crate) source: Option<String>,
}

/// How a message lies in its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stored {
    Whole(Box<Message>),
    /// It is too large for one row: a `Whole`, encoded, in so many rows beside this one.
    Pieces(u8),
}

impl Row for Stored {
    const VERSION: u8 = 1;
}

/// What lies in the order in which messages are received: of standard queues by the moment they can be seen, of FIFO queues
/// by group. Small, for it is written again at each receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) sent: UnixMillis,
    /// From when on it can be seen.
    pub(crate) visible: UnixMillis,
    pub(crate) receives: u32,
    /// When it was received first, if it was.
    pub(crate) first: UnixMillis,
}

impl Row for Entry {
    const VERSION: u8 = 1;
}

/// Where a message that was received is now. There is none of those that never were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// As in its [`Entry`].
    pub(crate) visible: UnixMillis,
    pub(crate) receives: u32,
    /// When it was received last.
    pub(crate) received: UnixMillis,
    /// Of [`Stored::Pieces`].
    pub(crate) pieces: u8,
    /// On FIFO queues.
    pub(crate) group: Option<String>,
}

impl Row for State {
    const VERSION: u8 = 1;
}

/// A message that can be told again by its id: what was answered to whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) until: UnixMillis,
}

impl Row for Seen {
    const VERSION: u8 = 1;
}

/// What a `ReceiveRequestAttemptId` was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) until: UnixMillis,
    /// Each with the number of receives that it had then, and the moment until which it couldn't be seen.
    pub(crate) given: Vec<(Address, u32, UnixMillis)>,
}

impl Row for Attempt {
    const VERSION: u8 = 1;
}

/// Nothing: that the row is there says all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark;

impl Row for Mark {
    const VERSION: u8 = 1;
}

/// What is to be forgotten once it is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Forget {
    /// The [`Seen`] of this scope and id, written by the same commit.
    Seen {
        scope: Scope,
        id: String,
    },
    Attempt(String),
}

impl Row for Forget {
    const VERSION: u8 = 1;
}

/// Within what an id is told again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Scope {
    /// `MessageDeduplicationId`s of the whole queue.
    Queue,
    /// `MessageDeduplicationId`s of one group.
    Group(String),
    /// Ids of messages that other services send.
    Service,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_have_twenty_digits_and_grow() {
        let of = |major, minor| Address { major, minor }.sequence();
        assert_eq!(of(0, 0), "18446744073709551616");
        assert_eq!(of(258, 7), "18446744073709617671");
        assert!(of(1, 9) < of(2, 0));
        assert_eq!(of(1 << 40, 0).len(), 20);
    }
}
