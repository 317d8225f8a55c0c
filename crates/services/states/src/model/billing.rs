//! What AWS would count of an Express execution.

use std::time::Duration;

/// Rounded up to the next tenth of a second.
pub(crate) fn milliseconds(took: Duration) -> i64 {
    let tenths = took.as_millis().div_ceil(100).max(1);
    i64::try_from(tenths * 100).unwrap_or(i64::MAX)
}

/// In pieces of 64 MB. AWS: fifty megabytes, and what is given, kept and answered.
pub(crate) fn megabytes(bytes: usize) -> i64 {
    const MEGABYTE: usize = 1_048_576;
    let whole = 50 * MEGABYTE + bytes;
    i64::try_from(whole.div_ceil(64 * MEGABYTE) * 64).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_rounded_up() {
        let times = [0, 1, 100, 101, 250].map(|millis| milliseconds(Duration::from_millis(millis)));
        assert_eq!(times, [100, 100, 100, 200, 300]);
        assert_eq!([megabytes(2), megabytes(15 << 20)], [64, 128]);
    }
}
