//! Shard iterators: all that reading on needs is in them, so that nothing is kept for who stops reading.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::{Row, decode_row, encode_row};

use crate::model::stream::Place;

/// AWS: how long one can be used.
const LIFE: Duration = Duration::from_secs(15 * 60);

/// Where in a shard it is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    pub(crate) shard: u8,
    /// The first record that is wanted.
    pub(crate) from: Place,
    /// What was trimmed meanwhile is not missed: it is read from wherever records begin.
    pub(crate) oldest: bool,
    pub(crate) made: UnixMillis,
}

impl Row for Cursor {
    const VERSION: u8 = 1;
}

impl Cursor {
    pub(crate) fn is_expired(&self, now: UnixMillis) -> bool {
        now > self.made.plus(LIFE)
    }

    /// `ShardIterator` of the stream of this ARN.
    pub(crate) fn write(&self, arn: &str) -> String {
        // Numbers and flags can be encoded.
        let bytes = encode_row(self).unwrap_or_default();
        format!("{arn}|1|{}", STANDARD.encode(bytes))
    }

    /// The stream's ARN, and where to read. `None`: nobody here has written this.
    pub(crate) fn read(iterator: &str) -> Option<(&str, Self)> {
        let (arn, rest) = iterator.split_once("|1|")?;
        let bytes = STANDARD.decode(rest).ok()?;
        Some((arn, decode_row(b"", &bytes).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/l";

    #[test]
    fn an_iterator_is_what_it_was_written_from() {
        let from = Place { version: 300, number: 2 };
        let cursor = Cursor { shard: 1, from, oldest: true, made: UnixMillis(5) };
        let written = cursor.write(ARN);
        assert_eq!(Cursor::read(&written), Some((ARN, cursor)));
        for other in ["", "x", ARN, &format!("{ARN}|1|"), &format!("{ARN}|1|AAAA"), &written[..written.len() - 4]] {
            assert_eq!(Cursor::read(other), None, "{other}");
        }
    }

    #[test]
    fn an_iterator_lives_for_a_quarter_of_an_hour() {
        let cursor = Cursor { shard: 0, from: Place::default(), oldest: false, made: UnixMillis(1000) };
        assert!(!cursor.is_expired(UnixMillis(901_000)) && cursor.is_expired(UnixMillis(901_001)));
    }
}
