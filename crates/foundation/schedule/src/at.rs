//! `at(yyyy-mm-ddThh:mm:ss)`.

use jiff::civil::DateTime;
use updraft_kernel::UnixMillis;

use crate::Zone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(DateTime);

impl At {
    pub(crate) fn parse(inner: &str) -> Option<Self> {
        let shape = |(at, c): (usize, u8)| match at {
            4 | 7 => c == b'-',
            10 => c == b'T',
            13 | 16 => c == b':',
            _ => c.is_ascii_digit(),
        };
        // The calendar's library takes a leap second for the second before it.
        let whole = inner.len() == 19 && inner.bytes().enumerate().all(shape) && !inner.ends_with(":60");
        whole.then(|| inner.parse().ok().map(Self)).flatten()
    }

    /// A time that the zone's clocks skip is taken by the offset before the change, an hour later by the clock: what was
    /// asked for once is better late than never. AWS documents only what becomes of crons.
    pub(crate) fn moment(self, zone: &Zone) -> Option<UnixMillis> {
        zone.moment(self.0)
    }
}
