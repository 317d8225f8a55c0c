//! What the outbox's rows hold. Every version that was ever written is read forever.

mod v1;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use crate::delivery::Delivery;

/// A delivery and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) delivery: Delivery,
    pub(crate) enqueued: UnixMillis,
    /// Counted attempts so far.
    pub(crate) attempts: u32,
    /// A timer brings it back then; `None`: the log names it.
    pub(crate) waits_until: Option<UnixMillis>,
    /// Why the last attempt failed, for people.
    pub(crate) last_failure: Option<String>,
}

impl Row for Stored {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        (version == 1).then(|| v1::stored(body)).flatten()
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
        Stored { delivery, enqueued: UnixMillis(1), attempts: 2, waits_until: Some(UnixMillis(1)), last_failure: None }
    }

    const V1: &[u8] = b"\x01\x01i\x01k\x01t\0\x01\x07\xb9\x01\x80\xa3\x05\0\x01\x01\x01\0\x01\x01k\x01d\0\x02\x02\x01";

    /// These bytes are on disks and may never change.
    #[test]
    fn golden_rows() {
        assert_eq!(
            &encode_row(&stored()).unwrap()[..],
            b"\x02\x01i\x01k\x01t\0\x01\x07\xb9\x01\x80\xa3\x05\0\x01\x01\x01\0\x01\x01k\x01d\0\0\x02\x02\x01\x02\0"
        );
        assert_eq!(&encode_row(&Remembered { until: UnixMillis(256) }).unwrap()[..], b"\x01\x80\x04");
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
