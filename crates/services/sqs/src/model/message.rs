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
    /// The message's. On standard queues only since there is an order within groups.
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

/// Where the hint of a standard queue's group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hinted {
    pub(crate) at: UnixMillis,
}

impl Row for Hinted {
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
    /// Ids of messages that other services sent, before they lay in windows of time.
    Service,
}

#[cfg(test)]
mod tests {
    use updraft_kernel::ports::AttributeContent;

    use super::*;

    fn shown<R: Row + PartialEq + std::fmt::Debug>(row: &R) -> String {
        let bytes = updraft_store::encode_row(row).unwrap();
        assert_eq!(&updraft_store::decode_row::<R>(b"", &bytes).unwrap(), row);
        bytes.escape_ascii().to_string()
    }

    fn message() -> Message {
        let text = QueueAttribute { data_type: "String".into(), content: AttributeContent::Text("v".into()) };
        let binary = QueueAttribute { data_type: "Binary".into(), content: AttributeContent::Binary(vec![0, 255]) };
        Message {
            id: "i".into(),
            body: "b".into(),
            md5: *b"0123456789abcdef",
            attributes: BTreeMap::from([("n".to_owned(), text), ("o".to_owned(), binary)]),
            sender: "s".into(),
            sent: UnixMillis(1),
            available: UnixMillis(2),
            trace: Some("t".into()),
            group: Some("g".into()),
            deduplication: Some("d".into()),
            source: None,
        }
    }

    /// On disks: may never change.
    #[test]
    fn golden_rows() {
        assert_eq!(
            shown(&Stored::Whole(Box::new(message()))),
            r"\x01\x00\x01i\x01b0123456789abcdef\x02\x01n\x06String\x00\x01v\x01o\x06Binary\x01\x02\x00\xff\x01s\x02\x04\x01\x01t\x01\x01g\x01\x01d\x00"
        );
        assert_eq!(shown(&Stored::Pieces(5)), r"\x01\x01\x05");
        let (first, second) = (UnixMillis(1), UnixMillis(300));
        let entry = Entry { sent: first, visible: second, receives: 3, first: UnixMillis(-1) };
        assert_eq!(shown(&entry), r"\x01\x02\xd8\x04\x03\x01");
        let state = State { visible: second, receives: 3, received: first, pieces: 1, group: Some("g".into()) };
        assert_eq!(shown(&state), r"\x01\xd8\x04\x03\x02\x01\x01\x01g");
        assert_eq!(shown(&Seen { id: "i".into(), until: second }), r"\x01\x01i\xd8\x04");
        let given = vec![(Address { major: 300, minor: 1 }, 2, first)];
        assert_eq!(shown(&Attempt { until: second, given }), r"\x01\xd8\x04\x01\xac\x02\x01\x02\x02");
        assert_eq!(shown(&Mark), r"\x01");
        assert_eq!(shown(&Hinted { at: second }), r"\x01\xd8\x04");
        let seen = |scope| Forget::Seen { scope, id: "i".into() };
        assert_eq!(shown(&seen(Scope::Queue)), r"\x01\x00\x00\x01i");
        assert_eq!(shown(&seen(Scope::Group("g".into()))), r"\x01\x00\x01\x01g\x01i");
        assert_eq!(shown(&seen(Scope::Service)), r"\x01\x00\x02\x01i");
        assert_eq!(shown(&Forget::Attempt("i".into())), r"\x01\x01\x01i");
    }

    #[test]
    fn sequence_numbers_have_twenty_digits_and_grow() {
        let of = |major, minor| Address { major, minor }.sequence();
        assert_eq!(of(0, 0), "18446744073709551616");
        assert_eq!(of(258, 7), "18446744073709617671");
        assert!(of(1, 9) < of(2, 0));
        assert_eq!(of(1 << 40, 0).len(), 20);
    }
}
