//! What the outbox's rows hold. Every version that was ever written is read forever.

mod v1;
mod v2;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use crate::delivery::Delivery;

/// A delivery and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Without its payload where that lies in pieces.
    pub(crate) delivery: Delivery,
    pub(crate) enqueued: UnixMillis,
    /// Counted attempts so far.
    pub(crate) attempts: u32,
    /// A timer brings it back then; `None`: the log names it.
    pub(crate) waits_until: Option<UnixMillis>,
    /// Why the last attempt failed, for people.
    pub(crate) last_failure: Option<String>,
    /// How often the target was busy since the last counted attempt.
    pub(crate) busy: u32,
    pub(crate) pieces: Option<Pieces>,
}

/// A payload that lies in rows of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pieces {
    pub(crate) count: u32,
    /// Of the whole.
    pub(crate) hash: u64,
}

impl Row for Stored {
    const VERSION: u8 = 3;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        match version {
            1 => v1::stored(body),
            2 => v2::stored(body),
            _ => None,
        }
    }
}

/// An id that isn't delivered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(crate) until: UnixMillis,
}

impl Row for Remembered {
    const VERSION: u8 = 1;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_store::{decode_row, encode_row};

    use super::*;
    use crate::delivery::DeadLetter;
    use crate::policy::{Backoff, RetryPolicy};

    fn stored() -> Stored {
        let delivery = Delivery {
            id: "i".into(),
            kind: "k".into(),
            target: "t".into(),
            ordering_key: None,
            payload: vec![7],
            policy: RetryPolicy { backoff: Backoff::Schedule(vec![Duration::from_secs(1)]), ..RetryPolicy::default() },
            dead_letter: Some(DeadLetter { kind: "k".into(), target: "d".into() }),
            failure: None,
            dedup_for: None,
        };
        Stored {
            delivery,
            enqueued: UnixMillis(1),
            attempts: 2,
            waits_until: Some(UnixMillis(1)),
            last_failure: None,
            busy: 0,
            pieces: None,
        }
    }

    const V2: &[u8] =
        b"\x02\x01i\x01k\x01t\0\x01\x07\xb9\x01\x80\xa3\x05\0\x01\x01\x01\0\x01\x01k\x01d\0\0\x02\x02\x01\x02\0";

    const V1: &[u8] = b"\x01\x01i\x01k\x01t\0\x01\x07\xb9\x01\x80\xa3\x05\0\x01\x01\x01\0\x01\x01k\x01d\0\x02\x02\x01";

    /// These bytes are on disks and may never change.
    #[test]
    fn golden_rows() {
        let row = Stored { busy: 3, pieces: Some(Pieces { count: 4, hash: 300 }), ..stored() };
        assert_eq!(
            &encode_row(&row).unwrap()[..],
            b"\x03\x01i\x01k\x01t\0\x01\x07\xb9\x01\x80\xa3\x05\0\x01\x01\x01\0\x01\x01k\x01d\0\0\x02\x02\x01\x02\0\x03\x01\x04\xac\x02"
        );
        assert_eq!(&encode_row(&Remembered { until: UnixMillis(256) }).unwrap()[..], b"\x01\x80\x04");
    }

    #[test]
    fn what_version_2_wrote_is_read() {
        assert_eq!(decode_row::<Stored>(b"k", V2).unwrap(), stored());
        assert!(decode_row::<Stored>(b"k", &V2[..V2.len() - 1]).is_err());
    }

    #[test]
    fn what_version_1_wrote_is_read() {
        assert_eq!(decode_row::<Stored>(b"k", V1).unwrap(), stored());
        let mut ready = V1.to_vec();
        *ready.last_mut().unwrap() = 0;
        let expected = Stored { waits_until: None, ..stored() };
        assert_eq!(decode_row::<Stored>(b"k", &ready).unwrap(), expected);
        assert!(decode_row::<Stored>(b"k", &V1[..V1.len() - 1]).is_err());
    }
}
